"""JSON of a server, read warily: bounded, and never of another shape than the one asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, NoReturn

from dmp_desktop.dmp.soap import unreadable

MAX_PAGE = 16 * 1024 * 1024
"""Bytes of one answer: 2,000 documents described whole, from a server that gives them in one page, weigh 7 MB."""
MAX_VALUES = 1_000_000
"""Values of one answer, at most: 2,000 documents have 500,000. Each takes a hundred bytes once it is read."""
MAX_DEPTH = 40
"""Levels a resource may nest: a transaction with a contained author's coded function has 14."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # to its end or to that of the text: read once only
_STEPS = bytes.maketrans(b"{[,]}", bytes((2, 2, 1, 0, 0)))
_OTHERS = bytes(set(range(256)) - set(b"{[,]}"))

Node = Mapping[str, Any]
_NOTHING: Node = {}


def parse(untrusted: bytes) -> Node:
    """The object of an answer. Raises DmpError for what is no JSON (RFC 8259) or no object; and, before anything is made of it,
    for what is too long, too deep, or of too many values."""
    if len(untrusted) > MAX_PAGE:
        raise unreadable("too long")
    steps = _STRING.sub(b"", untrusted).translate(_STEPS, _OTHERS)
    if len(steps) > MAX_VALUES or max(accumulate(step - 1 for step in steps), default=0) > MAX_DEPTH:
        raise unreadable("too much")
    try:
        found = json.loads(untrusted.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise unreadable("not JSON") from None
    if not isinstance(found, dict):
        raise unreadable("not a resource")
    return found


def text(node: Node, name: str) -> str:
    """The string called `name`, or empty; half a surrogate pair, which no file nor screen takes, becomes a question mark."""
    found = node.get(name)
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def number(node: Node, name: str) -> int:
    """The whole number called `name`, 0 for what is none: a count of bytes or of versions."""
    found = node.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**15 else 0


def child(node: Node, name: str) -> Node:
    """The object called `name`, or an empty one."""
    found = node.get(name)
    return found if isinstance(found, dict) else _NOTHING


def children(node: Node, name: str) -> Iterator[Node]:
    """The objects of the list called `name`."""
    found = node.get(name)
    return (item for item in found if isinstance(item, dict)) if isinstance(found, list) else iter(())


def first(node: Node, name: str) -> Node:
    return next(children(node, name), _NOTHING)


def texts(node: Node, name: str) -> list[str]:
    """The strings of the list called `name`."""
    found = node.get(name)
    items = found if isinstance(found, list) else []
    return [text({"": item}, "") for item in items if isinstance(item, str)]


def _no_number(_name: str) -> NoReturn:
    raise ValueError  # NaN and infinities, which Python would take
