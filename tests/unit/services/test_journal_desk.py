"""Who sees which acts, and that an export runs nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.acts import Act, ActFamily
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.keystore import MemoryKeyStore
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.csv_cells import csv_bytes
from dmp_desktop.services.journal import JournalBook
from dmp_desktop.services.journal_desk import COLUMNS, MOST, JournalDesk
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from tests.helpers.access_world import CABINET, DOCTOR
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import AUTHOR, KEY, PATIENT

OTHER = "810001234567"


class World:
    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "a.db", KEY)
        self.journal = Journal(self.database, Seal(KEY, "journal"), KEY)
        self.clock = FakeClock()
        self.acts = ActBook(self.journal, self.clock, lambda: AUTHOR)
        self.who: SignedIn | None = SignedIn(DOCTOR, CABINET, Role.DOCTOR, AUTHOR)
        book = JournalBook(self.journal, MemoryKeyStore())
        self.desk = JournalDesk(self.journal, book, self.acts, self.clock, lambda: self.who)

    def sign_in(self, role: Role) -> None:
        self.who = SignedIn(DOCTOR, CABINET, role, AUTHOR)

    def seen(self) -> list[str]:
        return [line.record.action for line in self.desk.find().lines]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.acts.note(Act.SIGN_IN, actor=OTHER)
    world.acts.note(Act.READ, PATIENT.ins, document="2.25.1")
    world.acts.note(Act.GLASS_BROKEN, PATIENT.ins, reason="=HYPERLINK(1)")
    yield world
    world.acts.stop()
    world.database.close()


def test_a_doctor_of_the_practice_sees_all_acts_the_latest_first(world: World) -> None:
    assert world.seen() == [Act.GLASS_BROKEN, Act.READ, Act.SIGN_IN]
    assert [(line.number, line.mine) for line in world.desk.find().lines] == [(3, True), (2, True), (1, False)]


@pytest.mark.parametrize("role", [Role.REPLACEMENT, Role.TRAINEE])
def test_who_is_passing_sees_their_own(world: World, role: Role) -> None:
    world.sign_in(role)
    assert world.seen() == [Act.GLASS_BROKEN, Act.READ]
    assert world.desk.reading_refusal()
    assert world.desk.verify() == 3


def test_an_administrator_verifies_and_sees_none(world: World, tmp_path: Path) -> None:
    world.sign_in(Role.ADMINISTRATOR)
    assert world.desk.refusal() == ""
    assert world.desk.verify() == 3
    for ask in (world.desk.find, lambda: world.desk.export(tmp_path / "a.csv")):
        with pytest.raises(ContextError, match="role-reserved"):
            ask()
    assert not (tmp_path / "a.csv").exists()


def test_a_secretary_does_neither(world: World, tmp_path: Path) -> None:
    world.sign_in(Role.SECRETARY)
    assert "secrétariat" in world.desk.refusal()
    for ask in (world.desk.verify, world.desk.find, lambda: world.desk.export(tmp_path / "a.csv")):
        with pytest.raises(ContextError, match="role-reserved"):
            ask()


def test_acts_by_family_and_date(world: World) -> None:
    assert [line.record.action for line in world.desk.find(0, ActFamily.ACCESS).lines] == [Act.GLASS_BROKEN]
    world.clock.advance(timedelta(days=8).total_seconds())
    world.acts.note(Act.SIGN_OUT)
    assert [line.record.action for line in world.desk.find(7).lines] == [Act.SIGN_OUT]
    assert len(world.desk.find(30).lines) == 4


def test_a_long_journal_shows_its_last_acts(world: World) -> None:
    world.journal.append_all([JournalRecord(START, AUTHOR, Act.LIST)] * MOST)
    found = world.desk.find()
    assert (len(found.lines), found.more) == (MOST, True)
    assert found.lines[0].number == MOST + 3


def test_an_export_has_all_acts_and_runs_nothing(world: World, tmp_path: Path) -> None:
    assert world.desk.export(tmp_path / "acts.csv") == 3
    text = (tmp_path / "acts.csv").read_bytes().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert tuple(header) == COLUMNS
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert rows[2][-1] == "'=HYPERLINK(1)"
    there = dict(zip(header, rows[1], strict=True))
    assert (there["Acte"], there["Acte (code)"]) == ("Document demandé au DMP", Act.READ)
    assert (there["Résultat"], there["Résultat (code)"]) == ("fait", "done")
    assert PATIENT.ins.value not in text
    assert world.desk.export(tmp_path / "acts.jsonl") == 4, "the first export is an act"
    told = [json.loads(line) for line in (tmp_path / "acts.jsonl").read_text("utf-8").splitlines()]
    assert [one["action"] for one in told][-1] == Act.JOURNAL_EXPORTED
    assert told[2]["reason"] == "=HYPERLINK(1)"
    assert (told[1]["result"], told[1]["result_words"]) == ("done", "fait")


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    ((told,),) = list(
        csv.reader(io.StringIO(csv_bytes(("x",), [[cell]]).decode("utf-8-sig"), newline=""), delimiter=";")
    )[1:]
    assert told == f"'{cell}"


def test_numbers_stay_numbers_and_separators_stay_inside() -> None:
    assert csv_bytes(("a", "b"), [[-3, 'x;"y"\nz']]).decode("utf-8-sig") == 'a;b\r\n-3;"x;""y""\nz"\r\n'


def test_nobody_signed_in_is_the_workstation_s_own_shell(world: World) -> None:
    world.who = None
    assert len(world.seen()) == 3
    assert replace(world.desk.find().lines[0], mine=True) != world.desk.find().lines[0]
