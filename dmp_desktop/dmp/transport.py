"""HTTPS to the DMP: mutual TLS 1.2 with a key that stays where it is, connections kept alive, TLS sessions resumed.

One requests.Session a thread (it is not promised to be thread-safe), one TLS context for all: a resumed handshake costs no
signature, so a card signs once for all the connections of a session.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from dmp_desktop.dmp import openssl_bridge
from dmp_desktop.domain.ports import ClientIdentity
from dmp_desktop.errors import DmpDesktopError, DmpError

# Suites of the DMP for practice software (reference §1).
CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0
CHUNK = 64 * 1024


class _ResumingSocket(ssl.SSLSocket):
    """Remembers its TLS session after each read: tickets arrive with the data, and urllib3 never asks for them."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        count = super().recv_into(*arguments, **options)
        if self._sslobj is not None and self.session is not None:  # type: ignore[attr-defined]
            self.context.remember(self.server_hostname, self.session)  # type: ignore[attr-defined]
        return count


class _ResumingContext(ssl.SSLContext):
    """A client context that offers the last session of the same host."""

    sslsocket_class = _ResumingSocket
    _sessions: dict[Any, ssl.SSLSession]

    def remember(self, host: Any, session: ssl.SSLSession) -> None:
        self._sessions[host] = session

    def wrap_socket(self, sock: Any, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        options["session"] = options.get("session") or self._sessions.get(options.get("server_hostname"))
        return super().wrap_socket(sock, *arguments, **options)


class _Adapter(HTTPAdapter):
    """Uses our context and nothing else: requests would add the public certificate authorities to it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=4, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)

    def cert_verify(self, conn: Any, *_arguments: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


class HttpReply:
    """A reply whose body is read once. Reading raises DmpError(ambiguous) when the connection breaks."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_content(CHUNK)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            raise answer_lost() from None
        finally:
            self._response.close()


class HttpsTransport:
    """Transport of the port over requests; `ca_file` (PEM) holds the only trusted authorities."""

    def __init__(self, base_url: str, identity: ClientIdentity, ca_file: Path) -> None:
        self._base_url = base_url.rstrip("/")
        self._context = _ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context._sessions = {}
        self._context.minimum_version = self._context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._context.set_ciphers(CIPHERS)
        try:
            self._context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise DmpError(
                "AutoritesAbsentes",
                "Les certificats des serveurs du DMP sont introuvables ou illisibles.",
                "Réinstallez DMP Desktop.",
            ) from None
        self._key = openssl_bridge.attach(self._context, identity.authentication)
        self._local = threading.local()
        self._open: list[requests.Session] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def signatures(self) -> int:
        """How many times the authentication key signed: one a full TLS handshake."""
        return self._key.signatures

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """POST and return the reply with its body still to be read. Errors as the port says."""
        try:
            response = self._session().post(
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
        """Close every connection and forget every TLS session; later calls are refused."""
        with self._lock:
            self._closed = True
            sessions, self._open = self._open, []
        for session in sessions:
            session.close()
        self._context._sessions.clear()

    def _session(self) -> requests.Session:
        if self._closed:
            raise DmpError(
                "SessionFermee", "La session avec le DMP est fermée.", "Remettez votre carte CPS dans le lecteur."
            )
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
        key_error = self._key.take_error()
        if isinstance(key_error, DmpDesktopError):
            return key_error
        if isinstance(error, requests.exceptions.SSLError):
            return DmpError(
                "Tls",
                "La connexion sécurisée avec le DMP a échoué.",
                "Vérifiez la date de l'ordinateur et la validité de votre carte, puis lancez le diagnostic.",
                retryable=True,
            )
        if isinstance(error, requests.exceptions.ConnectTimeout) or _never_connected(error):
            return unreachable()
        return answer_lost()


def _never_connected(error: BaseException) -> bool:
    """True when no connection was made, so that nothing was sent."""
    reason: Any = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


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
