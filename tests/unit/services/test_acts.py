"""Every act of the table reaches the journal: what the program does is driven, and one that is not written fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

import dmp_desktop
from dmp_desktop.dmp.vihf import Caller
from dmp_desktop.domain.access import AccessMode, AuthenticationMode, AuthorisationFilter, DossierDate, PersonQuery
from dmp_desktop.domain.acts import ACTS, FAMILIES, Act, family_of, label_of
from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.domain.dmp_ports import Dmp
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.ports import ClientIdentity, FindCriteria, Transport
from dmp_desktop.errors import CardError, ContextError, DmpError, StorageError
from dmp_desktop.platform.settings import Settings, SettingsFile
from dmp_desktop.services.acts import BY_RIGHT, ActBook, Opened
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.services.traced_dmp import TracedDmp, traced
from dmp_desktop.services.traced_settings import TracedSettings
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.sealing import Seal
from tests.helpers.access_world import CABINET, DOCTOR, ModalDmp
from tests.helpers.clock import START, FakeClock, SeededEntropy
from tests.helpers.fake_repository import Fault
from tests.helpers.outbox import AUTHOR, INS, KEY, PATIENT, SOURCE_ID, Everyone, built, open_store, read_metadata
from tests.helpers.session_desk import DUPONT, LILAS, CpsActivity, PracticeRoom

NOW = timedelta(0)
PROGRAM = Path(dmp_desktop.__file__).parent


class World:
    """A real journal, and the DMP in memory behind what traces it."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.database = Database.open(folder / "a.db", KEY)
        self.journal = Journal(self.database, Seal(KEY, "journal"), KEY)
        self.actor: str | None = AUTHOR
        self.acts = ActBook(self.journal, self.clock, lambda: self.actor)
        self.memory = ModalDmp()
        self.dmp = TracedDmp(cast("Dmp", self.memory), self.acts, AUTHOR, "DIRECTE:00")
        self.folder = folder

    def written(self) -> list[JournalRecord]:
        self.acts.flush()
        return list(self.journal.records())

    def names(self) -> list[str]:
        return [record.action for record in self.written()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.acts.stop()
    world.database.close()


def test_every_act_has_its_line_and_is_noted_somewhere() -> None:
    """`Act.NAME` in the program, or the same name among those of an access. A new act that nothing writes fails."""
    assert set(ACTS) == set(Act)
    assert {line.family for line in ACTS.values()} == set(FAMILIES)
    sources = [file for file in PROGRAM.rglob("*.py") if file.name != "acts.py" or file.parent.name != "domain"]
    used = {name for file in sources for name in re.findall(r"\bAct\.([A-Z_]+)", file.read_text("utf-8"))}
    missing = {act.name for act in Act} - used - {Act(one.value).name for one in AccessAct}
    assert missing == set()
    assert label_of("of a later version") == "of a later version"
    assert family_of("of a later version") is None


def test_every_transaction_of_the_record_is_an_act(world: World) -> None:
    dmp, patient = world.dmp, PATIENT.ins
    (entry, _bytes) = world.memory.registered[0]
    dmp.status(patient)
    list(dmp.find(patient, FindCriteria()))
    dmp.retrieve(patient, entry)
    dmp.administrative(patient)
    dmp.set_visibility(patient, entry, frozenset({Visibility.MASQUE_PS}))
    for status in (Availability.ARCHIVED, Availability.APPROVED, Availability.DELETED):
        dmp.set_status(patient, entry, status)
    dmp.in_mode(AccessMode.CENTRE_15).search_person(cast("PersonQuery", None))
    records = world.written()
    assert [record.action for record in records] == [
        Act.RECORD_STATUS, Act.LIST, Act.READ, Act.ADMINISTRATIVE, Act.VISIBILITY, Act.ARCHIVE, Act.RESTORE, Act.DELETE,
        Act.PERSON_SEARCH,
    ]  # fmt: skip
    assert {record.result for record in records} == {"done"}
    assert {record.actor for record in records} == {AUTHOR}
    assert {record.card for record in records} == {"DIRECTE:00"}
    assert [record.document for record in records if record.document] == [entry.unique_id] * 5
    assert (records[4].reason, records[-1].reason) == (Visibility.MASQUE_PS, AccessMode.CENTRE_15)
    assert {bool(record.patient) for record in records[:-1]} == {True}
    assert not [record for record in records if ACTS[Act(record.action)].patient and not record.patient]


def test_the_rest_of_the_wire_too(world: World) -> None:
    class Rest(ModalDmp):
        def records(self, since: object, by: object) -> list[object]:
            return []

        def professionals(self, patient: object, which: object) -> list[object]:
            raise DmpError("DMPAccessDeniedByRightsService", "Non.", "")

    dmp = TracedDmp(cast("Dmp", Rest()), world.acts, AUTHOR, "")
    dmp.records(START, next(iter(DossierDate)))
    with pytest.raises(DmpError):
        dmp.professionals(PATIENT.ins, next(iter(AuthorisationFilter)))
    told = [(record.action, record.result) for record in world.written()]
    assert told == [(Act.MY_RECORDS, "done"), (Act.PROFESSIONALS, "DMPAccessDeniedByRightsService")]


def test_a_list_that_nobody_reads_to_its_end_is_one_all_the_same(world: World) -> None:
    found = world.dmp.find(PATIENT.ins, FindCriteria())
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert [(record.action, record.result) for record in world.written()] == [(Act.LIST, "unfinished")]


def test_nothing_speaks_to_the_dmp_beside_it(world: World) -> None:
    class Identity:
        class authentication:  # noqa: N801
            certificate_der = b"a certificate"

    caller = Caller(AUTHOR, "X", CABINET.id, "SA07", (), AuthenticationMode.DIRECTE, None, cast("object", None))  # type: ignore[arg-type]
    converse = traced(lambda *_: cast("Dmp", world.memory), world.acts)
    converse(cast("Transport", None), cast("ClientIdentity", Identity()), caller).status(PATIENT.ins)
    (record,) = world.written()
    assert re.fullmatch(r"DIRECTE:[0-9a-f]{16}", record.card)


@pytest.mark.parametrize("act", AccessAct)
def test_whatever_is_traced_of_the_access_to_a_record(world: World, act: AccessAct) -> None:
    store = AccessStore(world.database, Seal(KEY, "access"))
    store.follow(world.acts.access)
    world.actor = None
    store.append(PATIENT.ins, TracedAct(act, START, AUTHOR, "Dr TEST", "a-reason", "words of the doctor"))
    (record,) = world.written()
    assert (record.action, record.actor, record.reason) == (act.value, AUTHOR, "a-reason")
    assert "words" not in repr(record)


def test_what_becomes_of_a_document_on_its_way(world: World) -> None:
    database, store = open_store(world.folder / "outbox")
    outbox = OutboxService(
        store, lambda _author: world.dmp, read_metadata, source_id=SOURCE_ID, clock=world.clock,  # type: ignore[arg-type, return-value]
        entropy=SeededEntropy(), liveness=Everyone(), acts=world.acts.outbox,
    )  # fmt: skip
    kept = outbox.enqueue(PATIENT, built(1))
    outbox.hold(kept.id)
    outbox.cancel(kept.id)
    outbox.enqueue(PATIENT, built(2), undo_delay=NOW)
    outbox.deliver_due()
    outbox.note_deleted("2.25.2")
    world.memory.faults.extend([Fault.REFUSED, Fault.UNREACHABLE])
    outbox.enqueue(PATIENT, built(3), undo_delay=NOW)
    outbox.deliver_due()
    outbox.enqueue(PATIENT, built(4), undo_delay=NOW)
    outbox.deliver_due()
    told = [(record.action, record.document, record.result) for record in world.written()]
    assert told == [
        (Act.QUEUED, "2.25.1", "done"),
        (Act.HELD, "2.25.1", "done"),
        (Act.CANCELLED, "2.25.1", "done"),
        (Act.QUEUED, "2.25.2", "done"),
        (Act.SEND, "2.25.2", "done"),
        (Act.SENT, "2.25.2", told[5][2]),
        (Act.DELETED, "2.25.2", "done"),
        (Act.QUEUED, "2.25.3", "done"),
        (Act.SEND, "2.25.3", "DMPInvalidLotSignature"),
        (Act.SEND_REFUSED, "2.25.3", "DMPInvalidLotSignature"),
        (Act.QUEUED, "2.25.4", "done"),
        (Act.SEND, "2.25.4", "unreachable"),
        (Act.WAITS, "2.25.4", "unreachable"),
    ]
    database.close()


def test_who_comes_who_leaves_and_who_is_refused(tmp_path: Path) -> None:
    told: list[tuple[str, str, str]] = []
    room = PracticeRoom(tmp_path)
    room.desk._noted = lambda act, who, result: told.append((act, who, result))
    room.know(DUPONT, CpsActivity(1, LILAS, "G15_10/SM26"))
    room.plug("A", DUPONT)
    room.give_pin("9999")
    room.give_pin("1234")
    room.pull("A")
    who = DUPONT.national_id
    assert [(act, person) for act, person, _result in told] == [
        (Act.SIGN_IN_REFUSED, who), (Act.SIGN_IN, who), (Act.SIGN_OUT, who),
    ]  # fmt: skip
    assert [result for *_rest, result in told] == [told[0][2], "doctor", "doctor"]
    assert told[0][2].startswith("card.")


def test_refusals_by_right_are_acts_and_faults_are_none(world: World) -> None:
    for code in sorted(BY_RIGHT):
        world.acts.refused(DmpError(code, "Non.", ""))
    world.acts.refused(CardError("CarteAbsente", "Votre carte n'est pas dans le lecteur."))
    world.acts.refused(StorageError("write-failed", "Non.", ""))
    assert [record.result for record in world.written()] == sorted(BY_RIGHT)
    assert {record.action for record in world.written()} == {Act.REFUSED}


def test_the_codes_of_refusals_are_those_of_the_program() -> None:
    text = "".join(file.read_text("utf-8") for file in PROGRAM.rglob("*.py") if file.name != "acts.py")
    assert {code for code in BY_RIGHT if f'"{code}"' not in text} <= {"role-reserved"}


def test_a_setting_that_changes_is_one_and_one_that_does_not_is_none(world: World) -> None:
    settings = TracedSettings(SettingsFile(world.folder / "settings.json"), world.acts, lambda: None)
    settings.save(Settings(lock_minutes=5))
    settings.save(settings.load())
    told = [(record.action, record.reason, record.result) for record in world.written()]
    assert told == [(Act.SETTINGS, "lock_minutes", "5")]


@pytest.mark.parametrize("role", [Role.REPLACEMENT, Role.TRAINEE, Role.SECRETARY])
def test_a_setting_of_the_workstation_is_changed_by_who_may_only(world: World, role: Role) -> None:
    who = SignedIn(DOCTOR, CABINET, role, AUTHOR)
    settings = TracedSettings(SettingsFile(world.folder / "settings.json"), world.acts, lambda: who)
    with pytest.raises(ContextError, match="role-reserved"):
        settings.save(Settings(lock_minutes=5))
    assert settings.load() == Settings()
    settings.save(Settings(scan_folder=str(world.folder)))  # chosen in the tray, by who scans
    assert [(record.reason, record.result) for record in world.written()] == [("scan_folder", str(world.folder))]


def test_who_opens_a_record(world: World) -> None:
    Opened(world.acts).listed(PATIENT, [])
    (record,) = world.written()
    assert (record.action, record.actor) == (Act.OPEN_RECORD, AUTHOR)
    assert INS not in repr(record)
    assert DOCTOR.family not in repr(record)


def test_what_cannot_be_written_is_kept_until_it_can(world: World) -> None:
    class Full:
        refuses = True

        def pseudonym(self, ins: str) -> str:
            return world.journal.pseudonym(ins)

        def append_all(self, records: object) -> None:
            if self.refuses:
                raise StorageError("disk-full", "Le disque est plein.", "Libérez de la place.")
            world.journal.append_all(cast("list[JournalRecord]", records))

    full = Full()
    acts = ActBook(full, world.clock, lambda: AUTHOR)
    acts.note(Act.GLASS_BROKEN, PATIENT.ins)
    acts.flush()
    assert world.names() == []
    full.refuses = False
    acts.note(Act.SPECIAL_ENDED, PATIENT.ins)
    acts.stop()
    assert world.names() == [Act.GLASS_BROKEN, Act.SPECIAL_ENDED]
    assert world.journal.verify()[0] == 2
