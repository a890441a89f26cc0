"""Proves that this Python can be bridged: mutual TLS in memory with a key made for it, before any card is asked anything."""

from __future__ import annotations

import ctypes
import ssl
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_void_p
from typing import Any

from dmp_desktop.dmp import openssl, openssl_bridge
from dmp_desktop.dmp.pkcs12 import PrivateKey
from dmp_desktop.domain.digest_info import digest_info

_RSA = 6  # openssl/obj_mac.h NID_rsaEncryption
_BITS = 2048  # OpenSSL's security level 2, which `ssl` asks, refuses less
_ASCII = 0x1001  # openssl/asn1.h MBSTRING_ASC
_SECONDS = 3600  # of the certificate's life


class _Throwaway:
    """A Signer of a key made in memory, with its self-signed certificate. `can_pss` may be changed: a card of either kind."""

    chain_der: tuple[bytes, ...] = ()
    can_pss = False

    def __init__(self, pkey: int, certificate_der: bytes) -> None:
        self._key = PrivateKey(pkey)
        self.certificate_der = certificate_der

    def sign_digest_info(self, digest_info: bytes) -> bytes:
        return self._key.sign(digest_info)

    def sign_sha256(self, message: bytes) -> bytes:
        return self._key.sign(digest_info(message, "sha256"))

    def sign_sha1(self, message: bytes) -> bytes:
        return self._key.sign(digest_info(message, "sha1"))

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        return self._key.sign_pss(digest, hash_name)


def self_test() -> dict[str, str]:
    """Shake hands as a card without PSS and as one with it; tells the TLS version each got (a key is made: most of the time).

    Raises DmpError when this Python cannot be bridged.
    """
    crypto, _ = openssl.libraries()
    told = {}
    pkey = _make_key(crypto)
    signer = _Throwaway(pkey, _certificate(crypto, pkey))
    for name, can_pss in (("PKCS#1", False), ("PSS", True)):
        signer.can_pss = can_pss
        try:
            told[name] = _shake_hands(signer, pkey)
        except ssl.SSLError as error:
            raise openssl.unavailable(f"{name}: {error}") from None
    return told


def _shake_hands(signer: _Throwaway, pkey: int) -> str:
    """Mutual TLS with itself. The server has the key the ordinary way, the client only through the bridge."""
    lib = openssl.load()
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    native = openssl_bridge.native_context(lib, server_context)
    certificate = lib.d2i_X509(None, byref(c_char_p(signer.certificate_der)), len(signer.certificate_der))
    lib.SSL_CTX_use_certificate(native, certificate)
    openssl.check(lib, lib.SSL_CTX_use_PrivateKey(native, pkey), "server key")
    lib.X509_free(certificate)
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    for context in (server_context, client_context):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=signer.certificate_der)
    key = openssl_bridge.attach(client_context, signer)
    version, seen = _exchange(client_context, server_context)
    if seen != signer.certificate_der or key.signatures != 1:
        raise openssl.unavailable("the server did not see the certificate")
    return version


def _exchange(client_context: ssl.SSLContext, server_context: ssl.SSLContext) -> tuple[str, bytes | None]:
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    for _flight in range(4):  # TLS 1.2 takes four flights, 1.3 three
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
    return client.version() or "", server.getpeercert(binary_form=True) if not waiting else None


def _make_key(crypto: ctypes.CDLL) -> int:
    """A new EVP_PKEY*."""
    pointer = c_void_p
    context = openssl.function(crypto, "EVP_PKEY_CTX_new_id", pointer, c_int, pointer)(_RSA, None)
    openssl.function(crypto, "EVP_PKEY_keygen_init", c_int, pointer)(context)
    openssl.function(crypto, "EVP_PKEY_CTX_set_rsa_keygen_bits", c_int, pointer, c_int)(context, _BITS)
    key = c_void_p()
    openssl.function(crypto, "EVP_PKEY_keygen", c_int, pointer, POINTER(c_void_p))(context, byref(key))
    openssl.function(crypto, "EVP_PKEY_CTX_free", None, pointer)(context)
    if not key.value:
        raise openssl.unavailable("no key can be made")
    return key.value


def _certificate(crypto: ctypes.CDLL, pkey: int) -> bytes:
    """DER of a certificate of `pkey` signed by itself."""
    pointer = c_void_p

    def call(name: str, result: Any, *arguments: Any) -> Any:
        """Each argument with its C type."""
        return openssl.function(crypto, name, result, *(kind for kind, _ in arguments))(
            *(given for _, given in arguments)
        )

    certificate = (pointer, call("X509_new", pointer))
    call("X509_set_version", c_int, certificate, (c_long, 2))
    serial = call("X509_get_serialNumber", pointer, certificate)
    call("ASN1_INTEGER_set", c_int, (pointer, serial), (c_long, 1))
    for end, seconds in (("X509_getm_notBefore", 0), ("X509_getm_notAfter", _SECONDS)):
        call("X509_gmtime_adj", pointer, (pointer, call(end, pointer, certificate)), (c_long, seconds))
    name = (pointer, call("X509_get_subject_name", pointer, certificate))
    text = ((c_char_p, b"CN"), (c_int, _ASCII), (c_char_p, b"DMP Desktop"), (c_int, -1), (c_int, -1), (c_int, 0))
    call("X509_NAME_add_entry_by_txt", c_int, name, *text)
    call("X509_set_issuer_name", c_int, certificate, name)
    call("X509_set_pubkey", c_int, certificate, (pointer, pkey))
    sha256 = openssl.load().EVP_get_digestbyname(b"sha256")
    call("X509_sign", c_int, certificate, (pointer, pkey), (pointer, sha256))
    lib = openssl.load()
    buffer = ctypes.create_string_buffer(lib.i2d_X509(certificate[1], None))
    lib.i2d_X509(certificate[1], byref(c_char_p(ctypes.addressof(buffer))))
    lib.X509_free(certificate[1])
    return buffer.raw
