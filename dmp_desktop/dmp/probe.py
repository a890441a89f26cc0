"""One look at the DMP's server, without asking it for anything: is it there, is it who it says, what time is it there."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from dmp_desktop.dmp import openssl_bridge
from dmp_desktop.dmp.server_clock import skew_of
from dmp_desktop.dmp.tls_client import BriefConnection, ClientContext
from dmp_desktop.dmp.transport import CIPHERS
from dmp_desktop.domain.ports import ClientIdentity, Clock

CONNECT_SECONDS, SHAKE_SECONDS = 5.0, 10.0
_EXPIRED, _NOT_YET, _HOSTNAME, _ADDRESS = 10, 9, 62, 64  # openssl/x509_vfy.h X509_V_ERR_…
_ALERT, _HANDSHAKE = b"\x15", b"\x16"  # record types, RFC 5246 §6.2.1


class Reach(StrEnum):
    OK = "ok"
    NAME = "name"  # the name is not known
    CLOSED = "closed"  # nobody listens, or nobody answers


class Tls(StrEnum):
    OK = "ok"
    CARD_ASKED = "card_asked"  # the server is right, and waits for a client certificate
    IDENTITY_REFUSED = "identity_refused"  # the server is right, and refuses the client certificate it was given
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    HOSTNAME = "hostname"
    UNTRUSTED = "untrusted"
    PROTOCOL = "protocol"
    UNREACHED = "unreached"
    NOT_TLS = "not_tls"  # something else answers on the port
    SILENT = "silent"  # the port is open, and nothing or an end comes instead of the handshake
    NO_ANCHORS = "no_anchors"


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the TLS handshake gave. `skew` is the server's clock minus ours, None where the server told no time."""

    tls: Tls
    version: str = ""
    skew: timedelta | None = None


def reach(base_url: str, seconds: float = CONNECT_SECONDS) -> Reach:
    """Whether the host's name is known and its port open."""
    parts = urlsplit(base_url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 443), seconds):
            return Reach.OK
    except socket.gaierror:
        return Reach.NAME
    except OSError:
        return Reach.CLOSED


def shake(
    base_url: str, ca_file: Path, clock: Clock, identity: ClientIdentity | None = None, seconds: float = SHAKE_SECONDS
) -> Handshake:
    """Verify the server as the transport does; with an `identity`, or from a server that answers without, read its clock.

    In TLS 1.2 the client has verified the server before the server asks who the client is. Raises DmpError for an `identity` that
    cannot be used.
    """
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(CIPHERS)
    try:
        context.trust(ca_file)
    except OSError:
        return Handshake(Tls.NO_ANCHORS)
    parts = urlsplit(base_url)
    connection = BriefConnection(parts.hostname or "", parts.port or 443, context, seconds)
    with contextlib.closing(connection), contextlib.ExitStack() as attached:
        if identity is not None:
            attached.callback(openssl_bridge.attach(context, identity.authentication).forget)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            return Handshake(_refused_by_us(error.verify_code))
        except ssl.SSLError as error:
            first = _first_byte(parts.hostname or "", parts.port or 443, context, seconds)
            return Handshake(_said_first(first) or _refused_by_server(error, identity))
        except OSError:
            return Handshake(Tls.UNREACHED if connection.sock is None else Tls.SILENT)
        return _time_of_server(connection, parts.path or "/", clock, identity)


def _time_of_server(
    connection: http.client.HTTPSConnection, path: str, clock: Clock, identity: ClientIdentity | None
) -> Handshake:
    """In TLS 1.3 a server that refuses us says so now, or just hangs up (RFC 8446 §4.4.2.4): either way it was verified."""
    version = connection.sock.version() or ""
    before = clock.now()
    try:
        connection.request("HEAD", path)
        date = connection.getresponse().getheader("Date")
    except (ConnectionError, ssl.SSLError):
        if version != "TLSv1.3":
            return Handshake(Tls.OK, version)
        return Handshake(Tls.CARD_ASKED if identity is None else Tls.IDENTITY_REFUSED, version)
    except (OSError, http.client.HTTPException):
        return Handshake(Tls.OK, version)
    return Handshake(Tls.OK, version, skew_of(date, before, clock.now()))


def _refused_by_us(verify_code: int) -> Tls:
    known = {_EXPIRED: Tls.EXPIRED, _NOT_YET: Tls.NOT_YET, _HOSTNAME: Tls.HOSTNAME, _ADDRESS: Tls.HOSTNAME}
    return known.get(verify_code, Tls.UNTRUSTED)


def _refused_by_server(error: ssl.SSLError, identity: ClientIdentity | None) -> Tls:
    """Alerts about the client come once we have verified the server (RFC 5246 §7.4)."""
    reason = error.reason or ""
    if "ALERT" not in reason or "VERSION" in reason:
        return Tls.PROTOCOL
    return Tls.CARD_ASKED if identity is None else Tls.IDENTITY_REFUSED


def _said_first(first: bytes | None) -> Tls | None:
    """By the record a server answers a greeting with; one that refuses at once has neither a version nor a suite of ours."""
    if first is None or first == _HANDSHAKE:
        return None
    return {_ALERT: Tls.PROTOCOL, b"": Tls.SILENT}.get(first, Tls.NOT_TLS)


def _first_byte(host: str, port: int, context: ssl.SSLContext, seconds: float) -> bytes | None:
    """What the server says first when greeted as TLS does: b"" where it hangs up, None where it was not reached."""
    to_us, from_us = ssl.MemoryBIO(), ssl.MemoryBIO()
    conversation = context.wrap_bio(to_us, from_us, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        conversation.do_handshake()
    try:
        with socket.create_connection((host, port), seconds) as plain:
            plain.sendall(from_us.read())
            return plain.recv(1)
    except OSError:
        return None
