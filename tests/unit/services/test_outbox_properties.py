"""Whatever happens, in whatever order, no document is lost and none is in the DMP twice.

A state machine plays two processes on one database and a DMP whose line fails everywhere; the DMP takes the same document twice
without a word, so that only the outbox keeps it single.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dmp_desktop.domain.documents import Submission
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox_queue import PLANNING_HORIZON
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.helpers.fake_repository import FakeDmpRepository, Fault, failure
from tests.helpers.outbox import AUTHOR, PATIENT, SOURCE_ID, Everyone, built, open_store, read_metadata

PROCESSES = ("window", "command")
REFUSALS = {failure(Fault.REFUSED).code, failure(Fault.MISPRESENTED).code}


class DeadlyDmp(FakeDmpRepository):
    """Also cuts its client off its database, before or after the deposit, when told: the client can then write nothing more."""

    def __init__(self) -> None:
        super().__init__()
        self.kill_before: Database | None = None
        self.kill_after: Database | None = None

    def submit(self, submission: Submission) -> None:
        if self.kill_before:
            self.kill_before.close()
            raise failure(Fault.DROPPED)
        try:
            super().submit(submission)
        finally:
            if self.kill_after:
                self.kill_after.close()


class Process:
    """One process on the database. Killed, it leaves its lease; its successor has another name."""

    def __init__(self, machine: OutboxMachine, name: str) -> None:
        self.name = name
        liveness = Everyone(name)
        liveness.dead = machine.dead
        self.database, self.store = open_store(machine.path)
        self.outbox = OutboxService(
            self.store,
            machine.repository,
            read_metadata,
            source_id=SOURCE_ID,
            clock=machine.clock,
            entropy=machine.entropy,
            liveness=liveness,
        )


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "a.db"
        self.clock, self.entropy, self.dmp = FakeClock(), SeededEntropy(), DeadlyDmp()
        self.dead: set[str] = set()
        self.signed_in = True
        self.kept: set[str] = set()
        self.cancelled: set[str] = set()
        self.generation = 0
        self.processes: dict[str, Process] = {}

    @initialize()
    def open(self) -> None:
        for slot in PROCESSES:
            self._start(slot)

    def teardown(self) -> None:
        if self.processes:
            self._in_the_end_everything_is_there()
        for process in self.processes.values():
            process.database.close()
        self.folder.cleanup()

    def repository(self, author_id: str) -> DmpRepository | None:
        return self.dmp if self.signed_in and author_id == AUTHOR else None

    @rule(slot=st.sampled_from(PROCESSES), undo=st.sampled_from([0, 30]))
    def enqueue(self, slot: str, undo: int) -> None:
        document = built(len(self.kept) + 1)
        self.processes[slot].outbox.enqueue(PATIENT, document, undo_delay=timedelta(seconds=undo))
        self.kept.add(document.unique_id)

    @rule(slot=st.sampled_from(PROCESSES), count=st.integers(2, 3))
    def enqueue_together(self, slot: str, count: int) -> None:
        documents = [built(len(self.kept) + number) for number in range(1, count + 1)]
        files = [(PATIENT, document.cda) for document in documents]
        [lot] = self.processes[slot].outbox.enqueue_files(files, undo_delay=timedelta(0))
        self.kept.update(item.unique_id for item in lot)

    @rule(
        faults=st.lists(st.sampled_from([*Fault, Fault.ANSWER_LOST]), min_size=1, max_size=4),
        find_faults=st.lists(st.sampled_from(Fault), max_size=2),
    )
    def line_goes_bad(self, faults: list[Fault], find_faults: list[Fault]) -> None:
        self.dmp.faults.extend(faults)
        self.dmp.find_faults.extend(find_faults)

    @rule(slot=st.sampled_from(PROCESSES), hurry=st.booleans())
    def work(self, slot: str, hurry: bool) -> None:
        if hurry:
            self.processes[slot].outbox.flush()
        self.processes[slot].outbox.deliver_due()

    @rule(slot=st.sampled_from(PROCESSES), when=st.sampled_from(["before", "after"]))
    def work_and_die(self, slot: str, when: str) -> None:
        process = self.processes[slot]
        process.outbox.flush()
        self.dmp.kill_before = process.database if when == "before" else None
        self.dmp.kill_after = process.database if when == "after" else None
        with suppress(StorageError):
            process.outbox.deliver_due()
        self.dmp.kill_before = self.dmp.kill_after = None
        self._start(slot)

    @rule(seconds=st.sampled_from([1, 31, 301, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule()
    def clock_is_set_back(self) -> None:
        self.clock.set_back(5000)

    @rule(present=st.booleans())
    def card(self, present: bool) -> None:
        self.signed_in = present

    @rule(slot=st.sampled_from(PROCESSES), data=st.data())
    @precondition(lambda self: self.kept)
    def cancel_retry_or_hold(self, slot: str, data: st.DataObject) -> None:
        outbox = self.processes[slot].outbox
        item = data.draw(st.sampled_from(outbox.items()))
        act = data.draw(st.sampled_from(["retry", "hold", "cancel"]))
        if act == "retry":
            outbox.retry(item.id)
            return
        with suppress(ContextError):
            if act == "hold":
                outbox.hold(item.id)
                assert outbox.some([item.id])[0].parked
                return
            outbox.cancel(item.id)
            self.cancelled.add(item.unique_id)
            assert item.unique_id not in self._registered()

    @invariant()
    def nothing_is_doubled(self) -> None:
        assert not self._doubled()
        sets = [submission.unique_id for submission in self.dmp.submissions]
        assert len(sets) == len(set(sets))

    @invariant()
    def nothing_is_lost(self) -> None:
        if not self.processes:
            return
        items = {item.unique_id: item for item in self.processes["window"].outbox.items()}
        assert set(items) == self.kept
        for unique_id, item in items.items():
            # Only the DMP refuses: a card that leaves, a lock, a line that fails never do.
            assert item.state is not OutboxState.REFUSED or item.code in REFUSALS
            assert (item.state is not OutboxState.SENT) or unique_id in self._registered()

    def _in_the_end_everything_is_there(self) -> None:
        self.dmp.faults.clear()
        self.dmp.find_faults.clear()
        self.signed_in = True
        outbox = self.processes["window"].outbox
        outbox.deliver_due()  # the worker looks every few seconds: what a clock set back left too far ahead counts as now
        # Leases of the process that is alive and busy run out, and so does what was planned before the clock was set back.
        self.clock.advance(PLANNING_HORIZON.total_seconds() + 1)
        for item in outbox.items():
            outbox.retry(item.id)
        outbox.flush()
        for _ in range(len(self.kept) + 1):  # after an outage they follow one by one
            self.clock.advance(outbox.deliver_due() or 0)
        assert not self._doubled()
        states = {item.unique_id: item.state for item in outbox.items()}
        assert set(self._registered()) == {name for name, state in states.items() if state is OutboxState.SENT}
        assert {name for name, state in states.items() if state is not OutboxState.SENT} <= self.cancelled

    def _doubled(self) -> bool:
        registered = self._registered()
        return len(registered) != len(set(registered))

    def _registered(self) -> list[str]:
        return [entry.unique_id for entry, _content in self.dmp.registered]

    def _start(self, slot: str) -> None:
        if slot in self.processes:
            self.processes[slot].database.close()
            self.dead.add(self.processes[slot].name)
        self.generation += 1
        self.processes[slot] = Process(self, f"{slot}-{self.generation}")


TestNoDocumentIsLostOrDoubled = OutboxMachine.TestCase
TestNoDocumentIsLostOrDoubled.pytestmark = [pytest.mark.timeout(400)]  # thousands of flushes, on a slow disk too
TestNoDocumentIsLostOrDoubled.settings = settings(
    max_examples=50, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
