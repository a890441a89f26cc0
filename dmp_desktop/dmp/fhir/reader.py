"""From FHIR resources to the domain: DocumentReference, List, Patient, Consent. What is not told stays unknown."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from dmp_desktop.dmp import hl7
from dmp_desktop.dmp import names as xds
from dmp_desktop.dmp.fhir import names, tree
from dmp_desktop.dmp.fhir.tree import Node
from dmp_desktop.domain.documents import Association, Author, Availability, Code, DocumentEntry, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity

_NEVER = datetime.min.replace(tzinfo=UTC)
_NONE = Code("", "", "")
_TIME = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?)?)?", re.ASCII)
_STATES = {"current": Availability.APPROVED, "superseded": Availability.DEPRECATED}
_STATES["entered-in-error"] = Availability.DELETED
_SEXES = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
_LINKS = {
    "replaces": xds.RPLC,
    "transforms": "urn:ihe:iti:2007:AssociationType:XFRM",
    "appends": "urn:ihe:iti:2007:AssociationType:APND",
    "signs": xds.SIGNS,
}


def entry(resource: Node) -> DocumentEntry:
    """A DocumentReference as a domain entry."""
    content, context = tree.first(resource, "content"), tree.child(resource, "context")
    attachment, period = tree.child(content, "attachment"), tree.child(context, "period")
    people = _Contained(resource)
    entry_uuid = _uuid(tree.text(resource, "id"))
    legal = tree.child(resource, "authenticator")
    return DocumentEntry(
        unique_id=tree.text(tree.child(resource, "masterIdentifier"), "value").removeprefix("urn:oid:"),
        title=tree.text(attachment, "title"),
        type_code=_code(tree.child(resource, "type")) or _NONE,
        class_code=_code(tree.first(resource, "category")) or _NONE,
        format_code=_coding(tree.child(content, "format")) or _NONE,
        creation_time=moment(tree.text(attachment, "creation")) or _NEVER,
        patient=_patient(tree.child(tree.child(resource, "subject"), "identifier")),
        entry_uuid=entry_uuid,
        logical_id=next(filter(None, map(_value, tree.children(resource, "identifier"))), entry_uuid),
        version=_version(resource),
        status=_status(resource),
        mime_type=tree.text(attachment, "contentType"),
        hash_sha1=_hexadecimal(tree.text(attachment, "hash")),
        size=tree.number(attachment, "size"),
        language=tree.text(attachment, "language"),
        service_start=moment(tree.text(period, "start")),
        service_stop=moment(tree.text(period, "end")),
        facility_type=_code(tree.child(context, "facilityType")),
        practice_setting=_code(tree.child(context, "practiceSetting")),
        confidentiality=_codes(resource, "securityLabel"),
        events=_codes(context, "event"),
        authors=tuple(people.author(reference) for reference in tree.children(resource, "author")),
        legal_authenticator=people.author(legal) if legal else None,
        source_patient_info=_traits(people.target(tree.child(context, "sourcePatientInfo"))),
        comments=tree.text(resource, "description"),
    )


def submission(resource: Node) -> SubmissionSummary:
    """A List that is a submission set."""
    named = {tree.text(one, "use"): _value(one) for one in tree.children(resource, "identifier")}
    source = tree.child(resource, "source")
    return SubmissionSummary(
        entry_uuid=named.get("official") or _uuid(tree.text(resource, "id")),
        unique_id=named.get("usual", "").removeprefix("urn:oid:"),
        submission_time=moment(tree.text(resource, "date")) or _NEVER,
        author=_Contained(resource).author(source) if source else Author(),
        title=tree.text(resource, "title"),
    )


def members(resource: Node) -> list[Association]:
    """What a List brought."""
    source = submission(resource).entry_uuid
    targets = (_target(tree.child(item, "item")) for item in tree.children(resource, "entry"))
    return [Association(xds.HAS_MEMBER, source, target) for target in targets if target]


def relations(resource: Node) -> list[Association]:
    """What a DocumentReference is to others."""
    source = _uuid(tree.text(resource, "id"))
    found = (
        (_LINKS.get(tree.text(one, "code")), _target(tree.child(one, "target")))
        for one in tree.children(resource, "relatesTo")
    )
    return [Association(kind, source, target) for kind, target in found if kind and target]


def extension(resource: Node, url: str) -> bool | None:
    """The valueBoolean of an extension; None when it is not told."""
    for one in tree.children(resource, "extension"):
        if tree.text(one, "url") == url:
            value = one.get("valueBoolean")
            return value if isinstance(value, bool) else None
    return None


def moment(text: str) -> datetime | None:
    """FHIR date, dateTime or instant, in UTC. What is not told is the first instant of the period."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, time = found.groups()
    try:
        told = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}{time or 'T00:00:00Z'}")
        return told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Contained:
    """The resources within another one, by the references it makes to them."""

    def __init__(self, resource: Node) -> None:
        self._by_id = {f"#{tree.text(one, 'id')}": one for one in tree.children(resource, "contained")}

    def target(self, reference: Node) -> Node:
        return self._by_id.get(tree.text(reference, "reference"), {})

    def author(self, reference: Node) -> Author:
        """PractitionerRole of a person in an organization, or one of them alone, a patient, a device."""
        found = self.target(reference)
        kind = tree.text(found, "resourceType")
        if kind == "Organization":
            return self._author({}, found, {})
        if kind == "PractitionerRole":
            person = self.target(tree.child(found, "practitioner"))
            return self._author(person, self.target(tree.child(found, "organization")), found)
        return self._author(found, {}, {})

    def _author(self, person: Node, organization: Node, role: Node) -> Author:
        identifier = tree.first(person, "identifier")
        family, given = _name(tree.first(person, "name"))
        if tree.text(person, "resourceType") == "Device":
            family = tree.text(tree.first(person, "deviceName"), "name")
        return Author(
            family=family,
            given=given,
            person_id=tree.text(identifier, "value"),
            person_root=tree.text(identifier, "system").removeprefix("urn:oid:"),
            institution=tree.text(organization, "name"),
            institution_id=tree.text(tree.first(organization, "identifier"), "value"),
            specialty=_code(tree.first(role, "specialty")),
            role=next(filter(None, (tree.text(one, "text") for one in tree.children(role, "code"))), ""),
        )


def _status(resource: Node) -> Availability:
    status = _STATES.get(tree.text(resource, "status"), Availability.UNKNOWN)
    archived = extension(resource, names.IS_ARCHIVED)
    return Availability.ARCHIVED if archived and status is Availability.APPROVED else status


def _version(resource: Node) -> int:
    told = tree.text(tree.child(resource, "meta"), "versionId")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 and int(told) else 1


def _code(concept: Node) -> Code | None:
    coding = tree.first(concept, "coding")
    return _coding(coding, tree.text(concept, "text")) if coding else None


def _coding(coding: Node, label: str = "") -> Code | None:
    code = tree.text(coding, "code")
    return (
        Code(code, names.scheme(tree.text(coding, "system")), tree.text(coding, "display") or label) if code else None
    )


def _codes(node: Node, name: str) -> tuple[Code, ...]:
    return tuple(filter(None, map(_code, tree.children(node, name))))


def _patient(identifier: Node) -> InsIdentity | None:
    value, oid = tree.text(identifier, "value"), tree.text(identifier, "system").removeprefix("urn:oid:")
    return InsIdentity(value, oid) if value and oid else None


def _traits(patient: Node) -> tuple[str, ...]:
    """XDS sourcePatientInfo, in the order of PID: birth name, used name, birth date, sex."""

    def told() -> Iterator[str]:
        for use, kind in (("official", "L"), ("usual", "D")):
            for name in tree.children(patient, "name"):
                if tree.text(name, "use") == use:
                    yield f"PID-5|{'^'.join(map(hl7.escape, _name(name)))}^^^^^{kind}"
        if birth := tree.text(patient, "birthDate").replace("-", ""):
            yield f"PID-7|{birth}"
        if sex := _SEXES.get(tree.text(patient, "gender")):
            yield f"PID-8|{sex}"

    return tuple(told())


def _name(name: Node) -> tuple[str, str]:
    return tree.text(name, "family"), " ".join(tree.texts(name, "given"))


def _value(identifier: Node) -> str:
    return tree.text(identifier, "value")


def _uuid(identifier: str) -> str:
    return f"urn:uuid:{identifier}" if identifier else ""


def _target(reference: Node) -> str:
    """The entryUUID of a referred resource."""
    return _uuid(tree.text(reference, "reference").rpartition("/")[2].removeprefix("urn:uuid:"))


def _hexadecimal(coded: str) -> str:
    """A hash as XDS writes it, 40 digits; empty when it is none."""
    try:
        digest = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == 20 else ""
