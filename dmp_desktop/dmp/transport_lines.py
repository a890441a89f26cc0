"""The connections of a session with the DMP, each lent to one call at a time and kept alive.

A further connection is cheap where the server resumes TLS sessions; where it does not, each costs a signature of the card, which
makes one at a time. A call then rather waits a while for a connection that another one is about to give back.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.util import wait_for_read

from dmp_desktop.dmp.tls_context import ResumingContext, Resumption

PATIENCE_SECONDS = 1.0
"""How long a call waits for another's connection before it has the card sign for its own: about what that costs (0.7 s)."""
SEND_BUFFER = 128 * 1024
"""Bytes the system may hold of what is sent (Linux: twice that). Left to itself it takes megabytes, at once, and the wait for the
answer would begin while they still leave. Enough for 20 Mbit/s at 50 ms."""


class _Connection(HTTPSConnection):
    """One at a time connects and shakes hands; the others wait until their call's deadline, then resume its TLS session."""

    def connect(self) -> None:
        context = self.ssl_context
        if not isinstance(context, ResumingContext):
            raise TypeError("not our context")
        left = context.thread.deadline - time.monotonic()
        if left <= 0 or not context.turn.acquire(timeout=left):
            context.thread.queued = True
            raise TimeoutError("another connection is still shaking hands")
        try:
            super().connect()
        finally:
            context.turn.release()


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    """Uses our context and nothing else: requests would add the public certificate authorities to it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        wanted = [*HTTPSConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)]
        super().init_poolmanager(*arguments, ssl_context=self._context, socket_options=wanted, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def cert_verify(self, conn: Any, *_arguments: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class Line:
    """One connection, for one call at a time. `opening` until its first handshake ended, well or not."""

    def __init__(self, context: ResumingContext) -> None:
        self.session = requests.Session()
        self.session.trust_env = False  # neither proxies nor authorities of the environment
        self.session.mount("https://", _Adapter(context))
        self.opening = True
        self.socket: ssl.SSLSocket | None = None

    @property
    def alive(self) -> bool:
        """Whether the next call finds the connection open: a server that left made it readable."""
        return self.socket is not None and self.socket.fileno() != -1 and not wait_for_read(self.socket, timeout=0)


class Lines:
    """The connections to `host`. One at a time opens, unless the server is known to resume."""

    def __init__(self, context: ResumingContext, host: str) -> None:
        self._context = context
        self._host = host
        self._idle: list[Line] = []
        self._busy: set[Line] = set()
        self._queue: list[object] = []  # calls that wait, in their turn: who gives a line back may want it again
        self._last_opened = 0.0
        self._changed = threading.Condition()
        self._closed = False

    def take(self, deadline: float) -> Line | None:
        """A connection, perhaps still to be opened; after `deadline` (monotonic seconds) one that will not. None once closed."""
        me = object()
        with self._changed:
            self._queue.append(me)
            since = time.monotonic()
            try:
                while not self._closed:
                    now = time.monotonic()
                    patience = max(since, self._last_opened) + PATIENCE_SECONDS
                    first = self._queue[0] is me
                    line = self._waiting() if first else None
                    if line is None and (now >= deadline or (first and self._may_open(impatient=now >= patience))):
                        line = Line(self._context)
                    if line is not None:
                        self._busy.add(line)
                        self._context.thread.shaken = partial(self._shaken, line)
                        return line
                    alone = first and not self._opening  # else somebody will tell
                    self._changed.wait((min(deadline, patience) if alone else deadline) - now)
            finally:
                self._queue.remove(me)
                self._changed.notify_all()
        return None

    def give_back(self, line: Line) -> None:
        """The call is over, well or not. Giving back twice changes nothing."""
        with self._changed:
            if line not in self._busy:
                return
            self._busy.discard(line)
            line.opening = False
            if self._closed:
                line.session.close()
            else:
                self._idle.append(line)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            lines, self._idle = [*self._idle, *self._busy], []
            self._changed.notify_all()
        for line in lines:
            line.session.close()

    def _waiting(self) -> Line | None:
        """The connection used last of those that are still open; the others are let go."""
        while self._idle:
            line = self._idle.pop()
            if line.alive:
                return line
            line.session.close()
        return None

    @property
    def _opening(self) -> bool:
        return any(line.opening for line in self._busy)

    def _may_open(self, *, impatient: bool) -> bool:
        resumption = self._context.resumption(self._host)
        if resumption is Resumption.SURE or not self._busy:
            return True
        return not self._opening and (resumption is Resumption.UNTRIED or impatient)

    def _shaken(self, line: Line, wrapped: ssl.SSLSocket) -> None:
        with self._changed:
            line.opening = False
            line.socket = wrapped
            self._last_opened = time.monotonic()
            self._changed.notify_all()
