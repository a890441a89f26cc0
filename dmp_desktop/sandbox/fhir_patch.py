"""PATCH of a DocumentReference: JSON Patch (RFC 6902) or FHIRPath Patch (R4 §3.1.10, the paths of docs/adr/0016), narrowed to
what PDSm lets change. It applies to the resource as it is read; only the difference is looked at afterwards.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from dmp_desktop.sandbox import fhir_names
from dmp_desktop.sandbox.fhir_errors import Refused, malformed
from dmp_desktop.sandbox.fhir_names import Json
from dmp_desktop.sandbox.fhir_schema import check, parse_json

CHANGEABLE = frozenset({"status", "securityLabel", "extension"})
_LABEL = "DocumentReference.securityLabel"
_RANK = re.compile(re.escape(_LABEL) + r"\[(\d{1,3})\]")
_BY_CODE = re.compile(re.escape(_LABEL) + r"\.where\(coding\.code='([^']+)'\)")
_BY_SYSTEM = re.compile(re.escape(_LABEL) + r"\.coding\.where\(system='([^']+)'\)\.code")
_EXTENSION = re.compile(r"DocumentReference\.extension\.where\(url='([^']+)'\)\.value")
_POINTER = re.compile(r"(/([^/~]|~[01])*)*")


def unprocessable(text: str) -> Refused:
    return Refused(422, "XDSMetadataUpdateError", text)


def not_allowed() -> Refused:
    """PDSm: anything else than these three is 405."""
    return Refused(405, "XDSMetadataUpdateError", "Seuls le statut, la confidentialité et l'archivage peuvent changer")


def patched(resource: Json, media: str, body: bytes) -> Json:
    """The resource as the patch leaves it. Raises Refused."""
    found = parse_json(body)
    result = copy.deepcopy(resource)
    if media == fhir_names.JSON_PATCH_TYPE:
        if not isinstance(found, list) or not found:
            raise malformed("Un JSON Patch est une liste d'opérations")
        for row in found:
            result = _operate(result, row)
    else:
        check(found, "Parameters", "Parameters")
        if found["resourceType"] != "Parameters":
            raise malformed("Une ressource Parameters (FHIRPath Patch) est attendue")
        for row in found["parameter"]:
            _fhirpath(result, row)
    check(result, "DocumentReference", "DocumentReference")
    return result


def _operate(result: Json, row: Any) -> Json:
    """One operation of RFC 6902."""
    if not isinstance(row, dict) or not isinstance(row.get("path"), str) or not _POINTER.fullmatch(row["path"]):
        raise malformed("Opération de JSON Patch incorrecte")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in row["path"].split("/")[1:]]
    kind = str(row.get("op"))
    if kind not in {"add", "replace", "remove", "test"} or (kind != "remove" and "value" not in row):
        raise malformed("Opération de JSON Patch inconnue ou sans valeur")
    if not steps or steps[0] not in CHANGEABLE:
        raise not_allowed()
    holder: Any = result
    for step in steps[:-1]:
        holder = _member(holder, step)
    _change(holder, steps[-1], kind, copy.deepcopy(row.get("value")))
    return result


def _member(holder: Any, step: str) -> Any:
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    if isinstance(holder, list) and step.isascii() and step.isdecimal() and int(step) < len(holder):
        return holder[int(step)]
    raise unprocessable("Le chemin du PATCH ne désigne rien")


def _change(holder: Any, step: str, kind: str, value: Any) -> None:
    if kind == "add":
        _add(holder, step, value)
        return
    known = _member(holder, step)
    key: Any = int(step) if isinstance(holder, list) else step
    if kind == "remove":
        del holder[key]
    elif kind == "replace":
        holder[key] = value
    elif known != value:
        raise unprocessable("Le test du PATCH échoue")


def _add(holder: Any, step: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[step] = value
    elif isinstance(holder, list) and (
        step == "-" or (step.isascii() and step.isdecimal() and int(step) <= len(holder))
    ):
        holder.insert(len(holder) if step == "-" else int(step), value)
    else:
        raise unprocessable("Le chemin du PATCH ne désigne rien")


def _fhirpath(result: Json, row: Json) -> None:
    """One `operation` of a FHIRPath Patch."""
    parts = {part["name"]: part for part in row.get("part", [])}
    if row["name"] != "operation" or len(parts) != len(row.get("part", [])) or not {"type", "path"} <= set(parts):
        raise malformed("Opération de FHIRPath Patch incorrecte")
    kind, path = parts["type"].get("valueCode"), str(parts["path"].get("valueString", ""))
    value = parts.get("value", {})
    if kind == "add" and path == "DocumentReference":
        _added(result, parts.get("name", {}).get("valueString"), value)
    elif kind == "replace":
        _replaced(result, path, value)
    elif kind == "delete":
        _deleted(result, path)
    else:
        raise not_allowed()


def _value(part: Json, kind: str) -> Any:
    """The value of a part, which is of this type. Raises Refused."""
    if kind not in part:
        raise malformed("Une valeur du FHIRPath Patch est absente, ou d'un autre type")
    return part[kind]


def _added(result: Json, name: object, value: Json) -> None:
    if name == "securityLabel":
        result.setdefault("securityLabel", []).append(_value(value, "valueCodeableConcept"))
        return
    if name != "extension":
        raise not_allowed()
    told = {part["name"]: part for part in value.get("part", [])}
    boolean = _value(told.get("valueBoolean", told.get("value", {})), "valueBoolean")
    row = {"url": _value(told.get("url", {}), "valueUri"), "valueBoolean": boolean}
    result.setdefault("extension", []).append(row)


def _replaced(result: Json, path: str, value: Json) -> None:
    rank, system, extension = (pattern.fullmatch(path) for pattern in (_RANK, _BY_SYSTEM, _EXTENSION))
    labels = result.get("securityLabel", [])
    if path == "DocumentReference.status":
        result["status"] = _value(value, "valueCode")
    elif rank:
        _change(labels, rank[1], "replace", _value(value, "valueCodeableConcept"))
    elif system:
        codings = [
            coding for label in labels for coding in label.get("coding", []) if coding.get("system") == system[1]
        ]
        _only(codings)["code"] = _value(value, "valueCode")
        codings[0].pop("display", None)
    elif extension:
        row = _only([row for row in result.get("extension", []) if row["url"] == extension[1]])
        row["valueBoolean"] = _value(value, "valueBoolean")
    else:
        raise not_allowed()


def _deleted(result: Json, path: str) -> None:
    rank, code = _RANK.fullmatch(path), _BY_CODE.fullmatch(path)
    labels = result.get("securityLabel", [])
    if rank:
        _change(labels, rank[1], "remove", None)
    elif code:
        labels.remove(_only([row for row in labels if any(c.get("code") == code[1] for c in row.get("coding", []))]))
    else:
        raise not_allowed()


def _only(found: list[Json]) -> Json:
    if len(found) != 1:
        raise unprocessable("Le chemin du PATCH ne désigne pas un élément et un seul")
    return found[0]
