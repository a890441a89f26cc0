"""The PC/SC worlds every card test runs in: in memory, and behind the real libpcsclite and pyscard; in a namespace of its own
(`tests/helpers/pcscd_plugin.py`), before the real pcscd instead."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from dmp_desktop.card.fake import CardApplication, FakePcsc
from dmp_desktop.card.pcsc import Pcsc, ScardPcsc
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent, CardEventType
from dmp_desktop.sandbox.virtual_cards import VitaleCard
from tests.helpers.scripted_pcsc import ScriptedPcsc

# The world in which PC/SC is the machine's own library: a scripted service behind it, or `pcscd`.
NATIVE = os.environ.get("DMP_DESKTOP_TEST_WORLD", "libpcsclite")
WORLDS = ("memory", "libpcsclite") if NATIVE == "libpcsclite" else (NATIVE,)
# Longest wait for something that must happen, in seconds; far more than it takes, for loaded machines.
PATIENCE = 60.0

# A fictitious NIR under the test range of the reference, with its key.
PATIENT = ("TEST-PATIENTE", "MARIE", "19790312", "279035121518989")


class Hand(Protocol):
    """The hand that plugs readers and moves cards."""

    def start_service(self) -> None: ...
    def stop_service(self) -> None: ...
    def plug(self, reader: str) -> None: ...
    def unplug(self, reader: str) -> None: ...
    def rename(self, reader: str, name: str) -> None: ...
    def insert(self, reader: str, card: CardApplication, *, mute: bool = False) -> None: ...
    def remove(self, reader: str) -> None: ...
    def reset_card(self, reader: str) -> None: ...
    def hold(self, reader: str, held: bool = True) -> None: ...
    def fail(self, call: str, status: int, times: int = 1) -> None: ...


@dataclass(frozen=True)
class World:
    hand: Hand
    pcsc: Pcsc


@contextmanager
def open_world(name: str) -> Iterator[World]:
    """A world whose service runs, without any reader."""
    if name == "memory":
        memory = FakePcsc()
        yield World(memory, memory)
        return
    if name == "pcscd":
        from tests.helpers.pcscd_world import PcscdHand

        with PcscdHand().at_work() as hand:
            yield World(hand, hand.pcsc)
        return
    service = ScriptedPcsc()
    service.start_service()
    try:
        yield World(service, ScardPcsc())
    finally:
        service.stop_service()


def vitale() -> VitaleCard:
    return VitaleCard([PATIENT])


@dataclass
class Recorder:
    """Collects events, and waits for them without ever sleeping."""

    told: list[CardEvent] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    _read: int = 0

    def __call__(self, event: CardEvent) -> None:
        with self.changed:
            self.told.append(event)
            self.changed.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(true, PATIENCE), f"told so far: {self.told[-8:]}"

    def next(self, count: int) -> list[CardEvent]:
        """The next `count` events, as soon as they are told."""
        end = self._read + count
        self.until(lambda: len(self.told) >= end)
        events, self._read = self.told[self._read : end], end
        return events

    def expect(self, *expected: str) -> None:
        """The next events, written `event reader`."""
        assert [f"{event.type.value} {event.reader}".strip() for event in self.next(len(expected))] == list(expected)

    def nothing_more(self) -> None:
        assert self.told[self._read :] == []


@contextmanager
def watching(world: World) -> Iterator[Recorder]:
    recorder = Recorder()
    watcher = PcscWatcher(world.pcsc)
    watcher.start(recorder)
    try:
        yield recorder
    finally:
        watcher.stop()


def replay(events: list[CardEvent]) -> tuple[bool, dict[str, bytes | None]]:
    """The state a stream of events leads to: service, and the ATR in each reader (None without card).

    Asserts on the way that the stream is well formed: it never says anything that could not be.
    """
    service: bool | None = None
    readers: dict[str, bytes | None] = {}
    for event in events:
        match event.type:
            case CardEventType.SERVICE_UP:
                assert service is not True
                service = True
            case CardEventType.SERVICE_DOWN:
                assert service is not False
                assert not readers
                service = False
            case CardEventType.READER_ADDED:
                assert service
                assert event.reader not in readers
                readers[event.reader] = None
            case CardEventType.READER_REMOVED:
                assert readers.pop(event.reader) is None
            case CardEventType.CARD_INSERTED | CardEventType.CARD_MUTE:
                assert readers[event.reader] is None
                assert bool(event.atr) is (event.type is CardEventType.CARD_INSERTED)
                readers[event.reader] = event.atr
            case CardEventType.CARD_REMOVED:
                assert readers[event.reader] == event.atr
                readers[event.reader] = None
    return bool(service), readers
