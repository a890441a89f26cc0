"""METADATA.XML of a medium, read as it comes: submission sets, documents, what replaces what (ebRIM 3.0; ITI TF-3 §4.2).

Nothing is trusted and little is required: what is missing is empty, and told by who reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from dmp_desktop.exchange.xdm_archive import refusal

MAX_METADATA = 16 * 1024 * 1024
MAX_TEXT = 1_000
"""Characters kept of a title or a name."""

# ITI TF-3 §4.2.5.2.
_TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
_CLASS = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
_CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
_ENTRY_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
_ENTRY_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
_SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
_SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
_REPLACES = (":RPLC", ":XFRM_RPLC")
_SIGNATURE_CLASS = "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_ESCAPE = re.compile(r"\\([EFSTR])\\")
_DAY_DIGITS = 8
_MEANING = {"E": "\\", "F": "|", "S": "^", "T": "&", "R": "~"}


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One ExtrinsicObject. `patient_id` is a CX, `patient_info` the fields of a PID; `hash` and `size` as written; `act_day` is
    the day as written where no hour is, the day it was here else."""

    id: str
    uri: str
    mime: str = ""
    hash: str = ""
    size: str = ""
    unique_id: str = ""
    title: str = ""
    type_code: str = ""
    created: datetime | None = None
    act_day: date | None = None
    confidentiality: frozenset[str] = frozenset()
    patient_id: str = ""
    source_patient_id: str = ""
    patient_info: tuple[str, ...] = ()
    is_signature: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Metadata:
    """One METADATA.XML. `replaced` goes from the id of an entry to the id or identifier of what it replaces."""

    entries: tuple[Entry, ...]
    replaced: dict[str, str]
    sets: int = 0
    title: str = ""
    sender: str = ""
    recipient: str = ""
    sent_at: datetime | None = None


def read(untrusted: bytes) -> Metadata:
    """Raises ContextError for what is no metadata: too long, with a DOCTYPE, not XML, without any document."""
    root = _tree(untrusted)
    entries = tuple(_entry(element) for element in root.iter("{*}ExtrinsicObject"))
    if not entries:
        raise refusal("empty", "METADATA.XML n'annonce aucun document.")
    replaced = {
        link.get("sourceObject", ""): link.get("targetObject", "")
        for link in root.iter("{*}Association")
        if link.get("associationType", "").endswith(_REPLACES)
    }
    sets = _sets(root)
    if not sets:
        return Metadata(entries, replaced)
    told = sets[0]
    slots = _slots(told)
    return Metadata(
        entries,
        replaced,
        sets=len(sets),
        title=_localized(told),
        sender=_sender(told),
        recipient=", ".join(map(_recipient, slots.get("intendedRecipient", ()))),
        sent_at=moment(_first(slots, "submissionTime")),
    )


def _tree(untrusted: bytes) -> etree._Element:
    if len(untrusted) > MAX_METADATA:
        raise refusal("metadata-size", "METADATA.XML est trop long.")
    wide = untrusted.replace(b"\0", b"")  # a DOCTYPE in UTF-16 as well
    if b"<!DOCTYPE" in wide or b"<!ENTITY" in wide:
        raise refusal("doctype", "METADATA.XML contient une déclaration DOCTYPE, interdite.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(untrusted, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refusal("metadata", "METADATA.XML n'est pas du XML lisible.") from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise refusal("doctype", "METADATA.XML contient une déclaration DOCTYPE, interdite.")
    return root


def _entry(element: etree._Element) -> Entry:
    slots, codes, identifiers = _slots(element), _codes(element), _identifiers(element)
    return Entry(
        id=element.get("id", ""),
        uri="".join(slots.get("URI", ())),
        mime=element.get("mimeType", "").partition(";")[0].strip().lower(),
        hash=_first(slots, "hash").strip().lower(),
        size=_first(slots, "size").strip(),
        unique_id=plain(identifiers.get(_ENTRY_UNIQUE_ID, "")),
        title=_localized(element),
        type_code=plain(next(iter(codes.get(_TYPE, ())), "")),
        created=moment(_first(slots, "creationTime")),
        act_day=day(_first(slots, "serviceStartTime")),
        confidentiality=frozenset(codes.get(_CONFIDENTIALITY, ())),
        patient_id=identifiers.get(_ENTRY_PATIENT, ""),
        source_patient_id=_first(slots, "sourcePatientId"),
        patient_info=tuple(slots.get("sourcePatientInfo", ())),
        is_signature=_SIGNATURE_CLASS in codes.get(_CLASS, ()),
    )


def _sets(root: etree._Element) -> list[etree._Element]:
    """The submission sets, not the folders. Their class may stand beside them (ITI TF-3 §4.2.1.2)."""
    marked = {
        item.get("classifiedObject") or (holder.get("id") if (holder := item.getparent()) is not None else None)
        for item in root.iter("{*}Classification")
        if item.get("classificationNode") == _SET_NODE
    } - {None}
    return [package for package in root.iter("{*}RegistryPackage") if package.get("id") in marked]


def _sender(package: etree._Element) -> str:
    for item in package.iterchildren("{*}Classification"):
        if item.get("classificationScheme") == _SET_AUTHOR:
            slots = _slots(item)
            person = _first(slots, "authorPerson").split("^")
            named = " ".join(plain(part) for part in (*person[2:3], *person[1:2]) if part)
            place = plain(_first(slots, "authorInstitution").partition("^")[0])
            return ", ".join(part for part in (named, place) if part)
    return ""


def _recipient(value: str) -> str:
    """`institution|person|telecom` (ITI TF-3 §4.2.3.3.7), as a name."""
    institution, _, rest = value.partition("|")
    person = rest.partition("|")[0].split("^")
    named = " ".join(plain(part) for part in (*person[2:3], *person[1:2]) if part)
    return ", ".join(part for part in (named, plain(institution.partition("^")[0])) if part)


def _slots(element: etree._Element) -> dict[str, list[str]]:
    return {
        slot.get("name", ""): [value.text or "" for value in slot.iter("{*}Value")]
        for slot in element.iterchildren("{*}Slot")
    }


def _codes(element: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in element.iterchildren("{*}Classification"):
        if code := item.get("nodeRepresentation"):
            found.setdefault(item.get("classificationScheme", ""), []).append(code)
    return found


def _identifiers(element: etree._Element) -> dict[str, str]:
    return {
        item.get("identificationScheme", ""): item.get("value", "")
        for item in element.iterchildren("{*}ExternalIdentifier")
    }


def _first(slots: dict[str, list[str]], name: str) -> str:
    return next(iter(slots.get(name, ())), "")


def _localized(element: etree._Element) -> str:
    name = next(element.iterchildren("{*}Name"), None)
    told = None if name is None else next(name.iterchildren("{*}LocalizedString"), None)
    return "" if told is None else plain(told.get("value", ""), escaped=False)


def plain(value: str, *, escaped: bool = True) -> str:
    """One line of text, bounded, without control characters; the escapes of HL7 v2 undone (HL7 v2.5 §2.7)."""
    text = _ESCAPE.sub(lambda found: _MEANING[found[1]], value) if escaped else value
    return " ".join(_FORBIDDEN.sub(" ", text).split())[:MAX_TEXT]


def moment(value: str) -> datetime | None:
    """DTM of XDS, in UTC: a day at least, the rest filled with zeros as ITI TF-3 §4.2.3.1.7 has it; None otherwise."""
    digits = value.strip()
    if not re.fullmatch(r"[0-9]{8}(?:[0-9]{2}){0,3}", digits):
        return None
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def day(value: str) -> date | None:
    """The day of a DTM: one that has no hour is a day wherever it is read, else its moment in UTC as it was here."""
    when = moment(value)
    if when is None:
        return None
    return when.date() if len(value.strip()) == _DAY_DIGITS else when.astimezone().date()
