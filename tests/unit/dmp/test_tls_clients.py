"""What holds for each of our TLS clients: the DMP's transport, the diagnostic's look, Pro Santé Connect."""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from dmp_desktop.dmp import external_key, openssl, openssl_bridge, probe
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.probe import Tls, shake
from dmp_desktop.dmp.psc_web import PscWeb
from dmp_desktop.dmp.tls_client import ClientContext
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.errors import DmpDesktopError, DmpError
from dmp_desktop.platform.clock import SystemClock
from tests.helpers import signers
from tests.helpers.slow_card import SlowCard
from tests.helpers.tls_server import OK, tls_server

Ask = Callable[[str, Path, SlowCard], str]
"""One exchange with the server at this URL, by these authorities: how it ended, `ok` or the code of its error."""


def by_transport(url: str, ca: Path, card: SlowCard) -> str:
    sender = HttpsTransport(url, card, ca)
    try:
        return sender.post("/x", b"x", {}).read().decode()
    finally:
        sender.close()


def by_probe(url: str, ca: Path, card: SlowCard) -> str:
    return str(shake(url, ca, SystemClock(), card, seconds=1.0).tls)


def by_psc(url: str, ca: Path, card: SlowCard) -> str:
    web = PscWeb(ca, card)
    try:
        return web.post(url, {}, seconds=1.0).content.decode()
    finally:
        web.close()


every_client = pytest.mark.parametrize("ask", [by_transport, by_probe, by_psc])


@pytest.fixture
def card(identity: Pkcs12Identity) -> SlowCard:
    return SlowCard(identity.authentication, can_pss=False)


def outcome(ask: Ask, url: str, ca: Path, card: SlowCard) -> str:
    try:
        return ask(url, ca, card)
    except DmpDesktopError as error:
        return error.code


@every_client
def test_a_server_as_it_should_be(identity_folder: Path, card: SlowCard, ask: Ask) -> None:
    with tls_server(identity_folder) as server:
        assert outcome(ask, server.url, identity_folder / "ca.pem", card) == "ok"
    assert card.signed == ["PKCS#1"]


class _Untidy(SlowCard):
    """Its module runs on the same OpenSSL, and leaves an error behind what went well."""

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        signature = super().sign_digest_info(digest_info)
        leave_an_error()
        return signature

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        signature = super().sign_pss(digest, hash_name)
        leave_an_error()
        return signature


def leave_an_error() -> None:
    """In this thread's queue, where `ssl` looks when it has to wait."""
    lib = openssl.load()
    assert not lib.d2i_X509(None, ctypes.byref(ctypes.c_char_p(b"\0\0")), 2)
    assert lib.ERR_peek_last_error()


@every_client
@pytest.mark.parametrize("can_pss", [False, True])
def test_an_error_the_card_left_is_not_the_handshakes(
    identity_folder: Path, identity: Pkcs12Identity, ask: Ask, can_pss: bool
) -> None:
    card = _Untidy(identity.authentication, can_pss=can_pss)
    with tls_server(identity_folder, newest=can_pss) as server:
        assert outcome(ask, server.url, identity_folder / "ca.pem", card) == "ok"
    assert card.signed == ["PSS" if can_pss else "PKCS#1"]


def test_an_error_left_by_others_is_not_the_answers(identity_folder: Path, card: SlowCard) -> None:
    """An answer taken for lost would have to be asked about (`ambiguous`)."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\nConnection: close\r\n\r\n" + b"k" * 400
    with tls_server(identity_folder) as server:
        server.answers, server.pace = [answer], 4 * len(answer)
        transport = HttpsTransport(server.url, card, identity_folder / "ca.pem")
        reply = transport.post("/x", b"x", {})
        leave_an_error()
        assert reply.read() == b"k" * 400
        transport.close()


def test_an_error_left_by_others_is_not_the_requests(identity_folder: Path) -> None:
    """More than the buffers of a socket hold, so that `ssl` has to wait."""
    head = b"POST /x HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n"
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.trust(identity_folder / "ca.pem")
    context.load_cert_chain(identity_folder / "server.pem")
    with tls_server(identity_folder) as server, socket.create_connection(("localhost", server.port), 20) as plain:
        server.reads_all = True
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            leave_an_error()
            secure.sendall(head + b"x" * 20_000_000)
            assert secure.recv(1000) == OK


@every_client
def test_a_common_name_says_nothing(identity_folder: Path, tmp_path: Path, card: SlowCard, ask: Ask) -> None:
    """Of the host: any certificate of the authority, of whatever use, could be given one."""
    (tmp_path / "server.pem").write_bytes(_named("localhost"))
    (tmp_path / "ca.pem").write_bytes((identity_folder / "ca.pem").read_bytes())
    with tls_server(tmp_path) as server:
        told = outcome(ask, server.url, tmp_path / "ca.pem", card)
    assert told == {by_transport: "ServeurNonReconnu", by_probe: Tls.HOSTNAME, by_psc: "psc.tls"}[ask]
    assert (card.signed, server.seen) == ([], [])


@every_client
def test_a_server_cannot_have_the_card_sign_again(identity_folder: Path, card: SlowCard, ask: Ask) -> None:
    """By starting the handshake anew within a connection (TLS 1.2)."""
    with renegotiating(identity_folder) as (url, asked):
        outcome(ask, url, identity_folder / "ca.pem", card)
        assert asked.wait(60)
    assert card.signed == ["PKCS#1"]


@pytest.mark.parametrize("ask", [by_probe, by_psc])
@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"], ids=["head", "body"]
)
@pytest.mark.alone
def test_an_answer_that_drips_has_an_end(identity_folder: Path, card: SlowCard, ask: Ask, start: bytes) -> None:
    with tls_server(identity_folder) as server:
        server.answers, server.drips = [start], 100
        began = time.monotonic()
        told = outcome(ask, server.url, identity_folder / "ca.pem", card)
        seconds = time.monotonic() - began
    assert told == {by_probe: Tls.OK, by_psc: "psc.unreachable"}[ask]
    assert seconds < 3


@every_client
def test_a_key_openssl_refuses_is_told(identity_folder: Path, ask: Ask) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    weak = SlowCard(_Holding(signers.certified(key, signers.pair("TEST-AUTH")[1])))
    with tls_server(identity_folder) as server:
        assert outcome(ask, server.url, identity_folder / "ca.pem", weak) == "CertificatRefuse"
    assert server.seen == []


def test_what_is_no_certificate_is_told(identity_folder: Path, identity: Pkcs12Identity) -> None:
    card = SlowCard(identity.authentication)
    card.certificate_der = b"no certificate"
    with pytest.raises(DmpError) as caught:
        HttpsTransport("https://localhost", card, identity_folder / "ca.pem")
    assert caught.value.code == "CertificatRefuse"


def test_a_look_at_the_server_keeps_no_key(
    identity_folder: Path, card: SlowCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever still holds its context: a traceback does."""
    held: list[ClientContext] = []

    class Held(ClientContext):
        def trust(self, ca_file: Path) -> None:
            held.append(self)
            super().trust(ca_file)

    monkeypatch.setattr(probe, "ClientContext", Held)
    known = set(external_key._keys.values())
    with tls_server(identity_folder) as server:
        assert by_probe(server.url, identity_folder / "ca.pem", card) == "ok"
    assert len(held) == 1
    assert set(external_key._keys.values()) <= known


@pytest.mark.parametrize("options", [0, ssl.OP_NO_TICKET, ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET])
def test_the_bridge_leaves_the_options_of_a_context(identity: Pkcs12Identity, options: int) -> None:
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= options
    before = context.options
    openssl_bridge.attach(context, identity.authentication)
    assert context.options == before


class _Holding(SlowCard):
    """A card that never comes to sign."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self.certificate_der = certificate.public_bytes(Encoding.DER)
        self.chain_der = ()


def _named(name: str) -> bytes:
    """PEM of a certificate and its key, without alternative names."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, authority = signers.authority()
    builder = x509.CertificateBuilder(authority.subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    certificate = builder.not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC)).sign(issuer, hashes.SHA256())
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + plain


@contextlib.contextmanager
def renegotiating(folder: Path) -> Iterator[tuple[str, threading.Event]]:
    """Its URL; set once the server asked for other handshakes, each with a certificate, before it answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | 1 << 16  # openssl/ssl.h SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION
    asked = threading.Event()
    renegotiate = openssl.function(openssl.libraries()[1], "SSL_renegotiate", ctypes.c_int, ctypes.c_void_p)

    def serve() -> None:
        plain, _ = listener.accept()
        with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
            native = ctypes.c_void_p.from_address(
                id(secure._sslobj) + object.__basicsize__ + 8
            )  # CPython's PySSLSocket
            secure.recv(65536)
            secure.settimeout(0.5)
            for _ in range(3):
                assert renegotiate(native) == 1
                asked.set()
                secure.do_handshake()
                with contextlib.suppress(TimeoutError):
                    secure.recv(1)
            secure.sendall(OK)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}", asked
        thread.join(60)
