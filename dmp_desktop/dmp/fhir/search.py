"""TD3.1 over FHIR: criteria of ITI-67 and ITI-66 (docs/adr/0016)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from dmp_desktop.dmp import metadata
from dmp_desktop.dmp.fhir import names
from dmp_desktop.dmp.fhir.writer import entry_id, instant
from dmp_desktop.domain.documents import Availability, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria

Parameters = list[tuple[str, str]]

PAGE = "100"
"""Resources a page: what the server gives by itself, and a few hundred kilobytes."""
EVERY_STATUS = "current,superseded"
_STATUSES = {
    Availability.APPROVED: "current",
    Availability.ARCHIVED: "current",
    Availability.DEPRECATED: "superseded",
    Availability.DELETED: "entered-in-error",
}


def documents(patient: InsIdentity, criteria: FindCriteria) -> Parameters:
    """ITI-67 by every criterion but those `passes` is left."""
    wanted = criteria.statuses
    statuses = ",".join(dict.fromkeys(_STATUSES[status] for status in wanted if status in _STATUSES)) or EVERY_STATUS
    asked = [*_of(patient, statuses)]
    if Availability.APPROVED in wanted and Availability.ARCHIVED not in wanted:
        asked.append(("isArchived", "false"))
    elif tuple(wanted) == (Availability.ARCHIVED,):
        asked.append(("isArchived", "true"))
    for name, codes in (
        ("type", criteria.type_codes),
        ("category", criteria.class_codes),
        ("format", criteria.format_codes),
        ("facility", criteria.facility_codes),
        ("setting", criteria.practice_codes),
        ("event", criteria.event_codes),
        ("security-label", criteria.confidentiality_codes),
    ):
        if codes:
            asked.append((name, ",".join(map(names.token, codes))))
    for name, prefix, moment in (
        ("date", "ge", criteria.created_from),
        ("date", "lt", criteria.created_to),
        ("period-start", "ge", criteria.service_from),
        ("period-start", "lt", criteria.service_to),
        ("period-end", "ge", criteria.service_stop_from),
        ("period-end", "lt", criteria.service_stop_to),
    ):
        if moment is not None:
            asked.append((name, prefix + instant(moment)))
    return asked


def passes(criteria: FindCriteria) -> Callable[[DocumentEntry], bool]:
    """What the parameters of ITI-67 cannot say: parts of an author's name, and one of two statuses that FHIR tells apart by
    an extension."""
    statuses, authors = frozenset(criteria.statuses), criteria.authors

    def passing(entry: DocumentEntry) -> bool:
        if statuses and entry.status not in statuses and entry.status is not Availability.UNKNOWN:
            return False
        people = [metadata.person(author) for author in entry.authors]
        return not authors or any(words in person for words in authors for person in people)

    return passing


def by_unique_id(patient: InsIdentity, unique_ids: Sequence[str]) -> Parameters:
    return [*_of(patient, EVERY_STATUS), _identifiers(f"urn:oid:{one}" for one in unique_ids)]


def by_entry_uuid(patient: InsIdentity, uuids: Sequence[str]) -> Parameters:
    return [*_of(patient, EVERY_STATUS), ("_id", ",".join(names.escaped(entry_id(one)) for one in uuids))]


def by_reference(patient: InsIdentity, references: Sequence[str], statuses: Iterable[Availability]) -> Parameters:
    """`references` are CXi, of which FHIR asks for value and authority."""
    asked = documents(patient, FindCriteria(statuses=tuple(statuses)))
    return [*asked, ("related", ",".join(map(_reference, references)))]


def related_to(patient: InsIdentity, uuids: Sequence[str]) -> Parameters:
    """Documents that replace, transform, complete or sign these."""
    targets = ",".join(f"DocumentReference/{names.escaped(entry_id(one))}" for one in uuids)
    return [*_of(patient, EVERY_STATUS), ("relatesto", targets)]


def submissions(patient: InsIdentity, since: datetime | None = None) -> Parameters:
    """ITI-66."""
    asked = [*_of(patient, "current"), ("code", "submissionset")]
    return asked if since is None else [*asked, ("date", f"ge{instant(since)}")]


def submissions_by_uuid(patient: InsIdentity, uuids: Sequence[str]) -> Parameters:
    return [*submissions(patient), _identifiers(uuids)]


def _of(patient: InsIdentity, statuses: str) -> Parameters:
    return [("patient.identifier", token_of(patient)), ("status", statuses), ("_count", PAGE)]


def token_of(patient: InsIdentity) -> str:
    return f"urn:oid:{patient.oid}|{patient.value}"


def _identifiers(values: Iterable[str]) -> tuple[str, str]:
    return "identifier", ",".join(f"{names.URI}|{names.escaped(value)}" for value in values)


def _reference(cxi: str) -> str:
    parts = [*cxi.split("^"), "", "", ""]
    authority = parts[3].split("&")
    value = names.escaped(parts[0])
    return f"urn:oid:{names.escaped(authority[1])}|{value}" if len(authority) > 1 else value
