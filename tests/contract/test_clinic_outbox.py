"""The outbox of workstations in a clinic, on a real PostgreSQL: handed over once whatever cuts it, sent once, one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import StorageError
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_errors import unreachable
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from dmp_desktop.storage.clinic_outbox import ClinicOutbox, ClinicSide
from dmp_desktop.storage.hand_over import CLAIM
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import PUT_APART, OutboxFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store
from dmp_desktop.storage.subject import Subject
from tests.helpers.breaking import Breaking, Cut
from tests.helpers.clock import START, FakeClock
from tests.helpers.fake_repository import FakeDmpRepository, Fault
from tests.helpers.outbox import AUTHOR, FINGERPRINT, KEY, PATIENT, SOURCE_ID, Everyone, built, read_metadata
from tests.helpers.postgres import PASSWORD, Cluster

SEAL = Seal(KEY, "outbox")
LEASE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


class Workstation:
    """One of the clinic; `signed_in` says who is. Its own clock, its own file, the clinic's database."""

    def __init__(self, folder: Path, url: str, wrap: Callable[[Store], Store] = lambda store: store) -> None:
        self.address = ClinicAddress.parse(url)
        self.file = OutboxFile.of(folder / "outbox.db")
        self.opened: list[ClinicDatabase | WorkstationLiveness] = []
        self.wrap = wrap
        self.outbox = ClinicOutbox(wrap(self.file), SEAL, self.open_clinic)
        self.signed_in: set[str] = set()

    def open_clinic(self) -> ClinicSide:
        database = ClinicDatabase.open(self.address, PASSWORD, FINGERPRINT)
        self.opened.append(database)
        liveness = WorkstationLiveness(self.address, PASSWORD, SystemEntropy())
        self.opened.append(liveness)

        def check() -> None:
            with database.write(durable=False):
                liveness.ensure_held()

        return ClinicSide(OutboxStore(self.wrap(database), SEAL), liveness, check)

    def add(self, number: int) -> int:
        subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
        new = NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, subject, built(number).cda)
        return self.outbox.add(new, START, START).id

    def add_lot(self, *numbers: int) -> list[int]:
        subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
        news = [NewItem(f"2.25.{one}", "2.25.9", AUTHOR, subject, built(one).cda, lot="2.25.9") for one in numbers]
        return [item.id for item in self.outbox.add_lot(news, START, START)]

    def look(self, now: timedelta = timedelta(0)) -> int:
        """What the program does from time to time."""
        self.outbox.connect(START + now)
        return self.outbox.move(lambda author: author in self.signed_in, START + now)

    def end(self) -> None:
        for one in (*self.opened, self.file):
            one.close()

    def service(self, dmp: FakeDmpRepository, clock: FakeClock) -> OutboxService:
        return OutboxService(
            self.outbox,
            lambda author: dmp if author in self.signed_in else None,
            read_metadata,
            source_id=SOURCE_ID,
            clock=clock,
            entropy=SystemEntropy(),
            liveness=Everyone("local"),
        )


@pytest.fixture
def make(tmp_path: Path, url: str) -> Iterator[Callable[..., Workstation]]:
    made: list[Workstation] = []

    def make(name: str, wrap: Callable[[Store], Store] = lambda store: store) -> Workstation:
        (tmp_path / name).mkdir(exist_ok=True)
        made.append(Workstation(tmp_path / name, url, wrap))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def here(make: Callable[..., Workstation]) -> Workstation:
    return make("here")


@pytest.fixture
def there(make: Callable[..., Workstation]) -> Workstation:
    return make("there")


def test_what_its_author_cannot_send_from_here_is_sent_from_where_they_are(
    here: Workstation, there: Workstation
) -> None:
    here.add(1)
    assert here.look() == 1
    there.signed_in.add(AUTHOR)
    there.look()
    dmp = FakeDmpRepository()
    there.service(dmp, FakeClock()).deliver_due()
    assert [entry.unique_id for entry, _cda in dmp.registered] == ["2.25.1"]
    assert [(item.state, item.unique_id) for item in here.outbox.items()] == [(OutboxState.SENT, "2.25.1")]
    assert here.outbox.document(here.outbox.items()[0].id) == built(1).cda


def test_what_its_author_can_send_from_here_stays_here(here: Workstation) -> None:
    here.signed_in.add(AUTHOR)
    number = here.add(1)
    assert here.look() == 0
    assert here.outbox.due(START) == [(AUTHOR, number)]


def test_both_are_one_list_and_one_queue(here: Workstation) -> None:
    here.add(1)
    here.look()
    here.add(2)
    shared, local = sorted(here.outbox.items(), key=lambda item: item.id)
    assert (shared.id < 0, shared.unique_id, local.unique_id) == (True, "2.25.1", "2.25.2")
    assert here.outbox.due(START) == [(AUTHOR, local.id), (AUTHOR, shared.id)]
    assert {item.id for item in here.outbox.await_card(AUTHOR, START)} == {shared.id, local.id}
    assert [item.id for item in here.outbox.some([shared.id, local.id])] == [local.id, shared.id]
    [held] = here.outbox.hold(shared.id, START)
    assert (held.id, held.waiting_for) == (shared.id, WaitingFor.HOLD)
    assert [item.id for item in here.outbox.resume([held], START)] == [shared.id]
    assert here.outbox.cancel(shared.id, START).state is OutboxState.CANCELLED
    assert here.outbox.get(shared.id).state is OutboxState.CANCELLED


def test_what_the_clinic_sent_and_is_kept_here_once_more_does_not_leave_twice(here: Workstation) -> None:
    here.add(1)
    here.look()
    here.signed_in.add(AUTHOR)
    dmp = FakeDmpRepository()
    here.service(dmp, FakeClock()).deliver_due()
    again = here.add(1)
    assert again > 0
    here.service(dmp, FakeClock()).deliver_due()
    assert [entry.unique_id for entry, _cda in dmp.registered] == ["2.25.1"]
    assert [(item.id < 0, item.state) for item in here.outbox.items()] == [(True, OutboxState.SENT)]
    assert here.outbox.some([again]) == []


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("side", ["file", "clinic"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_hand_over_that_is_cut_anywhere_ends_once(
    make: Callable[..., Workstation], side: str, at: int, before: bool
) -> None:
    """The process ends around each of its writes; the next one finds the document once, and it can be sent."""

    def wrap(store: Store) -> Store:
        mine = isinstance(store, OutboxFile) == (side == "file")
        return Breaking(store, at, before=before) if mine else store

    first = make("here")
    first.add(1)
    first.end()
    cut = make("here", wrap)
    with suppress(Cut):
        cut.look()
    cut.end()
    again = make("here")
    again.look(SECOND)
    assert [item.unique_id for item in again.outbox.items()] == ["2.25.1"]
    with again.file.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == 0
    [(_, number)] = again.outbox.due(START + SECOND)
    claimed = again.outbox.claim(number, "me", START + SECOND, LEASE)
    assert claimed is not None
    assert not claimed[1]


def test_a_lot_is_handed_over_whole_and_leaves_in_one_deposit(here: Workstation, there: Workstation) -> None:
    here.add_lot(1, 2)
    assert here.look() == 2
    there.signed_in.add(AUTHOR)
    there.look()
    dmp = FakeDmpRepository()
    dmp.faults.append(Fault.ANSWER_LOST)
    clock = FakeClock()
    service = there.service(dmp, clock)
    service.deliver_due()
    clock.advance(600)
    service.deliver_due()
    assert [(one.unique_id, len(one.documents)) for one in dmp.submissions] == [("2.25.9", 2)]
    assert [item.state for item in here.outbox.items()] == [OutboxState.SENT] * 2


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("side", "at"), [("file", 1), ("file", 2), ("clinic", 1)])
def test_a_lot_whose_hand_over_is_cut_is_whole_somewhere(
    make: Callable[..., Workstation], side: str, at: int, before: bool
) -> None:
    def wrap(store: Store) -> Store:
        mine = isinstance(store, OutboxFile) == (side == "file")
        return Breaking(store, at, before=before) if mine else store

    first = make("here")
    first.add_lot(1, 2)
    first.end()
    cut = make("here", wrap)
    with suppress(Cut):
        cut.look()
    cut.end()
    again = make("here")
    again.look(SECOND)
    assert sorted(item.unique_id for item in again.outbox.items()) == ["2.25.1", "2.25.2"]
    [(_, number)] = again.outbox.due(START + SECOND)
    claimed = again.outbox.claim(number, "me", START + SECOND, LEASE)
    assert claimed is not None
    assert (len(claimed[0]), claimed[1]) == (2, False)


def test_of_a_lot_that_was_sent_elsewhere_in_part_the_rest_goes_over(here: Workstation) -> None:
    """One of the two was handed over before: the clinic has it, and it must not leave from here besides."""
    here.add(1)
    here.look()
    here.signed_in.add(AUTHOR)
    dmp = FakeDmpRepository()
    here.service(dmp, FakeClock()).deliver_due()
    here.add_lot(1, 2)
    here.service(dmp, FakeClock()).deliver_due()
    here.service(dmp, FakeClock()).deliver_due()
    assert [[entry.unique_id for entry, _cda in one.documents] for one in dmp.submissions] == [["2.25.1"], ["2.25.2"]]


def test_what_was_cancelled_meanwhile_is_not_put_back(make: Callable[..., Workstation], there: Workstation) -> None:
    first = make("here")
    first.add(1)
    cut = make("here", lambda store: Breaking(store, 2, before=True) if isinstance(store, OutboxFile) else store)
    with pytest.raises(Cut):
        cut.look()
    there.look()
    there.outbox.cancel(there.outbox.items()[0].id, START)
    first.look(SECOND)
    assert [item.state for item in there.outbox.items()] == [OutboxState.CANCELLED]


def test_without_the_server_what_is_here_goes_on_and_the_rest_comes_back(here: Workstation, postgres: Cluster) -> None:
    here.add(1)
    here.look()
    dmp = FakeDmpRepository()
    here.signed_in.add(AUTHOR)
    postgres.stop()
    try:
        here.add(2)
        here.service(dmp, FakeClock()).deliver_due()
        assert [entry.unique_id for entry, _cda in dmp.registered] == ["2.25.2"]
        assert not here.outbox.connected
        with pytest.raises(StorageError) as caught:
            here.look()
        assert caught.value.code == "clinic-unreachable"
    finally:
        postgres.start()
    here.look()
    here.service(dmp, FakeClock()).deliver_due()
    assert [entry.unique_id for entry, _cda in dmp.registered] == ["2.25.2", "2.25.1"]
    assert {item.state for item in here.outbox.items()} == {OutboxState.SENT}


def test_what_became_of_a_try_is_told_when_the_server_is_back(here: Workstation, postgres: Cluster) -> None:
    here.add(1)
    here.look()
    shared = here.outbox.items()[0]
    assert here.outbox.claim(shared.id, "me", START, LEASE)
    postgres.stop()
    sent = Outcome(OutboxState.SENT, proof="urn:uuid:1")
    assert here.outbox.settle({shared.id: sent}, "me", START) == []
    postgres.start()
    here.outbox.connect(START)
    assert (here.outbox.get(shared.id).state, here.outbox.get(shared.id).proof) == (OutboxState.SENT, "urn:uuid:1")


def test_a_workstation_that_died_leaves_what_it_sent_in_doubt_to_the_others(
    here: Workstation, there: Workstation
) -> None:
    here.add(1)
    here.look()
    there.look()
    shared = here.outbox.items()[0].id
    assert here.outbox.claim(shared, "me", START, LEASE)
    assert there.outbox.release(lambda _owner: False, START) == []
    here.end()
    released: list[bool] = []
    while not released:  # the server hears of it by the kernel, a moment later
        released = [item.in_doubt for item in there.outbox.release(lambda _owner: False, START)]
    assert released == [True]


def test_a_hand_over_to_a_server_that_never_comes_back_ends_here_in_doubt(make: Callable[..., Workstation]) -> None:
    first = make("here")
    number = first.add(1)
    cut = make("here", lambda store: Breaking(store, 1, before=True) if isinstance(store, ClinicDatabase) else store)
    with pytest.raises(Cut):
        cut.look()
    assert first.outbox.release(lambda _owner: False, START + CLAIM - SECOND) == []
    assert [(item.id, item.in_doubt) for item in first.outbox.release(lambda _owner: False, START + CLAIM)] == [
        (number, True)
    ]


def take(workstation: Workstation, now: timedelta = timedelta(0)) -> OutboxService:
    """One whose author is signed in, over a DMP of its own, and what it waits for already looked at."""
    workstation.signed_in.add(AUTHOR)
    workstation.outbox.connect(START + now)
    return workstation.service(FakeDmpRepository(), FakeClock(START + now))


class Severing:
    """A clinic's outbox whose server is stopped when a document is read from it, and started again by `mend`."""

    def __init__(self, outbox: ClinicOutbox, postgres: Cluster) -> None:
        self._read, self._postgres = outbox.document, postgres
        outbox.document = self._document  # type: ignore[method-assign] # the moment of a cut, on the real server

    def _document(self, item_id: int) -> bytes:
        self._postgres.stop()
        return self._read(item_id)


def test_a_server_cut_between_claim_and_deposit_refuses_nothing_and_is_told_later(
    here: Workstation, there: Workstation, postgres: Cluster
) -> None:
    here.add(1)
    here.look()
    service = take(there)
    Severing(there.outbox, postgres)
    try:
        service.deliver_due()
        assert there.outbox.untold == 1
    finally:
        postgres.start()
    there.outbox.connect(START)
    there.outbox.connect(START)
    assert there.outbox.untold == 0
    [item] = there.outbox.items()
    assert (item.state, item.in_doubt, item.code) == (OutboxState.WAITING, False, "clinic-unreachable")
    del there.outbox.document  # type: ignore[attr-defined]
    dmp = FakeDmpRepository()
    clock = FakeClock()
    clock.advance(600)
    there.service(dmp, clock).deliver_due()
    assert [entry.unique_id for entry, _cda in dmp.registered] == ["2.25.1"]


class Unheard:
    """A clinic's database that goes while it says that a write is on its disk, once it is `armed`."""

    armed = False

    def __init__(self, store: Store) -> None:
        self._store, self.read = store, store.read

    @contextmanager
    def write(self, *, durable: bool = True, lock: str = "") -> Iterator[sa.Connection]:
        with self._store.write(durable=durable, lock=lock) as connection:
            yield connection
        if self.armed:
            self.armed = False
            raise unreachable()


@pytest.mark.parametrize("numbers", [(1,), (1, 2)])
def test_what_was_claimed_while_the_server_went_leaves_once_it_is_back(
    make: Callable[..., Workstation], here: Workstation, numbers: tuple[int, ...]
) -> None:
    """It was held for the whole lease by a workstation that lived and knew nothing of it."""
    here.add_lot(*numbers)
    here.look()
    lines: list[Unheard] = []

    def wrap(store: Store) -> Store:
        if isinstance(store, OutboxFile):
            return store
        lines.append(Unheard(store))
        return lines[-1]

    there, dmp, clock = make("there", wrap), FakeDmpRepository(), FakeClock()
    there.signed_in.add(AUTHOR)
    there.outbox.connect(START)
    service = there.service(dmp, clock)
    lines[-1].armed = True
    with pytest.raises(StorageError, match="clinic-unreachable"):
        service.deliver_due()
    assert dmp.registered == []
    there.outbox.connect(START)
    assert {item.state for item in there.outbox.items()} == {OutboxState.SENDING}
    clock.advance(600)
    service.deliver_due()
    assert sorted(entry.unique_id for entry, _cda in dmp.registered) == [f"2.25.{number}" for number in numbers]
    assert {item.state for item in here.outbox.items()} == {OutboxState.SENT}


def test_a_look_never_makes_the_clinic_seem_away(here: Workstation) -> None:
    """Others read the list while the link looks."""
    here.add(1)
    here.look()
    seen: list[bool] = []
    assert here.outbox._clinic is not None
    check = here.outbox._clinic.check

    def looking() -> None:
        seen.append(here.outbox.connected)
        check()

    here.outbox._clinic = replace(here.outbox._clinic, check=looking)
    here.outbox.connect(START)
    assert seen == [True]


def test_what_does_not_open_stops_nothing_else_and_is_counted(here: Workstation, there: Workstation, url: str) -> None:
    for number in (1, 2):
        here.add(number)
    assert here.look() == 2
    there.look()
    with (
        ClinicDatabase.open(ClinicAddress.parse(url), PASSWORD, FINGERPRINT) as database,
        database.write() as connection,
    ):
        connection.exec_driver_sql("UPDATE outbox SET subject = '\\x00' WHERE unique_id = '2.25.1'")
    assert [author for author, _ in there.outbox.due(START)] == [AUTHOR]  # the damaged one was first: it is set aside
    assert [item.unique_id for item in there.outbox.items()] == ["2.25.2"]
    assert there.outbox.connected
    assert there.outbox.unreadable() == 1


def test_what_is_damaged_here_does_not_stop_the_hand_over_of_the_rest(here: Workstation) -> None:
    for number in (1, 2):
        here.add(number)
    with here.file.write() as connection:
        connection.exec_driver_sql(PUT_APART)
        connection.exec_driver_sql("UPDATE outbox_document SET sealed = x'00' WHERE item_id = 1")
    assert here.look() == 1
    told = {item.unique_id: (item.state, item.code) for item in here.outbox.items()}
    assert told == {
        "2.25.1": (OutboxState.REFUSED, "storage-damaged"),
        "2.25.2": (OutboxState.WAITING, ""),
    }


def test_what_may_have_left_is_handed_over_with_its_doubt(here: Workstation, there: Workstation) -> None:
    number = here.add(1)
    assert here.outbox.claim(number, "gone", START, LEASE)
    here.outbox.release(lambda owner: owner == "gone", START)
    assert here.look() == 1
    there.look()
    [item] = there.outbox.items()
    assert item.in_doubt
    claimed = there.outbox.claim(item.id, "me", START, LEASE)
    assert claimed is not None
    assert claimed[1]


@pytest.mark.parametrize("cancelled", [True, False])
def test_what_the_clinic_has_is_not_sent_from_here_when_a_cut_hand_over_ran_out(
    make: Callable[..., Workstation], there: Workstation, cancelled: bool
) -> None:
    """Cancelled there meanwhile: never sent again by itself, and the doubt is shown."""
    first = make("here")
    first.add(1)
    cut = make("here", lambda store: Breaking(store, 2, before=True) if isinstance(store, OutboxFile) else store)
    with pytest.raises(Cut):
        cut.look()
    there.look()
    if cancelled:
        there.outbox.cancel(there.outbox.items()[0].id, START)
    later = CLAIM + SECOND
    assert [item.in_doubt for item in first.outbox.release(lambda _owner: False, START + later)] == [True]
    dmp = FakeDmpRepository()
    first.signed_in.add(AUTHOR)
    first.outbox.connect(START + later)
    clock = FakeClock(START + later)
    first.service(dmp, clock).deliver_due()
    expected = (OutboxState.REFUSED, "outbox-cancelled-late") if cancelled else (OutboxState.SENT, "")
    assert [(item.state, item.code) for item in there.outbox.items()] == [expected]
    assert len(dmp.registered) == (0 if cancelled else 1)
    with first.file.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == 0


def test_all_that_waits_for_who_is_away_goes_over_in_one_look(here: Workstation) -> None:
    for number in range(1, 6):
        here.add(number)
    assert here.look() == 5
