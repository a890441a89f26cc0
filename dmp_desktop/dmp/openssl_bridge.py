"""A private key that lives elsewhere, in a standard `ssl.SSLContext` (docs/adr/0002).

`ssl` only loads keys from files. This bridge gives the OpenSSL that `ssl` itself runs on an RSA_METHOD whose private
operation is a Python callback: a card, a token or a key in memory signs, and no key byte ever passes. TLS 1.2 with
PKCS#1 v1.5 only: OpenSSL prefers RSA-PSS even in TLS 1.2, which many cards refuse, so the client's signature algorithms
are limited to RSA+SHA256.
"""

from __future__ import annotations

import ctypes
import ssl
import threading
from ctypes import c_char_p, c_void_p
from typing import Any

from dmp_desktop.dmp import openssl
from dmp_desktop.dmp.openssl import PRIVATE_ENCRYPT, OpenSsl
from dmp_desktop.domain.ports import Signer

_RSA_PKCS1_PADDING = 1  # openssl/rsa.h
_EXTRA_CHAIN_CERT = 14  # openssl/ssl.h SSL_CTRL_EXTRA_CHAIN_CERT
_SET_CLIENT_SIGALGS_LIST = 102  # openssl/ssl.h SSL_CTRL_SET_CLIENT_SIGALGS_LIST


# OpenSSL keeps raw pointers to callbacks and methods for as long as any connection lives.
_kept_alive: list[Any] = []


class ExternalKey:
    """The signer attached to a context. `take_error` gives the exception the calling thread's last signature raised, once."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._local = threading.local()
        self.signatures = 0

    def take_error(self) -> Exception | None:
        error: Exception | None = getattr(self._local, "error", None)
        self._local.error = None
        return error

    def private_encrypt(self, length: int, source: Any, target: Any, _rsa: Any, padding: int) -> int:
        """RSA_METHOD's rsa_priv_enc: returns the number of bytes written, -1 on error. No exception may cross into OpenSSL."""
        if padding != _RSA_PKCS1_PADDING:
            return -1
        try:
            signature = self._signer.sign_digest_info(bytes(source[:length]))
        except Exception as error:  # noqa: BLE001 - kept, and raised again by the transport
            self._local.error = error
            return -1
        self.signatures += 1
        ctypes.memmove(target, signature, len(signature))
        return len(signature)


def attach(context: ssl.SSLContext, signer: Signer) -> ExternalKey:
    """Make `context` authenticate with `signer`.

    Raises DmpError when this Python cannot be bridged, ssl.SSLError on a bad certificate.
    """
    lib = openssl.load()
    native = _native_context(lib, context)
    external = ExternalKey(signer)
    callback = PRIVATE_ENCRYPT(external.private_encrypt)
    certificate = _certificate(lib, signer.certificate_der)
    key = _key(lib, certificate, callback)
    try:
        openssl.check(lib, lib.SSL_CTX_ctrl(native, _SET_CLIENT_SIGALGS_LIST, 0, c_char_p(b"RSA+SHA256")), "sigalgs")
        openssl.check(lib, lib.SSL_CTX_use_certificate(native, certificate), "certificate")
        openssl.check(lib, lib.SSL_CTX_use_PrivateKey(native, key), "key and certificate do not match")
        for der in signer.chain_der:  # the context owns these afterwards
            openssl.check(lib, lib.SSL_CTX_ctrl(native, _EXTRA_CHAIN_CERT, 0, _certificate(lib, der)), "chain")
    finally:
        lib.EVP_PKEY_free(key)
        lib.X509_free(certificate)
    return external


def self_test() -> None:
    """Prove that this Python can be bridged, without touching a card. Raises DmpError when it cannot."""
    _native_context(openssl.load(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _native_context(lib: OpenSsl, context: ssl.SSLContext) -> c_void_p:
    """SSL_CTX*: the first field of CPython's PySSLContext. Proved by reading known options through it before any use."""
    address = c_void_p.from_address(id(context) + object.__basicsize__)
    for option in (ssl.OP_NO_TICKET, 0):
        context.options = (context.options & ~ssl.OP_NO_TICKET) | option
        if lib.SSL_CTX_get_options(address) & 0xFFFFFFFF != context.options & 0xFFFFFFFF:
            raise openssl.unavailable("SSLContext does not have the expected layout")
    return address


def _certificate(lib: OpenSsl, der: bytes) -> Any:
    certificate = lib.d2i_X509(None, ctypes.byref(c_char_p(der)), len(der))
    openssl.check(lib, certificate, "certificate")
    return certificate


def _key(lib: OpenSsl, certificate: Any, callback: Any) -> Any:
    """An EVP_PKEY that knows the certificate's public key and calls `callback` for the private operation."""
    public = lib.X509_get_pubkey(certificate)
    rsa = lib.EVP_PKEY_get1_RSA(public)
    lib.EVP_PKEY_free(public)
    openssl.check(lib, rsa, "not an RSA key")
    method = lib.RSA_meth_dup(lib.RSA_PKCS1_OpenSSL())
    _kept_alive.append((callback, method))
    lib.RSA_meth_set_priv_enc(method, callback)
    openssl.check(lib, lib.RSA_set_method(rsa, method), "RSA method")
    key = lib.EVP_PKEY_new()
    openssl.check(lib, lib.EVP_PKEY_set1_RSA(key, rsa), "key")
    lib.RSA_free(rsa)
    return key
