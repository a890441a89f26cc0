"""A door on 127.0.0.1 for programs of this workstation: one POST at a time, from no page of a browser, with a token.

Nothing is read of a request whose host, origin, address or token is wrong, and nothing of any is logged. Answers are
`{"code", "message", "field"}` in JSON, the sentence in French.
"""

from __future__ import annotations

import io
import json
import logging
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any, Final

from dmp_desktop.errors import DmpDesktopError

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
PATH: Final = "/patient"
MAX_BODY: Final = 1_000_000
"""Bytes, as by the other ways in."""
MAX_HEAD: Final = 16_384
SECONDS: Final = 5.0
"""For a whole request, however slowly it comes."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_READ_AHEAD = io.DEFAULT_BUFFER_SIZE
_LINGER_S, _LINGER_BYTES = 1.0, 4 * MAX_BODY


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status, stable code, what to say in French, and the field at fault."""

    status: int
    code: str
    text: str = ""
    field: str = ""


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.answer = Answer(status, code, text)


class _Bounded(io.RawIOBase):
    """What comes on a line, until `until` on the monotonic clock and `left` bytes."""

    def __init__(self, line: socket.socket, until: float, left: int) -> None:
        super().__init__()
        self._line, self._until, self.left = line, until, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises TimeoutError, _RefusedError."""
        if self.left <= 0:
            raise _RefusedError(431, "call-head", "L'en-tête de cette requête est trop long.")
        time_left = self._until - time.monotonic()
        if time_left <= 0:
            raise TimeoutError
        self._line.settimeout(time_left)
        count = self._line.recv_into(memoryview(buffer)[: self.left])
        self.left -= count
        return count


class Door:
    """Listens from its making until `close`. `known` tells whether a token is the right one, `take` is given the type and the
    bytes of the body; both are called on the door's own thread, and `take` answers whatever happens. Port 0: one that is free.
    Raises OSError where the port is taken or not allowed."""

    def __init__(
        self,
        port: int,
        known: Callable[[str], bool],
        take: Callable[[str, bytes], Answer],
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._server = _Server(known, take, seconds)
        try:
            self._server.server_bind_to(port)
        except OSError:
            self._server.server_close()
            raise
        self.port = self._server.port
        self._wake, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="contextual-call", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """What is being read is cut; what is being written to the disk ends."""
        self._wake.close()
        self._server.cut()
        self._thread.join()
        self._ended.close()
        self._server.server_close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._server.socket, selectors.EVENT_READ)
            selector.register(self._ended, selectors.EVENT_READ)
            while all(key.fileobj is not self._ended for key, _events in selector.select()):
                self._server.handle_request()


class _Server(TCPServer):
    allow_reuse_address = sys.platform != "win32"  # there it would let another program share the port
    timeout = 0

    def __init__(self, known: Callable[[str], bool], take: Callable[[str, bytes], Answer], seconds: float) -> None:
        super().__init__((HOST, 0), _Handler, bind_and_activate=False)
        self.known, self.take, self.seconds = known, take, seconds
        self.port = 0
        self._current: socket.socket | None = None
        self._closing = False
        self._lock = threading.Lock()

    def server_bind_to(self, port: int) -> None:
        """Raises OSError."""
        self.server_address = (HOST, port)
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        self.server_bind()
        self.server_activate()
        self.socket.setblocking(False)
        self.port = int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._current = request
            if self._closing:
                request.close()
        try:
            super().process_request(request, client_address)
        finally:
            with self._lock:
                self._current = None

    def cut(self) -> None:
        with self._lock:
            self._closing = True
            if self._current is not None:
                with suppress(OSError):
                    self._current.shutdown(socket.SHUT_RD)

    def handle_error(self, *_request: object) -> None:
        """A caller that hangs up is no error; of a fault of ours the kind is told, and nothing that was sent."""
        kind = sys.exc_info()[0]
        if kind is not None and not issubclass(kind, OSError):
            log.error("contextual call: %s", kind.__name__)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    command = path = ""

    def setup(self) -> None:
        self.connection = self.request
        self._until = time.monotonic() + self.server.seconds
        self._bounded = _Bounded(self.connection, self._until, MAX_HEAD + _READ_AHEAD)
        self.rfile = io.BufferedReader(self._bounded, _READ_AHEAD)
        self.wfile = self._told = io.BytesIO()

    def handle(self) -> None:
        try:
            answer = self._answered()
        except _RefusedError as refused:
            answer = refused.answer
        except TimeoutError:
            answer = Answer(408, "call-slow", "La requête n'est pas arrivée entière à temps.")
        except DmpDesktopError as error:  # the key store
            answer = Answer(503, error.code, error.told_fr)
        self._send(answer)

    def finish(self) -> None:
        self.rfile.close()

    def _answered(self) -> Answer:
        """Raises _RefusedError, TimeoutError, OSError."""
        self.raw_requestline = self.rfile.readline(MAX_HEAD + 1)
        if len(self.raw_requestline) > MAX_HEAD:
            raise _RefusedError(414, "call-head", "L'adresse de cette requête est trop longue.")
        if not self.parse_request():
            raise _unreadable()
        self._check_who()
        length, kind = self._check_body()
        self._bounded.left += length
        body = self.rfile.read(length)
        if len(body) != length:
            raise _RefusedError(400, "call-cut", "La requête a été coupée : rien n'est repris.")
        return self.server.take(kind, body)

    def _check_who(self) -> None:
        """Host first: of a page that another name has led here, not even the address is looked at."""
        port = self.server.port
        host = self._only("Host")
        if host is None or host.lower() not in (f"{HOST}:{port}", f"localhost:{port}"):
            raise _RefusedError(403, "call-host", f"L'en-tête Host attendu est {HOST}:{port}.")
        if any(name.lower() == "origin" or name.lower().startswith("sec-fetch-") for name in self.headers):
            raise _RefusedError(403, "call-origin", "Une page d'un navigateur ne peut pas transmettre un patient.")
        if self.command != "POST":
            raise _RefusedError(405, "call-method", "Seul POST est accepté.")
        if "?" in self.path or "#" in self.path:
            text = (
                "Rien ne se transmet dans l'adresse, que d'autres programmes gardent : mettez les champs dans le corps."
            )
            raise _RefusedError(400, "call-query", text)
        if self.path != PATH:
            raise _RefusedError(404, "call-address", f"L'adresse attendue est {PATH}.")
        given = (self._only("Authorization") or "").split()
        if len(given) != 2 or given[0].lower() != "bearer" or not self.server.known(given[1]):
            text = "Jeton absent ou faux : créez-en un dans Réglages, et donnez-le au logiciel métier."
            raise _RefusedError(401, "call-token", text)

    def _check_body(self) -> tuple[int, str]:
        """Its length and type."""
        told = self._only("Content-Length")
        if told is None or "Transfer-Encoding" in self.headers or not (told.isascii() and told.isdigit()):
            raise _RefusedError(411, "call-length", "La longueur du corps (Content-Length) est attendue.")
        if len(told) > len(str(MAX_BODY)) or int(told) > MAX_BODY:
            raise _RefusedError(413, "call-size", "Ce qui est transmis dépasse 1 Mo : rien n'est repris.")
        kind, _, charset = (self._only("Content-Type") or "").partition(";")
        if kind.strip().lower() not in (FORM, JSON) or charset.strip().lower().replace('"', "") not in (
            "",
            "charset=utf-8",
        ):
            raise _RefusedError(415, "call-type", f"Types acceptés : {FORM} et {JSON}, en UTF-8.")
        return int(told), kind.strip().lower()

    def _only(self, name: str) -> str | None:
        """None where there is none, or several."""
        values = self.headers.get_all(name) or []
        return str(values[0]).strip() if len(values) == 1 else None

    def _send(self, answer: Answer) -> None:
        told = {"code": answer.code, "message": answer.text, "field": answer.field}
        body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
        self.request_version = self.protocol_version  # a status line, whatever was understood of the request
        self.send_response_only(answer.status)
        for name, value in (
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
            *((("Allow", "POST"),) if answer.status == 405 else ()),
            *((("WWW-Authenticate", "Bearer"),) if answer.status == 401 else ()),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.connection.settimeout(max(self._until - time.monotonic(), _LINGER_S))
        self.connection.sendall(self._told.getvalue() + (b"" if self.command == "HEAD" else body))
        self._linger()

    def _linger(self) -> None:
        """What was not read is thrown away: closed on it, the system would take the answer back."""
        until, left = time.monotonic() + _LINGER_S, _LINGER_BYTES
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while left > 0 and (seconds := until - time.monotonic()) > 0:
                self.connection.settimeout(seconds)
                got = self.connection.recv(65_536)
                if not got:
                    return
                left -= len(got)

    def handle_expect_100(self) -> bool:
        """Who waits to be asked for the body is asked once it is known who they are."""
        self._check_who()
        self._check_body()
        self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def send_error(self, code: int, *_words: str | None) -> None:
        """What the standard library would quote the request in."""
        raise _unreadable(code)

    def log_message(self, *_arguments: object) -> None:
        """Nothing of a request is written anywhere."""


def _unreadable(code: int = 400) -> _RefusedError:
    return _RefusedError(code, "call-http", "Cette requête n'est pas du HTTP compris ici.")
