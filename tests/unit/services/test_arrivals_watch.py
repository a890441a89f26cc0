"""Agendas that another program writes: taken once whole, again when they change, never touched, none barring another."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.exchange.agenda import MAX_BYTES
from dmp_desktop.exchange.context import patient_to_dict
from dmp_desktop.services.arrivals_watch import NEXT_PATIENTS, PATIENCE, WatchedAgendas
from tests.helpers.arrivals import Counter, counter
from tests.helpers.outbox import PATIENT

AGENDA = "Heure;Nom;Prénom\n9:00;TEST-A;Léa\n9:20;TEST-B;Noé\n"


class Desk:
    def __init__(self, folder: Path, counter: Counter) -> None:
        self.folder, self.counter = folder, counter
        self.watched = WatchedAgendas(folder, counter.arrivals)
        self.ticks = 0

    def write(self, content: str | bytes, name: str = "agenda.csv", *, late: timedelta = timedelta(0)) -> Path:
        """As of the list's own time: each write is another file."""
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.ticks += 1
        at = (self.counter.clock.now() - late).timestamp() + self.ticks
        os.utime(file, (at, at))
        return file

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.watched.look()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with counter(tmp_path) as here:
        yield Desk(tmp_path, here)


def test_it_is_taken_once_it_stays_as_it_is_and_stays_untouched(desk: Desk) -> None:
    file = desk.write(AGENDA)
    before = file.stat()
    desk.look(1)
    assert desk.counter.names == []
    desk.look(1)
    assert desk.counter.names == ["TEST-A", "TEST-B"]
    assert file.read_text() == AGENDA
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    (told,) = desk.watched.told
    assert (told.name, told.taken.added) == ("agenda.csv", 2)


def test_half_a_file_withdraws_nobody_and_the_whole_one_does(desk: Desk) -> None:
    desk.write(AGENDA)
    desk.look()
    desk.write(AGENDA[:40])
    desk.look(1)
    assert not any(one.withdrawn for one in desk.counter.listed)
    desk.write("Heure;Nom;Prénom\n9:00;TEST-A;Léa\n")
    desk.look()
    assert [one.expected.family for one in desk.counter.listed if one.withdrawn] == ["TEST-B"]


def test_a_file_that_never_rests_is_not_waited_for_for_ever(desk: Desk) -> None:
    desk.write(AGENDA)
    desk.look()
    for number in range(PATIENCE):
        desk.write(f"Heure;Nom;Prénom\n9:40;TEST-C;Lou{'x' * number}\n")
        desk.look(1)
    assert desk.counter.names == ["TEST-A", "TEST-B", "TEST-C"]
    assert not any(one.withdrawn for one in desk.counter.listed)


def test_a_list_of_yesterday_is_of_nobody_who_is_coming(desk: Desk) -> None:
    desk.write(AGENDA, late=timedelta(days=1))
    desk.look()
    assert desk.counter.names == []


@pytest.mark.parametrize("untrusted", [b"{", b"\xff\xfe\x00", b"x" * (MAX_BYTES + 1), b"a;b\n1;2"])
def test_one_that_cannot_be_used_changes_nothing_bars_no_other_and_is_told(
    desk: Desk, untrusted: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    desk.write(AGENDA)
    desk.look()
    desk.write(untrusted)
    desk.write("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:TEST-I Léa\nDTSTART:20261120T100000\nEND:VEVENT\n", "agenda.ics")
    desk.look(4)
    assert sorted(desk.counter.names) == ["TEST-A", "TEST-B", "TEST-I"]
    assert {told.name: bool(told.error) for told in desk.watched.told} == {"agenda.csv": True, "agenda.ics": False}
    assert caplog.text.count("agenda:") == 1
    assert "TEST" not in caplog.text
    desk.write(AGENDA)
    desk.look()
    assert not any(told.error for told in desk.watched.told)


def test_a_file_out_of_reach_is_told_and_taken_later(desk: Desk) -> None:
    (desk.folder / "agenda.csv").mkdir()
    desk.look()
    assert [told.error.code for told in desk.watched.told if told.error] == ["agenda-unreadable"]
    (desk.folder / "agenda.csv").rmdir()
    desk.write(AGENDA)
    desk.look()
    assert desk.counter.names == ["TEST-A", "TEST-B"]


def test_the_list_of_next_patients_is_one_of_them(desk: Desk) -> None:
    wrong = patient_to_dict(PATIENT) | {"birth_date": "hier"}
    listed = {"patients": [wrong, patient_to_dict(PATIENT)], "professional": {"rpps": "10002422979"}}
    desk.write(json.dumps(listed), NEXT_PATIENTS)
    desk.look()
    (one,) = desk.counter.listed
    assert (one.expected.patient, one.expected.rpps) == (PATIENT, "10002422979")
    (told,) = desk.watched.told
    assert [refused.number for refused in told.taken.refused] == [1]
