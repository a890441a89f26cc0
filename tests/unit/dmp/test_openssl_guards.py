"""What stands between a signer and OpenSSL's memory: lengths, the PSS that TLS asks, keys freed when closed."""

from __future__ import annotations

import ctypes
import hashlib
import ssl
from collections.abc import Iterator
from ctypes import CFUNCTYPE, c_char_p, c_int, c_long, c_void_p
from typing import Any

import pytest

from dmp_desktop.dmp import openssl, openssl_bridge, openssl_pss
from dmp_desktop.dmp.external_key import ExternalKey
from dmp_desktop.dmp.identity import Pkcs12Identity, SoftwareSigner
from dmp_desktop.dmp.pkcs12 import PrivateKey
from dmp_desktop.errors import CardError
from tests.helpers.slow_card import SlowCard

_PKEY_DATA = 17  # openssl/crypto.h CRYPTO_EX_INDEX_EVP_PKEY
_FREED = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p, c_int, c_long, c_void_p)
DIGEST = hashlib.sha256(b"message").digest()


class _Wrong(SlowCard):
    """Answers `length` bytes whatever it is asked."""

    length = 256

    def sign_digest_info(self, _digest_info: bytes) -> bytes:
        return b"x" * self.length

    def sign_pss(self, _digest: bytes, _hash_name: str) -> bytes:
        return b"x" * self.length


@pytest.mark.parametrize("length", [0, 255, 257, 4096])
def test_a_signature_of_another_length_never_reaches_openssl(identity: Pkcs12Identity, length: int) -> None:
    """It would be copied over whatever lies after OpenSSL's buffer."""
    signer = _Wrong(identity.authentication)
    key = ExternalKey(signer)
    assert len(key.sign_digest_info(b"", 256) or b"") == len(key.sign_pss(DIGEST, "sha256", 256) or b"") == 256
    signer.length = length
    for sign in (lambda: key.sign_digest_info(b"", 256), lambda: key.sign_pss(DIGEST, "sha256", 256)):
        assert sign() is None
        error = key.take_error()
        assert isinstance(error, CardError)
        assert error.code == "card.sign_refused"
    assert key.signatures == 2


@pytest.mark.parametrize(
    ("salt", "mgf1", "asked"),
    [
        (-1, b"sha256", True),
        (32, b"sha256", True),
        (20, b"sha256", False),
        (-2, b"sha256", False),
        (32, b"sha384", False),
    ],
)
def test_only_the_pss_of_tls_is_asked_of_a_card(identity: Pkcs12Identity, salt: int, mgf1: bytes, asked: bool) -> None:
    """A Signer salts as TLS says: any other demand would give a signature that is not the one asked."""
    card = SlowCard(identity.authentication)
    lib = openssl.load()
    der = card.certificate_der
    certificate = lib.d2i_X509(None, ctypes.byref(c_char_p(der)), len(der))
    pkey, rsa = openssl_bridge._key(lib, certificate)
    lib.X509_free(certificate)
    assert openssl_pss.bind(pkey)
    external = ExternalKey(card, pss=True)
    external.answer_for(rsa)
    key = PrivateKey(pkey)

    def pad(context: Any) -> None:
        assert lib.EVP_PKEY_CTX_set_rsa_padding(context, openssl.PSS_PADDING) == 1
        assert lib.EVP_PKEY_CTX_set_signature_md(context, lib.EVP_get_digestbyname(b"sha256")) == 1
        assert lib.EVP_PKEY_CTX_set_rsa_mgf1_md(context, lib.EVP_get_digestbyname(mgf1)) == 1
        assert lib.EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1

    try:
        if asked:
            assert len(key._sign(DIGEST, pad)) == 256
        else:
            with pytest.raises(ssl.SSLError):
                key._sign(DIGEST, pad)
    finally:
        external.forget()
        key.close()
    assert card.signed == ["PSS"] * asked


@pytest.fixture
def freed() -> Iterator[list[int]]:
    """Addresses of the EVP_PKEYs that OpenSSL frees from now on."""
    addresses: list[int] = []
    crypto, _ = openssl.libraries()
    callback = _FREED(lambda parent, *_: addresses.append(parent))
    new = openssl.function(
        crypto, "CRYPTO_get_ex_new_index", c_int, c_int, c_long, c_void_p, c_void_p, c_void_p, _FREED
    )
    number = new(_PKEY_DATA, 0, None, None, None, callback)
    assert number >= 0
    yield addresses
    openssl.function(crypto, "CRYPTO_free_ex_index", c_int, c_int, c_int)(_PKEY_DATA, number)


def test_closing_frees_the_private_keys(identity: Pkcs12Identity, freed: list[int]) -> None:
    """At once, not when Python forgets the objects: they are held all along."""
    keys = [signer._key for signer in (identity.authentication, identity.signature)]
    addresses = [_address(signer) for signer in (identity.authentication, identity.signature)]
    identity.close()
    assert [freed.count(address) for address in addresses] == [1, 1]
    identity.close()
    assert [freed.count(address) for address in addresses] == [1, 1]
    assert all(key.closed for key in keys)


def _address(signer: SoftwareSigner) -> int:
    pkey = signer._key._pkey
    return int(getattr(pkey, "value", pkey))
