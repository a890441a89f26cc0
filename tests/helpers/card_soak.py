"""A long run of a desk (`card_desk`): every event checked and timed, what is left over, and a bare wait timed beside it."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue

from dmp_desktop.card.pcsc import STATE_CHANGED, ReaderState
from dmp_desktop.card.watch import PACE, PcscWatcher
from dmp_desktop.domain.cards import CardEvent
from dmp_desktop.sandbox.virtual_cards import VitaleCard
from tests.helpers.card_desk import EVERYDAY, Desk, Truth
from tests.helpers.card_worlds import PATIENCE, PATIENT, Recorder, World
from tests.helpers.scripted_pcsc import ScriptedPcsc

BLOCK = 200
"""Acts, then the watcher is stopped, a bare wait is timed, and the watcher is started anew."""
CONTROLS = 60
"""Moves of a card that the bare wait is timed with, at the watcher's own pace."""

# Timed apart: not our latency.
BACK = "start"
"""Nothing tells a client that the service is there again: the watcher tries after its first pause (`watch.BACKOFF`)."""
MUTE = "mute"
"""libpcsclite itself sleeps 410 ms when it finds a card without ATR (winscard_clnt.c, SCardGetStatusChange)."""


@dataclass
class Clocked(Recorder):
    """Also tells when each event came."""

    moments: list[float] = field(default_factory=list)

    def __call__(self, event: CardEvent) -> None:
        self.moments.append(time.perf_counter())
        super().__call__(event)

    def forget(self) -> None:
        """What was read: a long run must not be taken for a leak."""
        with self.changed:
            self.nothing_more()
            self.told, self.moments, self._read = [], [], 0


@dataclass
class Figures:
    """What a long run showed. Seconds, bytes."""

    apart: frozenset[str] = frozenset()
    """Acts whose events are not to be told promptly, for a reason of the platform."""
    acts: Counter[str] = field(default_factory=Counter)
    latencies: dict[str, list[float]] = field(default_factory=dict)
    """By act, of every event: from the hand's move that it tells to our callback."""
    control: list[float] = field(default_factory=list)
    """From the hand's move to the return of a bare wait, in the same run."""
    took: float = 0.0
    threads: list[str] = field(default_factory=list)
    """Left running."""
    descriptors: int = 0
    """Left open."""
    resident: int = 0
    """Memory gained since a fifth of the run."""
    unkept: list[str] = field(default_factory=list)
    """What the service found missing or wrong in how we used it (`pcsc_ledger`); it is not told in memory."""
    calls: str = ""

    @property
    def prompt(self) -> list[float]:
        """Of all events but those timed apart."""
        return [one for act, spent in self.latencies.items() if act not in self.apart for one in spent]

    def __str__(self) -> str:
        lines = [
            f"{self.acts.total()} acts in {self.took:.0f} s; left: {len(self.threads)} threads, {self.descriptors} descriptors, "
            f"{self.resident / 1e6:.1f} MB; {self.calls}",
            _line("every event", self.prompt),
            _line("bare wait", self.control),
        ]
        for act in sorted({*self.acts, *self.latencies}):
            spent = self.latencies.get(act, [])
            lines.append(_line(f"{act}{' (apart)' if act in self.apart else ''}", spent, self.acts[act]))
        return "\n  ".join(lines)


def _line(name: str, spent: list[float], acts: int = 0) -> str:
    played = f"{acts:5} acts" if acts else " " * 10
    if not spent:
        return f"{name:15} {played}  nothing to be told"
    p50, p99, worst = (percentile(spent, share) * 1e3 for share in (0.5, 0.99, 1))
    return f"{name:15} {played} {len(spent):6} timed  p50 {p50:6.2f}  p99 {p99:6.2f}  max {worst:6.1f} ms"


def percentile(figures: list[float], share: float) -> float:
    return sorted(figures)[min(int(len(figures) * share), len(figures) - 1)]


def soak(world: World, acts: int, seed: int, mix: Mapping[str, float] = EVERYDAY) -> Figures:
    """Play `acts` of a desk, a multiple of BLOCK. Raises AssertionError where the stream is not the truth."""
    threads = set(threading.enumerate())
    world.pcsc.establish().release()  # what is loaded once is not a leak
    _settle(world, threads)
    descriptors = _descriptors()
    real = isinstance(world.hand, ScriptedPcsc)
    figures, told, desk = Figures(frozenset({BACK, MUTE} if real else {BACK})), Clocked(), Desk(world, seed, mix)

    def hear(truths: list[Truth]) -> None:
        assert told.next(len(truths)) == [truth.event for truth in truths], f"after {desk.played}"
        for truth, moment in zip(truths, told.moments[-len(truths) :], strict=False):
            figures.latencies.setdefault(truth.act, []).append(moment - truth.since)

    desk.hear = hear
    watcher = PcscWatcher(world.pcsc)
    began = time.perf_counter()
    for block in range(acts // BLOCK):
        there = desk.there()
        watcher.start(told)
        try:
            hear(there)
            told.forget()
            for _ in range(BLOCK):
                hear(desk.act())
                told.forget()
        finally:
            watcher.stop()
        told.forget()
        figures.control += bare_waits(world, CONTROLS)
        if block == acts // BLOCK // 5:
            figures.resident = -_resident()
    figures.took, figures.acts = time.perf_counter() - began, desk.played
    figures.resident += _resident()
    if isinstance(world.hand, ScriptedPcsc):
        figures.unkept, figures.calls = world.hand.ledger.problems(), str(world.hand.ledger)
    figures.threads = _settle(world, threads)
    figures.descriptors = _descriptors() - descriptors
    return figures


def _settle(world: World, threads: set[threading.Thread]) -> list[str]:
    """Restart the service once nobody is connected any more; names of the threads left beside `threads`."""
    world.hand.stop_service()
    for thread in set(threading.enumerate()) - threads:
        thread.join(60)
    left = [thread.name for thread in set(threading.enumerate()) - threads]
    world.hand.start_service()
    return left


def bare_waits(world: World, moves: int) -> list[float]:
    """How long a thread that does nothing but wait takes to see a card move: what the machine and the service take by themselves."""
    reader, card = "Lecteur seul", VitaleCard([PATIENT])
    seen: SimpleQueue[float] = SimpleQueue()
    world.hand.plug(reader)

    def look() -> None:
        context, known = world.pcsc.establish(), ReaderState(reader)
        for _ in range(moves + 1):
            known = context.wait([known], int(PATIENCE * 1000))[0]
            seen.put(time.perf_counter())
            known = replace(known, state=known.state & ~STATE_CHANGED)
        context.release()

    looking = threading.Thread(target=look)
    looking.start()
    seen.get(timeout=PATIENCE)
    spent, pace = [], threading.Event()
    for move in range(moves):
        pace.wait(PACE)
        began = time.perf_counter()
        if move % 2:
            world.hand.remove(reader)
        else:
            world.hand.insert(reader, card)
        spent.append(seen.get(timeout=PATIENCE) - began)
    looking.join(PATIENCE)
    world.hand.unplug(reader)
    return spent


def idle_share(world: World, seconds: float) -> float:
    """The share of one processor the watcher's thread takes while nothing happens, two readers and a card there."""
    for name in ("A", "B"):
        world.hand.plug(name)
    world.hand.insert("A", VitaleCard([PATIENT]))
    told = Recorder()
    watcher = PcscWatcher(world.pcsc)
    before = set(threading.enumerate())
    watcher.start(told)
    thread = next(one for one in threading.enumerate() if one.name == "card-watch" and one not in before)
    told.expect("service_up", "reader_added A", "reader_added B", "card_inserted A")
    clock = time.pthread_getcpuclockid(thread.ident or 0)
    quiet = threading.Event()
    quiet.wait(3.5)  # until the readers are listed again at the slowest pace
    spent, began = time.clock_gettime(clock), time.perf_counter()
    quiet.wait(seconds)
    share = (time.clock_gettime(clock) - spent) / (time.perf_counter() - began)
    watcher.stop()
    told.nothing_more()
    return share


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
