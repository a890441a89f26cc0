"""PC/SC in memory: the demo's drawn reader on every system, and the tests'. It passes the same contract tests as the real one.

One side is a hand that plugs readers and moves cards, the other is the `Pcsc` seam. What a card answers is not known here: a card
is any object that answers APDUs (`dmp_desktop.sandbox.virtual_cards`).
"""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.card.failures import E_NO_SERVICE, PcscError
from dmp_desktop.card.fake_service import CardApplication, FakeContext, Service, Slot
from dmp_desktop.card.pcsc import PcscContext

__all__ = ["CardApplication", "FakePcsc"]


class FakePcsc:
    """A PC/SC service with readers and cards moved by hand. Thread-safe. The service runs from the start."""

    def __init__(self) -> None:
        self._service = Service()

    def establish(self) -> PcscContext:
        """As every Pcsc: raises PcscError while the service is stopped."""
        service = self._service
        with service.changed:
            if not service.running:
                raise PcscError(E_NO_SERVICE)
            service.fail_on_demand("establish")
            return FakeContext(service, service.epoch)

    def start_service(self) -> None:
        with self._service.changed:
            self._service.running = True
            self._service.changed.notify_all()

    def stop_service(self) -> None:
        """Every context and connection is dead for good, as with the real service; readers and cards stay where they are."""
        with self._service.changed:
            self._service.running = False
            self._service.epoch += 1
            self._service.changed.notify_all()

    def plug(self, reader: str) -> None:
        with self._service.changed:
            if reader in self._service.slots:
                raise ValueError("this reader is already plugged")
            self._service.slots[reader] = Slot(reader)
            self._service.changed.notify_all()

    def unplug(self, reader: str) -> None:
        """Unplug a reader, with its card if it holds one."""
        with self._service.changed:
            slot = self._service.slots.pop(reader)
            slot.card, slot.owner = None, None
            self._service.changed.notify_all()

    def rename(self, reader: str, name: str) -> None:
        """A remote-desktop session names the reader anew, its card in place; connections to it are dead."""
        with self._service.changed:
            self._service.slots = {
                name if one == reader else one: replace(slot, name=name, owner=None) if one == reader else slot
                for one, slot in self._service.slots.items()
            }
            self._service.changed.notify_all()

    def insert(self, reader: str, card: CardApplication, *, mute: bool = False) -> None:
        """Put a card in; a mute one gives no answer to reset (upside down)."""
        with self._service.changed:
            slot = self._service.slots[reader]
            if slot.card is not None:
                raise ValueError("there is already a card in this reader")
            card.reset()
            slot.card, slot.mute, slot.moves, slot.resets = card, mute, (slot.moves + 1) & 0xFFFF, 0
            self._service.changed.notify_all()

    def remove(self, reader: str) -> None:
        with self._service.changed:
            slot = self._service.slots[reader]
            if slot.card is None:
                raise ValueError("there is no card in this reader")
            slot.card, slot.owner, slot.moves = None, None, (slot.moves + 1) & 0xFFFF
            self._service.changed.notify_all()

    def reset_card(self, reader: str) -> None:
        """Another program resets the card: connections get W_RESET_CARD until they reconnect."""
        with self._service.changed:
            slot = self._service.slots[reader]
            if slot.card is not None:
                slot.card.reset()
                slot.resets += 1

    def hold(self, reader: str, held: bool = True) -> None:
        """Another program takes the card for itself, or lets go of it."""
        with self._service.changed:
            self._service.slots[reader].held = held
            self._service.changed.notify_all()

    def fail(self, call: str, status: int, times: int = 1) -> None:
        """Let the next calls fail: `establish`, `wait`, `connect`, `begin`, `transmit`."""
        with self._service.changed:
            self._service.failures[call, status] += times
            self._service.changed.notify_all()
