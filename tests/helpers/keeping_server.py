"""An HTTPS server that keeps its connections, several at a time: with tickets or without, slow to read, choosy of certificates."""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class KeepingServer:
    """`shaken`: whether each connection was resumed. `received`: the sizes of the bodies read to the end.

    It reads `pace` bytes a second (0: as fast as it can) and stops for good after `enough`, then thinks for `thinks` seconds.
    With `context` changed, the next connections are judged otherwise.
    """

    port: int
    context: ssl.SSLContext
    shaken: list[bool] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    pace: int = 0
    enough: int = 1 << 40
    thinks: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)
    connections: list[ssl.SSLSocket] = field(default_factory=list)

    def cut(self) -> None:
        """Close every connection, as a server that has waited long enough for the next request."""
        for connection in self.connections:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        self.connections.clear()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


def server_context(folder: Path, *, tickets: bool = True, ca: Path | None = None) -> ssl.SSLContext:
    """TLS 1.3 with `server.pem` of `folder`; trusts `ca`, else its `ca.pem`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(ca or folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 2 if tickets else 0
    return context


@contextlib.contextmanager
def keeping_server(folder: Path, *, tickets: bool = True, narrow: bool = False) -> Iterator[KeepingServer]:
    """`narrow`: what it did not read stays with who sends, as on a real line; loopback holds megabytes."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if narrow:
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    server.block_on_close = False
    told = KeepingServer(server.server_port, server_context(folder, tickets=tickets))
    server.told = told  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()
        thread.join(60)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the client leaves as it likes
            self._told: KeepingServer = self.server.told  # type: ignore[attr-defined]
            with self._told.context.wrap_socket(self.connection, server_side=True) as secure:
                self._told.connections.append(secure)
                self._told.shaken.append(bool(secure.session_reused))
                self.rfile, self.wfile = secure.makefile("rb"), secure.makefile("wb", 0)
                super().handle()

    def do_POST(self) -> None:
        told, left, start = self._told, int(self.headers["Content-Length"]), time.monotonic()
        done = 0
        while left > done:
            if done >= told.enough:
                told.over.wait(120)
                return
            done += len(self.rfile.read(min(left - done, 256 * 1024)))
            if told.pace:
                told.over.wait(max(0.0, start + done / told.pace - time.monotonic()))
        told.received.append(done)
        told.over.wait(told.thinks)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_arguments: Any) -> None:
        pass

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
