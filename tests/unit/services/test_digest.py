"""What is new: by others, since my last document, in local time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from dmp_desktop.domain.documents import Author, Code, DocumentEntry
from dmp_desktop.services.digest import DigestService, category, local_date
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import PATIENT

ME, OTHER = "810002422979", "801234567897"


def entry(
    number: int, day: str, author: str = OTHER, type_code: str = "11502-2", class_code: str = "10"
) -> DocumentEntry:
    return DocumentEntry(
        f"2.25.{number}",
        f"Document {number}",
        Code(type_code, "2.16.840.1.113883.6.1"),
        Code(class_code, "1.2.250.1.213.1.1.4.1"),
        Code("f", "s"),
        datetime.fromisoformat(day).replace(tzinfo=UTC),
        authors=(Author("PETIT", "Luc", author),),
    )


def digest(*entries: DocumentEntry):  # type: ignore[no-untyped-def]
    return DigestService(lambda: ME, FakeClock()).digest(PATIENT, entries)


def test_what_others_deposited_since_my_last_document() -> None:
    found = digest(
        entry(1, "2026-03-01"),
        entry(2, "2026-03-12", ME),
        entry(3, "2026-10-27", class_code="42", type_code="x"),
        entry(4, "2026-11-02"),
    )
    assert found.since == date(2026, 3, 12)
    assert [line.entry.unique_id for line in found.lines if line.entry] == ["2.25.4", "2.25.3"]
    assert found.counts == {"Biologie": 1, "Prescription": 1}
    assert [line.icon for line in found.lines] == ["lab", "pill"]


def test_a_first_visit_shows_two_years() -> None:
    found = digest(entry(1, "2024-11-01"), entry(2, "2024-12-01"))
    assert found.since is None
    assert [line.entry.unique_id for line in found.lines if line.entry] == ["2.25.2"]


def test_nothing_new() -> None:
    assert digest(entry(1, "2026-11-01", ME)).lines == ()


def test_a_type_nobody_knows_is_still_listed() -> None:
    assert category(entry(1, "2026-01-01", type_code="?", class_code="?"))[1] == "Autre document"


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        ("Europe/Paris", datetime(2026, 11, 1, 23, 30, tzinfo=UTC), date(2026, 11, 2)),
        ("Europe/Paris", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), date(2026, 7, 2)),
        ("America/Martinique", datetime(2026, 7, 1, 2, 30, tzinfo=UTC), date(2026, 6, 30)),
        ("Indian/Reunion", datetime(2026, 7, 1, 21, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_dates_are_those_of_the_workstation(
    monkeypatch: pytest.MonkeyPatch, zone: str, moment: datetime, expected: date
) -> None:
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        assert local_date(moment) == expected
    time.tzset()
