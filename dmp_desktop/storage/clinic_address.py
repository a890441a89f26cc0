"""Where the clinic's database is and how a connection to it is made: proved by TLS, and bounded in time."""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

from dmp_desktop.errors import ContextError
from dmp_desktop.storage.clinic_errors import connection_error, unproved

CONNECT_SECONDS = 5
ANSWER_SECONDS = 15.0
"""Longest silence in the middle of an exchange: longer than the server's own limits, which tell more."""

_PORT = 5432
# libpq, "Parameter Key Words"; keepalives in seconds, tcp_user_timeout in milliseconds.
_ALIVE = {"keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3", "tcp_user_timeout": "15000"}
# The server's side, "Client Connection Defaults": it drops a workstation that lost its power within 20 s, and its locks with it.
_LIMITS = {
    "synchronous_commit": "on",  # whatever the server or the role says: what was said to be kept is on its disk
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "20s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
}


@dataclass(frozen=True, slots=True)
class ClinicAddress:
    """`host` is a name, an address or the folder of a socket. `ca_file`: the authority of the server's certificate."""

    host: str
    port: int
    database: str
    user: str
    ca_file: Path | None = None

    @classmethod
    def parse(cls, url: str) -> ClinicAddress:
        """`postgresql://USER@HOST[:PORT]/DATABASE[?ca=FILE]`, or `?socket=FOLDER` without a host.

        Nothing else is taken, so that nobody turns the proof off, and no password, which has no place in an environment.
        Raises ContextError("clinic-address").
        """
        try:
            parts = urlsplit(url)
            asked = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
            host = (parts.hostname or "") or asked.get("socket", [""])[0]
            name, user = unquote(parts.path.removeprefix("/")), unquote(parts.username or "")
            well = parts.scheme == "postgresql" and host and name and user and parts.password is None
            known = set(asked) <= ({"ca"} if parts.hostname else {"socket"}) and not parts.fragment
            if not (well and known and "/" not in name and "," not in host):
                raise ValueError  # noqa: TRY301 - the same refusal
            ca_file = Path(asked["ca"][0]) if "ca" in asked else None
            return cls(host, parts.port or _PORT, name, user, ca_file)
        except ValueError:
            raise ContextError(
                "clinic-address",
                "L'adresse de la base du cabinet ne se comprend pas.",
                "Écrivez postgresql://UTILISATEUR@SERVEUR:PORT/BASE?ca=FICHIER, sans mot de passe : il se saisit.",
                field="DMP_DESKTOP_DATABASE",
            ) from None

    @property
    def is_here(self) -> bool:
        """Whether nothing leaves this machine: a socket or a loopback address (RFC 6761 §6.3, RFC 1122, RFC 4291)."""
        if self.host.startswith("/") or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def connect(self, password: str) -> psycopg.Connection[Any]:
        """One connection. Raises StorageError."""
        conninfo = self._conninfo(password)
        try:
            return _Bounded.connect(conninfo)
        except psycopg.Error as error:
            failure = connection_error(error, self.host, self.port)
        raise failure  # without its cause, which holds the password

    def _conninfo(self, password: str) -> str:
        """Every choice said, that none is left to PG* variables or to files of the user (`hostaddr` would lead elsewhere, GSSAPI
        around TLS). Raises StorageError("clinic-tls")."""
        if self.ca_file is None and not self.is_here:
            raise unproved()
        proof = {"sslmode": "verify-full", "sslrootcert": str(self.ca_file)} if self.ca_file else {"sslmode": "prefer"}
        return make_conninfo(
            host=self.host,
            hostaddr="",
            port=self.port,
            dbname=self.database,
            user=self.user,
            password=password,
            passfile=os.devnull,
            require_auth="scram-sha-256" if password else "",
            gssencmode="disable",
            connect_timeout=CONNECT_SECONDS,
            application_name="dmp-desktop",
            client_encoding="UTF8",
            options=" ".join(f"-c {name}={value}" for name, value in _LIMITS.items()),
            **(_ALIVE | proof),
        )


class _Bounded(psycopg.Connection[Any]):
    """Bears no silence for ever: of a server that froze, the kernel still answers the keepalives."""

    def wait(self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(self._within(gen), interval, timeout)

    def _within(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        try:
            wanted = next(gen)
            heard = time.monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() > heard + ANSWER_SECONDS:
                    self.close()
                    raise psycopg.OperationalError("silence")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value
