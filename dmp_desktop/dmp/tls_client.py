"""What all our TLS clients have in common: whom they trust, what they refuse, and that no answer lasts for ever."""

from __future__ import annotations

import http.client
import ssl
import time
from pathlib import Path
from typing import Any

from dmp_desktop.dmp import openssl


class TimedSocket(ssl.SSLSocket):
    """Reads until `deadline` (monotonic seconds): a timeout alone would let one byte now and then go on for ever."""

    deadline = float("inf")

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """Raises TimeoutError after the deadline."""
        openssl.forget_errors()
        timeout, left = self.gettimeout(), self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        if timeout is not None and timeout <= left:
            return super().recv_into(*arguments, **options)
        self.settimeout(left)
        count = super().recv_into(*arguments, **options)
        self.settimeout(timeout)
        return count

    def sendall(self, data: Any, flags: int = 0) -> None:
        openssl.forget_errors()
        super().sendall(data, flags)


class ClientContext(ssl.SSLContext):
    """TLS 1.2 at least, to a server known by its alternative names: a common name says nothing (RFC 9525 §2)."""

    sslsocket_class = TimedSocket

    def trust(self, ca_file: Path) -> None:
        """Trust the authorities of `ca_file` (PEM) and no other. Raises OSError, of which ssl.SSLError is one."""
        self._be_strict()
        self.load_verify_locations(ca_file)

    def trust_system(self) -> None:
        """Trust the authorities of the system: for what is signed besides."""
        self._be_strict()
        self.load_default_certs()

    def _be_strict(self) -> None:
        self.minimum_version = ssl.TLSVersion.TLSv1_2
        self.hostname_checks_common_name = False
        self.options |= ssl.OP_NO_RENEGOTIATION  # each would have the card sign, as often as a server likes


class BriefConnection(http.client.HTTPSConnection):
    """For one exchange, which ends `seconds` after the connection began to open, well or not."""

    def __init__(self, host: str, port: int | None, context: ClientContext, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds, context=context)
        self._seconds = seconds

    def connect(self) -> None:
        deadline = time.monotonic() + self._seconds
        super().connect()
        if isinstance(self.sock, TimedSocket):  # always: the context makes no other
            self.sock.deadline = deadline
