"""Ten thousand documents: they leave at an even pace, and nothing grows with how many have left."""

from __future__ import annotations

import logging
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.documents import Submission
from dmp_desktop.domain.outbox import OutboxState
from tests.helpers.fake_repository import FakeDmpRepository
from tests.helpers.outbox import PATIENT, built
from tests.unit.services.test_outbox import Practice

DOCUMENTS = 10_000
MEMORY_FILES = Path("/dev/shm")
"""Where there is one the disk's flush is left out: it is not what is measured."""

GROWTH = 8_000
"""kB: far less than nine thousand documents of 2 kB each and what is known of them; the allocator's own slack."""


class CountingDmp(FakeDmpRepository):
    """Keeps nothing but how many came and when."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    def submit(self, submission: Submission) -> None:
        assert len(submission.documents) == 1
        self.moments.append(time.perf_counter())


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory as Linux tells it")
@pytest.mark.timeout(900)
def test_ten_thousand_documents_drain_at_an_even_pace_in_even_memory(caplog: pytest.LogCaptureFixture) -> None:
    for logger in (None, "dmp_desktop"):  # pytest keeps every line of the log; a test before may have set ours
        caplog.set_level(logging.WARNING, logger)
    with tempfile.TemporaryDirectory(dir=MEMORY_FILES if MEMORY_FILES.is_dir() else None) as folder:
        dmp = CountingDmp()
        practice = Practice(Path(folder) / "a.db", dmp)
        for number in range(DOCUMENTS):
            practice.outbox.enqueue(PATIENT, built(number, "douleur " * 200), undo_delay=timedelta(0))
        held: list[int] = []

        def measure() -> bool:
            if len(dmp.moments) % 2000 == 1000 and len(held) == len(dmp.moments) // 2000:
                held.append(_resident())
            return False

        practice.outbox.deliver_due(measure)
        with practice.database.read() as connection:
            counted = connection.exec_driver_sql("SELECT state, count(*) FROM outbox GROUP BY state").all()
        practice.database.close()
    assert [tuple(row) for row in counted] == [(OutboxState.SENT, DOCUMENTS)]
    gaps = [later - earlier for earlier, later in zip(dmp.moments, dmp.moments[1:], strict=False)]
    first, last = statistics.median(gaps[500:2500]), statistics.median(gaps[-2500:-500])
    print(f"first {first * 1e3:.2f} ms, last {last * 1e3:.2f} ms a document; held {held} kB")
    assert last < first * 1.5
    assert max(held) - held[0] < GROWTH


def _resident() -> int:
    """kB of this process in memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
