"""Durable enqueue of a document beside one raw write and fdatasync of the same bytes, interleaved in the same run.

The limit is the disk's own: 1.2 times the raw write. What stands between the two here is the seal of a row (ADR 19) and
SQLAlchemy; on a disk whose flush takes milliseconds both vanish. On a machine that is busy with other work run it under
`chrt -f 50`, or look at the fastest tenth: who waits for a processor is not who is measured.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject

ROUNDS = 400
DOCUMENT_BYTES = 50_000
LIMIT = 1.2
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
INS = InsIdentity("279035121518989", OID_INS_TEST)
SUBJECT = Subject(
    Patient(INS, "TEST-PATIENTE", "MARIE", "MARIE", Sex.FEMALE, date(1979, 3, 12), "51215"), "", "", frozenset()
)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # the disk of the work, not a memory file system
        raw_times, added_times = measure(Path(folder))
    (low_raw, raw), (low_added, added) = _levels(raw_times), _levels(added_times)
    ratio, low = added / raw, low_added / low_raw
    print(f"durable enqueue, {DOCUMENT_BYTES // 1000} kB document, median of {ROUNDS}")
    print(f"  raw write + fdatasync    {raw * 1e6:7.0f} µs")
    print(f"  enqueue, encrypted       {added * 1e6:7.0f} µs   {ratio:.2f} x raw   (limit {LIMIT} x)")
    print(f"  the fastest tenth        {low_added * 1e6:7.0f} µs   {low:.2f} x raw ({low_raw * 1e6:.0f} µs)")
    print(f"  above the disk           {(added - raw) * 1e6:7.0f} µs   a click leaves 100 000 µs")


def _levels(times: list[float]) -> tuple[float, float]:
    """Tenth percentile and median."""
    return statistics.quantiles(times, n=10)[0], statistics.median(times)


def measure(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of each raw write and of each enqueue, taken in turn."""
    key = os.urandom(32)
    raw, added = [], []
    descriptor = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT)
    with OutboxFile.of(folder / "a.db") as database:
        store = OutboxStore(database, Seal(key, "outbox"))
        for number in range(ROUNDS):
            document = os.urandom(DOCUMENT_BYTES)
            began = time.perf_counter()
            os.write(descriptor, document)
            os.fdatasync(descriptor)
            raw.append(time.perf_counter() - began)
            new = NewItem(f"2.25.{number}", f"2.25.9{number}", "810002422979", SUBJECT, document)
            began = time.perf_counter()
            store.add(new, NOW, NOW)
            added.append(time.perf_counter() - began)
    os.close(descriptor)
    return raw, added


if __name__ == "__main__":
    main()
