"""The Windows functions of `windows_store`: the seam (`StoreCalls`) and, by ctypes, what is behind it. Nothing is decided here.

Constants and structures: wincrypt.h, ncrypt.h, bcrypt.h.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import POINTER, Structure, byref, c_void_p, c_wchar_p
from dataclasses import dataclass
from typing import Any, Protocol

NCRYPT_KEY_SPEC = 0xFFFFFFFF  # wincrypt.h CERT_NCRYPT_KEY_SPEC: the handle is CNG's, not a CAPI provider
_DWORD, _BOOL, _LONG = ctypes.c_uint32, ctypes.c_int32, ctypes.c_int32
_HANDLE = ctypes.c_size_t  # HCRYPTPROV, HCRYPTHASH, NCRYPT_HANDLE: ULONG_PTR
_ALLOW_NCRYPT = 0x00010000  # CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG
_HASH_VALUE = 2  # HP_HASHVAL
_PAD_PKCS1, _PAD_PSS = 0x2, 0x8  # NCRYPT_PAD_PKCS1_FLAG, NCRYPT_PAD_PSS_FLAG
_SOFTWARE = 0x2  # NCRYPT_IMPL_SOFTWARE_FLAG
_PROVIDER, _KIND = "Provider Handle", "Impl Type"  # NCRYPT_PROVIDER_HANDLE_PROPERTY, NCRYPT_IMPL_TYPE_PROPERTY


class WindowsCallError(Exception):
    """A Windows function failed with `status`, an HRESULT or Win32 code, unsigned."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:#010x}")
        self.status = status


@dataclass(frozen=True, slots=True)
class CertificateInStore:
    """`context` is a PCCERT_CONTEXT to be freed."""

    context: int
    der: bytes


@dataclass(frozen=True, slots=True)
class KeyHandle:
    """`handle` is a CAPI provider and `spec` one of its keys, or a CNG key when `spec` is NCRYPT_KEY_SPEC. Freed when `ours`."""

    handle: int
    spec: int
    ours: bool


class StoreCalls(Protocol):
    """The Windows functions used. All raise WindowsCallError."""

    def certificates(self, store: str) -> list[CertificateInStore]:
        """Those of a system store of the present user (MY, CA), each to be freed."""
        ...

    def free_certificate(self, certificate: CertificateInStore) -> None: ...

    def acquire_key(self, certificate: CertificateInStore) -> KeyHandle:
        """CryptAcquireCertificatePrivateKey, CNG keys allowed."""
        ...

    def crypt_sign_hash(self, key: KeyHandle, algorithm: int, digest: bytes, flags: int) -> bytes:
        """CryptSignHash over CryptSetHashParam: the provider adds the DigestInfo. The last byte comes first."""
        ...

    def crypt_sign_message(self, key: KeyHandle, algorithm: int, message: bytes) -> bytes:
        """CryptSignHash over CryptHashData: the provider makes the digest as well. The last byte comes first."""
        ...

    def release_provider(self, key: KeyHandle) -> None: ...

    def ncrypt_sign_hash(self, key: KeyHandle, algorithm: str, digest: bytes, salt: int | None) -> bytes:
        """NCryptSignHash: PSS with a salt of that many bytes, PKCS#1 v1.5 for None."""
        ...

    def ncrypt_is_software(self, key: KeyHandle) -> bool:
        """Whether the key's provider keeps it in memory or on disk (NCRYPT_IMPL_SOFTWARE_FLAG)."""
        ...

    def ncrypt_free(self, key: KeyHandle) -> None: ...


class _CertContext(Structure):
    _fields_ = (
        ("encoding_type", _DWORD),
        ("encoded", c_void_p),
        ("encoded_size", _DWORD),
        ("info", c_void_p),
        ("store", c_void_p),
    )


class _Pkcs1Padding(Structure):
    _fields_ = (("algorithm", c_wchar_p),)


class _PssPadding(Structure):
    _fields_ = (("algorithm", c_wchar_p), ("salt", ctypes.c_uint32))


class WindowsCalls:
    """`StoreCalls` on Windows. Every function raises WindowsCallError with the code of GetLastError, or of CNG."""

    def __init__(self) -> None:
        crypt32, advapi32, ncrypt = _library("crypt32"), _library("advapi32"), _library("ncrypt")
        out = POINTER(_DWORD)
        self._open_store = _declare(crypt32.CertOpenSystemStoreW, c_void_p, _HANDLE, c_wchar_p)
        self._close_store = _declare(crypt32.CertCloseStore, _BOOL, c_void_p, _DWORD)
        self._next = _declare(
            crypt32.CertEnumCertificatesInStore, POINTER(_CertContext), c_void_p, POINTER(_CertContext)
        )
        self._duplicate = _declare(crypt32.CertDuplicateCertificateContext, c_void_p, POINTER(_CertContext))
        self._free_certificate = _declare(crypt32.CertFreeCertificateContext, _BOOL, c_void_p)
        self._acquire = _declare(
            crypt32.CryptAcquireCertificatePrivateKey,
            *(_BOOL, c_void_p, _DWORD, c_void_p, POINTER(_HANDLE), out, POINTER(_BOOL)),
        )
        self._create_hash = _declare(
            advapi32.CryptCreateHash, _BOOL, _HANDLE, _DWORD, _HANDLE, _DWORD, POINTER(_HANDLE)
        )
        self._set_hash = _declare(advapi32.CryptSetHashParam, _BOOL, _HANDLE, _DWORD, ctypes.c_char_p, _DWORD)
        self._hash_data = _declare(advapi32.CryptHashData, _BOOL, _HANDLE, ctypes.c_char_p, _DWORD, _DWORD)
        self._sign_hash = _declare(
            advapi32.CryptSignHashW, _BOOL, _HANDLE, _DWORD, c_wchar_p, _DWORD, ctypes.c_char_p, out
        )
        self._destroy_hash = _declare(advapi32.CryptDestroyHash, _BOOL, _HANDLE)
        self._release = _declare(advapi32.CryptReleaseContext, _BOOL, _HANDLE, _DWORD)
        self._ncrypt_sign = _declare(
            ncrypt.NCryptSignHash,
            *(_LONG, _HANDLE, c_void_p, ctypes.c_char_p, _DWORD, ctypes.c_char_p, _DWORD, out, _DWORD),
        )
        self._property = _declare(ncrypt.NCryptGetProperty, _LONG, _HANDLE, c_wchar_p, c_void_p, _DWORD, out, _DWORD)
        self._ncrypt_free = _declare(ncrypt.NCryptFreeObject, _LONG, _HANDLE)

    def certificates(self, store: str) -> list[CertificateInStore]:
        opened = self._open_store(0, store)
        _check(opened)
        found: list[CertificateInStore] = []
        try:
            context = self._next(opened, None)  # each call frees the context it is given
            while context:
                der = ctypes.string_at(context.contents.encoded, context.contents.encoded_size)
                found.append(CertificateInStore(self._duplicate(context), der))
                context = self._next(opened, context)
        finally:
            self._close_store(opened, 0)
        return found

    def free_certificate(self, certificate: CertificateInStore) -> None:
        self._free_certificate(certificate.context)

    def acquire_key(self, certificate: CertificateInStore) -> KeyHandle:
        handle, spec, ours = _HANDLE(), _DWORD(), _BOOL()
        _check(self._acquire(certificate.context, _ALLOW_NCRYPT, None, byref(handle), byref(spec), byref(ours)))
        return KeyHandle(handle.value, spec.value, bool(ours.value))

    def crypt_sign_hash(self, key: KeyHandle, algorithm: int, digest: bytes, flags: int) -> bytes:
        return self._crypt_sign(key, algorithm, flags, lambda hashed: self._set_hash(hashed, _HASH_VALUE, digest, 0))

    def crypt_sign_message(self, key: KeyHandle, algorithm: int, message: bytes) -> bytes:
        return self._crypt_sign(key, algorithm, 0, lambda hashed: self._hash_data(hashed, message, len(message), 0))

    def _crypt_sign(self, key: KeyHandle, algorithm: int, flags: int, fill: Callable[[Any], Any]) -> bytes:
        """`fill` gives the new hash object what is to be signed."""
        hashed = _HANDLE()
        _check(self._create_hash(key.handle, algorithm, 0, 0, byref(hashed)))
        try:
            _check(fill(hashed))
            size = _DWORD()
            _check(self._sign_hash(hashed, key.spec, None, flags, None, byref(size)))
            signature = ctypes.create_string_buffer(size.value)
            _check(self._sign_hash(hashed, key.spec, None, flags, signature, byref(size)))
        finally:
            self._destroy_hash(hashed)
        return signature.raw[: size.value]

    def release_provider(self, key: KeyHandle) -> None:
        self._release(key.handle, 0)

    def ncrypt_sign_hash(self, key: KeyHandle, algorithm: str, digest: bytes, salt: int | None) -> bytes:
        padding = _Pkcs1Padding(algorithm) if salt is None else _PssPadding(algorithm, salt)
        flags = _PAD_PKCS1 if salt is None else _PAD_PSS
        size = _DWORD()
        whole = (key.handle, byref(padding), digest, len(digest))
        _succeeded(self._ncrypt_sign(*whole, None, 0, byref(size), flags))
        signature = ctypes.create_string_buffer(size.value)
        _succeeded(self._ncrypt_sign(*whole, signature, size, byref(size), flags))
        return signature.raw[: size.value]

    def ncrypt_is_software(self, key: KeyHandle) -> bool:
        provider, kind, size = _HANDLE(), _DWORD(), _DWORD()
        told = self._property(key.handle, _PROVIDER, byref(provider), ctypes.sizeof(provider), byref(size), 0)
        _succeeded(told)
        try:
            _succeeded(self._property(provider, _KIND, byref(kind), ctypes.sizeof(kind), byref(size), 0))
        finally:
            self._ncrypt_free(provider)
        return bool(kind.value & _SOFTWARE)

    def ncrypt_free(self, key: KeyHandle) -> None:
        self._ncrypt_free(key.handle)


def _library(name: str) -> Any:
    return getattr(ctypes, "WinDLL")(name, use_last_error=True)  # noqa: B009 - typeshed has it on Windows only


def _declare(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    function.restype, function.argtypes = result, list(arguments)
    return function  # type: ignore[no-any-return]


def _check(result: Any) -> None:
    if not result:
        raise WindowsCallError(getattr(ctypes, "get_last_error")() & 0xFFFFFFFF)  # noqa: B009 - as above


def _succeeded(status: int) -> None:
    if status:
        raise WindowsCallError(status & 0xFFFFFFFF)
