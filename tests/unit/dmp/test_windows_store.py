"""Windows' store: the right certificates, CAPI and CNG signatures, handles given back, codes turned into our errors."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from dmp_desktop.card.failures import card_failure
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.windows_failures import told
from dmp_desktop.dmp.windows_store import WindowsStoreIdentity
from dmp_desktop.domain.digest_info import digest_info
from dmp_desktop.errors import CardError, DmpError
from tests.helpers import signers
from tests.helpers.odd_certificates import spoilt
from tests.helpers.tls_server import tls_server
from tests.helpers.windows_store import AT_SIGNATURE, FakeWindows, Installed

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOLDER = "899700000001"


def windows(change: Callable[[Installed], None] = lambda _installed: None) -> FakeWindows:
    """A doctor's two certificates, a colleague's before them, and the authorities."""
    held = []
    for holder in ("899700000002", HOLDER):
        for signs in (True, False):
            key, certificate = signers.card_pair(signs=signs, holder=holder)
            held.append(Installed(certificate, key))
    for installed in held:
        change(installed)
    return FakeWindows(held, [signers.intermediate()[1], signers.authority()[1]])


def capi(installed: Installed) -> None:
    installed.spec = AT_SIGNATURE


def cng(installed: Installed) -> None:
    installed.cng = True


def cng_card(installed: Installed) -> None:
    installed.cng, installed.software = True, False


def test_each_key_by_its_usage() -> None:
    identity = WindowsStoreIdentity(windows(), HOLDER, NOW)
    expected = [signers.card_pair(signs=signs, holder=HOLDER)[1].public_bytes(Encoding.DER) for signs in (False, True)]
    assert [identity.authentication.certificate_der, identity.signature.certificate_der] == expected
    assert identity.authentication.chain_der == (signers.intermediate()[1].public_bytes(Encoding.DER),)


@pytest.mark.parametrize("kind", [capi, cng, cng_card])
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_signature_is_right(kind: Callable[[Installed], None], algorithm: Algorithm) -> None:
    identity = WindowsStoreIdentity(windows(kind), HOLDER, NOW)
    signature = identity.signature.sign_digest_info(digest_info(b"message", algorithm.value[0]))
    _public(identity.signature.certificate_der).verify(
        signature, b"message", padding.PKCS1v15(), hashes.SHA1() if algorithm is Algorithm.SHA1 else hashes.SHA256()
    )


@pytest.mark.parametrize(("kind", "signed"), [(capi, "CAPI-WHOLE"), (cng, "CNG-PKCS1"), (cng_card, "CNG-PKCS1")])
def test_a_document_costs_one_signature(kind: Callable[[Installed], None], signed: str) -> None:
    """A CAPI provider gets the whole message: a CPS's may refuse a digest made elsewhere."""
    store = windows(kind)
    WindowsStoreIdentity(store, HOLDER, NOW).signature.sign_sha256(b"message")
    assert store.signatures == [signed]


@pytest.mark.parametrize(
    ("kind", "signed", "version"),
    [(capi, "CAPI", "TLSv1.2"), (cng, "CNG-PSS", "TLSv1.3"), (cng_card, "CNG-PKCS1", "TLSv1.2")],
)
def test_through_the_bridge(
    identity_folder: Path, kind: Callable[[Installed], None], signed: str, version: str
) -> None:
    store = windows(kind)
    identity = WindowsStoreIdentity(store, HOLDER, NOW)
    with tls_server(identity_folder, newest=True) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        assert transport.post("/x", b"", {}).read() == b"ok"
        assert transport.post("/x", b"", {}).read() == b"ok"
        transport.close()
    assert store.signatures == [signed]
    assert [(seen[0], seen[1], seen[3]) for seen in server.seen] == [(False, version, HOLDER), (True, version, HOLDER)]


def test_pss_of_a_software_key() -> None:
    signer = WindowsStoreIdentity(windows(cng), HOLDER, NOW).authentication
    signature = signer.sign_pss(hashlib.sha384(b"message").digest(), "sha384")
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=48)
    _public(signer.certificate_der).verify(signature, b"message", scheme, hashes.SHA384())


def test_pss_is_only_promised_when_sure() -> None:
    assert [
        WindowsStoreIdentity(windows(kind), HOLDER, NOW).authentication.can_pss for kind in (capi, cng, cng_card)
    ] == [
        False,
        True,
        False,
    ]
    with pytest.raises(CardError):
        WindowsStoreIdentity(windows(capi), HOLDER, NOW).authentication.sign_pss(b"\0" * 32, "sha256")


@pytest.mark.parametrize("kind", [capi, cng])
def test_closing_gives_the_handles_back(kind: Callable[[Installed], None]) -> None:
    store = windows(kind)
    identity = WindowsStoreIdentity(store, HOLDER, NOW)
    assert store.open == 2
    identity.close()
    identity.close()
    assert store.open == 0
    with pytest.raises(CardError) as caught:
        identity.signature.sign_digest_info(digest_info(b"", "sha256"))
    assert caught.value.code == "card.removed"


@pytest.mark.parametrize("kind", [capi, cng, cng_card])
def test_a_signature_of_another_key_does_not_leave(kind: Callable[[Installed], None]) -> None:
    """A provider that goes on with its container when the card under it was changed, or that answers nothing."""
    store = windows(kind)
    identity = WindowsStoreIdentity(store, HOLDER, NOW)
    store.my[2].key = signers.card_pair(signs=True, holder="899700000002")[0]
    ways = [
        lambda: identity.signature.sign_sha256(b"message"),
        lambda: identity.signature.sign_sha1(b"message"),
        lambda: identity.signature.sign_digest_info(digest_info(b"message", "sha256")),
    ]
    if identity.signature.can_pss:
        ways.append(lambda: identity.signature.sign_pss(hashlib.sha256(b"message").digest(), "sha256"))
    for sign in ways:
        with pytest.raises(CardError) as caught:
            sign()
        assert caught.value.code == "card.sign_refused"
    assert len(store.signatures) == len(ways)


def test_one_key_for_both_is_refused() -> None:
    key, certificate = signers.card_pair(signs=False, holder=HOLDER)
    store = windows()
    store.my[2] = Installed(signers.certified(key, certificate, signs=True), key)
    with pytest.raises(DmpError) as caught:
        WindowsStoreIdentity(store, HOLDER, NOW)
    assert (caught.value.code, store.open) == ("CertificatsIdentiques", 0)


@pytest.mark.parametrize("kind", [capi, cng_card])
@pytest.mark.parametrize("failure", [0, 0x8010006E])
def test_closing_does_not_wait_for_the_pin(kind: Callable[[Installed], None], failure: int) -> None:
    """The signature under way gives the handle back; one that waited for its turn is refused."""
    store = windows(kind)
    identity = WindowsStoreIdentity(store, HOLDER, NOW)
    store.answered = threading.Event()
    store.my[3].failure = failure

    def sign() -> str:
        try:
            return str(len(identity.authentication.sign_sha256(b"message")))
        except CardError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(sign)
        assert store.asking.wait(60)
        second = pool.submit(sign)
        closing = threading.Thread(target=identity.close)
        closing.start()
        closing.join(20)
        waited, still_open = closing.is_alive(), store.open
        store.answered.set()
        assert (first.result(60), second.result(60)) == ("card.sign_refused" if failure else "256", "card.removed")
    assert (waited, still_open, store.open) == (False, 1, 0)


def test_a_handle_that_windows_keeps_is_left_to_it() -> None:
    def shared(installed: Installed) -> None:
        installed.shared = True

    WindowsStoreIdentity(windows(shared), HOLDER, NOW).close()


@pytest.mark.parametrize("failing", [2, 3])
def test_a_half_opened_identity_keeps_no_handle(failing: int) -> None:
    store = windows()
    store.my[failing].acquire = 0x80090016
    with pytest.raises(CardError) as caught:
        WindowsStoreIdentity(store, HOLDER, NOW)
    assert (caught.value.code, caught.value.status, store.open) == ("card.removed", 0x80090016, 0)


@pytest.mark.parametrize("lacking", [2, 3])
def test_both_certificates_are_needed(lacking: int) -> None:
    store = windows()
    del store.my[lacking]
    with pytest.raises(CardError, match="deux certificats"):
        WindowsStoreIdentity(store, HOLDER, NOW)
    assert store.open == 0


@pytest.mark.parametrize("damage", ["no certificate", "usage", "key", "version", "twice", "name"])
def test_what_does_not_parse_is_passed_over(damage: str) -> None:
    """In MY and CA alike: anybody's software puts certificates there."""
    key, certificate = signers.card_pair(signs=True, holder=HOLDER)
    store = windows()
    store.odd = [spoilt(certificate, key)[damage]]
    identity = WindowsStoreIdentity(store, HOLDER, NOW)
    assert (identity.authentication.chain_der, store.open) == (
        (signers.intermediate()[1].public_bytes(Encoding.DER),),
        2,
    )


def test_out_of_force_is_not_there() -> None:
    with pytest.raises(CardError):
        WindowsStoreIdentity(windows(), HOLDER, datetime(2041, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("kind", [capi, cng])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (0x8010006E, "card.sign_refused"),  # cancelled by the user
        (0x80090016, "card.removed"),  # NTE_BAD_KEYSET
        (0x80100069, "card.removed"),
        (0x8009000D, "card.no_signature_key"),  # NTE_NO_KEY
        (0x8010006C, "card.pin_locked"),
        (0x8010000B, "card.busy"),
        (0x80090020, "card.sign_refused"),  # NTE_FAIL
    ],
)
def test_what_windows_says_reaches_the_caller(
    identity_folder: Path, kind: Callable[[Installed], None], status: int, code: str
) -> None:
    """Through OpenSSL and requests, in TLS 1.2 and 1.3, with nothing sent."""
    store = windows(kind)
    identity = WindowsStoreIdentity(store, HOLDER, NOW)
    store.my[3].failure = status
    with tls_server(identity_folder, newest=True) as server:
        transport = HttpsTransport(server.url, identity, identity_folder / "ca.pem")
        with pytest.raises((CardError, DmpError)) as caught:
            transport.post("/x", b"secret", {})
        transport.close()
    assert isinstance(caught.value, CardError)
    assert (caught.value.code, caught.value.status, server.seen) == (code, status, [])


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (0x80100069, "removed"),
        (0x8010006B, "pin_wrong"),
        (0x8010006C, "pin_locked"),
        (0x8010000B, "busy"),
        (0x80090020, "sign_refused"),
    ],
)
def test_the_words_are_those_of_a_card_in_a_reader(status: int, name: str) -> None:
    assert str(told(status)) == str(card_failure(name))


def _public(der: bytes) -> rsa.RSAPublicKey:
    public = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    return public
