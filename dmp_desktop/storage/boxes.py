"""What is sealed to somebody's public key, by who cannot open it again: HPKE in base mode (RFC 9180: X25519, HKDF-SHA256,
AES-256-GCM)."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from dmp_desktop.storage.errors import damaged

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_private() -> bytes:
    """32 random bytes of a private key."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The 32 bytes of its public half."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """16 hex digits that tell public keys apart."""
    return hashlib.sha256(public).hexdigest()[:16]


def seal_to(public: bytes, clear: bytes, place: str) -> bytes:
    """`place` names what it is, of whom and for whom: kept elsewhere, the bytes no longer open."""
    return _SUITE.encrypt(clear, X25519PublicKey.from_public_bytes(public), info=place.encode())


def open_box(private: bytes, sealed: bytes, place: str) -> bytes:
    """Raises StorageError("storage-damaged") when it was changed, moved, or sealed to another key."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=place.encode())
    except (InvalidTag, ValueError) as error:
        raise damaged() from error
