"""PKCS#12 files opened by OpenSSL: the private key stays in its memory, Python only gets signatures and certificates.

Not `cryptography`: it opens a file with the interpreter locked, 45 ms measured for an RSA 2048 key, and the window would wait.
"""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Callable
from ctypes import byref, c_char_p, c_size_t, c_void_p
from dataclasses import dataclass
from typing import Any

from dmp_desktop.dmp import openssl
from dmp_desktop.dmp.openssl import OpenSsl

_RSA = 6  # openssl/obj_mac.h NID_rsaEncryption


class PrivateKey:
    """An RSA key in OpenSSL's memory. Safe from several threads; unusable once closed, freed at the latest with this object."""

    def __init__(self, pkey: Any) -> None:
        self._lib = openssl.load()
        self._pkey: Any = pkey
        self._lock = threading.Lock()
        self._free = weakref.finalize(self, self._lib.EVP_PKEY_free, pkey) if pkey else None

    @property
    def closed(self) -> bool:
        return self._pkey is None

    def sign(self, digest_info: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 of a DigestInfo (EVP_PKEY_sign without a digest pads what it is given, RFC 8017 §8.2.1).

        Raises ValueError once closed, ssl.SSLError when OpenSSL refuses.
        """
        return self._sign(digest_info, lambda _context: None)

    def sign_pss(self, digest: bytes, hash_name: str) -> bytes:
        """RSASSA-PSS of a digest, its salt as long as it, MGF1 over the same hash. Raises as `sign`."""
        lib = self._lib
        md = lib.EVP_get_digestbyname(hash_name.encode())
        openssl.check(lib, md, "hash")

        def pad(context: Any) -> None:
            openssl.check(lib, lib.EVP_PKEY_CTX_set_rsa_padding(context, openssl.PSS_PADDING) == 1, "padding")
            openssl.check(lib, lib.EVP_PKEY_CTX_set_signature_md(context, md) == 1, "hash")
            openssl.check(lib, lib.EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1, "mgf1")
            salt = lib.EVP_PKEY_CTX_set_rsa_pss_saltlen(context, openssl.SALT_AS_LONG_AS_DIGEST)
            openssl.check(lib, salt == 1, "salt")

        return self._sign(digest, pad)

    def _sign(self, message: bytes, pad: Callable[[Any], None]) -> bytes:
        lib = self._lib
        with self._lock:
            if self._pkey is None:
                raise ValueError("closed")
            context = lib.EVP_PKEY_CTX_new(self._pkey, None)
            try:
                openssl.check(lib, lib.EVP_PKEY_sign_init(context) == 1, "sign_init")
                pad(context)
                size = c_size_t()
                openssl.check(lib, lib.EVP_PKEY_sign(context, None, byref(size), message, len(message)) == 1, "size")
                signature = ctypes.create_string_buffer(size.value)
                signed = lib.EVP_PKEY_sign(context, signature, byref(size), message, len(message))
                openssl.check(lib, signed == 1, "sign")
                return signature.raw[: size.value]
            finally:
                lib.EVP_PKEY_CTX_free(context)

    def close(self) -> None:
        """Free the key."""
        with self._lock:
            self._pkey = None
            if self._free is not None:
                self._free()


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file held: `key` with its certificate (DER), and the other certificates."""

    key: PrivateKey
    certificate_der: bytes
    others_der: tuple[bytes, ...]


def open_pkcs12(content: bytes, password: str) -> Opened:
    """Open the bytes of a file. Raises ssl.SSLError on a wrong password, or without an RSA key and its certificate."""
    lib = openssl.load()
    store = lib.d2i_PKCS12(None, byref(c_char_p(content)), len(content))
    openssl.check(lib, store, "not PKCS#12")
    pkey, certificate, others = c_void_p(), c_void_p(), c_void_p()
    try:
        parsed = lib.PKCS12_parse(store, password.encode(), byref(pkey), byref(certificate), byref(others))
        openssl.check(lib, parsed == 1, "wrong password")
    finally:
        lib.PKCS12_free(store)
    key = PrivateKey(pkey.value)
    others_der = tuple(_take(lib, lib.OPENSSL_sk_value(others, at)) for at in range(max(lib.OPENSSL_sk_num(others), 0)))
    lib.OPENSSL_sk_free(others)
    certificate_der = _take(lib, certificate.value)
    if key.closed or not certificate_der or lib.EVP_PKEY_get_base_id(pkey) != _RSA:
        key.close()
        openssl.check(lib, None, "no RSA key with its certificate")
    return Opened(key, certificate_der, others_der)


def _take(lib: OpenSsl, certificate: Any) -> bytes:
    """DER of an X509, which is freed; empty for none."""
    if not certificate:
        return b""
    buffer = ctypes.create_string_buffer(lib.i2d_X509(certificate, None))
    lib.i2d_X509(certificate, byref(c_char_p(ctypes.addressof(buffer))))
    lib.X509_free(certificate)
    return buffer.raw
