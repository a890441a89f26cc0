"""RSA-PSS through the bridge, for keys that can: the signer gets the digest, not a padded block (docs/adr/0002).

An ENGINE made in memory carries an EVP_PKEY_METHOD of ours. It never enters OpenSSL's list: only keys bound to it come here, and
every other RSA key of the process goes its usual way. OpenSSL 4 has neither: `bind` then says no, and TLS stays at 1.2.
"""

from __future__ import annotations

import ctypes
import threading
from ctypes import CFUNCTYPE, POINTER, byref, c_int, c_size_t, c_ubyte, c_void_p
from typing import Any

from dmp_desktop.dmp import external_key, openssl
from dmp_desktop.errors import DmpError

_RSA = 6  # openssl/obj_mac.h NID_rsaEncryption
_AUTOARGLEN = (
    2  # openssl/evp.h EVP_PKEY_FLAG_AUTOARGLEN: OpenSSL itself answers how long a signature is, as for its own method
)
_HASHES = {32: "sha256", 48: "sha384", 64: "sha512"}

_SIGN = CFUNCTYPE(c_int, c_void_p, POINTER(c_ubyte), POINTER(c_size_t), POINTER(c_ubyte), c_size_t)
"""EVP_PKEY_METHOD's sign (openssl/evp.h): context, signature, its length, digest, its length -> 1, or 0 on error."""
_METHODS = CFUNCTYPE(c_int, c_void_p, POINTER(c_void_p), POINTER(POINTER(c_int)), c_int)
"""ENGINE_PKEY_METHS_PTR (openssl/engine.h): the method of a key type, or the list of types when no method is asked."""

_lock = threading.Lock()
_installed: list[_Engine] = []
"""At most one, for ever: OpenSSL keeps raw pointers to it as long as any key lives."""


def bind(key: Any) -> bool:
    """Have the EVP_PKEY `key` sign PSS by its ExternalKey. False when this OpenSSL has no such methods."""
    try:
        with _lock:
            if not _installed:
                _installed.append(_Engine())
    except DmpError:
        return False
    return _installed[0].take(key)


class _Engine:
    def __init__(self) -> None:
        crypto, _ = openssl.libraries()

        def get(name: str, result: Any, *arguments: Any) -> Any:
            return openssl.function(crypto, name, result, *arguments)

        pointer, out = c_void_p, POINTER(c_void_p)
        self._set_engine = get("EVP_PKEY_set1_engine", c_int, pointer, pointer)
        self._padding = get("EVP_PKEY_CTX_get_rsa_padding", c_int, pointer, POINTER(c_int))
        self._salt = get("EVP_PKEY_CTX_get_rsa_pss_saltlen", c_int, pointer, POINTER(c_int))
        self._mgf1 = get("EVP_PKEY_CTX_get_rsa_mgf1_md", c_int, pointer, out)
        self._size_of = get("EVP_MD_get_size", c_int, pointer)
        self._key_of = get("EVP_PKEY_CTX_get0_pkey", pointer, pointer)
        self._rsa_of = get("EVP_PKEY_get0_RSA", pointer, pointer)
        standard = get("EVP_PKEY_meth_find", pointer, c_int)(_RSA)
        init, sign = c_void_p(), c_void_p()
        get("EVP_PKEY_meth_get_sign", None, pointer, out, out)(standard, byref(init), byref(sign))
        self._usual = _SIGN(sign.value or 0)
        self._sign_callback = _SIGN(self._sign)
        self._method = get("EVP_PKEY_meth_new", pointer, c_int, c_int)(_RSA, _AUTOARGLEN)
        get("EVP_PKEY_meth_copy", None, pointer, pointer)(self._method, standard)
        get("EVP_PKEY_meth_set_sign", None, pointer, pointer, _SIGN)(self._method, init, self._sign_callback)
        self._types = (c_int * 1)(_RSA)
        self._methods_callback = _METHODS(self._methods)
        self._engine = get("ENGINE_new", pointer)()
        get("ENGINE_set_id", c_int, pointer, ctypes.c_char_p)(self._engine, b"dmp-desktop")
        get("ENGINE_set_pkey_meths", c_int, pointer, _METHODS)(self._engine, self._methods_callback)

    def take(self, key: Any) -> bool:
        """Bind the EVP_PKEY `key`."""
        return bool(self._set_engine(key, self._engine) == 1)

    def _methods(self, _engine: Any, method: Any, types: Any, wanted: int) -> int:
        if not method:
            types[0] = ctypes.cast(self._types, POINTER(c_int))
            return 1
        method[0] = self._method if wanted == _RSA else None
        return int(wanted == _RSA)

    def _sign(self, context: Any, target: Any, size: Any, source: Any, length: int) -> int:
        padding = c_int()
        self._padding(context, byref(padding))
        if padding.value != openssl.PSS_PADDING:
            return int(self._usual(context, target, size, source, length))
        key = external_key.find(self._rsa_of(self._key_of(context)))
        if key is None or length not in _HASHES or not self._as_tls_asks(context, length):
            return 0
        with openssl.errors_kept_apart():
            signature = key.sign_pss(bytes(source[:length]), _HASHES[length], size[0])
        if signature is None:
            return 0
        ctypes.memmove(target, signature, len(signature))
        return 1

    def _as_tls_asks(self, context: Any, length: int) -> bool:
        """Salt as long as the digest and MGF1 over the same hash (RFC 8446 §4.2.3): a Signer knows nothing else."""
        salt, mgf1 = c_int(), c_void_p()
        self._salt(context, byref(salt))
        self._mgf1(context, byref(mgf1))
        return salt.value in (openssl.SALT_AS_LONG_AS_DIGEST, length) and self._size_of(mgf1) == length
