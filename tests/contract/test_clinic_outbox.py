"""The outbox of workstations in a clinic, on a real PostgreSQL: handed over once whatever cuts it, sent once, one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from dmp_desktop.storage.clinic_outbox import ClinicOutbox, ClinicSide
from dmp_desktop.storage.hand_over import CLAIM
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store
from dmp_desktop.storage.subject import Subject
from tests.helpers.clock import START, FakeClock
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import AUTHOR, FINGERPRINT, KEY, PATIENT, SOURCE_ID, Everyone, built, read_metadata
from tests.helpers.postgres import PASSWORD, Cluster

SEAL = Seal(KEY, "outbox")
LEASE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


class Cut(BaseException):
    """A process that ends: nothing of the program catches it."""


class Breaking:
    """A store whose process ends before or after its `at`-th write is on the disk."""

    def __init__(self, store: Store, at: int, *, before: bool) -> None:
        self._store, self._left, self._before = store, at, before
        self.read = store.read

    @contextmanager
    def write(self, *, durable: bool = True, lock: str = "") -> Iterator[sa.Connection]:
        self._left -= 1
        with self._store.write(durable=durable, lock=lock) as connection:
            yield connection
            if self._left == 0 and self._before:
                raise Cut
        if self._left == 0:
            raise Cut


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
def url(postgres: Cluster) -> str:
    return postgres.database()


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
    held = here.outbox.hold(shared.id, START)
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
    assert here.outbox.settle(shared.id, "me", sent, START) is None
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
