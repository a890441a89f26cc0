"""From the slots, codes and identifiers of a registry object to the domain (reference §5, ITI TF-3 §4.2), whoever read them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dmp_desktop.dmp import hl7, names
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity

Slots = Mapping[str, Sequence[str]]

_CX = re.compile(r"^([^^]+)\^\^\^[^&^]*&([0-9.]+)&ISO")
_NONE = [Code("", "", "")]
_NEVER = datetime.min.replace(tzinfo=UTC)
_STATES: dict[str, Availability] = {state.value: state for state in Availability}


@dataclass(slots=True)
class Fields:
    """What an ExtrinsicObject or a RegistryPackage says, by the names it uses; a slot is there only with a value."""

    id: str
    lid: str
    status: str
    mime_type: str
    title: str = ""
    comments: str = ""
    version: str = "1"
    slots: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[str, list[Code]] = field(default_factory=dict)
    authors: dict[str, list[Author]] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Known:
    """Values that come again with most documents of an answer, read once and kept once."""

    patients: dict[str, InsIdentity | None] = field(default_factory=dict)
    people: dict[str, Author] = field(default_factory=dict)
    traits: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)


def entry(fields: Fields, known: Known) -> DocumentEntry:
    """A domain entry. Missing optional values are empty, never invented."""
    slots, codes, identifiers = fields.slots, fields.codes, fields.identifiers
    legal = _first(slots, "legalAuthenticator")
    if legal and legal not in known.people:
        known.people[legal] = person(legal, Author())
    cx = identifiers.get(names.ENTRY_PATIENT_ID, "")
    if cx not in known.patients:
        known.patients[cx] = _patient(cx)
    traits = tuple(slots.get("sourcePatientInfo", ()))
    return DocumentEntry(
        unique_id=identifiers.get(names.ENTRY_UNIQUE_ID, ""),
        title=fields.title,
        type_code=codes.get(names.ENTRY_TYPE, _NONE)[0],
        class_code=codes.get(names.ENTRY_CLASS, _NONE)[0],
        format_code=codes.get(names.ENTRY_FORMAT, _NONE)[0],
        creation_time=_time(slots, "creationTime") or _NEVER,
        patient=known.patients[cx],
        entry_uuid=fields.id,
        logical_id=fields.lid or fields.id,
        version=_number(fields.version) or 1,
        status=_STATES.get(fields.status, Availability.UNKNOWN),  # an unknown state must not hide the rest of the list
        mime_type=fields.mime_type,
        hash_sha1=_first(slots, "hash").lower(),
        size=_number(_first(slots, "size")),
        language=_first(slots, "languageCode"),
        service_start=_time(slots, "serviceStartTime"),
        service_stop=_time(slots, "serviceStopTime"),
        facility_type=codes[names.ENTRY_FACILITY][0] if names.ENTRY_FACILITY in codes else None,
        practice_setting=codes[names.ENTRY_PRACTICE][0] if names.ENTRY_PRACTICE in codes else None,
        confidentiality=tuple(codes.get(names.ENTRY_CONFIDENTIALITY, ())),
        events=tuple(codes.get(names.ENTRY_EVENT, ())),
        authors=tuple(fields.authors.get(names.ENTRY_AUTHOR, ())),
        legal_authenticator=known.people[legal] if legal else None,
        source_patient_info=known.traits.setdefault(traits, traits),
        repository_id=_first(slots, "repositoryUniqueId"),
        comments=fields.comments,
    )


def submission(fields: Fields) -> SubmissionSummary:
    """A submission set."""
    authors = fields.authors.get(names.SET_AUTHOR)
    return SubmissionSummary(
        entry_uuid=fields.id,
        unique_id=fields.identifiers.get(names.SET_UNIQUE_ID, ""),
        submission_time=_time(fields.slots, "submissionTime") or _NEVER,
        author=authors[0] if authors else Author(),
        title=fields.title,
    )


def code(representation: str, slots: Slots, label: str) -> Code:
    return Code(representation, _first(slots, "codingScheme"), label)


def author(slots: Slots) -> Author:
    """An author classification: XCN, XON, speciality `code^label^system`, role (reference §5.2)."""
    institution = [hl7.unescape(part) for part in _first(slots, "authorInstitution").split("^")]
    specialty = _first(slots, "authorSpecialty").split("^")
    return person(
        _first(slots, "authorPerson"),
        Author(
            institution=institution[0],
            institution_id=institution[9] if len(institution) > 9 else "",
            specialty=Code(specialty[0], specialty[2], specialty[1]) if len(specialty) > 2 else None,
            role=_first(slots, "authorRole"),
        ),
    )


def person(xcn: str, institution: Author) -> Author:
    """Data type XCN, in the institution told beside it."""
    parts = [hl7.unescape(part) for part in xcn.split("^")] + [""] * 9
    return Author(
        family=parts[1],
        given=parts[2],
        person_id=parts[0],
        person_root=parts[8].removeprefix("&").removesuffix("&ISO"),
        institution=institution.institution,
        institution_id=institution.institution_id,
        specialty=institution.specialty,
        role=institution.role,
    )


def _first(slots: Slots, name: str) -> str:
    return slots[name][0] if name in slots else ""


def _patient(cx: str) -> InsIdentity | None:
    match = _CX.match(cx)
    return InsIdentity(match[1], match[2]) if match else None


def _time(slots: Slots, name: str) -> datetime | None:
    """XDS DTM, UTC, of 4 to 14 digits: what is not told is the first instant of the period."""
    value = _first(slots, name)
    if not (value.isascii() and value.isdigit()) or not 4 <= len(value) <= 14 or len(value) % 2:
        return None
    whole = value + "0101000000"[len(value) - 4 :]
    try:
        return datetime.fromisoformat(f"{whole[:8]}T{whole[8:14]}Z")
    except ValueError:
        return None


def _number(value: str) -> int:
    """A count of bytes or of versions; 0 for what is not written as one."""
    return int(value) if value.isdecimal() and len(value) < 16 else 0
