"""A private key that lives elsewhere, in a standard `ssl.SSLContext` (docs/adr/0002).

`ssl` only loads keys from files. This bridge gives the OpenSSL that `ssl` itself runs on an RSA_METHOD whose private
operation is a Python callback: a card, a token or a key in memory signs, and no key byte ever passes. PKCS#1 v1.5 with SHA-256
goes this way; PSS, hence TLS 1.3, only where the signer can and `openssl_pss` finds a way.
"""

from __future__ import annotations

import ctypes
import ssl
import threading
import weakref
from ctypes import c_char_p, c_void_p
from typing import Any

from dmp_desktop.dmp import external_key, openssl, openssl_pss
from dmp_desktop.dmp.external_key import ExternalKey
from dmp_desktop.dmp.openssl import PRIVATE_ENCRYPT, OpenSsl
from dmp_desktop.domain.ports import Signer
from dmp_desktop.errors import DmpError

_RSA_PKCS1_PADDING = 1  # openssl/rsa.h
_EXTRA_CHAIN_CERT = 14  # openssl/ssl.h SSL_CTRL_EXTRA_CHAIN_CERT
_SET_CLIENT_SIGALGS_LIST = 102  # openssl/ssl.h SSL_CTRL_SET_CLIENT_SIGALGS_LIST
_PKCS1_ONLY = b"RSA+SHA256"  # OpenSSL prefers PSS even in TLS 1.2, which many cards refuse
_WITH_PSS = b"RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256"

_lock = threading.Lock()
_method: list[tuple[Any, Any]] = []
"""At most one (callback, RSA_METHOD*), for ever: OpenSSL keeps raw pointers to them as long as any key lives."""


def attach(context: ssl.SSLContext, signer: Signer) -> ExternalKey:
    """Make `context` authenticate with `signer` as long as it lives, up to TLS 1.3, or 1.2 without PSS (RFC 8446 §4.2.3).

    Raises DmpError when this Python cannot be bridged, or OpenSSL refuses the certificate or its key.
    """
    lib = openssl.load()
    native = native_context(lib, context)
    try:
        return _attach(lib, native, context, signer)
    except ssl.SSLError as error:
        raise DmpError(
            "CertificatRefuse",
            "Le certificat d'authentification (carte ou fichier) ne convient pas à une connexion sécurisée.",
            "Demandez-en un nouveau s'il est ancien ; sinon, lancez le diagnostic et prévenez l'assistance.",
        ).with_detail(str(error.args[0])) from None


def _attach(lib: OpenSsl, native: c_void_p, context: ssl.SSLContext, signer: Signer) -> ExternalKey:
    certificate = _certificate(lib, signer.certificate_der)
    key, rsa = _key(lib, certificate)
    external = ExternalKey(signer, pss=signer.can_pss and openssl_pss.bind(key))
    algorithms = c_char_p(_WITH_PSS if external.pss else _PKCS1_ONLY)
    try:
        openssl.check(lib, lib.SSL_CTX_ctrl(native, _SET_CLIENT_SIGALGS_LIST, 0, algorithms), "sigalgs")
        openssl.check(lib, lib.SSL_CTX_use_certificate(native, certificate), "certificate")
        openssl.check(lib, lib.SSL_CTX_use_PrivateKey(native, key), "key and certificate do not match")
        for der in signer.chain_der:  # the context owns these afterwards
            openssl.check(lib, lib.SSL_CTX_ctrl(native, _EXTRA_CHAIN_CERT, 0, _certificate(lib, der)), "chain")
    finally:
        lib.EVP_PKEY_free(key)
        lib.X509_free(certificate)
    if not external.pss:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    external.answer_for(rsa)
    weakref.finalize(context, external.forget)
    return external


def native_context(lib: OpenSsl, context: ssl.SSLContext) -> c_void_p:
    """SSL_CTX*: the first field of CPython's PySSLContext. Proved by reading known options through it before any use."""
    address = c_void_p.from_address(id(context) + object.__basicsize__)
    options = context.options
    for tried in (options ^ ssl.OP_NO_TICKET, options):  # the caller's own last
        context.options = tried
        if lib.SSL_CTX_get_options(address) & 0xFFFFFFFF != context.options & 0xFFFFFFFF:
            raise openssl.unavailable("SSLContext does not have the expected layout")
    return address


def _certificate(lib: OpenSsl, der: bytes) -> Any:
    certificate = lib.d2i_X509(None, ctypes.byref(c_char_p(der)), len(der))
    openssl.check(lib, certificate, "certificate")
    return certificate


def _key(lib: OpenSsl, certificate: Any) -> tuple[Any, int]:
    """An EVP_PKEY that knows the certificate's public key and asks its ExternalKey to sign, and the address of its RSA."""
    public = lib.X509_get_pubkey(certificate)
    rsa = lib.EVP_PKEY_get1_RSA(public)
    lib.EVP_PKEY_free(public)
    openssl.check(lib, rsa, "not an RSA key")
    openssl.check(lib, lib.RSA_set_method(rsa, _rsa_method(lib)), "RSA method")
    key = lib.EVP_PKEY_new()
    openssl.check(lib, lib.EVP_PKEY_set1_RSA(key, rsa), "key")
    lib.RSA_free(rsa)
    return key, rsa


def _rsa_method(lib: OpenSsl) -> Any:
    """RSA_METHOD* whose private operation is ours, the same for all keys."""
    with _lock:
        if not _method:
            callback = PRIVATE_ENCRYPT(_private_encrypt)
            method = lib.RSA_meth_dup(lib.RSA_PKCS1_OpenSSL())
            lib.RSA_meth_set_priv_enc(method, callback)
            _method.append((callback, method))
        return _method[0][1]


def _private_encrypt(length: int, source: Any, target: Any, rsa: int, padding: int) -> int:
    """RSA_METHOD's rsa_priv_enc: returns the number of bytes written, -1 on error."""
    key = external_key.find(rsa)
    if padding != _RSA_PKCS1_PADDING or key is None:
        return -1
    with openssl.errors_kept_apart():
        signature = key.sign_digest_info(bytes(source[:length]), openssl.load().RSA_size(rsa))
    if signature is None:
        return -1
    ctypes.memmove(target, signature, len(signature))
    return len(signature)
