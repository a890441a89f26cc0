"""A tiny HTTPS server that demands a client certificate: tells what it saw of each connection, misbehaves on demand."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass
class TlsServer:
    """`answers` are sent one a connection, the last one for ever; `seen` is (resumed, TLS version, cipher, subject).

    `pace`: bytes a second of an answer (0: all at once). After each answer, `drips` bytes more, one every 50 ms. Only the first
    bytes of a request are waited for, unless `reads_all`: an answer that is closed on a request not read to its end may be lost
    with it.
    """

    port: int
    make_context: Callable[[], ssl.SSLContext]
    answers: list[bytes] = field(default_factory=lambda: [OK])
    seen: list[tuple[bool, str, str, str]] = field(default_factory=list)
    drips: int = 0
    pace: int = 0
    reads_all: bool = False

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Lose every TLS session, as a server that restarts."""
        self.context = self.make_context()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


@contextlib.contextmanager
def tls_server(folder: Path, *, newest: bool = False, asks: bool = True) -> Iterator[TlsServer]:
    """Serve on loopback with `server.pem` and `ca.pem` of `folder` (tests/helpers/signers.py); TLS 1.3 if `newest`.

    Not demanding who the client is unless it `asks`.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = TlsServer(listener.getsockname()[1], lambda: _context(folder, newest=newest, asks=asks))
        thread = threading.Thread(target=_serve, args=(listener, server), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def _context(folder: Path, *, newest: bool, asks: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED if asks else ssl.CERT_NONE
    if not newest:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _serve(listener: socket.socket, server: TlsServer) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        with plain, contextlib.suppress(OSError), server.context.wrap_socket(plain, server_side=True) as secure:
            received = secure.recv(65536)
            if not received:
                continue
            if server.reads_all:
                _read_rest(secure, received)
            subject = dict(item[0] for item in secure.getpeercert()["subject"])["commonName"]
            server.seen.append((secure.session_reused, secure.version(), secure.cipher()[0], subject))
            _answer(secure, server.answers[0] if len(server.answers) == 1 else server.answers.pop(0), server.pace)
            for _ in range(server.drips):
                time.sleep(0.05)
                secure.sendall(b"a")


def _answer(secure: ssl.SSLSocket, answer: bytes, pace: int) -> None:
    step = pace // 20 or max(1, len(answer))
    for start in range(0, len(answer), step):
        secure.sendall(answer[start : start + step])
        if pace:
            time.sleep(0.05)


def _read_rest(secure: ssl.SSLSocket, received: bytes) -> None:
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
    left = int(fields[b"content-length"]) - len(body)
    while left > 0:
        left -= len(secure.recv(left))
