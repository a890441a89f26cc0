"""Keys stay out of reach, TLS is resumed, and each way of failing has its own error."""

from __future__ import annotations

import gc
import hashlib
import ssl
import threading
import time
import weakref
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from dmp_desktop.dmp import bridge_check, tls_context, transport
from dmp_desktop.dmp.external_key import ExternalKey
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.errors import CardError, DmpError
from tests.helpers import signers
from tests.helpers.tls_server import tls_server


def test_this_python_can_be_bridged() -> None:
    try:
        told = bridge_check.self_test()
    except DmpError as error:
        pytest.fail(error.detail)  # OpenSSL's own words
    assert told == {"PKCS#1": "TLSv1.2", "PSS": "TLSv1.3"}


def test_one_signature_for_many_connections(identity_folder: Path, identity: Pkcs12Identity) -> None:
    with tls_server(identity_folder) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        replies = [transport.post("/x", b"hello", {}) for _ in range(5)]
        assert [reply.read() for reply in replies] == [b"ok"] * 5
        transport.close()
    assert transport.signatures == 1
    assert [resumed for resumed, *_ in server.seen] == [False, True, True, True, True]
    assert {seen[1:] for seen in server.seen} == {("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "TEST-AUTH")}


def test_threads_share_the_tls_session(identity_folder: Path, identity: Pkcs12Identity) -> None:
    with tls_server(identity_folder) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        transport.post("/x", b"first", {}).read()
        threads = [threading.Thread(target=lambda: transport.post("/x", b"more", {}).read()) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        transport.close()
    assert len(server.seen) == 5
    assert transport.signatures == 1


def test_a_server_of_another_authority_is_refused(
    identity_folder: Path, identity: Pkcs12Identity, tmp_path: Path
) -> None:
    """Neither the system's authorities nor those of requests count: only the file given."""
    other = tmp_path / "other.pem"
    other.write_text(
        ssl.DER_cert_to_PEM_cert(signers._issue("TEST-AUTRE-AC", None)[1].public_bytes(signers.Encoding.DER))
    )
    with tls_server(identity_folder) as server:
        transport = HttpsTransport(server.url, identity, other)
        with pytest.raises(DmpError) as caught:
            transport.post("/x", b"secret", {})
        transport.close()
    assert caught.value.code == "ServeurNonReconnu"
    assert server.seen == []


def test_nobody_listens(identity_folder: Path, identity: Pkcs12Identity) -> None:
    with tls_server(identity_folder) as server:
        url = server.url
    transport = HttpsTransport(url, identity, identity_folder / "ca.pem")
    with pytest.raises(DmpError) as caught:
        transport.post("/x", b"", {})
    assert (caught.value.code, caught.value.retryable, caught.value.ambiguous) == ("DmpInjoignable", True, False)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\ncut"])
def test_an_answer_cut_short_is_ambiguous(identity_folder: Path, identity: Pkcs12Identity, answer: bytes) -> None:
    with tls_server(identity_folder) as server:
        server.answers[:] = [answer]
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        with pytest.raises(DmpError) as caught:
            transport.post("/x", b"", {}).read()
        transport.close()
    assert (caught.value.retryable, caught.value.ambiguous) == (True, True)


@pytest.mark.parametrize("limit", ["LIMIT_BYTES", "MEMORY_BYTES"])
def test_an_answer_without_end_is_told_as_such(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Not as a line that was cut: nothing says that asking again would help."""
    monkeypatch.setattr(transport, limit, 1000)
    with tls_server(identity_folder) as server:
        server.answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + bytes(2000)]
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        with pytest.raises(DmpError) as caught:
            sender.post("/x", b"", {}).read()
        sender.close()
    error = caught.value
    assert (error.code, error.retryable, error.ambiguous) == ("ReponseTropLongue", False, True)


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
        b"HTTP/1.1 200 OK\r\nX: ",
    ],
)
@pytest.mark.alone
def test_an_answer_that_drips_is_lost_in_time(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(transport, "LIMIT_SECONDS", 0.8)
    with tls_server(identity_folder) as server:
        server.answers[:] = [start]
        server.drips = 100
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        began = time.monotonic()
        with pytest.raises(DmpError) as caught:
            sender.post("/x", b"", {}).read()
        seconds = time.monotonic() - began
        sender.close()
    assert caught.value.ambiguous
    assert seconds < 2.5


@pytest.mark.slow
@pytest.mark.alone
def test_a_long_answer_takes_the_time_its_line_needs(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a call may otherwise take, and than any silence: only a line slower than FLOOR_RATE is given up."""
    content = bytes(3_000_000)
    monkeypatch.setattr(transport, "LIMIT_SECONDS", 0.8)
    monkeypatch.setattr(transport, "READ_SECONDS", 0.5)
    monkeypatch.setattr(tls_context, "FLOOR_RATE", 1_000_000)
    with tls_server(identity_folder) as server:
        server.answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + content]
        server.pace = 1_500_000
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        began = time.monotonic()
        assert b"".join(sender.post("/x", b"", {}).chunks()) == content
        assert time.monotonic() - began > 1.6
        sender.close()
        server.pace = 300_000
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        began = time.monotonic()
        with pytest.raises(DmpError, match="ReponsePerdue"):
            sender.post("/x", b"", {}).read()
        assert time.monotonic() - began < 4
        sender.close()


@pytest.mark.alone
def test_an_answer_that_stops_is_lost_after_a_silence(
    identity_folder: Path, identity: Pkcs12Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever came before earned it time."""
    monkeypatch.setattr(transport, "READ_SECONDS", 0.02)
    monkeypatch.setattr(tls_context, "FLOOR_RATE", 1)
    with tls_server(identity_folder) as server:
        server.answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(50_000)]
        server.drips = 100  # 50 ms apart, for 5 s
        sender = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        began = time.monotonic()
        with pytest.raises(DmpError, match="ReponsePerdue"):
            sender.post("/x", b"", {}).read()
        assert time.monotonic() - began < 3
        sender.close()


def test_closing_cuts_the_calls_under_way(identity_folder: Path, identity: Pkcs12Identity) -> None:
    with tls_server(identity_folder) as server:
        server.answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"]
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        reply = transport.post("/x", b"", {})
        transport.close()
        with pytest.raises(DmpError) as caught:
            reply.read()
    assert caught.value.ambiguous


@pytest.mark.parametrize("sign_file", ["missing", "same"])
def test_a_half_opened_identity_keeps_no_key(identity_folder: Path, tmp_path: Path, sign_file: str) -> None:
    content = (identity_folder / "auth.p12").read_bytes()
    (tmp_path / "auth.p12").write_bytes(content)
    if sign_file == "same":
        (tmp_path / "sign.p12").write_bytes(content)
    gc.collect()
    before = weakref.finalize._registry.copy()  # type: ignore[attr-defined]
    with pytest.raises(DmpError):
        Pkcs12Identity(tmp_path, signers.PASSWORD)
    gc.collect()
    assert weakref.finalize._registry.keys() <= before.keys()  # type: ignore[attr-defined]


def test_a_closed_identity_signs_nothing(identity_folder: Path, identity: Pkcs12Identity) -> None:
    identity.close()
    with tls_server(identity_folder) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        with pytest.raises(CardError):
            transport.post("/x", b"", {})
        transport.close()
    with pytest.raises(CardError):
        identity.signature.sign_digest_info(b"")


def test_a_closed_transport_refuses(identity_folder: Path, identity: Pkcs12Identity) -> None:
    with tls_server(identity_folder) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        transport.post("/x", b"", {}).read()
        transport.close()
        with pytest.raises(CardError, match="fermée"):
            transport.post("/x", b"", {})


@pytest.mark.parametrize(
    ("damage", "code"),
    [("missing", "CertificatAbsent"), ("password", "CertificatIllisible"), ("same", "CertificatsIdentiques")],
)
def test_identities_that_cannot_be_used(identity_folder: Path, tmp_path: Path, damage: str, code: str) -> None:
    (tmp_path / "auth.p12").write_bytes((identity_folder / "auth.p12").read_bytes())
    if damage == "same":
        (tmp_path / "sign.p12").write_bytes((identity_folder / "auth.p12").read_bytes())
    elif damage == "password":
        (tmp_path / "sign.p12").write_bytes((identity_folder / "sign.p12").read_bytes())
    with pytest.raises(DmpError) as caught:
        Pkcs12Identity(tmp_path, "wrong" if damage == "password" else signers.PASSWORD)
    assert caught.value.code == code


def test_one_key_under_two_certificates_is_one_key(identity_folder: Path, tmp_path: Path) -> None:
    """As one renewed with its old key: TLS and VIHF would be signed alike."""
    key, certificate = signers.pair("TEST-AUTH")
    sealed = BestAvailableEncryption(signers.PASSWORD.encode())
    again = pkcs12.serialize_key_and_certificates(b"x", key, signers.certified(key, certificate), None, sealed)
    (tmp_path / "auth.p12").write_bytes((identity_folder / "auth.p12").read_bytes())
    (tmp_path / "sign.p12").write_bytes(again)
    with pytest.raises(DmpError) as caught:
        Pkcs12Identity(tmp_path, signers.PASSWORD)
    assert caught.value.code == "CertificatsIdentiques"


def test_no_key_byte_is_reachable_by_name(identity: Pkcs12Identity) -> None:
    public = {name for name in dir(identity.authentication) if not name.startswith("_")}
    assert public == {
        *("certificate_der", "chain_der", "forget"),
        *("sign_digest_info", "sign_sha256", "sign_sha1", "can_pss", "sign_pss"),
    }


@pytest.mark.parametrize("hash_name", ["sha256", "sha384", "sha512"])
def test_pss_as_tls_1_3_asks(identity: Pkcs12Identity, hash_name: str) -> None:
    algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[hash_name]
    digest = hashlib.new(hash_name, b"message").digest()
    assert identity.authentication.can_pss
    signature = identity.authentication.sign_pss(digest, hash_name)
    public = x509.load_der_x509_certificate(identity.authentication.certificate_der).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    whole = padding.PSS(mgf=padding.MGF1(algorithm), salt_length=algorithm.digest_size)
    public.verify(signature, b"message", whole, algorithm)
    identity.close()
    with pytest.raises(CardError):
        identity.authentication.sign_pss(digest, hash_name)


def test_a_failed_signature_is_told_to_its_own_thread() -> None:
    """Else one call's lost answer would be taken for another's missing card."""

    class Gone:
        certificate_der = b""
        chain_der = ()
        can_pss = False

        def sign_digest_info(self, digest_info: bytes) -> bytes:
            raise CardError("gone", "La carte a été retirée.")

        def sign_sha256(self, message: bytes) -> bytes:
            raise NotImplementedError

        sign_sha1 = sign_sha256

        def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
            raise NotImplementedError

    key = ExternalKey(Gone())
    told: list[Exception | None] = []

    def handshake() -> None:
        assert key.sign_digest_info(b"", 256) is None
        told.append(key.take_error())

    assert key.sign_digest_info(b"", 256) is None
    thread = threading.Thread(target=handshake)
    thread.start()
    thread.join()
    assert isinstance(told[0], CardError)
    assert isinstance(key.take_error(), CardError)
    assert key.take_error() is None
