"""The world of the real pcscd with four slots of vpcd's: its hand, and its PC/SC under the names that the tests give to readers.

Inside a namespace only (`tests/helpers/pcscd_plugin.py`). The slots are there as long as pcscd runs: a test sees those it has
plugged, and plugs before anything looks at them. Debian's pcscd follows no virtual reader that comes or goes (card.md §1.4).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from smartcard import scard

from dmp_desktop.card.failures import PcscError
from dmp_desktop.card.fake_service import CardApplication
from dmp_desktop.card.pcsc import PcscCard, PcscContext, ReaderState, ScardPcsc
from tests.helpers import vpcd_desk
from tests.helpers.card_worlds import PATIENCE
from tests.helpers.pcscd_lists import HOT_PLUG, NO_RESET, ON_DEMAND
from tests.helpers.vpcd_desk import PORT, RUN, Plug, UnplayableError

VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SLOTS = tuple(f"{driver} PCD 00 {slot:02}" for driver in ("Virtual", "Second") for slot in (0, 1))
PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
ONE_STOP = 2.0
"""Seconds after which a pcscd that waits for a card's answer is killed rather than asked to end."""

asked: list[UnplayableError] = []
"""What a test asked for and this world cannot do, also from the thread of a card, where nobody would hear of it."""
_folders: list[Path] = []


def cannot(why: str) -> NoReturn:
    asked.append(UnplayableError(why))
    raise asked[-1]


def prepare() -> None:
    """What pcscd finds in this namespace: two readers of two slots each. A driver loaded twice needs two files."""
    folder = Path(tempfile.mkdtemp(prefix="pcscd-"))
    vpcd_desk.prepare(folder)
    again = RUN.parent / "libifdvpcd-again.so"
    shutil.copy(VPCD, again)
    (folder / "vpcd-again").write_text(
        f'FRIENDLYNAME "Second PCD"\nDEVICENAME /dev/null:0x{PORT + 2:X}\nLIBPATH {again}\nCHANNELID 0x{PORT + 2:X}\n'
    )
    os.environ["PCSCLITE_CSOCK_NAME"] = str(RUN / "pcscd.comm")
    _folders.append(folder)


class Names:
    """The slot of each reader that is plugged, and how many contexts look at them."""

    def __init__(self) -> None:
        self.slots: dict[str, str] = {}
        self.looking = 0
        self.mutex = threading.Lock()

    def slot(self, reader: str) -> str:
        return self.slots.get(reader, reader)

    def reader(self, slot: str) -> str:
        return next((reader for reader, its in self.slots.items() if its == slot), slot)


class NamedContext:
    """A context of the system's own PC/SC, whose readers have the names of the test."""

    def __init__(self, inner: PcscContext, names: Names) -> None:
        self.cancel = inner.cancel
        self._inner, self._names = inner, names

    def readers(self) -> list[str]:
        return [self._names.reader(slot) for slot in self._inner.readers() if slot in self._names.slots.values()]

    def wait(self, known: Sequence[ReaderState], timeout_ms: int) -> list[ReaderState]:
        states = self._inner.wait([replace(one, reader=self._names.slot(one.reader)) for one in known], timeout_ms)
        return [replace(one, reader=self._names.reader(one.reader)) for one in states]

    def connect(self, reader: str) -> PcscCard:
        return self._inner.connect(self._names.slot(reader))

    def release(self) -> None:
        with self._names.mutex:
            self._names.looking -= 1
        self._inner.release()


class NamedPcsc:
    def __init__(self, names: Names) -> None:
        self._names = names

    def establish(self) -> PcscContext:
        context = ScardPcsc().establish()
        with self._names.mutex:
            self._names.looking += 1
        return NamedContext(context, self._names)


class PcscdHand:
    """Moves cards and the service; back from each move, pcscd has seen it. What it cannot do raises UnplayableError."""

    def __init__(self) -> None:
        self._names = Names()
        self.pcsc = NamedPcsc(self._names)
        self._service: subprocess.Popen[bytes] | None = None
        self._inside: dict[str, tuple[CardApplication, bool]] = {}
        self._plugs: dict[str, Plug] = {}
        self._held: dict[str, tuple[int, int]] = {}

    @contextmanager
    def at_work(self) -> Iterator[PcscdHand]:
        self.start_service()
        try:
            yield self
        finally:
            for reader in list(self._held):
                self.hold(reader, held=False)
            self._inside.clear()
            self.stop_service()

    def start_service(self) -> None:
        self._service = vpcd_desk.start_pcscd(_folders[-1])
        until(lambda context: set(SLOTS) <= set(context.readers()))
        for reader in self._inside:
            self._connect(reader)

    def stop_service(self) -> None:
        service, self._service = self._service, None
        if service is None:
            return
        service.terminate()
        try:
            service.wait(ONE_STOP)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()
            shutil.rmtree(RUN)
            RUN.mkdir()
        for plug in self._plugs.values():
            plug.remove()
        self._plugs.clear()

    def plug(self, reader: str) -> None:
        self._before_anyone_looks()
        free = next(slot for slot in SLOTS if slot not in self._names.slots.values())
        self._names.slots[reader] = free

    def unplug(self, reader: str) -> None:
        self._before_anyone_looks()
        if reader in self._inside:  # a PKCS#11 module may look by itself
            cannot(HOT_PLUG)
        del self._names.slots[reader]

    def rename(self, reader: str, name: str) -> None:
        cannot(HOT_PLUG)

    def insert(self, reader: str, card: CardApplication, *, mute: bool = False) -> None:
        if reader in self._inside:
            raise ValueError("there is already a card in this reader")
        self._inside[reader] = (card, mute)
        if self._service:
            self._connect(reader)

    def remove(self, reader: str) -> None:
        if self._inside.pop(reader, None) is None:
            raise ValueError("there is no card in this reader")
        if plug := self._plugs.pop(reader, None):
            plug.remove()
            if not plug.speaking:
                self._seen(reader, present=False)

    def reset_card(self, reader: str) -> None:
        """As another program does: connected beside us, it resets the card."""
        if self._plugs[reader].speaking:
            cannot(NO_RESET)
        context, card = self._beside(reader, scard.SCARD_SHARE_SHARED)
        done, _protocol = scard.SCardReconnect(card, scard.SCARD_SHARE_SHARED, PROTOCOLS, scard.SCARD_RESET_CARD)
        assert done == scard.SCARD_S_SUCCESS
        self._leave(context, card)

    def hold(self, reader: str, held: bool = True) -> None:
        """As another program does: connected for itself alone."""
        if held:
            self._held[reader] = self._beside(reader, scard.SCARD_SHARE_EXCLUSIVE)
        else:
            self._leave(*self._held.pop(reader))

    def fail(self, call: str, status: int, times: int = 1) -> None:
        cannot(ON_DEMAND)

    def _before_anyone_looks(self) -> None:
        with self._names.mutex:
            if self._names.looking:
                cannot(HOT_PLUG)

    def _connect(self, reader: str) -> None:
        card, mute = self._inside[reader]
        self._plugs[reader] = Plug(card, SLOTS.index(self._names.slot(reader)), mute=mute)
        self._seen(reader, present=True)

    def _seen(self, reader: str, *, present: bool) -> None:
        """pcscd asks each reader for its card every 400 ms."""
        slot = ReaderState(self._names.slot(reader))

        def seen(context: PcscContext) -> bool:
            (state,) = context.wait([slot], 0)
            return state.present is present

        until(seen)

    def _beside(self, reader: str, share: int) -> tuple[int, int]:
        done, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        assert done == scard.SCARD_S_SUCCESS
        done, card, _protocol = scard.SCardConnect(context, self._names.slot(reader), share, PROTOCOLS)
        assert done == scard.SCARD_S_SUCCESS
        return context, card

    def _leave(self, context: int, card: int) -> None:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)


def until(true: Callable[[PcscContext], bool]) -> None:
    """Ask pcscd again until it says so; it may not be there yet."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(PcscError):
            context = ScardPcsc().establish()
            try:
                while time.monotonic() < end:
                    if true(context):
                        return
                    time.sleep(0.005)
            finally:
                context.release()
        time.sleep(0.005)
    raise TimeoutError("pcscd did not see it")
