"""Runs inside `unshare -m -n` on the real pcscd with vpcd's virtual reader of two slots: watches cards come and go at random from
a seed, reads one, pulls one in the middle of a command, stops and starts pcscd, prints JSON.

vpcd's protocol (vsmartcard, vpcd.c): 2-byte big-endian length, then one control byte (0 off, 1 on, 2 reset, 4 ATR) or an APDU.
vpcd listens on every interface: only ever run in a network namespace of its own (reference card.md §1.2).
"""

from __future__ import annotations

import fcntl
import json
import queue
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.fake_service import CardApplication
from dmp_desktop.card.pcsc import ScardPcsc
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import VitaleCard

PATIENT = ("TEST-PATIENTE", "MARIE", "19790312", "279035121518989")
PORT = 0x8C7B
RUN = Path("/run/pcscd")
TCP_QUICKACK = 12  # linux/tcp.h; without it each exchange with Debian's vpcd costs 40 ms
POWER_OFF, GET_ATR = 0, 4
NO_ATR = bytes(40)  # longer than any (ISO 7816-3 §8.1: 33 octets): the driver fails, pcscd holds the card to be mute
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41  # linux/sockios.h, linux/if.h


class UnplayableError(Exception):
    """What no hand can do to the real pcscd. A card that asks for it is pulled out."""


class Plug:
    """A card connected to vpcd until removed."""

    def __init__(self, card: CardApplication, slot: int = 0, *, pulled_at: int = 0, mute: bool = False) -> None:
        """`pulled_at`: the command in the middle of which the card leaves, counted from 1. `mute`: it is there, and answers to
        power with what is no ATR."""
        self._card = card
        self._left = pulled_at
        self._mute = mute
        self._powered = False
        self._socket = socket.create_connection(("127.0.0.1", PORT + slot), timeout=60)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def speaking(self) -> bool:
        """Whether it is the card itself that asks, in the middle of a command."""
        return threading.current_thread() is self._thread

    def remove(self) -> None:
        with suppress(OSError):  # pcscd may have left first
            self._socket.shutdown(socket.SHUT_RDWR)
        if not self.speaking:
            self._thread.join(60)

    def _serve(self) -> None:
        with self._socket, self._socket.makefile("rb") as stream, suppress(OSError, UnplayableError):
            while len(header := stream.read(2)) == 2:
                self._socket.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 1)  # vpcd sends the length apart
                message = stream.read(int.from_bytes(header, "big"))
                if len(message) > 1:
                    self._left -= 1
                    if self._left == 0:
                        return
                    self._send(self._card.process(message))
                elif message[0] == GET_ATR:
                    self._send(NO_ATR if self._mute and self._powered else self._card.atr)
                    self._powered = (
                        False  # only the answer to power counts: pcscd also asks to know whether a card is there
                    )
                else:
                    self._powered = message[0] != POWER_OFF
                    self._card.reset()

    def _send(self, data: bytes) -> None:
        self._socket.sendall(struct.pack(">H", len(data)) + data)


def prepare(folder: Path) -> None:
    """A place for pcscd's socket in this mount namespace only, its readers, and a network of one."""
    subprocess.run(["mount", "-t", "tmpfs", "none", str(RUN.parent)], check=True)
    RUN.mkdir()
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP_RUNNING))
    (folder / "vpcd").write_text(
        f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{PORT:X}\n'
        f"LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID 0x{PORT:X}\n"
    )


def start_pcscd(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["pcscd", "-f", "-c", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Line:
    """The events, heard in order; those of two readers that come together are told in the order of the service."""

    def __init__(self) -> None:
        self.events: queue.Queue[CardEvent] = queue.Queue()
        self.said: list[str] = []

    def hear(self, *expected: str) -> CardEvent:
        heard = [self.events.get(timeout=60) for _ in expected]
        told = [event.type.value for event in heard]
        self.said += told
        assert told == list(expected), f"{told} instead of {list(expected)}, after {self.said[-12:]}"
        return heard[-1]

    def hear_the_end(self, cards: int) -> None:
        """pcscd stops with this many cards in: it powers them down and lets go of one reader after the other, seen in between or not."""
        heard = [self.events.get(timeout=60) for _ in range(cards + 3)]
        told = [event.type.value for event in heard]
        self.said += [*sorted(told[:-1]), told[-1]]
        assert self.said[-len(told) :] == ["card_removed"] * cards + ["reader_removed"] * 2 + ["service_down"], told
        for event in heard:
            if event.type.value == "card_removed":
                assert event.reader in [one.reader for one in heard[heard.index(event) + 1 :]], told


def soak(folder: Path, pcscd: subprocess.Popen[bytes], line: Line, acts: int, seed: int) -> subprocess.Popen[bytes]:
    """Cards in and out of both slots, pcscd stopped and started with whatever is in: what is told is what was done, in order.

    pcscd asks vpcd for its card every 400 ms: the next act waits until this one was told. A connection that vpcd loses with
    pcscd is a card that is gone.
    """
    chance = random.Random(seed)
    cards: list[Plug | None] = [None, None]
    for number in range(acts):
        if number % 15 == 14:
            pcscd.terminate()
            pcscd.wait(120)
            line.hear_the_end(sum(plug is not None for plug in cards))
            cards = [None, None]
            pcscd = start_pcscd(folder)
            line.hear("service_up", "reader_added", "reader_added")
            continue
        slot = chance.randrange(2)
        if plug := cards[slot]:
            plug.remove()
            cards[slot] = None
            line.hear("card_removed")
        else:
            cards[slot] = Plug(VitaleCard([PATIENT]), slot)
            line.hear("card_inserted")
    for plug in cards:
        if plug:
            plug.remove()
            line.hear("card_removed")
    return pcscd


def main(folder: Path, acts: int) -> None:
    line = Line()
    watcher = PcscWatcher(ScardPcsc())
    watcher.start(line.events.put)
    line.hear("service_down")
    prepare(folder)
    pcscd = start_pcscd(folder)
    line.hear("service_up", "reader_added", "reader_added")
    reading = PlainPcscVitaleReader(CardAccess(ScardPcsc()))
    plug = Plug(VitaleCard([PATIENT] * 5))
    inserted = line.hear("card_inserted")
    started = time.perf_counter()
    read = reading.read(inserted.reader)
    spent = time.perf_counter() - started
    plug.remove()
    line.hear("card_removed")
    Plug(VitaleCard([PATIENT]), pulled_at=2)
    line.hear("card_inserted")
    try:
        reading.read(inserted.reader)
        pulled = "read"
    except CardError as error:
        pulled = error.code
    line.hear("card_removed")
    Plug(VitaleCard([PATIENT]), 1)
    line.hear("card_inserted")
    pcscd.terminate()
    pcscd.wait(120)
    line.hear_the_end(1)
    story = len(line.said)
    pcscd = start_pcscd(folder)
    line.hear("service_up", "reader_added", "reader_added")
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    pcscd = soak(folder, pcscd, line, acts, seed=acts)
    left = (threading.active_count() - threads, len(list(Path("/proc/self/fd").iterdir())) - descriptors)
    watcher.stop()
    pcscd.terminate()
    told = {"events": line.said[:story], "soak": len(line.said) - story, "left": left, "pulled": pulled}
    print(json.dumps(told | {"beneficiaries": len(read.beneficiaries), "read_ms": spent * 1000}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
