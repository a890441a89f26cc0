"""Runs inside `unshare -m -n` on the real pcscd with vpcd's virtual reader: watches a card come and go, reads it, prints JSON.

vpcd's protocol (vsmartcard, vpcd.c): 2-byte big-endian length, then one control byte (0 off, 1 on, 2 reset, 4 ATR) or an APDU.
vpcd listens on every interface: only ever run in a network namespace of its own (reference card.md §1.2).
"""

from __future__ import annotations

import fcntl
import json
import queue
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.pcsc import ScardPcsc
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.card.watch import PcscWatcher
from dmp_desktop.domain.cards import CardEvent
from dmp_desktop.sandbox.virtual_cards import VitaleCard

PORT = 0x8C7B
RUN = Path("/run/pcscd")
TCP_QUICKACK = 12  # linux/tcp.h; without it each exchange with Debian's vpcd costs 40 ms
GET_ATR = 4
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41  # linux/sockios.h, linux/if.h


class Plug:
    """A card connected to vpcd until removed."""

    def __init__(self, card: VitaleCard) -> None:
        self._card = card
        self._socket = socket.create_connection(("127.0.0.1", PORT), timeout=10)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def remove(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def _serve(self) -> None:
        with self._socket, self._socket.makefile("rb") as stream:
            while len(header := stream.read(2)) == 2:
                message = stream.read(int.from_bytes(header, "big"))
                self._socket.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 1)
                if len(message) > 1:
                    self._send(self._card.process(message))
                elif message[0] == GET_ATR:
                    self._send(self._card.atr)
                else:
                    self._card.reset()

    def _send(self, data: bytes) -> None:
        self._socket.sendall(struct.pack(">H", len(data)) + data)


def start_pcscd(folder: Path) -> subprocess.Popen[bytes]:
    """pcscd with its socket in this mount namespace only; returns once it listens."""
    subprocess.run(["mount", "-t", "tmpfs", "none", str(RUN.parent)], check=True)
    RUN.mkdir()
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP_RUNNING))
    (folder / "vpcd").write_text(
        f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{PORT:X}\n'
        f"LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID 0x{PORT:X}\n"
    )
    return subprocess.Popen(["pcscd", "-f", "-c", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main(folder: Path) -> None:
    events: queue.Queue[CardEvent] = queue.Queue()
    said: list[str] = []

    def hear(count: int) -> CardEvent:
        heard = [events.get(timeout=30) for _ in range(count)]
        said.extend(event.type.value for event in heard)
        return heard[-1]

    watcher = PcscWatcher(ScardPcsc())
    watcher.start(events.put)
    hear(1)
    pcscd = start_pcscd(folder)
    hear(3)
    card = VitaleCard([("TEST-PATIENTE", "MARIE", "19790312", "279035121518989")] * 5)
    plug = Plug(card)
    inserted = hear(1)
    started = time.perf_counter()
    read = PlainPcscVitaleReader(CardAccess(ScardPcsc())).read(inserted.reader)
    spent = time.perf_counter() - started
    plug.remove()
    hear(1)
    Plug(card)
    hear(1)
    pcscd.terminate()
    pcscd.wait(30)
    hear(4)
    watcher.stop()
    print(json.dumps({"events": said, "beneficiaries": len(read.beneficiaries), "read_ms": spent * 1000}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
