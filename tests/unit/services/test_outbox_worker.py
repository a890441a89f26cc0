"""The thread: it wakes when told, stops in time, outlives a fault, and tells who follows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import Submission
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.outbox_worker import YIELD_MOST, OutboxWorker, follow
from tests.helpers.clock import FakeClock
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import PATIENT, SOURCE_ID, Everyone, built, open_store, read_metadata

NOW = timedelta(0)
PATIENCE = 60.0  # seconds; only ever reached by a test that fails


class SlowDmp(FakeDmpRepository):
    """A DMP that answers when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.answer = threading.Event()

    def submit(self, submission: Submission) -> None:
        self.asked.set()
        assert self.answer.wait(PATIENCE)
        super().submit(submission)


class Office:
    """A service on the system's clock, and a worker that would sleep for an hour if nobody woke it."""

    def __init__(self, path: Path, dmp: FakeDmpRepository) -> None:
        self.dmp = dmp
        self.signed_in = True
        self.database, store = open_store(path)
        self.outbox = OutboxService(
            store,
            self.repository,
            read_metadata,
            source_id=SOURCE_ID,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            liveness=Everyone(),
        )
        self.worker = OutboxWorker(self.outbox, SystemClock(), poll=3600)

    def repository(self, author_id: str) -> DmpRepository | None:
        return self.dmp if self.signed_in else None

    def follow(self, *item_ids: int) -> list[OutboxState]:
        return [item.state for item in follow(self.outbox, item_ids, PATIENCE, SystemClock())]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path / "a.db", FakeDmpRepository())
    office.worker.start()
    yield office
    assert office.worker.stop()
    office.database.close()


def test_it_sends_what_comes_in_while_it_sleeps(office: Office) -> None:
    for number in range(3):
        item = office.outbox.enqueue(PATIENT, built(number), undo_delay=NOW)
        assert office.follow(item.id)[-1] is OutboxState.SENT
    assert len(office.dmp.registered) == 3


def test_it_wakes_when_the_card_is_back(office: Office) -> None:
    waiting = threading.Event()
    office.outbox.subscribe(waiting.set)
    office.signed_in = False
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    assert waiting.wait(PATIENCE)
    office.signed_in = True
    office.outbox.flush()
    assert office.follow(item.id)[-1] is OutboxState.SENT


def test_it_wakes_when_the_undo_delay_is_over(office: Office) -> None:
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=timedelta(milliseconds=50))
    assert office.follow(item.id)[-1] is OutboxState.SENT


class WatchedEvent(threading.Event):
    """Notes how long it is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float | None] = []
        self.asleep = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.sleeps.append(timeout)
        self.asleep.set()
        return super().wait(timeout)


def test_with_nothing_it_can_do_it_sleeps(tmp_path: Path) -> None:
    office = Office(tmp_path / "a.db", FakeDmpRepository())
    office.signed_in = False
    office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    office.outbox.wake = watched = WatchedEvent()
    office.worker.start()
    assert watched.asleep.wait(PATIENCE)
    assert watched.sleeps == [3600]  # a due document without its card is no reason to stay awake
    assert office.worker.stop()
    office.database.close()


@pytest.mark.alone
def test_it_stops_in_time_even_while_the_dmp_does_not_answer(tmp_path: Path) -> None:
    dmp = SlowDmp()
    office = Office(tmp_path / "a.db", dmp)
    office.worker.start()
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    assert dmp.asked.wait(PATIENCE)
    began = time.monotonic()
    assert not office.worker.stop()
    assert time.monotonic() - began < 1.5
    dmp.answer.set()
    assert office.follow(item.id)[-1] is OutboxState.SENT  # the exchange in the air ends, and nothing follows it
    office.database.close()


def test_start_and_stop_twice(office: Office) -> None:
    office.worker.start()
    assert office.worker.stop()
    assert office.worker.stop()
    office.worker.start()
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    assert office.follow(item.id)[-1] is OutboxState.SENT


def test_a_fault_of_ours_reaches_the_excepthook_and_the_next_document_goes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: faults.append(args.exc_type))
    office = Office(tmp_path / "a.db", FakeDmpRepository())
    office.worker = OutboxWorker(office.outbox, SystemClock(), poll=0.05)
    first = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    good, office.dmp = office.dmp, 7  # type: ignore[assignment]
    office.worker.start()
    assert office.follow(first.id)[-1] is OutboxState.REFUSED
    office.dmp = good
    second = office.outbox.enqueue(PATIENT, built(2), undo_delay=NOW)
    assert office.follow(second.id)[-1] is OutboxState.SENT
    assert faults == [AttributeError]
    assert office.worker.stop()
    office.database.close()


def test_a_closed_database_is_told_once_and_ends_nothing_else(tmp_path: Path) -> None:
    office = Office(tmp_path / "a.db", FakeDmpRepository())
    office.database.close()
    office.worker.start()
    assert office.worker.stop()


def test_following_sees_what_another_process_does(tmp_path: Path) -> None:
    office, other = (Office(tmp_path / "a.db", FakeDmpRepository()) for _ in range(2))
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    other.worker.start()
    assert office.follow(item.id)[-1] is OutboxState.SENT
    assert other.worker.stop()
    office.database.close()
    other.database.close()


def test_following_ends_with_its_time(office: Office) -> None:
    office.signed_in = False
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    states = [item.state for item in follow(office.outbox, [item.id], 0.0, SystemClock())]
    assert states == [OutboxState.WAITING]


def test_it_leaves_the_line_to_who_types_then_goes_on(office: Office) -> None:
    typing = threading.Event()
    typing.set()
    looked = threading.Event()

    def busy() -> bool:
        looked.set()
        return typing.is_set()

    office.worker.busy = busy
    item = office.outbox.enqueue(PATIENT, built(1), undo_delay=NOW)
    assert looked.wait(PATIENCE)
    looked.clear()
    assert looked.wait(PATIENCE)  # a second look: nothing was begun after the first
    assert office.outbox.some([item.id])[0].state is OutboxState.WAITING
    typing.clear()
    assert office.follow(item.id)[-1] is OutboxState.SENT


def test_typing_holds_nothing_back_for_ever(tmp_path: Path) -> None:
    clock = FakeClock()
    office = Office(tmp_path / "a.db", FakeDmpRepository())
    office.worker = OutboxWorker(office.outbox, clock)
    office.worker.busy = lambda: True
    assert office.worker._yields()
    clock.advance(YIELD_MOST - 1)
    assert office.worker._yields()
    clock.advance(1)
    assert not office.worker._yields()
    office.worker.busy = lambda: False
    assert not office.worker._yields()
    office.worker.busy = lambda: True
    assert office.worker._yields()  # somebody types anew
    office.database.close()
