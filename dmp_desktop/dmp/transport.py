"""HTTPS to the DMP: mutual TLS with a key that stays where it is, connections kept alive, TLS sessions resumed.

One TLS context (`tls_context`) for all connections (`transport_lines`): a card signs once for all of a session, where the server
lets it.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from dmp_desktop.dmp import openssl_bridge
from dmp_desktop.dmp.tls_context import FLOOR_RATE, ResumingContext
from dmp_desktop.dmp.transport_lines import SEND_BUFFER, Lines
from dmp_desktop.domain.ports import ClientIdentity
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError

# Suites of the DMP for practice software (reference §1).
CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
CONNECT_SECONDS = 5.0
"""TCP alone: the handshake has its own limit (`tls_context`)."""
READ_SECONDS = 20.0
"""From the last byte sent, the time added that the system's buffer takes to leave."""
_DATES = (9, 10)
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED (OpenSSL x509_vfy.h)."""
CHUNK = 128 * 1024
LIMIT_BYTES = 1024 * 1024 * 1024
"""Of one answer, which only a file may hold: what goes to memory has limits of its own (parts, soap)."""
MEMORY_BYTES = 64 * 1024 * 1024
LIMIT_SECONDS = 180.0
"""Of one call, to the end of its answer, besides the time its body and its answer take at FLOOR_RATE (`longest`): a document may
take as long as it needs while it comes, one byte now and then does not."""


class HttpReply:
    """A reply whose body is read once. Reading raises DmpError(ambiguous) when the connection breaks, when nothing comes for
    READ_SECONDS, when what comes is less than FLOOR_RATE for long (`longest`), or (ReponseTropLongue) more than LIMIT_BYTES."""

    def __init__(self, response: requests.Response, done: Callable[[], None]) -> None:
        """`done` is called once the body is read, or never will be."""
        self._response = response
        self._done = done
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def read(self) -> bytes:
        """Raises DmpError beyond MEMORY_BYTES too."""
        whole = bytearray()
        for chunk in self.chunks():
            whole += chunk
            if len(whole) > MEMORY_BYTES:
                raise answer_too_long()
        return bytes(whole)

    def chunks(self) -> Iterator[bytes]:
        total = 0
        try:
            for chunk in self._response.iter_content(CHUNK):
                total += len(chunk)
                if total > LIMIT_BYTES:
                    raise answer_too_long()
                yield chunk
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError):
            raise answer_lost() from None  # the last two: what urllib3 says of a socket cut under it
        finally:
            self._response.close()
            self._done()


class HttpsTransport:
    """Transport of the port over requests; `ca_file` (PEM) holds the only trusted authorities."""

    def __init__(self, base_url: str, identity: ClientIdentity, ca_file: Path) -> None:
        self._base_url = base_url.rstrip("/")
        self._context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.prepare()
        self._context.set_ciphers(CIPHERS)
        try:
            self._context.trust(ca_file)
        except OSError:
            raise DmpError(
                "AutoritesAbsentes",
                "Les certificats des serveurs du DMP sont introuvables ou illisibles.",
                "Réinstallez DMP Desktop ; dans le bac à sable, corrigez DMP_DESKTOP_CA.",
            ) from None
        self._key = self._context.key = openssl_bridge.attach(self._context, identity.authentication)
        self._lines = Lines(self._context, urlsplit(self._base_url).hostname or "")

    @property
    def signatures(self) -> int:
        """How many times the authentication key signed: one a full TLS handshake."""
        return self._key.signatures

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """POST and return the reply with its body still to be read. Errors as the port says."""
        return self.send("POST", path, body, headers)

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """As `post`, by any method."""
        call = self._context.thread
        call.sent = call.unsuited = call.refused = call.stalled = call.queued = False
        call.deadline = time.monotonic() + LIMIT_SECONDS
        line = self._lines.take(call.deadline)
        if line is None:
            raise session_closed()
        try:
            response = line.session.request(
                method,
                self._base_url + path,
                data=body,
                headers=dict(headers),
                timeout=(CONNECT_SECONDS, READ_SECONDS + min(len(body), 2 * SEND_BUFFER) / FLOOR_RATE),
                stream=True,
                allow_redirects=False,
            )
        except BaseException as error:
            self._lines.give_back(line)
            if isinstance(error, requests.RequestException):
                raise self._translate(error) from None
            raise
        return HttpReply(response, lambda: self._lines.give_back(line))

    def close(self) -> None:
        """Cut every connection and forget every TLS session; calls under way end in an error, later ones are refused."""
        self._context.drop()
        self._lines.close()
        self._key.forget()

    def _translate(self, error: requests.RequestException) -> DmpDesktopError:
        """Once the request began to leave, it may have been carried out, whatever went wrong afterwards."""
        key_error = self._key.take_error()
        call = self._context.thread
        if call.refused:
            return not_secure()
        if call.sent:
            return stalled() if call.stalled else answer_lost()
        if isinstance(key_error, DmpDesktopError):
            return key_error
        if self._context.closed:
            return session_closed()
        if call.unsuited:
            return unsuited()
        if call.queued:
            return card_awaited()
        if isinstance(error, requests.exceptions.SSLError):
            return unproven() if _is_unproven(error) else not_secure()
        return unreachable()


def longest(size: int) -> float:
    """Seconds after which a call whose body and answer are `size` bytes together has ended, whatever the line and server do."""
    return LIMIT_SECONDS + size / FLOOR_RATE


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


def card_awaited() -> DmpError:
    """Windows asks the code of a card without limit of time, and connections open one at a time."""
    return DmpError(
        "CarteAttendue",
        "La carte n'a pas encore répondu à une demande précédente.",
        "Si Windows demande le code de la carte, donnez-le ; sinon retirez la carte et remettez-la.",
        retryable=True,
    )


def not_secure() -> DmpError:
    return DmpError(
        "Tls",
        "La connexion sécurisée avec le DMP a échoué.",
        "Vérifiez la date de l'ordinateur et la validité de votre carte, puis lancez le diagnostic.",
        retryable=True,
    )


def unproven() -> DmpError:
    """Somebody else answers in the DMP's place, or the authorities are not its own: no card can help."""
    return DmpError(
        "ServeurNonReconnu",
        "Le serveur qui répond n'a pas prouvé qu'il est le DMP : rien ne lui a été envoyé.",
        "Lancez le diagnostic et prévenez qui gère le réseau ; votre carte n'y est pour rien.",
        retryable=True,
    )


def _is_unproven(error: BaseException) -> bool:
    """Its certificate is refused for another reason than its dates, which a wrong clock would explain."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_code not in _DATES
        seen = seen.__cause__ or seen.__context__
    return False


def stalled() -> DmpError:
    """Ambiguous all the same: what the server does with a request it did not get whole is its own affair."""
    return DmpError(
        "EnvoiInterrompu",
        "L'envoi vers le DMP s'est arrêté en chemin : la connexion internet est coupée ou trop lente.",
        "Vérifiez la connexion internet ; l'état du document sera vérifié avant tout nouvel envoi.",
        retryable=True,
        ambiguous=True,
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


def answer_too_long() -> DmpError:
    """Whether to ask again is nobody's guess: the same answer would come."""
    return DmpError(
        "ReponseTropLongue",
        "La réponse du DMP est trop longue : elle n'a pas été lue jusqu'au bout.",
        "Transmettez le rapport de diagnostic au support.",
        ambiguous=True,
    )
