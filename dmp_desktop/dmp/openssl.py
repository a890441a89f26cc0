"""The OpenSSL that Python's `ssl` itself runs on, by ctypes: the few functions `ssl` does not offer (docs/adr/0002).

Calls release the interpreter's lock, as ctypes does: no key derivation and no signature ever stops the window.
"""

from __future__ import annotations

import _ssl
import contextlib
import ctypes
import ssl
import sys
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_uint64, c_ulong, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from dmp_desktop.errors import DmpError

PRIVATE_ENCRYPT = CFUNCTYPE(c_int, c_int, POINTER(c_ubyte), POINTER(c_ubyte), c_void_p, c_int)
"""RSA_METHOD's rsa_priv_enc (openssl/rsa.h): length, from, to, RSA*, padding -> bytes written or -1."""

PSS_PADDING = 6
"""openssl/rsa.h RSA_PKCS1_PSS_PADDING."""
SALT_AS_LONG_AS_DIGEST = -1
"""openssl/rsa.h RSA_PSS_SALTLEN_DIGEST."""


class OpenSsl:
    """The functions always used, from the very libraries `_ssl` is linked with."""

    def __init__(self) -> None:
        crypto, tls = libraries()
        version = function(crypto, "OpenSSL_version", c_char_p, c_int)(0).decode()
        if version != ssl.OPENSSL_VERSION:
            raise unavailable(f"OpenSSL {version} is not the one of ssl, {ssl.OPENSSL_VERSION}")
        pointer = c_void_p
        self.d2i_X509 = function(crypto, "d2i_X509", pointer, pointer, POINTER(c_char_p), c_long)
        self.X509_free = function(crypto, "X509_free", None, pointer)
        self.i2d_X509 = function(crypto, "i2d_X509", c_int, pointer, pointer)
        self.X509_get_pubkey = function(crypto, "X509_get_pubkey", pointer, pointer)
        self.EVP_PKEY_new = function(crypto, "EVP_PKEY_new", pointer)
        self.EVP_PKEY_free = function(crypto, "EVP_PKEY_free", None, pointer)
        self.EVP_PKEY_get1_RSA = function(crypto, "EVP_PKEY_get1_RSA", pointer, pointer)
        self.EVP_PKEY_set1_RSA = function(crypto, "EVP_PKEY_set1_RSA", c_int, pointer, pointer)
        self.EVP_PKEY_get_base_id = function(crypto, "EVP_PKEY_get_base_id", c_int, pointer)
        self.EVP_PKEY_CTX_new = function(crypto, "EVP_PKEY_CTX_new", pointer, pointer, pointer)
        self.EVP_PKEY_CTX_free = function(crypto, "EVP_PKEY_CTX_free", None, pointer)
        self.EVP_PKEY_sign_init = function(crypto, "EVP_PKEY_sign_init", c_int, pointer)
        size = POINTER(c_size_t)
        self.EVP_PKEY_CTX_set_rsa_padding = function(crypto, "EVP_PKEY_CTX_set_rsa_padding", c_int, pointer, c_int)
        self.EVP_PKEY_CTX_set_rsa_pss_saltlen = function(
            crypto, "EVP_PKEY_CTX_set_rsa_pss_saltlen", c_int, pointer, c_int
        )
        digest = (c_int, pointer, pointer)
        self.EVP_PKEY_CTX_set_rsa_mgf1_md = function(crypto, "EVP_PKEY_CTX_set_rsa_mgf1_md", *digest)
        self.EVP_PKEY_CTX_set_signature_md = function(crypto, "EVP_PKEY_CTX_set_signature_md", *digest)
        self.EVP_get_digestbyname = function(crypto, "EVP_get_digestbyname", pointer, c_char_p)
        self.EVP_PKEY_sign = function(crypto, "EVP_PKEY_sign", c_int, pointer, c_char_p, size, c_char_p, c_size_t)
        self.d2i_PKCS12 = function(crypto, "d2i_PKCS12", pointer, pointer, POINTER(c_char_p), c_long)
        self.PKCS12_free = function(crypto, "PKCS12_free", None, pointer)
        out = POINTER(c_void_p)
        self.PKCS12_parse = function(crypto, "PKCS12_parse", c_int, pointer, c_char_p, out, out, out)
        self.OPENSSL_sk_num = function(crypto, "OPENSSL_sk_num", c_int, pointer)
        self.OPENSSL_sk_value = function(crypto, "OPENSSL_sk_value", pointer, pointer, c_int)
        self.OPENSSL_sk_free = function(crypto, "OPENSSL_sk_free", None, pointer)
        self.RSA_size = function(crypto, "RSA_size", c_int, pointer)
        self.RSA_free = function(crypto, "RSA_free", None, pointer)
        self.RSA_set_method = function(crypto, "RSA_set_method", c_int, pointer, pointer)
        self.RSA_PKCS1_OpenSSL = function(crypto, "RSA_PKCS1_OpenSSL", pointer)
        self.RSA_meth_dup = function(crypto, "RSA_meth_dup", pointer, pointer)
        self.RSA_meth_set_priv_enc = function(crypto, "RSA_meth_set_priv_enc", c_int, pointer, PRIVATE_ENCRYPT)
        self.ERR_clear_error = function(crypto, "ERR_clear_error", None)
        self.ERR_set_mark = function(crypto, "ERR_set_mark", c_int)
        self.ERR_pop_to_mark = function(crypto, "ERR_pop_to_mark", c_int)
        self.ERR_peek_last_error = function(crypto, "ERR_peek_last_error", c_ulong)
        self.SSL_CTX_get_options = function(tls, "SSL_CTX_get_options", c_uint64, pointer)
        self.SSL_CTX_ctrl = function(tls, "SSL_CTX_ctrl", c_long, pointer, c_int, c_long, pointer)
        self.SSL_CTX_use_certificate = function(tls, "SSL_CTX_use_certificate", c_int, pointer, pointer)
        self.SSL_CTX_use_PrivateKey = function(tls, "SSL_CTX_use_PrivateKey", c_int, pointer, pointer)


@cache
def load() -> OpenSsl:
    """The functions, looked up once. Raises DmpError when this Python is not built on OpenSSL 3."""
    return OpenSsl()


def libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """libcrypto and libssl."""
    if sys.platform == "win32":
        folder = Path(_ssl.__file__).parent
        return ctypes.CDLL(str(folder / "libcrypto-3.dll")), ctypes.CDLL(str(folder / "libssl-3.dll"))
    linked = ctypes.CDLL(getattr(_ssl, "__file__", None))  # symbols of a library include those it is linked with
    return linked, linked


def function(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """One function with its types. Raises DmpError when this OpenSSL has none of that name."""
    try:
        function: Any = getattr(library, name)
    except AttributeError:
        raise unavailable(f"OpenSSL has no {name}") from None
    function.restype, function.argtypes = result, list(arguments)
    return function  # type: ignore[no-any-return]


def check(lib: OpenSsl, result: Any, what: str) -> None:
    """Raise ssl.SSLError when an OpenSSL call returned 0 or NULL."""
    if not result:
        code = lib.ERR_peek_last_error()
        lib.ERR_clear_error()
        raise ssl.SSLError(f"{what} (OpenSSL {code:#x})")


@contextlib.contextmanager
def errors_kept_apart() -> Iterator[None]:
    """What others leave in this thread's queue of errors meanwhile is dropped: a card's module on the same OpenSSL, an object the
    garbage collector frees. Inside a call of OpenSSL that then has to wait, `ssl` would take it for the call's own failure."""
    lib = load()
    lib.ERR_set_mark()
    try:
        yield
    finally:
        lib.ERR_pop_to_mark()


def forget_errors() -> None:
    """Empty this thread's queue of errors before a read or a write of `ssl`, which looks at it when it has to wait."""
    load().ERR_clear_error()


def unavailable(why: str) -> DmpError:
    return DmpError(
        "PontTls",
        "Cette version de Python ne permet pas de s'authentifier avec une carte.",
        "Installez la version fournie avec DMP Desktop (Python 3.11 à 3.13, OpenSSL 3).",
    ).with_detail(why)
