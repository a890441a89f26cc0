"""XDS metadata in: entries read one by one while the answer arrives (reference §5, ITI TF-3 §4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from lxml import etree

from dmp_desktop.dmp import catalogue, hl7, names, soap
from dmp_desktop.domain.documents import Author, Availability, Code, DocumentEntry, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity

_RIM = f"{{{names.RIM}}}"
_ENTRY = f"{_RIM}ExtrinsicObject"
_PACKAGE = f"{_RIM}RegistryPackage"
_ERROR = f"{{{names.RS}}}RegistryError"
_RESPONSES = (f"{{{names.QUERY}}}AdhocQueryResponse", f"{{{names.RS}}}RegistryResponse")
_FAULT = f"{{{names.SOAP}}}Fault"
_WANTED = (_ENTRY, _PACKAGE, _FAULT, *_RESPONSES)
_CX = re.compile(r"^([^^]+)\^\^\^[^&^]*&([0-9.]+)&ISO")


def objects(untrusted_chunks: Iterable[bytes]) -> Iterator[etree._Element]:
    """Each ExtrinsicObject and RegistryPackage of an answer as soon as its last byte is in.

    Raises DmpError on a fault, on the registry's refusal, and on an answer that is cut short or is not XML.
    """
    parser = etree.XMLPullParser(
        ("end",), tag=_WANTED, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    total = 0
    complete = False
    try:
        for chunk in untrusted_chunks:
            total += len(chunk)
            if total > soap.MAX_ANSWER:
                raise soap.unreadable("too long")
            parser.feed(chunk)
            for _event, element in parser.read_events():
                if not isinstance(element, etree._Element) or element.getroottree().docinfo.internalDTD is not None:
                    raise soap.unreadable("DOCTYPE")
                if element.tag == _FAULT:
                    raise soap.fault(element)
                if element.tag in _RESPONSES:
                    complete = True
                    raise_refusal(element)
                else:
                    yield element
                    element.clear()
        parser.close()
    except etree.XMLSyntaxError:
        raise soap.unreadable("not XML") from None
    if not complete:
        raise soap.unreadable("no registry response")


def raise_refusal(response: etree._Element) -> None:
    """Raise the DmpError of the first RegistryError when the response is not a success; warnings are no refusal."""
    if response.get("status") == names.STATUS_SUCCESS:
        return
    for error in response.iter(_ERROR):
        if not error.get("severity", "").endswith(":Warning"):
            raise catalogue.error(error.get("errorCode", "XDSRegistryError"), error.get("codeContext", ""))
    if response.get("status", "").endswith(":Failure"):
        raise catalogue.error("XDSRegistryError", "")


def entries(untrusted_chunks: Iterable[bytes]) -> Iterator[DocumentEntry]:
    """Document entries in the order of the answer."""
    return (entry(element) for element in objects(untrusted_chunks) if element.tag == _ENTRY)


def submissions(untrusted_chunks: Iterable[bytes]) -> Iterator[SubmissionSummary]:
    """Submission sets in the order of the answer."""
    return (_submission(element) for element in objects(untrusted_chunks) if element.tag == _PACKAGE)


def entry(element: etree._Element) -> DocumentEntry:
    """One ExtrinsicObject as a domain entry. Missing optional values are empty, never invented."""
    slots = _slots(element)
    codes = _codes(element)
    identifiers = _identifiers(element)
    legal = slots.get("legalAuthenticator", [""])[0]
    none = Code("", "", "")
    return DocumentEntry(
        unique_id=identifiers.get(names.ENTRY_UNIQUE_ID, ""),
        title=_name(element),
        type_code=next(iter(codes.get(names.ENTRY_TYPE, ())), none),
        class_code=next(iter(codes.get(names.ENTRY_CLASS, ())), none),
        format_code=next(iter(codes.get(names.ENTRY_FORMAT, ())), none),
        creation_time=_time(slots, "creationTime") or datetime.min.replace(tzinfo=UTC),
        patient=_patient(identifiers.get(names.ENTRY_PATIENT_ID, "")),
        entry_uuid=element.get("id", ""),
        logical_id=element.get("lid", "") or element.get("id", ""),
        version=_version(element),
        status=_availability(element.get("status", "")),
        mime_type=element.get("mimeType", ""),
        hash_sha1=slots.get("hash", [""])[0].lower(),
        size=_number(slots.get("size", ["0"])[0]),
        language=slots.get("languageCode", [""])[0],
        service_start=_time(slots, "serviceStartTime"),
        service_stop=_time(slots, "serviceStopTime"),
        facility_type=next(iter(codes.get(names.ENTRY_FACILITY, ())), None),
        practice_setting=next(iter(codes.get(names.ENTRY_PRACTICE, ())), None),
        confidentiality=tuple(codes.get(names.ENTRY_CONFIDENTIALITY, ())),
        events=tuple(codes.get(names.ENTRY_EVENT, ())),
        authors=_authors(element, names.ENTRY_AUTHOR),
        legal_authenticator=_person(legal, Author()) if legal else None,
        source_patient_info=tuple(slots.get("sourcePatientInfo", ())),
        repository_id=slots.get("repositoryUniqueId", [""])[0],
        comments=_localized(element.find(f"{_RIM}Description")),
    )


def _submission(element: etree._Element) -> SubmissionSummary:
    authors = _authors(element, names.SET_AUTHOR)
    slots = _slots(element)
    return SubmissionSummary(
        entry_uuid=element.get("id", ""),
        unique_id=_identifiers(element).get(names.SET_UNIQUE_ID, ""),
        submission_time=_time(slots, "submissionTime") or datetime.min.replace(tzinfo=UTC),
        author=authors[0] if authors else Author(),
        title=_name(element),
    )


def _slots(element: etree._Element) -> dict[str, list[str]]:
    return {
        slot.get("name", ""): [value.text or "" for value in slot.iter(f"{_RIM}Value")]
        for slot in element.iterchildren(f"{_RIM}Slot")
        if slot.find(f"{_RIM}ValueList/{_RIM}Value") is not None
    }


def _codes(element: etree._Element) -> dict[str, list[Code]]:
    found: dict[str, list[Code]] = {}
    for item in element.iterchildren(f"{_RIM}Classification"):
        if representation := item.get("nodeRepresentation"):
            system = _slots(item).get("codingScheme", [""])[0]
            code = Code(representation, system, _name(item))
            found.setdefault(item.get("classificationScheme", ""), []).append(code)
    return found


def _identifiers(element: etree._Element) -> dict[str, str]:
    return {
        item.get("identificationScheme", ""): item.get("value", "")
        for item in element.iterchildren(f"{_RIM}ExternalIdentifier")
    }


def _authors(element: etree._Element, scheme: str) -> tuple[Author, ...]:
    return tuple(
        _author(_slots(item))
        for item in element.iterchildren(f"{_RIM}Classification")
        if item.get("classificationScheme") == scheme
    )


def _author(slots: dict[str, list[str]]) -> Author:
    institution = [hl7.unescape(part) for part in slots.get("authorInstitution", [""])[0].split("^")]
    specialty = slots.get("authorSpecialty", [""])[0].split("^")
    return _person(
        slots.get("authorPerson", [""])[0],
        Author(
            institution=institution[0],
            institution_id=institution[9] if len(institution) > 9 else "",
            specialty=Code(specialty[0], specialty[2], specialty[1]) if len(specialty) > 2 else None,
            role=slots.get("authorRole", [""])[0],
        ),
    )


def _person(xcn: str, institution: Author) -> Author:
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


def _patient(cx: str) -> InsIdentity | None:
    match = _CX.match(cx)
    return InsIdentity(match[1], match[2]) if match else None


def _time(slots: dict[str, list[str]], name: str) -> datetime | None:
    """XDS DTM, UTC, of 4 to 14 digits: what is not told is the first instant of the period."""
    value = slots.get(name, [""])[0]
    if not value.isdigit() or not 4 <= len(value) <= 14 or len(value) % 2:
        return None
    try:
        return datetime.strptime((value + "0101000000"[len(value) - 4 :])[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _version(element: etree._Element) -> int:
    info = element.find(f"{_RIM}VersionInfo")
    return _number(info.get("versionName", "1") if info is not None else "1") or 1


def _number(value: str) -> int:
    """A count of bytes or of versions; 0 for what is not written as one."""
    return int(value) if value.isdecimal() and len(value) < 16 else 0


def _availability(status: str) -> Availability:
    """A state nobody told us of must not hide the rest of the list: the screen says it is unknown."""
    return Availability(status) if status in set(Availability) else Availability.UNKNOWN


def _name(element: etree._Element) -> str:
    return _localized(element.find(f"{_RIM}Name"))


def _localized(element: etree._Element | None) -> str:
    found = element.find(f"{_RIM}LocalizedString") if element is not None else None
    return found.get("value", "") if found is not None else ""
