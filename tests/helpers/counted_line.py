"""A line whose bytes are counted: everything goes through it, as it comes."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class CountedLine:
    """Forwards connections to a port of this machine, from a port of its own. `sent` and `received` are bytes on the wire."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server = socket.create_server(("localhost", 0))
        self.port: int = self._server.getsockname()[1]
        self.sent = self.received = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def total(self) -> int:
        return self.sent + self.received

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("localhost", self._to))
                for source, target, out in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._carry, args=(source, target, out), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, out: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                with self._lock:
                    self.sent += len(data) if out else 0
                    self.received += 0 if out else len(data)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
