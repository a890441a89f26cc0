"""A tiny HTTPS server with a certificate made to measure and a Date header of one's choice."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.helpers import signers

YEAR = dt.timedelta(days=365)


@dataclass(frozen=True)
class Shape:
    """`date` of the answers, None for no such header; `asks` for a client certificate; `trusted`: issued by the authority of
    signers.py; `starts`, `ends` from now."""

    date: dt.datetime | None = None
    asks: bool = False
    trusted: bool = True
    host: str = "localhost"
    starts: dt.timedelta = -YEAR
    ends: dt.timedelta = YEAR
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    ciphers: str = ""


@contextlib.contextmanager
def dated_server(folder: Path, shape: Shape) -> Iterator[str]:
    """Its base URL. `ca.pem` of signers.py is written in `folder`."""
    signers.write_identity(folder)
    (folder / "shaped.pem").write_bytes(_certificate(shape))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "shaped.pem")
    context.minimum_version = context.maximum_version = shape.version
    if shape.ciphers:
        context.set_ciphers(shape.ciphers)
    if shape.asks:
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context, shape), daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/dmp"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def _serve(listener: socket.socket, context: ssl.SSLContext, shape: Shape) -> None:
    date = b"" if shape.date is None else b"Date: " + format_datetime(shape.date, usegmt=True).encode() + b"\r\n"
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 404 Not Found\r\n" + date + b"Content-Length: 0\r\nConnection: close\r\n\r\n")


def _certificate(shape: Shape) -> bytes:
    key, _ = signers.pair("localhost")
    issuer_key, issuer = signers.authority() if shape.trusted else signers._issue("TEST-AUTRE-AC", None)
    now = dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, shape.host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + shape.starts)
        .not_valid_after(now + shape.ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(shape.host)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + plain
