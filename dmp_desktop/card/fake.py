"""PC/SC in memory: the demo's drawn reader on every system, and the tests'. It passes the same contract tests as the real one.

One side is a hand that plugs readers and moves cards, the other is the `Pcsc` seam. What a card answers is not known here: a card
is any object that answers APDUs (`dmp_desktop.sandbox.virtual_cards`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dmp_desktop.card import failures
from dmp_desktop.card.failures import PcscError
from dmp_desktop.card.pcsc import (
    PNP_NOTIFICATION,
    PROTOCOL_T0,
    PROTOCOL_T1,
    STATE_CHANGED,
    STATE_EMPTY,
    STATE_MUTE,
    STATE_PRESENT,
    STATE_UNAWARE,
    PcscCard,
    PcscContext,
    ReaderState,
)

_SIGNIFICANT: Final = 0xFFFF0000 | STATE_EMPTY | STATE_PRESENT | STATE_MUTE


class CardApplication(Protocol):
    """The chip of an emulated card."""

    @property
    def atr(self) -> bytes: ...

    def reset(self) -> None:
        """Power on: nothing is selected, no answer is pending."""
        ...

    def process(self, apdu: bytes) -> bytes:
        """Answer one command: data and status word."""
        ...


def first_protocol(atr: bytes) -> int:
    """The protocol a reader uses by default: T of TD1, or T=0 without TD1 (ISO 7816-3 §8.2.3)."""
    has_td1 = len(atr) > 1 and atr[1] & 0x80
    if not has_td1:
        return PROTOCOL_T0
    td1 = 2 + (atr[1] & 0x70).bit_count()
    return PROTOCOL_T1 if len(atr) > td1 and atr[td1] & 0x0F == 1 else PROTOCOL_T0


@dataclass(eq=False)
class _Slot:
    """One reader: its card, how many times one moved, and who uses it."""

    name: str
    card: CardApplication | None = None
    mute: bool = False
    moves: int = 0
    resets: int = 0
    held: bool = False
    owner: _FakeCard | None = None

    def state(self) -> ReaderState:
        if self.card is None:
            return ReaderState(self.name, self.moves << 16 | STATE_EMPTY)
        if self.mute:
            return ReaderState(self.name, self.moves << 16 | STATE_PRESENT | STATE_MUTE)
        return ReaderState(self.name, self.moves << 16 | STATE_PRESENT, self.card.atr)


class FakePcsc:
    """A PC/SC service with readers and cards moved by hand. Thread-safe. The service runs from the start."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._slots: dict[str, _Slot] = {}
        self._running = True
        self._epoch = 0
        self._failures: Counter[tuple[str, int]] = Counter()

    # The hand

    def start_service(self) -> None:
        with self._changed:
            self._running = True
            self._changed.notify_all()

    def stop_service(self) -> None:
        """Every context and connection is dead for good, as with the real service; readers and cards stay where they are."""
        with self._changed:
            self._running = False
            self._epoch += 1
            self._changed.notify_all()

    def plug(self, reader: str) -> None:
        with self._changed:
            self._slots[reader] = _Slot(reader)
            self._changed.notify_all()

    def unplug(self, reader: str) -> None:
        """Unplug a reader, with its card if it holds one."""
        with self._changed:
            slot = self._slots.pop(reader)
            slot.card, slot.owner = None, None
            self._changed.notify_all()

    def insert(self, reader: str, card: CardApplication, *, mute: bool = False) -> None:
        """Put a card in; a mute one gives no answer to reset (upside down)."""
        with self._changed:
            slot = self._slots[reader]
            if slot.card is not None:
                raise ValueError("there is already a card in this reader")
            card.reset()
            slot.card, slot.mute, slot.moves, slot.resets = card, mute, (slot.moves + 1) & 0xFFFF, 0
            self._changed.notify_all()

    def remove(self, reader: str) -> None:
        with self._changed:
            slot = self._slots[reader]
            if slot.card is None:
                raise ValueError("there is no card in this reader")
            slot.card, slot.owner, slot.moves = None, None, (slot.moves + 1) & 0xFFFF
            self._changed.notify_all()

    def reset_card(self, reader: str) -> None:
        """Another program resets the card: connections get W_RESET_CARD until they reconnect."""
        with self._changed:
            slot = self._slots[reader]
            if slot.card is not None:
                slot.card.reset()
                slot.resets += 1

    def hold(self, reader: str, held: bool = True) -> None:
        """Another program takes the card for itself, or lets go of it."""
        with self._changed:
            self._slots[reader].held = held

    def fail(self, call: str, status: int, times: int = 1) -> None:
        """Let the next calls fail: `establish`, `wait`, `connect`, `begin`, `transmit`."""
        with self._changed:
            self._failures[call, status] += times
            self._changed.notify_all()

    # The service

    def establish(self) -> PcscContext:
        with self._changed:
            if not self._running:
                raise PcscError(failures.E_NO_SERVICE)
            self._fail_on_demand("establish")
            return _FakeContext(self, self._epoch)

    def _fail_on_demand(self, call: str) -> None:
        for (wanted, status), times in self._failures.items():
            if wanted == call and times:
                self._failures[wanted, status] -= 1
                raise PcscError(status)

    def _states(self, known: Sequence[ReaderState]) -> list[ReaderState]:
        """The state of each reader asked; CHANGED where it differs from what the caller knows."""
        states = []
        for asked in known:
            if asked.reader == PNP_NOTIFICATION:
                now = ReaderState(PNP_NOTIFICATION, len(self._slots) << 16)
            elif asked.reader in self._slots:
                now = self._slots[asked.reader].state()
            else:
                raise PcscError(failures.E_UNKNOWN_READER)
            changed = asked.state == STATE_UNAWARE or (asked.state ^ now.state) & _SIGNIFICANT
            if asked.reader == PNP_NOTIFICATION:
                changed = asked.counter != now.counter
            states.append(ReaderState(now.reader, now.state | STATE_CHANGED if changed else now.state, now.atr))
        return states


class _FakeContext:
    def __init__(self, service: FakePcsc, epoch: int) -> None:
        self._service = service
        self._epoch = epoch
        self._waiting = False
        self._cancelled = False

    def _alive(self, call: str) -> None:
        if self._service._epoch != self._epoch:
            raise PcscError(failures.E_SERVICE_STOPPED)
        self._service._fail_on_demand(call)

    def readers(self) -> list[str]:
        with self._service._changed:
            self._alive("readers")
            return list(self._service._slots)

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        service = self._service
        news: list[ReaderState] = []

        def over() -> bool:
            self._alive("wait")
            if self._cancelled:
                raise PcscError(failures.E_CANCELLED)
            news[:] = service._states(known)
            return any(state.state & STATE_CHANGED for state in news)

        with service._changed:
            self._waiting, self._cancelled = True, False
            try:
                if not service._changed.wait_for(over, timeout_ms / 1000):
                    raise PcscError(failures.E_TIMEOUT)
            finally:
                self._waiting = False
            return news

    def cancel(self) -> None:
        with self._service._changed:
            self._cancelled = self._waiting
            self._service._changed.notify_all()

    def connect(self, reader: str) -> PcscCard:
        with self._service._changed:
            self._alive("connect")
            slot = self._service._slots.get(reader)
            if slot is None:
                raise PcscError(failures.E_UNKNOWN_READER)
            if slot.card is None:
                raise PcscError(failures.E_NO_SMARTCARD)
            if slot.mute:
                raise PcscError(failures.W_UNRESPONSIVE_CARD)
            if slot.held:
                raise PcscError(failures.E_SHARING_VIOLATION)
            return _FakeCard(self, slot, slot.card)

    def release(self) -> None:
        """Nothing is kept for a context."""


class _FakeCard:
    def __init__(self, context: _FakeContext, slot: _Slot, card: CardApplication) -> None:
        self._context = context
        self._changed = context._service._changed
        self._slot = slot
        self._card = card
        self._moves = slot.moves
        self._resets = slot.resets

    @property
    def protocol(self) -> int:
        return first_protocol(self._card.atr)

    def _usable(self, call: str, *, after_reset: bool = False) -> None:
        self._context._alive(call)
        if self._context._service._slots.get(self._slot.name) is not self._slot:
            raise PcscError(failures.E_READER_UNAVAILABLE)
        if self._slot.card is None or self._slot.moves != self._moves:
            raise PcscError(failures.W_REMOVED_CARD)
        if self._slot.resets != self._resets and not after_reset:
            raise PcscError(failures.W_RESET_CARD)

    def begin(self) -> None:
        def free() -> bool:
            self._usable("begin")
            return self._slot.owner in (None, self)

        with self._changed:
            self._changed.wait_for(free)
            self._slot.owner = self

    def end(self) -> None:
        with self._changed:
            if self._slot.owner is self:
                self._slot.owner = None
                self._changed.notify_all()
            self._usable("end")

    def transmit(self, apdu: bytes) -> bytes:
        with self._changed:
            self._usable("transmit")
        answer = self._card.process(apdu)  # a slow card does not hold up the other readers
        with self._changed:
            self._usable("transmit")
            return answer

    def reconnect(self) -> None:
        with self._changed:
            self._usable("reconnect", after_reset=True)
            self._resets = self._slot.resets

    def disconnect(self) -> None:
        with self._changed:
            if self._slot.owner is self:
                self._slot.owner = None
                self._changed.notify_all()
