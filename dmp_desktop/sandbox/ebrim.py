"""ebRIM 3.0 on the wire: registry objects read from a submission and written in an answer (ITI TF-3 §4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.model import Association, Classification, Kind, Lot, RegistryObject, Slots
from dmp_desktop.sandbox.names import q

_CLASSIFICATION_TYPE = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification"
_IDENTIFIER_TYPE = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:ExternalIdentifier"
_ASSOCIATION_TYPE = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"
_PACKAGE_TYPE = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage"
_SCHEME_NAMES = {
    names.ENTRY_PATIENT_ID: "XDSDocumentEntry.patientId",
    names.ENTRY_UNIQUE_ID: "XDSDocumentEntry.uniqueId",
    names.SET_PATIENT_ID: "XDSSubmissionSet.patientId",
    names.SET_UNIQUE_ID: "XDSSubmissionSet.uniqueId",
    names.SET_SOURCE_ID: "XDSSubmissionSet.sourceId",
    names.FOLDER_PATIENT_ID: "XDSFolder.patientId",
    names.FOLDER_UNIQUE_ID: "XDSFolder.uniqueId",
}


def read_lot(submission: etree._Element, documents: Mapping[str, bytes]) -> Lot:
    """Objects of a `lcm:SubmitObjectsRequest`. Nothing is judged here: checks.py does."""
    objects = submission.find(q(names.RIM, "RegistryObjectList"))
    children = [] if objects is None else [child for child in objects if isinstance(child.tag, str)]
    nodes = _package_nodes(children)
    packages = [child for child in children if child.tag == q(names.RIM, "RegistryPackage")]
    entries = [_object(e, Kind.ENTRY) for e in children if e.tag == q(names.RIM, "ExtrinsicObject")]
    links = [_association(child) for child in children if child.tag == q(names.RIM, "Association")]

    def are(kind: Kind, node: str) -> tuple[RegistryObject, ...]:
        return tuple(_object(package, kind) for package in packages if node in nodes.get(package.get("id", ""), ()))

    return Lot(
        are(Kind.SET, names.SET_NODE), tuple(entries), are(Kind.FOLDER, names.FOLDER_NODE), tuple(links), documents
    )


def _package_nodes(children: list[etree._Element]) -> dict[str, set[str]]:
    """Classification nodes of packages: inside them, or beside them by `classifiedObject`."""
    nodes: dict[str, set[str]] = {}
    for child in children:
        for found in child.iter(q(names.RIM, "Classification")):
            if found.get("classificationNode"):
                owner = found.get("classifiedObject", "") or child.get("id", "")
                nodes.setdefault(owner, set()).add(found.get("classificationNode", ""))
    return nodes


def _object(element: etree._Element, kind: Kind) -> RegistryObject:
    classifications = tuple(
        Classification(
            found.get("classificationScheme", ""),
            found.get("nodeRepresentation", ""),
            _label(found, "Name"),
            _slots(found),
        )
        for found in element.findall(q(names.RIM, "Classification"))
        if found.get("classificationScheme")
    )
    external = {
        found.get("identificationScheme", ""): found.get("value", "")
        for found in element.findall(q(names.RIM, "ExternalIdentifier"))
    }
    return RegistryObject(
        id=element.get("id", ""),
        kind=kind,
        name=_label(element, "Name"),
        description=_label(element, "Description"),
        mime_type=element.get("mimeType", ""),
        object_type=element.get("objectType", ""),
        lid=element.get("lid", ""),
        status=element.get("status", ""),
        slots=_slots(element),
        classifications=classifications,
        external=external,
    )


def _association(element: etree._Element) -> Association:
    return Association(
        id=element.get("id", ""),
        type=element.get("associationType", ""),
        source=element.get("sourceObject", ""),
        target=element.get("targetObject", ""),
        slots=_slots(element),
    )


def _label(element: etree._Element, name: str) -> str:
    found = element.find(f"{q(names.RIM, name)}/{q(names.RIM, 'LocalizedString')}")
    return "" if found is None else found.get("value", "")


def _slots(element: etree._Element) -> Slots:
    return {slot.get("name", ""): slot_values(slot) for slot in element.findall(q(names.RIM, "Slot"))}


def slot_values(slot: etree._Element) -> tuple[str, ...]:
    """Values of a slot, stripped of the white space some tools indent with."""
    return tuple((value.text or "").strip() for value in slot.iter(q(names.RIM, "Value")))


@dataclass(frozen=True, slots=True)
class Oddities:
    """What reading does not keep and rules speak of: names and schemes that occur twice in one object (the last is kept),
    character sets of labels, links that carry a code."""

    repeated_slots: tuple[str, ...] = ()
    repeated_identifiers: tuple[str, ...] = ()
    charsets: frozenset[str] = frozenset()
    coded_links: int = 0


def oddities(submission: etree._Element) -> Oddities:
    """Those of a `lcm:SubmitObjectsRequest`. A label without a character set is in UTF-8 (rim.xsd)."""
    slots: list[str] = []
    identifiers: list[str] = []
    for parent in submission.iter():
        slots += _twice(child.get("name", "") for child in parent.findall(q(names.RIM, "Slot")))
        schemes = parent.findall(q(names.RIM, "ExternalIdentifier"))
        identifiers += _twice(child.get("identificationScheme", "") for child in schemes)
    return Oddities(
        tuple(sorted(slots)),
        tuple(sorted(identifiers)),
        frozenset(label.get("charset", "UTF-8") for label in submission.iter(q(names.RIM, "LocalizedString"))),
        len(submission.findall(f".//{q(names.RIM, 'Association')}/{q(names.RIM, 'Classification')}")),
    )


def _twice(found: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(found).items() if count > 1]


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _write_slots(slots: Slots) -> str:
    return "".join(
        f'<rim:Slot name="{_attribute(name)}"><rim:ValueList>'
        + "".join(f"<rim:Value>{escape(value)}</rim:Value>" for value in values)
        + "</rim:ValueList></rim:Slot>"
        for name, values in slots.items()
    )


def _write_label(tag: str, text: str) -> str:
    if not text:
        return ""
    return f'<rim:{tag}><rim:LocalizedString xml:lang="fr-FR" charset="UTF-8" value="{_attribute(text)}"/></rim:{tag}>'


def write_object(found: RegistryObject) -> str:
    """A registry object as `rim:ExtrinsicObject` or `rim:RegistryPackage`, in the order of the schema."""
    owner = _attribute(found.id)
    common = f'id="{owner}" lid="{_attribute(found.lid or found.id)}" status="{_attribute(found.status)}"'
    version = f'<rim:VersionInfo versionName="{found.version}"/>'
    body = (
        _write_slots(found.slots)
        + _write_label("Name", found.name)
        + _write_label("Description", found.description)
        + version
        + "".join(_write_classification(code, owner, rank) for rank, code in enumerate(found.classifications))
    )
    identifiers = "".join(
        f'<rim:ExternalIdentifier id="{owner}-i{rank}" registryObject="{owner}" identificationScheme="{scheme}" '
        f'objectType="{_IDENTIFIER_TYPE}" value="{_attribute(value)}">{_write_label("Name", _SCHEME_NAMES.get(scheme, ""))}'
        "</rim:ExternalIdentifier>"
        for rank, (scheme, value) in enumerate(found.external.items())
    )
    if found.kind is Kind.ENTRY:
        attributes = f'mimeType="{_attribute(found.mime_type)}" objectType="{names.STABLE_DOCUMENT}" isOpaque="false"'
        return f"<rim:ExtrinsicObject {common} {attributes}>{body}{identifiers}</rim:ExtrinsicObject>"
    node = names.SET_NODE if found.kind is Kind.SET else names.FOLDER_NODE
    package = (
        f'<rim:Classification id="{owner}-n" classifiedObject="{owner}" classificationNode="{node}" '
        f'objectType="{_CLASSIFICATION_TYPE}"/>'
    )
    return (
        f'<rim:RegistryPackage {common} objectType="{_PACKAGE_TYPE}">{body}{package}{identifiers}</rim:RegistryPackage>'
    )


def _write_classification(code: Classification, owner: str, rank: int) -> str:
    return (
        f'<rim:Classification id="{owner}-c{rank}" classificationScheme="{_attribute(code.scheme)}" '
        f'classifiedObject="{owner}" nodeRepresentation="{_attribute(code.node)}" objectType="{_CLASSIFICATION_TYPE}">'
        f"{_write_slots(code.slots)}{_write_label('Name', code.name)}</rim:Classification>"
    )


def write_association(link: Association) -> str:
    """`rim:Association`."""
    return (
        f'<rim:Association id="{_attribute(link.id)}" lid="{_attribute(link.id)}" associationType="{_attribute(link.type)}" '
        f'sourceObject="{_attribute(link.source)}" targetObject="{_attribute(link.target)}" '
        f'status="{_attribute(link.status)}" objectType="{_ASSOCIATION_TYPE}">{_write_slots(link.slots)}</rim:Association>'
    )


def write_reference(identifier: str) -> str:
    """`rim:ObjectRef`, for returnType ObjectRef."""
    return f'<rim:ObjectRef id="{_attribute(identifier)}"/>'
