"""One tray for two workstations over a real PostgreSQL: scanned at the desk, validated at the doctor's, sent once; cut anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.tray import Part, Reason, Scan, ScanState, TrayDoctor
from dmp_desktop.errors import ContextError
from dmp_desktop.services import clinic_scans
from dmp_desktop.services.clinic_scans import SharedDoctors, SharedScans
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.services.tray_sending import OTHERS_ANSWER, TraySending
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.clinic_scans import ClinicScans
from dmp_desktop.storage.sealing import Seal
from tests.helpers.breaking import Breaking, Cut
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import FINGERPRINT, KEY, PATIENT
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.tray_desk import AUTHOR, DAY, DOCTOR, REPORT, SECRETARY, Practice, Preparation

KEPT = timedelta(days=30)


@dataclass
class Station:
    """A workstation with its tray, its outbox and what it shares."""

    room: Practice
    rows: SharedRows
    scans: SharedScans
    share: ClinicShare
    server: ClinicRows
    parts: ClinicScans

    def look(self) -> None:
        """As the clinic's thread does (wiring/clinic.py)."""
        self.share.step(self.server)
        if self.scans.bring(self.parts):
            self.share.take()

    def again(self) -> None:
        """As a program that was killed and began again: what it had in memory is gone."""
        store, clock = self.room.rows, self.room.clock
        self.scans = SharedScans(store, clock, KEPT)
        self.share = ClinicShare(self.rows, (SharedDoctors(store), self.scans), clock, lambda _kinds: None)

    @property
    def only(self) -> Scan:
        [scan], damaged = self.room.rows.scans()
        assert damaged == 0
        return scan

    def of(self, part: Part) -> bytes | None:
        return self.room.rows.part(self.only.id, part)


@pytest.fixture
def server(postgres: Cluster) -> Iterator[ClinicDatabase]:
    with ClinicDatabase.open(ClinicAddress.parse(postgres.database()), PASSWORD, FINGERPRINT) as database:
        yield database


@pytest.fixture
def make(tmp_path: Path, server: ClinicDatabase) -> Iterator[Callable[[str], Station]]:
    made: list[Station] = []
    dmp = FakeDmpRepository(refuse_duplicates=True)

    def station(name: str) -> Station:
        place = tmp_path / name
        place.mkdir()
        room = Practice(place)
        room.dmp = dmp
        room.sending = TraySending(room.rows, room.outbox, room.clock, lambda: room.who, room._note, name)
        rows = SharedRows(room.desk.database, Seal(KEY, "shared"))
        one = Station(
            room,
            rows,
            None,  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            ClinicRows(server, Seal(KEY, "shared")),
            ClinicScans(server, Seal(KEY, "scan")),
        )
        one.again()
        made.append(one)
        return one

    yield station
    for one in made:
        one.room.close()


@pytest.fixture
def desk(make: Callable[[str], Station]) -> Station:
    return make("accueil")


@pytest.fixture
def doctor(make: Callable[[str], Station]) -> Station:
    one = make("medecin")
    one.room.who = DOCTOR
    return one


def meet(*stations: Station) -> None:
    for _ in range(2):
        for one in stations:
            one.look()


def test_scanned_at_the_desk_validated_at_the_doctors_and_sent_from_there_once(
    desk: Station, doctor: Station, server: ClinicDatabase
) -> None:
    prepared = desk.room.prepared()
    meet(desk, doctor)
    assert (doctor.only.state, doctor.only.patient) == (ScanState.TO_VALIDATE, PATIENT)
    assert doctor.room.service.pages(doctor.only) == desk.of(Part.PDF)
    assert doctor.of(Part.FILE) is None, "the file stays where it was scanned"
    with server.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, sealed FROM shared_scan_part").all()
    assert len(rows) == 2
    assert not [row for row in rows if b"%PDF" in bytes(row.sealed) or prepared.id in row.name]
    doctor.room.service.validate(doctor.only)
    meet(doctor, desk)
    assert (desk.only.state, desk.only.unique_id) == (ScanState.VALIDATED, doctor.only.unique_id)
    assert desk.of(Part.CDA) == doctor.of(Part.CDA)
    assert doctor.room.sending.send([doctor.only]).queued == 1
    meet(doctor, desk)
    [leaving] = desk.room.sending.leaving()
    assert (leaving.item, leaving.stopped) == (None, False), "the other workstation tells what becomes of it"
    with pytest.raises(ContextError, match="scan-elsewhere"):
        desk.room.sending.take_back(desk.only)
    doctor.room.deliver()
    assert doctor.room.sending.settle()
    meet(doctor, desk)
    assert desk.only.state is ScanState.SENT
    assert len(doctor.room.dmp.registered) == 1
    with server.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM shared_scan_part").scalar_one() == 0


def test_what_is_validated_at_the_doctors_may_be_sent_by_the_desk(desk: Station, doctor: Station) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    doctor.room.service.validate(doctor.only)
    meet(doctor, desk)
    desk.room.who = SECRETARY
    assert desk.room.sending.send([desk.only]).queued == 1
    meet(desk, doctor)
    assert doctor.room.sending.send([doctor.only]).queued == 0, "it is on its way already"
    desk.room.deliver()
    desk.room.sending.settle()
    meet(desk, doctor)
    assert doctor.only.state is ScanState.SENT
    assert len(desk.room.dmp.registered) == 1


def test_validated_and_sent_on_two_that_do_not_hear_each_other_it_is_in_the_dmp_once(
    desk: Station, doctor: Station
) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    for one in (desk, doctor):
        one.room.who = DOCTOR
        one.room.service.validate(one.only)
        assert one.room.sending.send([one.only]).queued == 1
        one.room.deliver()
        one.room.sending.settle()
    assert desk.only.unique_id == doctor.only.unique_id
    assert len(doctor.room.dmp.registered) == 1
    meet(desk, doctor, desk)
    assert [one.only.state for one in (desk, doctor)] == [ScanState.SENT] * 2


def test_a_document_that_was_made_or_left_is_not_forgotten_for_what_another_did_meanwhile(
    desk: Station, doctor: Station
) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    doctor.room.service.validate(doctor.only)
    doctor.room.sending.send([doctor.only])
    doctor.room.deliver()
    doctor.room.sending.settle()
    doctor.look()
    desk.room.service.discard(desk.only)  # without having heard it, and later
    doctor.room.clock.advance(60)
    desk.room.clock.advance(120)
    meet(desk, doctor, desk)
    assert [one.only.state for one in (desk, doctor)] == [ScanState.SENT] * 2
    assert [item.state for item in doctor.room.outbox.items()] == [OutboxState.SENT]


def test_what_changes_here_while_others_are_heard_is_not_written_over(desk: Station, doctor: Station) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    doctor.room.service.prepare(doctor.only, Preparation(PATIENT, REPORT, DAY - timedelta(days=1), AUTHOR))
    doctor.look()

    class Meanwhile(ClinicRows):
        def exchange(self, local: SharedRows, now: datetime) -> int:
            came = super().exchange(local, now)
            desk.room.service.discard(desk.only)
            return came

    desk.share.step(Meanwhile(desk.server._database, desk.server._seal))
    assert desk.only.state is ScanState.DISCARDED
    meet(desk, doctor, desk)
    assert desk.only == replace(doctor.only, revision=desk.only.revision)


def test_what_was_cancelled_here_does_not_call_back_what_another_sends(desk: Station, doctor: Station) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    doctor.room.service.validate(doctor.only)
    doctor.room.sending.send([doctor.only])
    doctor.room.outbox.cancel(doctor.room.item(doctor.only).id)
    doctor.room.sending.settle()
    assert doctor.only.state is ScanState.VALIDATED
    meet(doctor, desk)
    desk.room.who = SECRETARY
    assert desk.room.sending.send([desk.only]).queued == 1
    meet(desk, doctor)
    assert not doctor.room.sending.settle()
    assert doctor.only.state is ScanState.QUEUED


def test_given_back_it_is_at_the_desk_without_its_document(desk: Station, doctor: Station) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    doctor.room.service.validate(doctor.only)
    meet(doctor, desk)
    former = desk.only.unique_id
    doctor.room.service.give_back(doctor.only, Reason.WRONG_PATIENT)
    meet(doctor, desk)
    assert (desk.only.state, desk.only.patient, desk.only.unique_id) == (ScanState.TO_PREPARE, None, "")
    assert desk.of(Part.CDA) is None
    assert desk.only.made == 1
    desk.room.who = SECRETARY
    desk.room.service.prepare(desk.only, Preparation(PATIENT, REPORT, DAY, AUTHOR))
    meet(desk, doctor)
    assert doctor.room.service.validate(doctor.only).unique_id not in ("", former)


def test_the_very_same_file_scanned_on_both_is_there_twice_and_lost_on_none(desk: Station, doctor: Station) -> None:
    desk.room.scanned()
    doctor.room.scanned()
    meet(desk, doctor)
    assert [len(one.room.rows.scans()[0]) for one in (desk, doctor)] == [2, 2]
    for scan in desk.room.rows.scans()[0]:
        desk.room.service.discard(scan)
    meet(desk, doctor)
    assert {one.state for one in doctor.room.rows.scans()[0]} == {ScanState.DISCARDED}


def test_what_is_damaged_on_one_holds_nothing_else_up(desk: Station, doctor: Station) -> None:
    first = desk.room.prepared(1)
    meet(desk, doctor)
    with doctor.room.desk.database.write() as connection:
        connection.exec_driver_sql("UPDATE scan SET sealed = zeroblob(length(sealed))")
    desk.room.service.discard(desk.room.now(first))
    second, third = desk.room.prepared(2), desk.room.prepared(3)
    with desk.room.desk.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE scan_part SET sealed = zeroblob(length(sealed)) WHERE scan_id = ?", (second.id,)
        )
    meet(desk, doctor)
    found, damaged = doctor.room.rows.scans()
    assert ([scan.id for scan in found], damaged) == ([third.id], 1)


def test_who_signs_in_on_one_may_be_given_scans_on_the_other(desk: Station, doctor: Station) -> None:
    new = TrayDoctor("810009999999", "Dr TEST-NOUVEAU")
    doctor.room.rows.meet(new)
    meet(doctor, desk)
    assert new in desk.room.rows.doctors()


def test_too_large_for_the_server_it_stays_where_it_was_scanned(
    desk: Station, doctor: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clinic_scans, "MOST", 10)
    desk.room.prepared()
    meet(desk, doctor)
    assert doctor.room.rows.scans() == ([], 0)
    assert desk.only.state is ScanState.TO_VALIDATE
    monkeypatch.undo()
    meet(desk, doctor)
    assert doctor.only.state is ScanState.TO_VALIDATE


def test_a_workstation_gone_for_good_keeps_nothing_from_being_sent(desk: Station, doctor: Station) -> None:
    desk.room.prepared()
    meet(desk, doctor)
    doctor.room.service.validate(doctor.only)
    kept = doctor.room.rows.change(  # cut between the mark and the outbox, and never seen again
        _queued(doctor.only, "medecin")
    )
    assert kept is not None
    meet(doctor, desk)
    desk.room.who = SECRETARY
    desk.room.clock.advance(OTHERS_ANSWER.total_seconds() + 1)
    [leaving] = desk.room.sending.leaving()
    assert leaving.stopped
    desk.room.sending.retry(desk.only)
    desk.room.deliver()
    desk.room.sending.settle()
    assert (desk.only.state, len(desk.room.dmp.registered)) == (ScanState.SENT, 1)


def _queued(scan: Scan, station: str) -> Scan:
    return replace(scan, state=ScanState.QUEUED, queued_by=DOCTOR.national_id, queued_from=station)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("who", ["desk", "doctor"])
@pytest.mark.parametrize("side", ["here", "server"])
def test_cut_at_any_write_of_any_round_nothing_is_lost_or_doubled(
    desk: Station, doctor: Station, server: ClinicDatabase, who: str, side: str, before: bool
) -> None:
    """Each write of a whole way from the desk to the doctor's list and back is the last one of a process, once."""
    desk.room.prepared()
    victim = desk if who == "desk" else doctor
    cuts = 0
    for at in range(1, 8):
        store = victim.rows._database if side == "here" else server
        breaking = Breaking(store, at, before=before)
        _between(victim, side, breaking)
        with suppress(Cut):
            for one in (desk, doctor, victim):
                one.look()
        cuts += breaking._left <= 0
        _between(victim, side, store)
        victim.again()
    assert cuts, "nothing was cut"
    meet(desk, doctor)
    assert doctor.only.state is ScanState.TO_VALIDATE
    doctor.room.service.validate(doctor.only)
    meet(doctor, desk)
    assert desk.of(Part.CDA) == doctor.of(Part.CDA) is not None
    doctor.room.sending.send([doctor.only])
    doctor.room.deliver()
    doctor.room.sending.settle()
    meet(doctor, desk)
    assert (desk.only.state, len(doctor.room.dmp.registered)) == (ScanState.SENT, 1)


def _between(station: Station, side: str, store: object) -> None:
    if side == "here":
        station.rows._database = store  # type: ignore[assignment]
        station.room.rows._database = store  # type: ignore[assignment]
    else:
        station.server._database = station.parts._database = store  # type: ignore[assignment]


def test_what_was_received_comes_with_its_origin_and_is_filed_at_the_doctors(desk: Station, doctor: Station) -> None:
    segments = (
        r"MSH|^~\&|SIL|LABO TEST|CAB|X|20261101100500||ORU^R01|1|P|2.5",
        f"PID|1||{PATIENT.ins.value}^^^X&{PATIENT.ins.oid}&ISO^INS||TEST-A^ZOE^^^^^L||19790312|F|||1 rue Haute^^Dolancourt^^10200",
        "OBX|1|NM|A^Sodium^L||128|mmol/L|||||P",
    )
    desk.room.desk.receive("a.hl7", "\r".join(segments).encode())
    assert desk.room.desk.settle_received() == 1
    desk.room.who = SECRETARY
    desk.room.service.prepare(desk.only, Preparation(PATIENT, REPORT, DAY, AUTHOR))
    meet(desk, doctor)
    assert doctor.only.origin == desk.only.origin
    assert doctor.only.origin is not None
    assert doctor.of(Part.PDF) == desk.of(Part.PDF)
    doctor.room.who = DOCTOR
    doctor.room.service.file(doctor.only)
    meet(doctor, desk)
    assert (desk.only.state, doctor.only.state) == (ScanState.FILED, ScanState.FILED)
