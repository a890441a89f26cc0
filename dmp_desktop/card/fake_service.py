"""The inside of the PC/SC in memory: its readers, and the contexts and connections opened on it."""

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
    STATE_EXCLUSIVE,
    STATE_MUTE,
    STATE_PRESENT,
    STATE_UNAWARE,
    PcscCard,
    ReaderState,
)

# What the service compares with what a caller knows: the event counter and these flags.
_SIGNIFICANT: Final = 0xFFFF0000 | STATE_EMPTY | STATE_PRESENT | STATE_MUTE | STATE_EXCLUSIVE


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
class Slot:
    """One reader: its card, how many times one moved, and who uses it."""

    name: str
    card: CardApplication | None = None
    mute: bool = False
    moves: int = 0
    resets: int = 0
    held: bool = False
    owner: FakeCard | None = None

    def state(self) -> ReaderState:
        if self.card is None:
            return ReaderState(self.name, self.moves << 16 | STATE_EMPTY)
        state = self.moves << 16 | STATE_PRESENT | (STATE_EXCLUSIVE if self.held else 0)
        if self.mute:
            return ReaderState(self.name, state | STATE_MUTE)
        return ReaderState(self.name, state, self.card.atr)


class Service:
    """What every side shares. `changed` guards all of it and is notified of each change."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.slots: dict[str, Slot] = {}
        self.running = True
        self.epoch = 0
        self.failures: Counter[tuple[str, int]] = Counter()

    def enter(self, epoch: int, call: str) -> None:
        """A call begins on something made in `epoch`: nothing survives a stop of the service. Raises PcscError."""
        if epoch != self.epoch:
            raise PcscError(failures.E_SERVICE_STOPPED)
        self.fail_on_demand(call)

    def fail_on_demand(self, call: str) -> None:
        """Raise the PcscError asked for this call, if any is left."""
        for (wanted, status), times in self.failures.items():
            if wanted == call and times:
                self.failures[wanted, status] -= 1
                raise PcscError(status)

    def states(self, known: Sequence[ReaderState]) -> list[ReaderState]:
        """The state of each reader asked; CHANGED where it differs from what the caller knows."""
        states = []
        for asked in known:
            if asked.reader == PNP_NOTIFICATION:
                now = ReaderState(PNP_NOTIFICATION, len(self.slots) << 16)
            elif asked.reader in self.slots:
                now = self.slots[asked.reader].state()
            else:
                raise PcscError(failures.E_UNKNOWN_READER)
            changed = asked.state == STATE_UNAWARE or (asked.state ^ now.state) & _SIGNIFICANT
            if asked.reader == PNP_NOTIFICATION:
                changed = asked.counter != now.counter
            states.append(ReaderState(now.reader, now.state | STATE_CHANGED if changed else now.state, now.atr))
        return states


class FakeContext:
    """PcscContext in memory."""

    def __init__(self, service: Service, epoch: int) -> None:
        self._service = service
        self._epoch = epoch
        self._waiting = False
        self._cancelled = False

    def readers(self) -> list[str]:
        with self._service.changed:
            self._service.enter(self._epoch, "readers")
            return list(self._service.slots)

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        service = self._service
        news: list[ReaderState] = []

        def over() -> bool:
            service.enter(self._epoch, "wait")
            if self._cancelled:
                raise PcscError(failures.E_CANCELLED)
            news[:] = service.states(known)
            return any(state.state & STATE_CHANGED for state in news)

        with service.changed:
            self._waiting, self._cancelled = True, False
            try:
                if not service.changed.wait_for(over, timeout_ms / 1000):
                    raise PcscError(failures.E_TIMEOUT)
            finally:
                self._waiting = False
            return news

    def cancel(self) -> None:
        with self._service.changed:
            self._cancelled = self._waiting
            self._service.changed.notify_all()

    def connect(self, reader: str) -> PcscCard:
        with self._service.changed:
            self._service.enter(self._epoch, "connect")
            slot = self._service.slots.get(reader)
            if slot is None:
                raise PcscError(failures.E_UNKNOWN_READER)
            if slot.card is None:
                raise PcscError(failures.E_NO_SMARTCARD)
            if slot.mute:
                raise PcscError(failures.W_UNRESPONSIVE_CARD)
            if slot.held:
                raise PcscError(failures.E_SHARING_VIOLATION)
            return FakeCard(self._service, self._epoch, slot, slot.card)

    def release(self) -> None:
        """Nothing is kept for a context."""


class FakeCard:
    """PcscCard in memory."""

    def __init__(self, service: Service, epoch: int, slot: Slot, card: CardApplication) -> None:
        self._service = service
        self._epoch = epoch
        self._changed = service.changed
        self._slot = slot
        self._card = card
        self._moves = slot.moves
        self._resets = slot.resets

    @property
    def protocol(self) -> int:
        return first_protocol(self._card.atr)

    def _usable(self, call: str, *, after_reset: bool = False) -> None:
        self._service.enter(self._epoch, call)
        if self._service.slots.get(self._slot.name) is not self._slot:
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
