"""Durable enqueue of a document beside one raw write and fdatasync of the same bytes, in turn in the same run.

"The same bytes" is read in two ways, both shown: those of the document, and those that the transaction makes durable, the frames
that SQLite's log gets (the document, its row and the indexes it enters, each in whole pages).

The limit, 1.2 times, is asked of the median of the ratios of what was done one after the other: each pair has the same of what
the machine does besides. One that others use is given some plays. A bare insert of the same bytes by the same driver, without a
seal or an index, shows what SQLite takes of it.

A disk that flushes in a quarter of a millisecond leaves a program no room for 1.2 times: the bare insert takes 0.9. There, what
we work above the bare insert is held instead (`OWN`), in time of the processor: to wait for one that others use is not ours.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlcipher3 import dbapi2

from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject

ROUNDS, FIRST = 400, 60
"""The first ones are not counted: the logs grow to the size they keep."""
DOCUMENT_BYTES = 50_000
LIMIT = 1.2
OWN = 250e-6
"""Seconds of a processor above a bare insert: 1.2 times is then held wherever a flush takes a millisecond."""
PLAYS = 5
_FILE = "a.db"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
INS = InsIdentity("279035121518989", OID_INS_TEST)
SUBJECT = Subject(
    Patient(INS, "TEST-PATIENTE", "MARIE", "MARIE", Sex.FEMALE, date(1979, 3, 12), "51215"), "", "", frozenset()
)

Way = Callable[[int, bytes], Callable[[], object]]
"""Makes ready what is then timed."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each round, by way; rounds are in the same place of each.

    `raw` writes the document's bytes, `raw_log` as many as the log gets (`log_bytes`). `own`: seconds of the processor that an
    enqueue takes above the bare insert beside it, the median.
    """

    raw: Sequence[float]
    raw_log: Sequence[float]
    bare: Sequence[float]
    enqueue: Sequence[float]
    log_bytes: int
    own: float

    @property
    def of_document(self) -> float:
        """An enqueue to the raw write of the document beside it, the median."""
        return statistics.median(ratios(self.enqueue, self.raw))

    @property
    def of_log(self) -> float:
        """An enqueue to the raw write beside it of all that it makes durable, the median."""
        return statistics.median(ratios(self.enqueue, self.raw_log))

    @property
    def held(self) -> bool:
        return self.of_document <= LIMIT or self.own <= OWN


def ratios(of: Sequence[float], to: Sequence[float]) -> list[float]:
    return [mine / raw for mine, raw in zip(of, to, strict=True)]


def main() -> int:
    times = measure()
    print(
        f"durable enqueue, {DOCUMENT_BYTES // 1000} kB document, {len(times.raw)} rounds: 10th percentile, median, 90th"
    )
    print(f"  raw, the document        {_spread(times.raw)}")
    print(f"  raw, {times.log_bytes // 1000} kB of the log    {_spread(times.raw_log)}")
    print(f"  bare insert, not sealed  {_spread(times.bare)}   {_tenths(ratios(times.bare, times.raw))}")
    print(f"  enqueue, sealed          {_spread(times.enqueue)}   {_tenths(ratios(times.enqueue, times.raw))}")
    print(f"  to the document's bytes  {times.of_document:6.2f}   (limit {LIMIT})")
    print(f"  to the log's bytes       {times.of_log:6.2f}   (limit {LIMIT})")
    print(
        f"  worked above the bare    {times.own * 1e6:6.0f} µs   (limit {OWN * 1e6:.0f} µs, where the disk is faster than that)"
    )
    return 0 if times.held else 1


def _spread(times: Sequence[float]) -> str:
    tenths = statistics.quantiles(times, n=10)
    return f"{tenths[0] * 1e6:6.0f} {statistics.median(times) * 1e6:6.0f} {tenths[8] * 1e6:6.0f} µs"


def _tenths(found: Sequence[float]) -> str:
    tenths = statistics.quantiles(found, n=10)
    return f"{tenths[0]:.2f} {statistics.median(found):.2f} {tenths[8]:.2f} x raw"


def play(rounds: int = ROUNDS) -> Iterator[Times]:
    """Until the caller has what it asks for, `PLAYS` times at most."""
    for _ in range(PLAYS):
        yield measure(rounds)


def measure(rounds: int = ROUNDS) -> Times:
    """The ways in turn, each time another one first: who comes after a flush finds the disk otherwise than who does not."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as name,  # the disk of the work, not a memory file system
        _enqueue(Path(name)) as enqueue,
        _bare(Path(name)) as bare,
    ):
        folder = Path(name)
        log_bytes = _log_bytes(folder, enqueue)
        with _raw(folder / "raw") as raw, _raw(folder / "raw-log", log_bytes - DOCUMENT_BYTES) as raw_log:
            ways = {"raw": raw, "raw_log": raw_log, "bare": bare, "enqueue": enqueue}
            times, worked = _in_turn(ways, FIRST + rounds)
    own = statistics.median(
        mine - bare for mine, bare in zip(worked["enqueue"][FIRST:], worked["bare"][FIRST:], strict=True)
    )
    return Times(**{name: found[FIRST:] for name, found in times.items()}, log_bytes=log_bytes, own=own)


def _in_turn(ways: Mapping[str, Way], rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds taken and seconds worked, by way."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds):
        document = os.urandom(DOCUMENT_BYTES)
        names.append(names.pop(0))
        for name in names:
            step = ways[name](number, document)
            began, work = time.perf_counter(), time.thread_time()
            step()
            worked[name].append(time.thread_time() - work)
            times[name].append(time.perf_counter() - began)
    return times, worked


def _log_bytes(folder: Path, enqueue: Way) -> int:
    """What the log grows by with one document, the median of a few: before it is begun anew it has but these."""
    log, sizes = folder / f"{_FILE}-wal", []
    for number in range(-40, 0):
        before = log.stat().st_size
        enqueue(number, os.urandom(DOCUMENT_BYTES))()
        sizes.append(log.stat().st_size - before)
    return int(statistics.median(sizes))


@contextmanager
def _raw(path: Path, more: int = 0) -> Iterator[Way]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)

    def ready(_number: int, document: bytes) -> Callable[[], object]:
        content = document + document[:more]

        def write() -> None:
            os.write(descriptor, content)
            os.fdatasync(descriptor)

        return write

    yield ready
    os.close(descriptor)


@contextmanager
def _bare(folder: Path) -> Iterator[Way]:
    connection = dbapi2.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE document (id INTEGER PRIMARY KEY, bytes BLOB)")

    def ready(number: int, document: bytes) -> Callable[[], object]:
        return lambda: connection.execute("INSERT INTO document VALUES (?, ?)", (number, document))

    yield ready
    connection.close()


@contextmanager
def _enqueue(folder: Path) -> Iterator[Way]:
    with OutboxFile.of(folder / _FILE) as database:
        store = OutboxStore(database, Seal(os.urandom(32), "outbox"))

        def ready(number: int, document: bytes) -> Callable[[], object]:
            new = NewItem(f"2.25.{number}", f"2.25.9{number}", "810002422979", SUBJECT, document)
            return lambda: store.add(new, NOW, NOW)

        yield ready


if __name__ == "__main__":
    raise SystemExit(main())
