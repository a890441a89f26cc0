"""A workstation of a later version writes to every table of the practice what this one does not know: each such row is left alone,
kept, and the rest of the round done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.domain.tray import TrayDoctor
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.services.clinic_acts import SharedActs
from dmp_desktop.services.clinic_arrivals import SharedArrivals
from dmp_desktop.services.clinic_identities import SharedIdentities
from dmp_desktop.services.clinic_journal import PracticeBook
from dmp_desktop.services.clinic_preferences import PRACTICE, SharedPreferences
from dmp_desktop.services.clinic_scans import KEPT_THERE, SharedDoctors, SharedScans
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.arrivals import SealedArrivals
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_journal import PracticeJournal
from dmp_desktop.storage.clinic_rows import Change, SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.clinic_scans import ClinicScans
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from dmp_desktop.storage.tray import TrayStore
from tests.contract.test_clinic_journal import Kept
from tests.contract.test_clinic_kinds import DAY, DESK, NUMBER, OPPOSED, SEEN, TRAITS
from tests.helpers.clock import START, FakeClock
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import AUTHOR, FINGERPRINT, KEY, PATIENT, SOURCE_ID, Everyone, built, read_metadata
from tests.helpers.postgres import PASSWORD, Cluster

ARRIVAL = Arrival("a1", DAY, Expected("TEST-PATIENTE", "Marie", date(1979, 3, 12)))
DAY_TEXT = DAY.isoformat()
UNKNOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "identity": ("p-later", {"identity": {"traits": {"ways": ["later"]}}}),
    "access": ("later", {"act": {"ins": "1", "oid": "2", "act": "later", "at": START.isoformat(), "by": ""}}),
    "arrival": (f"{DAY_TEXT}/a-later", {"expected": {"later": 1}, "steps": [{"stage": "later"}]}),
    "preference": ("", {"later": {"a": [1]}}),
    "tray-doctor": ("399700000000009", {"later": "name"}),
    "scan": ("s-later", {"scan": {"state": "later"}, "copies": 1}),
    "later-kind": ("l", {"field": 1}),
}


class Newer:
    """A SharedKind of the same name, as a later version has it."""

    keeps_history = True

    def __init__(self, name: str, row: LocalRow) -> None:
        self.name = name
        self._row = row

    def rows(self) -> list[LocalRow]:
        return [self._row]

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        del row, known
        return True


@dataclass
class Here:
    """This version, with all its kinds."""

    database: Database
    people: IdentityStore
    accesses: AccessStore
    arrivals: SealedArrivals
    preferences: PreferenceStore
    tray: TrayStore
    rows: SharedRows
    share: ClinicShare


@pytest.fixture
def server(postgres: Cluster) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(ClinicAddress.parse(postgres.database()), PASSWORD, FINGERPRINT) as database:
        yield database


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[int], Here]]:
    made: list[Here] = []

    def make(number: int) -> Here:
        key, clock = bytes([number]) * 32, FakeClock()
        database = Database.open(tmp_path / f"{number}.db", key)
        people = IdentityStore(database, Seal(key, "identity"), clock)
        accesses, arrivals = AccessStore(database, Seal(key, "access")), SealedArrivals(database, Seal(key, "a"), clock)
        preferences, tray = PreferenceStore(database, Seal(key, "p")), TrayStore(database, Seal(key, "tray"))
        rows = SharedRows(database, Seal(key, "shared"))
        kinds = (
            SharedIdentities(people),
            SharedActs(accesses),
            SharedArrivals(arrivals, lambda: DAY),
            SharedPreferences(preferences, lambda: None),
            SharedDoctors(tray),
            SharedScans(tray, clock, KEPT_THERE),
        )
        share = ClinicShare(rows, kinds, clock, lambda _kinds: None)
        made.append(Here(database, people, accesses, arrivals, preferences, tray, rows, share))
        return made[-1]

    yield make
    for one in made:
        one.database.close()


@pytest.fixture
def newer(tmp_path: Path) -> Iterator[SharedRows]:
    with Database.open(tmp_path / "newer.db", bytes(32)) as database:
        yield SharedRows(database, Seal(bytes(32), "shared"))


def test_what_a_later_version_shares_stops_nothing_of_any_kind(
    make: Callable[[int], Here], newer: SharedRows, server: ClinicDatabase
) -> None:
    """All unknown rows come first, as known ones of each kind follow them."""
    later = [Newer(kind, LocalRow(name, values)) for kind, (name, values) in UNKNOWN.items()]
    ClinicShare(newer, later, FakeClock(), lambda _kinds: None).step(ClinicRows(server, Seal(KEY, "shared")))
    desk, doctor = make(1), make(2)
    desk.people.put(Identity(TRAITS, SEEN, NUMBER))
    desk.accesses.append(PATIENT.ins, OPPOSED)
    desk.arrivals.update(DAY, lambda _known: [ARRIVAL])
    desk.preferences.replace(PRACTICE, "usual", None, {"kind": "a"})
    desk.tray.meet(TrayDoctor(AUTHOR, "TEST-MEDECIN"))
    for _ in range(2):
        for one in (desk, doctor):
            one.share.step(ClinicRows(server, Seal(KEY, "shared")))
    assert [one.person for one in doctor.people.with_matricule(NUMBER.value)]
    assert doctor.accesses.latest_act(PATIENT.ins, [AccessAct.FEEDING_OPPOSED]) is AccessAct.FEEDING_OPPOSED
    assert [one.arrival_id for one in doctor.arrivals.of(DAY).arrivals] == ["a1"]
    assert doctor.preferences.get(PRACTICE, "usual") == {"kind": "a"}
    assert [one.national_id for one in doctor.tray.doctors()] == [AUTHOR]
    for kind, (name, values) in UNKNOWN.items():
        assert doctor.rows.row(kind, name).values == values, f"{kind} is kept as it came"
        if kind != "preference":  # a preference is whatever it is
            assert [row for row, _changes in doctor.rows.to_take(kind)] == [name], f"{kind} waits for who knows it"


def test_what_a_later_version_knows_besides_of_an_arrival_holds_nothing_back(
    make: Callable[[int], Here], newer: SharedRows, server: ClinicDatabase
) -> None:
    here, clinic = make(1), ClinicRows(server, Seal(KEY, "shared"))
    store = SealedArrivals(here.database, Seal(KEY, "other"), FakeClock())
    store.update(DAY, lambda _known: [ARRIVAL])
    [told] = SharedArrivals(store, lambda: DAY).rows()
    for minutes, place in ((0, "salle 1"), (1, "salle 2")):
        values = {**told.values, "room": place, "place": place}
        newer.say("arrival", told.name, values, DESK, START + timedelta(minutes=minutes))
        clinic.exchange(newer, START)
        here.share.step(clinic)
        assert [one.place for one in here.arrivals.of(DAY).arrivals] == [place]


def test_a_change_in_a_later_versions_own_form_waits_until_this_one_understands_it(
    make: Callable[[int], Here], newer: SharedRows, server: ClinicDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal, clinic = Seal(KEY, "shared"), ClinicRows(server, Seal(KEY, "shared"))
    newer.say("preference", f"{PRACTICE}/first", {"": 1}, "", START)
    newer.say("preference", f"{PRACTICE}/second", {"": 2}, "", START)
    clinic.exchange(newer, START)
    place = "shared/preference/"
    with server.write() as connection:
        row = connection.execute(sa.text("SELECT change, sealed FROM shared_change ORDER BY number LIMIT 1")).one()
        clear = json.loads(seal.open(bytes(row.sealed), place + row.change))
        closed = json.dumps({"form": 2, "told": clear}).encode()
        told = {"sealed": seal.seal(closed, place + row.change), "change": row.change}
        connection.execute(sa.text("UPDATE shared_change SET sealed = :sealed WHERE change = :change"), told)
    here = make(1)
    here.share.step(clinic)
    assert [here.preferences.get(PRACTICE, name) for name in ("first", "second")] == [None, 2]
    known = Change.unpacked
    monkeypatch.setattr(  # the later version, on this disk
        Change, "unpacked", lambda change, kind, until, content: known(change, kind, until, form(content))
    )
    share = ClinicShare(
        here.rows, (SharedPreferences(here.preferences, lambda: None),), FakeClock(), lambda _kinds: None
    )
    share.step(clinic)
    assert here.preferences.get(PRACTICE, "first") == 1


def form(content: bytes) -> bytes:
    told = json.loads(content)
    return json.dumps(told.get("told", told)).encode()


def test_a_document_a_later_version_keeps_otherwise_does_not_hold_up_those_behind_it(server: ClinicDatabase) -> None:
    store = OutboxStore(server, Seal(KEY, "outbox"))
    subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
    numbers = [
        store.add(NewItem(f"2.25.{one}", f"2.25.9{one}", AUTHOR, subject, built(one).cda), START, START).id
        for one in (1, 2)
    ]
    with server.write() as connection:
        connection.execute(sa.text("UPDATE outbox SET waiting_for = 'later' WHERE id = :id"), {"id": numbers[0]})
    assert store.due(START) == [(AUTHOR, numbers[1])]
    assert [item.id for item in store.items()] == [numbers[1]]
    with server.read() as connection:
        kept = connection.execute(sa.text("SELECT state, waiting_for, code FROM outbox ORDER BY id LIMIT 1")).one()
    assert tuple(kept) == ("waiting", "later", ""), "it is left as it was"


def test_a_lot_a_later_version_keeps_otherwise_in_part_is_left_to_it_whole(server: ClinicDatabase) -> None:
    store, dmp = OutboxStore(server, Seal(KEY, "outbox")), FakeDmpRepository()
    subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
    lot = [NewItem(f"2.25.{one}", "2.25.9", AUTHOR, subject, built(one).cda, lot="2.25.9") for one in (1, 2)]
    first, second = store.add_lot(lot, START, START)
    alone = store.add(NewItem("2.25.3", "2.25.93", AUTHOR, subject, built(3).cda), START, START)
    with server.write() as connection:
        connection.execute(sa.text("UPDATE outbox SET waiting_for = 'later' WHERE id = :id"), {"id": second.id})
    sending = OutboxService(
        store,
        lambda _author: dmp,
        read_metadata,
        source_id=SOURCE_ID,
        clock=FakeClock(),
        entropy=SystemEntropy(),
        liveness=Everyone(),
    )
    sending.deliver_due()
    assert [entry.unique_id for entry, _cda in dmp.registered] == ["2.25.3"]
    assert store.get(alone.id).state is OutboxState.SENT
    assert (store.get(first.id).state, store.get(first.id).in_doubt) == (OutboxState.WAITING, False)


@dataclass(frozen=True)
class LaterRecord(JournalRecord):
    room: str = ""


def test_an_act_a_later_version_noted_is_verified_and_exported_as_it_says_it(
    tmp_path: Path, server: ClinicDatabase
) -> None:
    journal = PracticeJournal(server, KEY)
    known = JournalRecord(START, AUTHOR, "send", result="sent")
    journal.append("later", 0, [LaterRecord(START, AUTHOR, "later-act", room="2"), known])
    with Database.open(tmp_path / "a.db", KEY) as database:
        book = PracticeBook(Journal(database, Seal(KEY, "journal"), KEY), Kept(), lambda: journal, lambda: None)
        assert book.verify()["later"][0] == 2
        first, second = (json.loads(line) for line in book.lines())
    assert (first["action"], first["room"], first["number"]) == ("later-act", "2", 1)
    assert second["action_words"] != "send"


def test_a_part_of_a_scan_a_later_version_put_there_bars_no_other(server: ClinicDatabase) -> None:
    scans = ClinicScans(server, Seal(KEY, "scan"))
    scans.put("s1/later-part", b"unknown", START + KEPT_THERE)
    scans.put("s1/pdf", b"%PDF", START + KEPT_THERE)
    assert scans.lacking(["s1/pdf", "s1/text"]) == ["s1/text"]
    scans.forget(["s1/pdf"], START)
    assert (scans.get("s1/pdf"), scans.get("s1/later-part")) == (None, b"unknown")
