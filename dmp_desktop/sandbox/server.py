"""The server in threads of this process: `with Sandbox(folder) as sandbox: …` (tests, demo, `dmp sandbox`)."""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import ssl
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Gateway_10
from cheroot.wsgi import Server as WsgiServer

from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError
from dmp_desktop.sandbox import insi, names, pki, psc, seed, web_pages
from dmp_desktop.sandbox.app import MAX_BODY, Application
from dmp_desktop.sandbox.directory import CABINET, CARDS, DOCTOR, SECRETARY, facility_json, professional_json
from dmp_desktop.sandbox.faults import Faults
from dmp_desktop.sandbox.patients import STORIES, patient_json
from dmp_desktop.sandbox.psc_state import CLIENT_ID, CLIENT_SECRET, USERS, Sessions
from dmp_desktop.sandbox.store import Store
from dmp_desktop.sandbox.tolerances import Tolerances

# The DMP's suites for LPS, TLS 1.2 only (reference §1), OpenSSL names.
CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
HOST = "127.0.0.1"
THREADS = 16
THREADS_PSC = 4
KEEP_ALIVE_SECONDS = 300
KEEP_ALIVE_CONNECTIONS = 200

log = logging.getLogger(__name__)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class _FaultyClock:
    """The DMP's, as far off as `Faults` orders."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self._clock, self._faults = clock, faults

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self._faults.clock_off_seconds)

    def monotonic(self) -> float:
        return self._clock.monotonic()


class _Gateway(Gateway_10):
    """Gives the application a way to close the connection without a word (fault injection)."""

    def get_environ(self) -> Any:
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]  # cheroot's stubs are partial

        def drop() -> None:
            self.req.close_connection = True
            self.req.sent_headers = True

        environ["sandbox.drop"] = drop
        return environ


def _check_port(port: int) -> None:
    """Raise OSError when the port is taken: cheroot would leave the socket it tried open."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))


class _Server(WsgiServer):
    """cheroot with our log; its own messages carry no body."""

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, "%s", msg, exc_info=traceback)


class Sandbox:
    """The stand-in national server. `data` keeps everything; `port` 0 takes a free one; `now` of the documents is the clock's
    at first start. `cards` names professionals (directory.CARDS) who get a card at first start too.

    Raises StorageError when the folder or the port cannot be used.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        *,
        clock: Clock | None = None,
        tolerances: Tolerances | None = None,
        cards: Sequence[str] = (),
    ) -> None:
        self.faults = Faults()
        self._cards = cards
        self._clock: Clock = clock or SystemClock()
        self.psc = psc.Provider(Sessions(self._clock))
        try:
            _check_port(port)
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._pki = pki.ensure(data / "pki", self._clock.now(), cards)
            self.registry = Store(data / "dmp.sqlite")
            seed.ensure(self.registry, self._clock.now())
            tolerated = tolerances or Tolerances()
            authority = self._pki.authority()
            self.insi = insi.Teleservice(authority, self._clock, tolerated, self.psc.sessions)
            told = _FaultyClock(self._clock, self.faults)
            application = Application(
                self.registry, authority, told, tolerated, self.faults, self.psc.sessions, self.insi
            )
            self._server = self._listen(application, port)
            self._psc_server = self._listen(web_pages.beside(self.psc), 0, THREADS_PSC, browsers=True)
            self.psc.base = f"https://localhost:{self._psc_server.bind_addr[1]}"
        except (OSError, ValueError, sqlite3.Error) as error:  # ValueError: a certificate that is none
            raise StorageError(
                "sandbox-start", "Le bac à sable ne peut pas démarrer.", "Choisir un autre dossier ou un autre port."
            ) from error
        serving = {"sandbox": self._server.serve, "sandbox-psc": self._psc_server.serve}
        self._threads = [threading.Thread(target=run, name=name, daemon=True) for name, run in serving.items()]

    def _listen(
        self, application: web_pages.Wsgi, port: int, threads: int = THREADS, *, browsers: bool = False
    ) -> _Server:
        server = _Server((HOST, port), application, numthreads=threads, server_name="localhost", request_queue_size=64)
        server.gateway = _Gateway
        server.nodelay = True
        server.timeout = KEEP_ALIVE_SECONDS
        server.keep_alive_conn_limit = KEEP_ALIVE_CONNECTIONS
        server.max_request_body_size = MAX_BODY
        server.ssl_adapter = self._tls()
        if browsers:  # a browser has no certificate; the software may show that of its structure
            server.ssl_adapter.context.verify_mode = ssl.CERT_OPTIONAL
        server.prepare()
        return server

    def _tls(self) -> BuiltinSSLAdapter:
        """TLS 1.2, the DMP's suites, a client certificate demanded, sessions resumed by ticket."""
        server_file = str(self._pki.server_file)
        adapter = BuiltinSSLAdapter(server_file, server_file, str(self._pki.ca_file), CIPHERS)
        context = adapter.context
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        return adapter

    @property
    def url(self) -> str:
        """Base URL of the services."""
        return f"https://localhost:{self._server.bind_addr[1]}{names.BASE_PATH}"

    @property
    def insi_url(self) -> str:
        """Base URL of the INSi teleservice, which is another server than the DMP's."""
        return f"https://localhost:{self._server.bind_addr[1]}"

    @property
    def web_url(self) -> str:
        """Root of the Web DMP, in the form of DMP_DESKTOP_WEB_DMP."""
        return self.psc.base

    @property
    def ready(self) -> dict[str, Any]:
        """Content of the ready file (design/cli.md, "Sandbox ready file")."""
        people = {"doctor": DOCTOR, "secretary": SECRETARY, "structure": DOCTOR}
        people |= {card: CARDS[card] for card in self._cards}
        identities = {
            name: {
                "p12": str(self._pki.p12_folder(name).resolve()),
                "password": pki.P12_PASSWORD,
                "professional": professional_json(person),
                "facility": facility_json(CABINET),
            }
            for name, person in people.items()
        }
        patients = [
            {
                "ins": story.patient.ins.value,
                "ins_oid": story.patient.ins.oid,
                "story": story.name,
                "patient": patient_json(story.patient),
            }
            for story in STORIES
        ]
        ca = str(self._pki.ca_file.resolve())
        return {
            "url": self.url,
            "ca": ca,
            "identities": identities,
            "patients": patients,
            "psc": self._psc_ready(ca),
            "web_dmp": self.web_url,
        }

    def _psc_ready(self, ca: str) -> dict[str, Any]:
        """The stand-in Pro Santé Connect, in the form of DMP_DESKTOP_PSC, and what a demonstration needs besides."""
        return {
            "discovery": f"{self.psc.issuer}/.well-known/wallet-openid-configuration",
            "ca": ca,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "structure": str(self._pki.p12_folder("structure").resolve()),
            "users": [
                {"national_id": user.national_id, "name": f"{user.given} {user.family}"} for user in USERS.values()
            ],
            "phone": f"{self.psc.base}/telephone",
            "faults": f"{self.psc.base}/fautes",
        }

    def start(self) -> None:
        """Serve in the background."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop serving and close the data."""
        for server in (self._server, self._psc_server):
            server.stop()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self.registry.close()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
