"""A client TLS context that makes a card sign once: handshakes one at a time, each offered the session of the one before.

urllib3 never resumes by itself. A resumed handshake costs no signature; the first connections of several threads would sign once
each if they did not wait for one another, and so would those that find the session expired.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable
from enum import Enum
from typing import Any

from dmp_desktop.dmp.external_key import ExternalKey
from dmp_desktop.dmp.tls_client import ClientContext, TimedSocket

SHAKE_SECONDS = 10.0
"""How long a handshake may wait for the server in all. A signature of ours is not counted: Windows may be asking the PIN."""
TICKET_SECONDS, TICKET_TURNS, TICKET_SLACK = 1.0, 3, 0.05
"""How long to wait for what TLS 1.3 resumes with, or a refusal: one round trip after the handshake (RFC 8446 §4.6.1). So as many
times what the server took for the handshake, and a little more, TICKET_SECONDS at most; where it once gave none, not at all."""
SEND_SECONDS = 20.0
"""How long the server may take none of what is sent."""
FLOOR_RATE = 16 * 1024
"""Bytes a second. A line that carries less is taken for broken: what is sent, and what comes, adds to its call's deadline the
time this takes."""
SLICE = 64 * 1024
"""Sent at once: ssl's timeout is for all it is given, and would be for a whole body."""
_UNSUITED = ("NO_SUITABLE_SIGNATURE_ALGORITHM", "ALERT_PROTOCOL_VERSION", "ALERT_HANDSHAKE_FAILURE")
"""Ends of the OpenSSL reasons of a server that wants PSS or TLS 1.3, met by a key that has neither."""
_REFUSED = (
    "_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_REQUIRED",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
    "ALERT_DECRYPT_ERROR",
)
"""Ends of the OpenSSL reasons of a server that refuses our certificate (RFC 8446 §6.2)."""


class Resumption(Enum):
    """What a further connection costs: no signature (SURE), a signature (NONE), or nobody knows yet."""

    NONE = 0
    UNTRIED = 1
    SURE = 2


class _Socket(TimedSocket):
    """Tells its context what happens: the session to resume, and that a request began to leave.

    Reads until the deadline of the call that last sent something, later by what came since.
    """

    context: ResumingContext
    answered = False
    asked = True
    """Whether something was sent since its session was last looked at, which takes longer than a record of an answer (150 µs)."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """Tickets arrive before the data, and urllib3 never asks for them. Raises TimeoutError after the deadline."""
        try:
            count = super().recv_into(*arguments, **options)
        except ssl.SSLError as error:
            self._note_refusal(error)
            raise
        self.answered = self.answered or count > 0
        self.deadline += count / FLOOR_RATE
        if self.asked and self._sslobj is not None:  # type: ignore[attr-defined]
            self.asked = False
            self.context.remember(self)
        return count

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As long as the server goes on taking it. Raises TimeoutError when it stops, or after the deadline."""
        self.context.thread.sent = self.asked = True
        timeout = self.gettimeout()
        with memoryview(data).cast("B") as whole:
            self.deadline = self.context.thread.deadline + len(whole) / FLOOR_RATE
            try:
                for start in range(0, len(whole), SLICE):
                    self.settimeout(max(0.001, min(SEND_SECONDS, self.deadline - time.monotonic())))
                    super().sendall(whole[start : start + SLICE], flags)
            except TimeoutError:
                self.context.thread.stalled = True
                raise
            except (ConnectionResetError, ssl.SSLEOFError):  # a server that refuses our certificate says so, and cuts
                self.settimeout(0)
                try:
                    self.read(1)
                except ssl.SSLError as error:
                    self._note_refusal(error)
                raise
            finally:
                self.settimeout(timeout)

    def _note_refusal(self, error: ssl.SSLError) -> None:
        self.context.thread.refused = not self.answered and (error.reason or "").endswith(_REFUSED)


class _Call(threading.local):
    """What one thread does now."""

    sent = False
    unsuited = False
    refused = False
    stalled = False
    queued = False
    deadline = float("inf")
    shaken: Callable[[ssl.SSLSocket], None] | None = None


class ResumingContext(ClientContext):
    """Offers the last session of the same host, and can drop all its connections.

    With a `key`, a connection where it did not sign, nor in the one resumed, is refused: nothing of a patient leaves there.
    `turn` is to be held from before the TCP connection to the end of the handshake: a server may well serve one at a time.
    `thread.sent` tells whether the present thread's request began to leave: if not, nothing can have been carried out.
    `thread.unsuited` tells whether its handshake failed for want of a signature our key cannot make, as far as one sees.
    `thread.refused`: the server refused our certificate after the request began to leave: it did nothing (RFC 8446 §4.4.2.4).
    `thread.stalled`: the server stopped taking what was sent.
    `thread.queued`: it never had its turn.
    `thread.deadline` is when its call is to have ended (monotonic seconds), the time its body
    and its answer take at FLOOR_RATE not counted.
    `thread.shaken` is told of the connection whose handshake succeeded.
    """

    sslsocket_class = _Socket

    def prepare(self) -> None:
        """An SSLContext is made by `__new__` alone: its own state comes here."""
        self.thread = _Call()
        self.turn = threading.Lock()
        self._sessions: dict[Any, ssl.SSLSession] = {}
        self._resumes: dict[Any, bool] = {}  # whether the last session offered was taken
        self._ticketless: set[Any] = set()
        self._live: weakref.WeakSet[ssl.SSLSocket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.closed = False
        self.key: ExternalKey | None = None

    def remember(self, wrapped: ssl.SSLSocket) -> None:
        """Keep its session for the next connection to its host, if the server made it one that can be resumed."""
        session = wrapped.session
        if session is None or not (session.has_ticket or (session.id and wrapped.version() != "TLSv1.3")):
            if isinstance(wrapped, _Socket) and wrapped.answered:
                self._ticketless.add(wrapped.server_hostname)
            return
        with self._lock:
            self._ticketless.discard(wrapped.server_hostname)
            if not self.closed:
                self._sessions[wrapped.server_hostname] = session

    def resumption(self, host: str) -> Resumption:
        with self._lock:
            if host not in self._sessions or not self._resumes.get(host, True):
                return Resumption.NONE
            return Resumption.SURE if host in self._resumes else Resumption.UNTRIED

    def wrap_socket(self, sock: Any, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """As usual, with the session of the one before. Raises OSError once dropped."""
        options["do_handshake_on_connect"] = False
        wrapped = super().wrap_socket(sock, *arguments, **options)
        try:
            with self._lock:
                self._live.add(wrapped)
            self._shake_hands(wrapped)
        except BaseException:
            wrapped.close()
            raise
        if self.thread.shaken is not None:
            self.thread.shaken(wrapped)
        return wrapped

    def drop(self) -> None:
        """Cut every connection, those in use or in a handshake included, and forget every session."""
        with self._lock:
            self.closed = True
            self._sessions.clear()
            live = list(self._live)
        for connection in live:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # ssl's own forgets the TLS state under its user

    def _shake_hands(self, wrapped: ssl.SSLSocket) -> None:
        with self._lock:
            if self.closed:
                raise ConnectionAbortedError("dropped")
            session = self._sessions.get(wrapped.server_hostname)
        if session is not None:
            wrapped.session = session
        signed = self.key.signatures if self.key else -1
        without_pss = self.key is not None and not self.key.pss
        try:
            waited = _do_handshake(wrapped)
        except ssl.SSLError as error:
            self.thread.unsuited = without_pss and (error.reason or "").endswith(_UNSUITED)
            raise
        if self.key and not wrapped.session_reused and self.key.signatures == signed:
            self.thread.unsuited = without_pss  # TLS 1.2: we then present no certificate, and some servers go on
            raise ssl.SSLError("the server does not know who we are: it did not ask, or took none of our algorithms")
        host = wrapped.server_hostname
        if session is not None:
            self._resumes[host] = bool(wrapped.session_reused)
        if wrapped.version() == "TLSv1.3" and not wrapped.session_reused and host not in self._ticketless:
            _await_ticket(wrapped, min(TICKET_SECONDS, TICKET_TURNS * waited + TICKET_SLACK))
        self.remember(wrapped)


def _do_handshake(wrapped: ssl.SSLSocket) -> float:
    """As the socket's own with SHAKE_SECONDS for a timeout, which would count the signature. Raises OSError.

    Gives how long the server was waited for (s)."""
    left = SHAKE_SECONDS
    timeout = wrapped.gettimeout()
    wrapped.settimeout(0)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(wrapped, selectors.EVENT_READ)
            while True:
                try:
                    wrapped.do_handshake()
                    return SHAKE_SECONDS - left
                except ssl.SSLWantReadError:
                    selector.modify(wrapped, selectors.EVENT_READ)
                except ssl.SSLWantWriteError:
                    selector.modify(wrapped, selectors.EVENT_WRITE)
                start = time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError("the server is silent in the handshake")
                left -= time.monotonic() - start
    finally:
        wrapped.settimeout(timeout)


def _await_ticket(wrapped: ssl.SSLSocket, seconds: float) -> None:
    """Read what a TLS 1.3 server says of itself after the handshake: how to resume, or that it refuses our certificate.

    For `seconds` at most. Nothing else can come, no request having left. Raises ssl.SSLError on a refusal.
    """
    limit = time.monotonic() + seconds
    timeout = wrapped.gettimeout()
    wrapped.settimeout(0)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(wrapped, selectors.EVENT_READ)
            while True:
                with contextlib.suppress(ssl.SSLWantReadError):
                    wrapped.read(1)
                    raise ssl.SSLError("the server spoke before it was asked, or left")
                session, left = wrapped.session, limit - time.monotonic()
                if (session and session.has_ticket) or left <= 0:
                    return
                selector.select(left)
    finally:
        wrapped.settimeout(timeout)
