"""What of JSON Schema (draft 2020-12) our own schemas use. A keyword it does not know fails: nothing is passed over."""

from __future__ import annotations

import re
from typing import Any

_TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
_TOLD = {"$schema", "$id", "$defs", "title", "description"}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, path: str = "$") -> list[str]:
    """The paths and keywords that do not hold; none for what is valid."""
    root = schema if root is None else root
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword not in _TOLD:
            found += _CHECKS[keyword](value, wanted, schema, root, path)
    return found


def _ref(value: Any, wanted: str, _schema: Any, root: Any, path: str) -> list[str]:
    return faults(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, path)


def _any_of(value: Any, wanted: Any, _schema: Any, root: Any, path: str) -> list[str]:
    return [] if any(not faults(value, one, root, path) for one in wanted) else [f"{path} anyOf"]


def _type(value: Any, wanted: Any, _schema: Any, _root: Any, path: str) -> list[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    ok = any(isinstance(value, _TYPES[name]) for name in names) and not isinstance(value, bool)
    return [] if ok else [f"{path} type"]


def _properties(value: Any, wanted: Any, _schema: Any, root: Any, path: str) -> list[str]:
    there = value if isinstance(value, dict) else {}
    return [
        fault
        for name, one in wanted.items()
        if name in there
        for fault in faults(there[name], one, root, f"{path}.{name}")
    ]


def _additional(value: Any, wanted: Any, schema: Any, root: Any, path: str) -> list[str]:
    others = {name: one for name, one in value.items() if name not in schema.get("properties", {})}
    if wanted is False:
        return [f"{path}.{name} additional" for name in others]
    return [fault for name, one in others.items() for fault in faults(one, wanted, root, f"{path}.{name}")]


def _items(value: Any, wanted: Any, _schema: Any, root: Any, path: str) -> list[str]:
    return [fault for number, one in enumerate(value) for fault in faults(one, wanted, root, f"{path}[{number}]")]


_CHECKS: dict[str, Any] = {
    "$ref": _ref,
    "anyOf": _any_of,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "required": lambda value, wanted, _s, _r, path: [f"{path}.{name} required" for name in wanted if name not in value],
    "const": lambda value, wanted, _s, _r, path: [] if value == wanted else [f"{path} const"],
    "enum": lambda value, wanted, _s, _r, path: [] if value in wanted else [f"{path} enum"],
    "minLength": lambda value, wanted, _s, _r, path: [] if len(value) >= wanted else [f"{path} minLength"],
    "pattern": lambda value, wanted, _s, _r, path: (
        [] if not isinstance(value, str) or re.search(wanted, value) else [f"{path} pattern"]
    ),
}
