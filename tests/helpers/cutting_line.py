"""A line to a server that fails: every connection may be cut at any byte, in either direction, or never come about.

Who sends learns of a cut only once the server is done with what reached it: what it kept of a cut exchange is there when it is
asked for, so that whoever sends a document again did not look.
"""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

_PIECE = 16 * 1024
_DONE_WITHIN = 120.0  # seconds, of a server on a machine that is busy
NEVER = 1 << 40
DEPOSIT = (90_000, 14_000)
"""Bytes up and down: a handshake, a deposit and its answer (TLS 1.2, one document of some 10 kB)."""


@dataclass
class CuttingLine:
    """Listens on `port` of 127.0.0.1 and leads to `server_port`. `cut_share` of the connections are cut, one in four of them at
    once, the others within `reach` bytes; where `cut_after` is given, each after so many bytes, up and down."""

    server_port: int
    chance: random.Random
    cut_share: float = 0.0
    reach: tuple[int, int] = DEPOSIT
    cut_after: tuple[int, int] | None = None
    cuts: int = 0
    _open: int = 0
    _idle: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="cutting line", daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def settle(self) -> None:
        """Wait until the server is done with every connection whose client is gone; the others are cut."""
        with self._idle:
            assert self._idle.wait_for(lambda: self._open == 0, _DONE_WITHIN), "the server ends no connection"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _plan(self) -> tuple[int, int]:
        """After how many bytes, up and down, it is cut."""
        if self.cut_after is not None:
            return self.cut_after
        if self.chance.random() >= self.cut_share:
            return NEVER, NEVER
        where = self.chance.randrange(4)
        if where == 0:
            return 0, 0
        return (
            (self.chance.randrange(self.reach[0]), NEVER)
            if where == 1
            else (NEVER, self.chance.randrange(self.reach[1]))
        )

    def _serve(self, client: socket.socket) -> None:
        with self._idle:
            up, down = self._plan()
            self._open += 1
        try:
            with client, socket.create_connection(("127.0.0.1", self.server_port), 60) as server:
                if up:
                    _Exchange(client, server).run(up, down)
        except OSError:
            pass
        finally:
            with self._idle:
                self.cuts += up < NEVER or down < NEVER
                self._open -= 1
                self._idle.notify_all()


class _Exchange:
    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self._client, self._server = client, server
        self._cut = threading.Event()

    def run(self, up: int, down: int) -> None:
        """Returns once the server has closed its side."""
        answers = threading.Thread(target=self._answers, args=(down,), daemon=True)
        answers.start()
        self._pass(self._client, self._server, up)
        if up < NEVER:
            self._cut.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_WR)
        answers.join()

    def _answers(self, down: int) -> None:
        """After the cut the server is heard to its end all the same."""
        self._server.settimeout(_DONE_WITHIN)
        with suppress(OSError):
            self._pass(self._server, self._client, down)
            self._cut.set()
            with suppress(OSError):
                self._client.shutdown(socket.SHUT_RD)  # the other way ends, and tells the server so
            while self._server.recv(_PIECE):
                pass
        self._cut.set()

    def _pass(self, source: socket.socket, target: socket.socket, most: int) -> None:
        with suppress(OSError):
            while most > 0 and (piece := source.recv(min(_PIECE, most))) and not self._cut.is_set():
                target.sendall(piece)
                most -= len(piece)
