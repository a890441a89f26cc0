"""A PC/SC service moved by hand, that speaks pcsc-lite’s client protocol 4.4 (pcsc-lite 1.8.24 to 2.2.3) on a Unix socket.

The real libpcsclite and the real pyscard connect to it through PCSCLITE_CSOCK_NAME: no root, no daemon, no reader, as many in
parallel as there are processes. Its hand has the methods of `dmp_desktop.card.fake.FakePcsc`, and more.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import socket
import struct
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from dmp_desktop.card import failures
from dmp_desktop.card.fake_service import CardApplication, first_protocol
from tests.helpers import pcsclite_wire as wire
from tests.helpers.pcsc_ledger import Ledger

# libpcsclite reads the environment once, at its first call: this module is imported when tests are collected, long before.
SOCKET = Path(tempfile.mkdtemp(prefix="pcsc-")) / "pcscd.comm"
os.environ["PCSCLITE_CSOCK_NAME"] = str(SOCKET)
atexit.register(shutil.rmtree, SOCKET.parent, ignore_errors=True)

# Of contexts and connections, never twice in this process: libpcsclite would take one for that of a stopped service, which a
# PKCS#11 module keeps.
_numbers = itertools.count(0x1001)
_CALLS = {
    "establish": wire.ESTABLISH,
    "wait": wire.WAIT,
    "connect": wire.CONNECT,
    "begin": wire.BEGIN,
    "transmit": wire.TRANSMIT,
}


@dataclass(eq=False)
class _Reader:
    name: str
    card: CardApplication | None = None
    mute: bool = False
    moves: int = 0
    resets: int = 0
    held: bool = False
    owner: int = 0

    def pack(self) -> bytes:
        atr = self.card.atr if self.card and not self.mute else b""
        flags = wire.ABSENT if self.card is None else wire.PRESENT | (wire.SWALLOWED if self.mute else wire.POWERED)
        sharing = wire.EXCLUSIVE if self.held else 0
        return wire.READER_STATE.pack(self.name.encode(), self.moves, flags, sharing, atr, len(atr), 0)


@dataclass(eq=False)
class _Handle:
    reader: _Reader
    card: CardApplication
    moves: int
    resets: int
    begun: bool = False


@dataclass(eq=False)
class _Client:
    connection: socket.socket
    context: int = 0
    cut: bool = False
    sending: threading.Lock = field(default_factory=threading.Lock)

    def send(self, data: bytes) -> None:
        with self.sending, contextlib.suppress(OSError):  # a client that left in between is not missed
            self.connection.sendall(data)


class ScriptedPcsc:
    """The service, on SOCKET: one at a time in a process. It is stopped until `start_service`."""

    def __init__(self) -> None:
        self._path = SOCKET
        self._mutex = threading.RLock()
        self._readers: list[_Reader] = []
        self._handles: dict[int, _Handle] = {}
        self._clients: set[_Client] = set()
        self._waiting: set[_Client] = set()
        self._failures: Counter[tuple[int, int]] = Counter()
        self.ledger = Ledger()
        self._awake = threading.Event()
        self._awake.set()
        self._listener: socket.socket | None = None

    # The hand

    def start_service(self) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._path))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop_service(self) -> None:
        """The socket is gone and every client cut; readers and cards stay where they are."""
        with self._mutex:
            listener, self._listener = self._listener, None
            if listener is None:
                return
            self._path.unlink()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            self._waiting.clear()
            self.ledger.cut["connect"] += len(self._handles)
            self.ledger.cut["begin"] += sum(handle.begun for handle in self._handles.values())
            self._handles.clear()
            for reader in self._readers:
                reader.owner = 0
            for client in self._clients:
                self.ledger.cut["establish"] += bool(client.context)
                client.context, client.cut = 0, True
                with contextlib.suppress(OSError):
                    client.connection.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Take what clients send, and answer nothing any more until `thaw`."""
        self._awake.clear()

    def thaw(self) -> None:
        self._awake.set()

    def plug(self, reader: str) -> None:
        with self._mutex:
            if any(one.name == reader for one in self._readers):
                raise ValueError("this reader is already plugged")
            self._readers.append(_Reader(reader))
            self._signal()

    def unplug(self, reader: str) -> None:
        with self._mutex:
            gone = self._reader(reader)
            gone.card, gone.owner = None, 0
            self._readers.remove(gone)
            self._signal()

    def rename(self, reader: str, name: str) -> None:
        with self._mutex:
            slot = self._reader(reader)
            self._readers[self._readers.index(slot)] = replace(slot, name=name, owner=0)
            self._signal()

    def insert(self, reader: str, card: CardApplication, *, mute: bool = False) -> None:
        with self._mutex:
            slot = self._reader(reader)
            if slot.card is not None:
                raise ValueError("there is already a card in this reader")
            card.reset()
            slot.card, slot.mute, slot.moves, slot.resets = card, mute, (slot.moves + 1) & 0xFFFF, 0
            self._signal()

    def remove(self, reader: str) -> None:
        with self._mutex:
            slot = self._reader(reader)
            if slot.card is None:
                raise ValueError("there is no card in this reader")
            slot.card, slot.owner, slot.moves = None, 0, (slot.moves + 1) & 0xFFFF
            self._signal()

    def reset_card(self, reader: str) -> None:
        with self._mutex:
            slot = self._reader(reader)
            if slot.card is not None:
                slot.card.reset()
                slot.resets += 1

    def hold(self, reader: str, held: bool = True) -> None:
        with self._mutex:
            self._reader(reader).held = held
            self._signal()

    def fail(self, call: str, status: int, times: int = 1) -> None:
        with self._mutex:
            self._failures[_CALLS[call], status] += times
            if call == "wait":
                self._signal()

    def _reader(self, name: str) -> _Reader:
        return next(reader for reader in self._readers if reader.name == name)

    def _signal(self, status: int = 0) -> None:
        """Wake every client that waits, once, as pcscd does."""
        woken, self._waiting = self._waiting, set()
        for client in woken:
            client.send(wire.WAIT_BODY.pack(0, status))

    # The wire

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            client = _Client(connection)
            with self._mutex:
                if self._listener is not listener:
                    connection.close()
                    return
                self._clients.add(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: _Client) -> None:
        handlers = {
            wire.VERSION: self._version,
            wire.ESTABLISH: self._establish,
            wire.RELEASE: self._release,
            wire.GET_STATES: self._get_states,
            wire.WAIT: self._wait,
            wire.STOP_WAITING: self._stop_waiting,
            wire.CANCEL: self._cancel,
            wire.CONNECT: self._connect,
            wire.RECONNECT: self._reconnect,
            wire.DISCONNECT: self._disconnect,
            wire.BEGIN: self._begin,
            wire.END: self._end,
        }
        with client.connection, client.connection.makefile("rb") as stream, contextlib.suppress(OSError):
            while len(header := stream.read(8)) == 8:
                size, command = struct.unpack("<II", header)
                body = stream.read(size)
                self._awake.wait()
                if command == wire.TRANSMIT:
                    self._transmit(client, body, stream.read(wire.TRANSMIT_BODY.unpack(body)[3]))
                else:
                    handlers[command](client, body)
        with self._mutex:
            self._clients.discard(client)
            self._waiting.discard(client)

    def _failure(self, command: int) -> int:
        with self._mutex:
            for (wanted, status), times in self._failures.items():
                if wanted == command and times:
                    self._failures[wanted, status] -= 1
                    return status
            return 0

    def _version(self, client: _Client, body: bytes) -> None:
        client.send(wire.VERSION_BODY.pack(*wire.PROTOCOL_VERSION, 0))

    def _establish(self, client: _Client, body: bytes) -> None:
        with self._mutex:
            if client.cut:
                return
            status = self._failure(wire.ESTABLISH)
            client.context = 0 if status else next(_numbers)
            self.ledger.calls["establish"] += bool(client.context)
        client.send(wire.ESTABLISH_BODY.pack(0, client.context, status))

    def _release(self, client: _Client, body: bytes) -> None:
        with self._mutex:
            self.ledger.calls["release"] += bool(client.context)
            context, client.context = client.context, 0
        client.send(wire.HANDLE_BODY.pack(context, 0))

    def _states(self) -> bytes:
        return b"".join(reader.pack() for reader in self._readers).ljust(
            wire.MAX_READERS * wire.READER_STATE.size, b"\0"
        )

    def _get_states(self, client: _Client, body: bytes) -> None:
        with self._mutex:
            client.send(self._states())

    def _wait(self, client: _Client, body: bytes) -> None:
        with self._mutex:
            client.send(self._states())
            self._waiting.add(client)  # even when it fails: the client then stops waiting, and reads an answer to that
            if status := self._failure(wire.WAIT):
                client.send(wire.WAIT_BODY.pack(0, status))

    def _stop_waiting(self, client: _Client, body: bytes) -> None:
        # A client already woken reads that one answer instead.
        with self._mutex:
            if client in self._waiting:
                self._waiting.discard(client)
                client.send(wire.WAIT_BODY.pack(0, 0))

    def _cancel(self, client: _Client, body: bytes) -> None:
        context, _ = wire.HANDLE_BODY.unpack(body)
        client.send(wire.HANDLE_BODY.pack(context, 0))
        with self._mutex:
            for waiting in [other for other in self._waiting if other.context == context]:
                self._waiting.discard(waiting)
                waiting.send(wire.WAIT_BODY.pack(0, failures.E_CANCELLED))

    def _connect(self, client: _Client, body: bytes) -> None:
        context, name, share, preferred, *_ = wire.CONNECT_BODY.unpack(body)
        handle = protocol = 0
        with self._mutex:
            if client.cut:
                return
            self.ledger.shares[share] += 1
            wanted = name.split(b"\0")[0].decode()
            reader = next((one for one in self._readers if one.name == wanted), None)
            if not (status := self._failure(wire.CONNECT)):
                if reader is None:
                    status = failures.E_UNKNOWN_READER
                elif reader.card is None:
                    status = failures.E_NO_SMARTCARD
                elif reader.mute:
                    status = failures.W_UNRESPONSIVE_CARD
                elif reader.held:
                    status = failures.E_SHARING_VIOLATION
                else:
                    handle, protocol = next(_numbers), first_protocol(reader.card.atr)
                    self._handles[handle] = _Handle(reader, reader.card, reader.moves, reader.resets)
                    self.ledger.calls["connect"] += 1
        client.send(wire.CONNECT_BODY.pack(context, name, share, preferred, handle, protocol, status))

    def _status(self, number: int, command: int, *, after_reset: bool = False) -> int:
        """What is wrong with a connection, 0 when nothing is."""
        handle = self._handles.get(number)
        if handle is None:
            return failures.E_INVALID_HANDLE
        if status := self._failure(command):
            return status
        if handle.reader not in self._readers:
            return failures.E_READER_UNAVAILABLE
        if handle.reader.card is None or handle.reader.moves != handle.moves:
            return failures.W_REMOVED_CARD
        if handle.reader.resets != handle.resets and not after_reset:
            return failures.W_RESET_CARD
        return 0

    def _reconnect(self, client: _Client, body: bytes) -> None:
        number, share, preferred, initialisation, protocol, _ = wire.RECONNECT_BODY.unpack(body)
        with self._mutex:
            self.ledger.shares[share] += 1
            self.ledger.dispositions["reconnect", initialisation] += 1
            if not (status := self._status(number, wire.RECONNECT, after_reset=True)):
                handle = self._handles[number]
                handle.resets, protocol = handle.reader.resets, first_protocol(handle.card.atr)
        client.send(wire.RECONNECT_BODY.pack(number, share, preferred, initialisation, protocol, status))

    def _disconnect(self, client: _Client, body: bytes) -> None:
        number, disposition, _ = wire.DISPOSITION_BODY.unpack(body)
        with self._mutex:
            self.ledger.dispositions["disconnect", disposition] += 1
            handle = self._handles.pop(number, None)
            self.ledger.calls["disconnect"] += handle is not None
            if handle and handle.reader.owner == number:
                handle.reader.owner = 0
        client.send(wire.DISPOSITION_BODY.pack(number, disposition, 0 if handle else failures.E_INVALID_HANDLE))

    def _begin(self, client: _Client, body: bytes) -> None:
        number, _ = wire.HANDLE_BODY.unpack(body)
        with self._mutex:
            if not (status := self._status(number, wire.BEGIN)):
                handle = self._handles[number]
                if handle.reader.owner not in (0, number):
                    status = failures.E_SHARING_VIOLATION  # libpcsclite asks again until it is free
                else:
                    self.ledger.calls["begin"] += not handle.begun
                    handle.reader.owner, handle.begun = number, True
        client.send(wire.HANDLE_BODY.pack(number, status))

    def _end(self, client: _Client, body: bytes) -> None:
        number, disposition, _ = wire.DISPOSITION_BODY.unpack(body)
        with self._mutex:
            self.ledger.dispositions["end", disposition] += 1
            handle = self._handles.get(number)
            if handle and handle.begun:
                self.ledger.calls["end"] += 1
                handle.begun = False
                if handle.reader.owner == number:
                    handle.reader.owner = 0
            status = self._status(number, wire.END)
        client.send(wire.DISPOSITION_BODY.pack(number, disposition, status))

    def _transmit(self, client: _Client, body: bytes, apdu: bytes) -> None:
        number, *rest = wire.TRANSMIT_BODY.unpack(body)
        with self._mutex:
            status = self._status(number, wire.TRANSMIT)
        answer = b""
        if not status:
            answer = self._handles[number].card.process(apdu)
            with self._mutex:
                status = self._status(number, wire.TRANSMIT)
        if status:
            answer = b""
        client.send(wire.TRANSMIT_BODY.pack(number, *rest[:5], len(answer), status) + answer)
