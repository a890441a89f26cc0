"""A private key that lives elsewhere, in a standard `ssl.SSLContext` (docs/adr/0002).

`ssl` only loads keys from files. This bridge gives the OpenSSL that `ssl` itself runs on an RSA_METHOD whose private
operation is a Python callback: a card, a token or a key in memory signs, and no key byte ever passes. TLS 1.2 with
PKCS#1 v1.5 only: OpenSSL prefers RSA-PSS even in TLS 1.2, which many cards refuse, so the client's signature algorithms
are limited to RSA+SHA256.
"""

from __future__ import annotations

import _ssl
import ctypes
import ssl
import sys
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_long, c_ubyte, c_uint64, c_ulong, c_void_p
from pathlib import Path
from typing import Any

from dmp_desktop.domain.ports import Signer
from dmp_desktop.errors import DmpError

_RSA_PKCS1_PADDING = 1  # openssl/rsa.h
_EXTRA_CHAIN_CERT = 14  # openssl/ssl.h SSL_CTRL_EXTRA_CHAIN_CERT
_SET_CLIENT_SIGALGS_LIST = 102  # openssl/ssl.h SSL_CTRL_SET_CLIENT_SIGALGS_LIST
_PRIVATE_ENCRYPT = CFUNCTYPE(c_int, c_int, POINTER(c_ubyte), POINTER(c_ubyte), c_void_p, c_int)


class _OpenSsl:
    """The functions used, from the very libraries `_ssl` is linked with."""

    def __init__(self) -> None:
        crypto, tls = _libraries()
        version = _function(crypto, "OpenSSL_version", c_char_p, c_int)(0).decode()
        if version != ssl.OPENSSL_VERSION:
            raise _unavailable(f"OpenSSL {version} is not the one of ssl, {ssl.OPENSSL_VERSION}")
        pointer = c_void_p
        self.d2i_X509 = _function(crypto, "d2i_X509", pointer, pointer, POINTER(c_char_p), c_long)
        self.X509_free = _function(crypto, "X509_free", None, pointer)
        self.X509_get_pubkey = _function(crypto, "X509_get_pubkey", pointer, pointer)
        self.EVP_PKEY_new = _function(crypto, "EVP_PKEY_new", pointer)
        self.EVP_PKEY_free = _function(crypto, "EVP_PKEY_free", None, pointer)
        self.EVP_PKEY_get1_RSA = _function(crypto, "EVP_PKEY_get1_RSA", pointer, pointer)
        self.EVP_PKEY_set1_RSA = _function(crypto, "EVP_PKEY_set1_RSA", c_int, pointer, pointer)
        self.RSA_free = _function(crypto, "RSA_free", None, pointer)
        self.RSA_set_method = _function(crypto, "RSA_set_method", c_int, pointer, pointer)
        self.RSA_PKCS1_OpenSSL = _function(crypto, "RSA_PKCS1_OpenSSL", pointer)
        self.RSA_meth_dup = _function(crypto, "RSA_meth_dup", pointer, pointer)
        self.RSA_meth_set_priv_enc = _function(crypto, "RSA_meth_set_priv_enc", c_int, pointer, _PRIVATE_ENCRYPT)
        self.ERR_clear_error = _function(crypto, "ERR_clear_error", None)
        self.ERR_peek_last_error = _function(crypto, "ERR_peek_last_error", c_ulong)
        self.SSL_CTX_get_options = _function(tls, "SSL_CTX_get_options", c_uint64, pointer)
        self.SSL_CTX_ctrl = _function(tls, "SSL_CTX_ctrl", c_long, pointer, c_int, c_long, pointer)
        self.SSL_CTX_use_certificate = _function(tls, "SSL_CTX_use_certificate", c_int, pointer, pointer)
        self.SSL_CTX_use_PrivateKey = _function(tls, "SSL_CTX_use_PrivateKey", c_int, pointer, pointer)


_openssl: _OpenSsl | None = None
# OpenSSL keeps raw pointers to callbacks and methods for as long as any connection lives.
_kept_alive: list[Any] = []


class ExternalKey:
    """The signer attached to a context. `take_error` gives the exception its last signature raised, once."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._error: Exception | None = None
        self.signatures = 0

    def take_error(self) -> Exception | None:
        error, self._error = self._error, None
        return error

    def private_encrypt(self, length: int, source: Any, target: Any, _rsa: Any, padding: int) -> int:
        """RSA_METHOD's rsa_priv_enc: returns the number of bytes written, -1 on error. No exception may cross into OpenSSL."""
        if padding != _RSA_PKCS1_PADDING:
            return -1
        try:
            signature = self._signer.sign_digest_info(bytes(source[:length]))
        except Exception as error:  # noqa: BLE001 - kept, and raised again by the transport
            self._error = error
            return -1
        self.signatures += 1
        ctypes.memmove(target, signature, len(signature))
        return len(signature)


def attach(context: ssl.SSLContext, signer: Signer) -> ExternalKey:
    """Make `context` authenticate with `signer`.

    Raises DmpError when this Python cannot be bridged, ssl.SSLError on a bad certificate.
    """
    lib = _load()
    native = _native_context(lib, context)
    external = ExternalKey(signer)
    callback = _PRIVATE_ENCRYPT(external.private_encrypt)
    certificate = _certificate(lib, signer.certificate_der)
    key = _key(lib, certificate, callback)
    try:
        _check(lib, lib.SSL_CTX_ctrl(native, _SET_CLIENT_SIGALGS_LIST, 0, c_char_p(b"RSA+SHA256")), "sigalgs")
        _check(lib, lib.SSL_CTX_use_certificate(native, certificate), "certificate")
        _check(lib, lib.SSL_CTX_use_PrivateKey(native, key), "key and certificate do not match")
        for der in signer.chain_der:  # the context owns these afterwards
            _check(lib, lib.SSL_CTX_ctrl(native, _EXTRA_CHAIN_CERT, 0, _certificate(lib, der)), "chain")
    finally:
        lib.EVP_PKEY_free(key)
        lib.X509_free(certificate)
    return external


def self_test() -> None:
    """Prove that this Python can be bridged, without touching a card. Raises DmpError when it cannot."""
    _native_context(_load(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _load() -> _OpenSsl:
    global _openssl
    if _openssl is None:
        _openssl = _OpenSsl()
    return _openssl


def _native_context(lib: _OpenSsl, context: ssl.SSLContext) -> c_void_p:
    """SSL_CTX*: the first field of CPython's PySSLContext. Proved by reading known options through it before any use."""
    address = c_void_p.from_address(id(context) + object.__basicsize__)
    for option in (ssl.OP_NO_TICKET, 0):
        context.options = (context.options & ~ssl.OP_NO_TICKET) | option
        if lib.SSL_CTX_get_options(address) & 0xFFFFFFFF != context.options & 0xFFFFFFFF:
            raise _unavailable("SSLContext does not have the expected layout")
    return address


def _certificate(lib: _OpenSsl, der: bytes) -> Any:
    certificate = lib.d2i_X509(None, ctypes.byref(c_char_p(der)), len(der))
    _check(lib, certificate, "certificate")
    return certificate


def _key(lib: _OpenSsl, certificate: Any, callback: Any) -> Any:
    """An EVP_PKEY that knows the certificate's public key and calls `callback` for the private operation."""
    public = lib.X509_get_pubkey(certificate)
    rsa = lib.EVP_PKEY_get1_RSA(public)
    lib.EVP_PKEY_free(public)
    _check(lib, rsa, "not an RSA key")
    method = lib.RSA_meth_dup(lib.RSA_PKCS1_OpenSSL())
    _kept_alive.append((callback, method))
    lib.RSA_meth_set_priv_enc(method, callback)
    _check(lib, lib.RSA_set_method(rsa, method), "RSA method")
    key = lib.EVP_PKEY_new()
    _check(lib, lib.EVP_PKEY_set1_RSA(key, rsa), "key")
    lib.RSA_free(rsa)
    return key


def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    if sys.platform == "win32":
        folder = Path(_ssl.__file__).parent
        return ctypes.CDLL(str(folder / "libcrypto-3.dll")), ctypes.CDLL(str(folder / "libssl-3.dll"))
    linked = ctypes.CDLL(getattr(_ssl, "__file__", None))  # symbols of a library include those it is linked with
    return linked, linked


def _function(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    try:
        function: Any = getattr(library, name)
    except AttributeError:
        raise _unavailable(f"OpenSSL has no {name}") from None
    function.restype, function.argtypes = result, list(arguments)
    return function  # type: ignore[no-any-return]


def _check(lib: _OpenSsl, result: Any, what: str) -> None:
    if not result:
        code = lib.ERR_peek_last_error()
        lib.ERR_clear_error()
        raise ssl.SSLError(f"{what} (OpenSSL {code:#x})")


def _unavailable(why: str) -> DmpError:
    return DmpError(
        "PontTls",
        "Cette version de Python ne permet pas de s'authentifier avec une carte.",
        "Installez la version fournie avec DMP Desktop (Python 3.11 à 3.13, OpenSSL 3).",
    ).with_detail(why)
