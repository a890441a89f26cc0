"""Each criterion of TD3.1 over the wire finds what the same rule finds in the whole list, and not all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime

import pytest

from dmp_desktop.domain.documents import Availability, Code, DocumentEntry
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.sandbox import Sandbox, names
from dmp_desktop.sandbox.model import Classification, Kind
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded

ANY_STATUS = (Availability.APPROVED, Availability.DEPRECATED, Availability.ARCHIVED)
HBA1C = Code("4548-4", "2.16.840.1.113883.6.1")


@pytest.fixture(scope="module", params=["xds", "fhir"])
def record(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[FindCriteria], list[DocumentEntry]]]:
    """The chronic patient's record, where one document in three also tells an event: the stories have none."""
    folder = seeded(tmp_path_factory.mktemp("sandbox"))
    with Sandbox(folder) as sandbox, Connection(sandbox, protocol=request.param) as connection:
        ins = patient_of(sandbox, "chronic").ins
        event = Classification(names.EVENT_CODE, HBA1C.code, "HbA1c", {"codingScheme": (HBA1C.system,)})
        for found in sandbox.registry.objects(ins.value, Kind.ENTRY)[::3]:
            sandbox.registry.put(replace(found, classifications=(*found.classifications, event)), ins.value)
        yield lambda criteria: list(connection.client.find(ins, criteria))


def middle(entries: list[DocumentEntry], read: Callable[[DocumentEntry], datetime | None]) -> datetime:
    times = sorted(time for time in map(read, entries) if time)
    return times[len(times) // 2]


Rule = Callable[[list[DocumentEntry]], tuple[FindCriteria, Callable[[DocumentEntry], bool]]]


def coded(field: str, read: Callable[[DocumentEntry], tuple[Code | None, ...]]) -> Rule:
    def rule(entries: list[DocumentEntry]) -> tuple[FindCriteria, Callable[[DocumentEntry], bool]]:
        codes = list(dict.fromkeys(code for entry in entries for code in read(entry) if code))
        wanted = tuple(codes[-2:]) if len(codes) > 2 else tuple(codes[-1:])
        return FindCriteria(statuses=ANY_STATUS, **{field: wanted}), lambda entry: bool(set(read(entry)) & set(wanted))  # type: ignore[arg-type]

    return rule


def bounded(field: str, read: Callable[[DocumentEntry], datetime | None]) -> Rule:
    def rule(entries: list[DocumentEntry]) -> tuple[FindCriteria, Callable[[DocumentEntry], bool]]:
        bound = middle(entries, read)

        def passes(entry: DocumentEntry) -> bool:
            time = read(entry)
            return time is None or (time >= bound if field.endswith("from") else time < bound)

        return FindCriteria(statuses=ANY_STATUS, **{field: bound}), passes  # type: ignore[arg-type]

    return rule


def by_author(entries: list[DocumentEntry]) -> tuple[FindCriteria, Callable[[DocumentEntry], bool]]:
    author = entries[0].authors[0]
    criteria = FindCriteria(statuses=ANY_STATUS, authors=(f"{author.family}^{author.given}", "NOBODY'S"))
    return criteria, lambda entry: any(
        (one.family, one.given) == (author.family, author.given) for one in entry.authors
    )


RULES: dict[str, Rule] = {
    "statuses": lambda _entries: (
        FindCriteria(statuses=(Availability.DEPRECATED,)),
        lambda entry: entry.status is Availability.DEPRECATED,
    ),
    "type_codes": coded("type_codes", lambda entry: (entry.type_code,)),
    "class_codes": coded("class_codes", lambda entry: (entry.class_code,)),
    "format_codes": coded("format_codes", lambda entry: (entry.format_code,)),
    "facility_codes": coded("facility_codes", lambda entry: (entry.facility_type,)),
    "practice_codes": coded("practice_codes", lambda entry: (entry.practice_setting,)),
    "event_codes": coded("event_codes", lambda entry: entry.events),
    "confidentiality_codes": coded("confidentiality_codes", lambda entry: entry.confidentiality),
    "authors": by_author,
    "created_from": bounded("created_from", lambda entry: entry.creation_time),
    "created_to": bounded("created_to", lambda entry: entry.creation_time),
    "service_from": bounded("service_from", lambda entry: entry.service_start),
    "service_to": bounded("service_to", lambda entry: entry.service_start),
    "service_stop_from": bounded("service_stop_from", lambda entry: entry.service_stop),
    "service_stop_to": bounded("service_stop_to", lambda entry: entry.service_stop),
}


def test_none_is_forgotten() -> None:
    assert set(RULES) == {field.name for field in fields(FindCriteria)}


@pytest.mark.parametrize("name", RULES)
def test_a_criterion(record: Callable[[FindCriteria], list[DocumentEntry]], name: str) -> None:
    everything = record(FindCriteria(statuses=ANY_STATUS))
    criteria, passes = RULES[name](everything)
    expected = {entry.entry_uuid for entry in everything if passes(entry)}
    assert {entry.entry_uuid for entry in record(criteria)} == expected
    assert 0 < len(expected) < len(everything)


def test_criteria_restrict_together(record: Callable[[FindCriteria], list[DocumentEntry]]) -> None:
    everything = record(FindCriteria())
    wanted = everything[-1]
    found = record(FindCriteria(type_codes=(wanted.type_code,), authors=(wanted.authors[0].person_id,)))
    assert wanted in found
    assert all(entry.type_code == wanted.type_code for entry in found)
    assert len(found) < len(record(FindCriteria(type_codes=(wanted.type_code,))))
