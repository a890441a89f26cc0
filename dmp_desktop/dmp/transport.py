"""HTTPS to the DMP: mutual TLS with a key that stays where it is, connections kept alive, TLS sessions resumed.

One requests.Session a thread (it is not promised to be thread-safe), one TLS context for all (`tls_context`): a card signs once
for all the connections of a session.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from dmp_desktop.dmp import openssl_bridge
from dmp_desktop.dmp.tls_context import ResumingContext
from dmp_desktop.domain.ports import ClientIdentity
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError

# Suites of the DMP for practice software (reference §1).
CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
CONNECT_SECONDS = 5.0
"""TCP alone: the handshake has its own limit (`tls_context`)."""
READ_SECONDS = 20.0
CHUNK = 64 * 1024
LIMIT_BYTES = 256 * 1024 * 1024
LIMIT_SECONDS = 180.0
"""Of one call, to the end of its answer: shorter than the outbox's lease, which must outlive any exchange."""


class _Connection(HTTPSConnection):
    """One at a time connects and shakes hands; the others wait until their call's deadline, then resume its TLS session."""

    def connect(self) -> None:
        context = self.ssl_context
        if not isinstance(context, ResumingContext):
            raise TypeError("not our context")
        if not context.turn.acquire(timeout=max(0.0, context.thread.deadline - time.monotonic())):
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
        super().__init__(pool_connections=1, pool_maxsize=4, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def cert_verify(self, conn: Any, *_arguments: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class HttpReply:
    """A reply whose body is read once. Reading raises DmpError(ambiguous) when the connection breaks, or the body takes more
    than LIMIT_BYTES, or the call more than LIMIT_SECONDS."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        total = 0
        try:
            for chunk in self._response.iter_content(CHUNK):
                total += len(chunk)
                if total > LIMIT_BYTES:
                    raise answer_lost()
                yield chunk
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError):
            raise answer_lost() from None  # the last two: what urllib3 says of a socket cut under it
        finally:
            self._response.close()


class HttpsTransport:
    """Transport of the port over requests; `ca_file` (PEM) holds the only trusted authorities."""

    def __init__(self, base_url: str, identity: ClientIdentity, ca_file: Path) -> None:
        self._base_url = base_url.rstrip("/")
        self._context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.prepare()
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.set_ciphers(CIPHERS)
        try:
            self._context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise DmpError(
                "AutoritesAbsentes",
                "Les certificats des serveurs du DMP sont introuvables ou illisibles.",
                "Réinstallez DMP Desktop.",
            ) from None
        self._key = self._context.key = openssl_bridge.attach(self._context, identity.authentication)
        self._local = threading.local()
        self._open: list[requests.Session] = []
        self._lock = threading.Lock()

    @property
    def signatures(self) -> int:
        """How many times the authentication key signed: one a full TLS handshake."""
        return self._key.signatures

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """POST and return the reply with its body still to be read. Errors as the port says."""
        session = self._session()
        self._context.thread.sent = self._context.thread.unsuited = False
        self._context.thread.deadline = time.monotonic() + LIMIT_SECONDS
        try:
            response = session.post(
                self._base_url + path,
                data=body,
                headers=dict(headers),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                stream=True,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._translate(error) from None
        return HttpReply(response)

    def close(self) -> None:
        """Cut every connection and forget every TLS session; calls under way end in an error, later ones are refused."""
        self._context.drop()
        with self._lock:
            sessions, self._open = self._open, []
        for session in sessions:
            session.close()
        self._key.forget()

    def _session(self) -> requests.Session:
        if self._context.closed:
            raise session_closed()
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # neither proxies nor authorities of the environment
            session.mount("https://", _Adapter(self._context))
            with self._lock:
                self._open.append(session)
            self._local.session = session
        return session

    def _translate(self, error: requests.RequestException) -> DmpDesktopError:
        """Once the request began to leave, it may have been carried out, whatever went wrong afterwards."""
        key_error = self._key.take_error()
        if self._context.thread.sent:
            return answer_lost()
        if isinstance(key_error, DmpDesktopError):
            return key_error
        if self._context.closed:
            return session_closed()
        if self._context.thread.unsuited:
            return unsuited()
        if isinstance(error, requests.exceptions.SSLError):
            return DmpError(
                "Tls",
                "La connexion sécurisée avec le DMP a échoué.",
                "Vérifiez la date de l'ordinateur et la validité de votre carte, puis lancez le diagnostic.",
                retryable=True,
            )
        return unreachable()


def session_closed() -> CardError:
    """As when the card is gone (locked, pulled): what is to be sent waits for it, nobody refused it."""
    return CardError("SessionFermee", "La session avec le DMP est fermée.", "Remettez votre carte CPS dans le lecteur.")


def unsuited() -> DmpError:
    return DmpError(
        "SignatureInconnue",
        "Le serveur demande une signature que cette carte ne sait pas faire (carte CPS3), ou ne reconnaît pas cette carte.",
        "Utilisez une carte CPS4 ou Pro Santé Connect ; sinon, lancez le diagnostic et prévenez l'assistance.",
        retryable=True,
    )


def unreachable() -> DmpError:
    return DmpError(
        "DmpInjoignable",
        "Le DMP est injoignable.",
        "Vérifiez la connexion internet ; les envois reprendront seuls.",
        retryable=True,
    )


def answer_lost() -> DmpError:
    return DmpError(
        "ReponsePerdue",
        "La connexion avec le DMP a été coupée.",
        "Rien à faire : l'état du document sera vérifié avant tout nouvel envoi.",
        retryable=True,
        ambiguous=True,
    )
