"""The structure of what comes in, as FHIR R4 has it: element names, cardinalities, primitive types (R4 §2.6, JSON).

Only the elements the facade understands are listed: another is refused rather than silently forgotten. Narratives are read over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from dmp_desktop.sandbox.fhir_errors import malformed
from dmp_desktop.sandbox.fhir_names import Json

DEEPEST = 40
"""Levels of objects and lists: a Bundle of what the facade understands has a dozen."""
_NEVER = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""Neither FHIR nor the XML that XDS is written in has these characters."""
_DAY = r"(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])@)?)?"
_CLOCK = r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"


def _matches(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))


PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "string": _matches(rf"\s*[^\s{_NEVER}][^{_NEVER}]*"),
    "markdown": _matches(rf"\s*[^\s{_NEVER}][^{_NEVER}]*"),
    "xhtml": lambda value: isinstance(value, str) and value.startswith("<div"),
    "code": _matches(rf"[^\s{_NEVER}]+( [^\s{_NEVER}]+)*"),
    "uri": _matches(rf"[^\s{_NEVER}]+"),
    "id": _matches(r"[A-Za-z0-9.-]{1,64}"),
    "boolean": lambda value: isinstance(value, bool),
    "unsignedInt": lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31,
    "base64Binary": lambda value: isinstance(value, str) and bool(value),
    "date": _matches(r"\d{4}" + _DAY.replace("@", "")),
    "dateTime": _matches(r"\d{4}" + _DAY.replace("@", f"({_CLOCK})?")),
    "instant": _matches(r"\d{4}-\d\d-\d\d" + _CLOCK),
}
_VALUES = (
    "Boolean:boolean String:string Code:code Uri:uri CodeableConcept:CodeableConcept Identifier:Identifier Date:date "
)
_VALUES += "DateTime:dateTime Reference:Reference Coding:Coding"

_RESOURCE = "resourceType:code1 id:id meta:Meta implicitRules:uri language:code text:Narrative"
_DOMAIN = f"{_RESOURCE} contained:Resource* extension:Extension*"
_TYPES = {
    "Meta": "versionId:id lastUpdated:instant source:uri profile:uri* security:Coding* tag:Coding*",
    "Narrative": "status:code1 div:xhtml1",
    "Extension": "url:uri1 extension:Extension* " + " ".join(f"value{pair}" for pair in _VALUES.split()),
    "Coding": "system:uri version:string code:code display:string userSelected:boolean",
    "CodeableConcept": "coding:Coding* text:string",
    "Identifier": "use:code type:CodeableConcept system:uri value:string period:Period assigner:Reference",
    "Reference": "reference:string type:uri identifier:Identifier display:string extension:Extension*",
    "Period": "start:dateTime end:dateTime",
    "HumanName": "use:code text:string family:string given:string* prefix:string* suffix:string*",
    "ContactPoint": "system:code value:string use:code",
    "Annotation": "authorString:string authorReference:Reference time:dateTime text:markdown1",
    "Attachment": "contentType:code1 language:code data:base64Binary url:uri size:unsignedInt hash:base64Binary title:string "
    "creation:dateTime",
    "Patient": f"{_DOMAIN} identifier:Identifier* active:boolean name:HumanName* telecom:ContactPoint* gender:code "
    "birthDate:date",
    "Practitioner": f"{_DOMAIN} identifier:Identifier* active:boolean name:HumanName* telecom:ContactPoint*",
    "Organization": f"{_DOMAIN} identifier:Identifier* active:boolean name:string telecom:ContactPoint*",
    "PractitionerRole": f"{_DOMAIN} identifier:Identifier* active:boolean practitioner:Reference organization:Reference "
    "code:CodeableConcept* specialty:CodeableConcept* telecom:ContactPoint*",
    "Device": f"{_DOMAIN} identifier:Identifier* deviceName:DeviceName* manufacturer:string modelNumber:string",
    "DeviceName": "name:string1 type:code1",
    "DocumentReference": f"{_DOMAIN} masterIdentifier:Identifier identifier:Identifier* status:code1 docStatus:code "
    "type:CodeableConcept category:CodeableConcept* subject:Reference date:dateTime author:Reference* authenticator:Reference "
    "custodian:Reference relatesTo:RelatesTo* description:string securityLabel:CodeableConcept* content:Content+ context:Context",
    "RelatesTo": "code:code1 target:Reference1",
    "Content": "attachment:Attachment1 format:Coding",
    "Context": "encounter:Reference* event:CodeableConcept* period:Period facilityType:CodeableConcept "
    "practiceSetting:CodeableConcept sourcePatientInfo:Reference related:Reference*",
    "List": f"{_DOMAIN} identifier:Identifier* status:code1 mode:code1 title:string code:CodeableConcept subject:Reference "
    "date:dateTime source:Reference note:Annotation* entry:ListEntry*",
    "ListEntry": "item:Reference1",
    "Binary": "resourceType:code1 id:id meta:Meta contentType:code1 data:base64Binary1",
    "Bundle": "resourceType:code1 id:id meta:Meta identifier:Identifier type:code1 timestamp:instant entry:BundleEntry+",
    "BundleEntry": "fullUrl:uri1 resource:Resource1 request:BundleRequest1",
    "BundleRequest": "method:code1 url:uri1 ifMatch:string",
    "Parameters": "resourceType:code1 id:id meta:Meta parameter:Parameter+",
    "Parameter": "name:string1 part:Parameter* " + " ".join(f"value{pair}" for pair in _VALUES.split()),
    "Consent": f"{_DOMAIN} identifier:Identifier* status:code1 scope:CodeableConcept1 category:CodeableConcept+ "
    "patient:Reference1 dateTime:dateTime policyRule:CodeableConcept1 provision:Provision1",
    "Provision": "type:code1 actor:ProvisionActor*",
    "ProvisionActor": "role:CodeableConcept1 reference:Reference1",
}
_RESOURCES = frozenset(name for name, fields in _TYPES.items() if fields.startswith("resourceType:"))


def _fields(text: str) -> dict[str, tuple[str, str]]:
    found = {}
    for field in text.split():
        name, _, kind = field.partition(":")
        card = kind[-1] if kind[-1] in "1*+" else ""
        found[name] = (kind[: len(kind) - len(card)], card)
    return found


TYPES = {name: _fields(text) for name, text in _TYPES.items()}


def parse(body: bytes, *kinds: str) -> Json:
    """The resource of a body, which is of one of these kinds. Raises Refused."""
    found = parse_json(body)
    if not isinstance(found, dict) or found.get("resourceType") not in kinds:
        raise malformed(f"Ressource attendue : {' ou '.join(kinds)}")
    check(found, str(found["resourceType"]), str(found["resourceType"]))
    return found


def parse_json(body: bytes) -> Any:
    """JSON without repeated names, numbers that are none, or a depth without end. Raises Refused."""
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise malformed("Le corps n'est pas du JSON") from error
    level = [found]
    for _ in range(DEEPEST):
        level = [child for node in level for child in _children(node)]
    if level:
        raise malformed("Le corps est trop profond")
    return found


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _object(pairs: Iterable[tuple[str, Any]]) -> Json:
    found: Json = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("repeated name")
        found[name] = value
    return found


def _constant(_: str) -> None:
    raise ValueError("not a number")


def check(value: Any, kind: str, where: str) -> None:
    """Raise Refused at the first thing that is not as R4 has it."""
    if kind in PRIMITIVES:
        if not PRIMITIVES[kind](value):
            raise malformed(f"Valeur incorrecte pour le type {kind}", where)
        return
    if not isinstance(value, dict) or not value:
        raise malformed("Un objet non vide est attendu", where)
    if kind == "Resource":
        kind = str(value.get("resourceType"))
        if kind not in _RESOURCES:
            raise malformed("Type de ressource inattendu", where)
    fields = TYPES[kind]
    for name in value:
        if name not in fields:
            raise malformed("Élément inconnu ou non pris en charge", f"{where}.{name}"[:200])
    for name, (inner, card) in fields.items():
        _field(value, name, inner, card, f"{where}.{name}")


def _field(value: Json, name: str, kind: str, card: str, where: str) -> None:
    if name not in value:
        if card in {"1", "+"}:
            raise malformed("Élément obligatoire absent", where)
        return
    if card not in {"*", "+"}:
        check(value[name], kind, where)
        return
    rows = value[name]
    if not isinstance(rows, list) or not rows:
        raise malformed("Une liste non vide est attendue", where)
    for rank, row in enumerate(rows):
        check(row, kind, f"{where}[{rank}]")
