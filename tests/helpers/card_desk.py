"""A desk moved at random from a seed, with what an observer must be told of each act, and the figures of a long run."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.fake import CardApplication
from dmp_desktop.card.identify import classify
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent, CardEventType
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import ATR_CPS3, VitaleCard
from tests.helpers.card_worlds import PATIENT, Recorder, World

READERS = 4
# How often a restart of the service or a mute card comes, one act in so many: the service comes back after the watcher's first delay,
# and libpcsclite itself sleeps 410 ms whenever it finds a card without an ATR (winscard_clnt.c, SCardGetStatusChange).
RARE = 250


@dataclass
class Slot:
    """What is in a reader: nothing, a card that answers, or a mute one."""

    card: CardApplication | None = None
    mute: bool = False

    @property
    def atr(self) -> bytes:
        return self.card.atr if self.card and not self.mute else b""


def of_reader(kind: CardEventType, reader: str) -> CardEvent:
    return CardEvent(kind, reader)


def of_card(kind: CardEventType, reader: str, slot: Slot) -> CardEvent:
    return CardEvent(kind, reader, slot.atr, classify(slot.atr))


class Desk:
    """Every act returns the events an observer must be told, in order.

    That is the truth at the pace of an observer who is told of each act before the next: every reader that comes or goes, every
    card, a card changed for another faster than anyone looks (two events), a reader renamed as one that leaves and one that comes;
    and nothing of what other programs do with a card (held, reset, let go). A card put in and out of an empty reader in one blink
    leaves nothing to be told and is not played here (`test_bursts_end_in_the_truth` does).
    """

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._hand = world, world.hand
        self._random = random.Random(seed)
        self._names = 0
        self.readers: dict[str, Slot] = {}
        """In the order they were told."""
        self._listed: list[str] = []
        """In the order of the service: a renamed reader keeps its place."""
        self.last = ""
        self.wait_for: Callable[[list[CardEvent]], None] = lambda _events: None
        """Returns once these were told; for acts of two parts."""

    def act(self, *, rare: bool = True) -> list[CardEvent]:
        """One random act, without the rare ones if told so."""
        acts: list[tuple[int, Callable[[], list[CardEvent] | None]]] = [
            (2, self._plug), (2, self._unplug), (6, self._insert), (5, self._remove), (4, self._swap),
            (2, self._hold), (2, self._reset), (1, self._violate), (1, self._rename),
        ]  # fmt: skip
        if rare and self._random.randrange(RARE) == 0:
            acts = [(1, self._stop_and_start), (1, self._mute)]
        weights, moves = zip(*acts, strict=True)
        while (told := (move := self._random.choices(moves, weights)[0])()) is None:
            continue
        self.last = move.__name__.strip("_")
        return told

    def _pick(self, *, occupied: bool) -> str | None:
        names = [name for name, slot in self.readers.items() if (slot.card is not None) is occupied]
        return self._random.choice(names) if names else None

    def _put(self, name: str, *, mute: bool = False) -> CardEvent:
        kind = self._random.choice((ATR_CPS3, bytes.fromhex(f"3B751300004{self._random.randrange(3, 10)}09EA9000")))
        slot = self.readers[name] = Slot(VitaleCard([PATIENT], atr=kind), mute)
        assert slot.card
        self._hand.insert(name, slot.card, mute=mute)
        return of_card(CardEventType.CARD_MUTE if mute else CardEventType.CARD_INSERTED, name, slot)

    def _take(self, name: str) -> CardEvent:
        slot, self.readers[name] = self.readers[name], Slot()
        self._hand.remove(name)
        return of_card(CardEventType.CARD_REMOVED, name, slot)

    def _gone(self, name: str, slot: Slot) -> list[CardEvent]:
        card = [of_card(CardEventType.CARD_REMOVED, name, slot)] if slot.card else []
        return [*card, of_reader(CardEventType.READER_REMOVED, name)]

    def _plug(self) -> list[CardEvent] | None:
        if len(self.readers) == READERS:
            return None
        self._names += 1
        name = f"Lecteur {self._names % 7}"
        if name in self.readers:
            return None
        self._hand.plug(name)
        self.readers[name] = Slot()
        self._listed.append(name)
        return [of_reader(CardEventType.READER_ADDED, name)]

    def _unplug(self) -> list[CardEvent] | None:
        if not self.readers:
            return None
        name = self._random.choice(list(self.readers))
        self._hand.unplug(name)
        self._listed.remove(name)
        return self._gone(name, self.readers.pop(name))

    def _insert(self) -> list[CardEvent] | None:
        name = self._pick(occupied=False)
        return [self._put(name)] if name else None

    def _mute(self) -> list[CardEvent] | None:
        """A card upside down, taken out once that was told."""
        if not (name := self._pick(occupied=False)):
            return None
        put = self._put(name, mute=True)
        self.wait_for([put])
        return [self._take(name)]

    def _remove(self) -> list[CardEvent] | None:
        name = self._pick(occupied=True)
        return [self._take(name)] if name else None

    def _swap(self) -> list[CardEvent] | None:
        name = self._pick(occupied=True)
        return [self._take(name), self._put(name)] if name else None

    def _hold(self) -> list[CardEvent] | None:
        """Another program takes the card for itself and lets go of it."""
        if not (name := self._pick(occupied=True)):
            return None
        self._hand.hold(name)
        self._hand.hold(name, held=False)
        return []

    def _reset(self) -> list[CardEvent] | None:
        if not (name := self._pick(occupied=True)):
            return None
        self._hand.reset_card(name)
        return []

    def _violate(self) -> list[CardEvent] | None:
        """We want the card while another program has it for itself; then read it."""
        name = self._pick(occupied=True)
        if not name or self.readers[name].mute:
            return None
        reader = PlainPcscVitaleReader(CardAccess(self._world.pcsc, lambda _seconds: None))
        self._hand.hold(name)
        with pytest.raises(CardError, match=re.escape("[card.busy]")):
            reader.read(name)
        self._hand.hold(name, held=False)
        assert len(reader.read(name).beneficiaries) == 1
        return []

    def _rename(self) -> list[CardEvent] | None:
        if not self.readers:
            return None
        old = self._random.choice(list(self.readers))
        self._names += 1
        new = f"Lecteur {self._names % 7} (session {self._names % 3})"
        if new in self.readers:
            return None
        self._hand.rename(old, new)
        self._listed[self._listed.index(old)] = new
        slot = self.readers.pop(old)
        self.readers[new] = slot
        return [*self._gone(old, slot), *self._come(new, slot)]

    def _come(self, name: str, slot: Slot) -> list[CardEvent]:
        kind = CardEventType.CARD_MUTE if slot.mute else CardEventType.CARD_INSERTED
        return [of_reader(CardEventType.READER_ADDED, name), *([of_card(kind, name, slot)] if slot.card else [])]

    def _stop_and_start(self) -> list[CardEvent]:
        """What comes back is told in the order of the service: the readers first, then the cards in them."""
        self._hand.stop_service()
        told = [event for name, slot in self.readers.items() for event in self._gone(name, slot)]
        told += [of_reader(CardEventType.SERVICE_DOWN, ""), of_reader(CardEventType.SERVICE_UP, "")]
        self.readers = {name: self.readers[name] for name in self._listed}
        back = [event for name, slot in self.readers.items() for event in self._come(name, slot)]
        self._hand.start_service()
        return told + sorted(back, key=lambda event: event.type is not CardEventType.READER_ADDED)


@dataclass
class Clocked(Recorder):
    """Also tells when the last event came."""

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

    acts: int
    events: int = 0
    took: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """From before an act to the callback of its first event; restarts and mute cards apart (RARE)."""
    threads: list[str] = field(default_factory=list)
    """Left running."""
    descriptors: int = 0
    """Left open."""
    resident: int = 0
    """Memory gained since a fifth of the run."""

    def percentile(self, share: float) -> float:
        return percentile(self.latencies, share)

    @property
    def best_p99(self) -> float:
        """Of the best third of the run: what the others of a shared machine did to the rest is not ours."""
        third = len(self.latencies) // 3
        return min(percentile(self.latencies[start : start + third], 0.99) for start in (0, third, 2 * third))

    def __str__(self) -> str:
        return (
            f"{self.acts} acts, {self.events} events in {self.took:.1f} s; p50 {self.percentile(0.5) * 1e3:.2f} ms, "
            f"p99 {self.percentile(0.99) * 1e3:.2f} ms, max {max(self.latencies) * 1e3:.1f} ms; "
            f"left: {len(self.threads)} threads, {self.descriptors} descriptors, {self.resident / 1e6:.1f} MB"
        )


def percentile(figures: list[float], share: float) -> float:
    return sorted(figures)[int(len(figures) * share)]


def soak(world: World, acts: int, seed: int) -> Figures:
    """Play `acts` of a desk. Raises AssertionError where the stream is not the truth."""
    threads, descriptors = set(threading.enumerate()), _descriptors()
    figures, told, desk = Figures(acts), Clocked(), Desk(world, seed)

    def hear(expected: list[CardEvent]) -> None:
        assert told.next(len(expected)) == expected, f"act {number}: {desk.last}"
        figures.events += len(expected)

    desk.wait_for = hear
    watcher = PcscWatcher(world.pcsc)
    watcher.start(told)
    told.expect("service_up")
    told.forget()
    resident, began = 0, time.perf_counter()
    for number in range(acts):
        before = time.perf_counter()
        expected = desk.act()
        hear(expected)
        if expected and desk.last not in ("stop_and_start", "mute"):
            figures.latencies.append(told.moments[0] - before)
        told.forget()
        if number == acts // 5:
            resident = _resident()
    figures.took, figures.resident = time.perf_counter() - began, _resident() - resident
    watcher.stop()
    told.nothing_more()
    world.hand.stop_service()
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
    figures.threads = [thread.name for thread in set(threading.enumerate()) - threads]
    figures.descriptors = _descriptors() - descriptors
    world.hand.start_service()
    return figures


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
