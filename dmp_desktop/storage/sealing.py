"""What describes a patient is sealed before it reaches a table: the same rows may live in the clinic's shared
database."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dmp_desktop.storage.errors import damaged

_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.1, random: far below 2^32 messages a key


class Seal:
    """AES-256-GCM under a key derived (HKDF-SHA256, RFC 5869) from `key` for one `purpose`."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derive(key, f"seal {purpose}"))
        self._inner, self._outer = _begun_hmac(derive(key, f"pseudonym {purpose}"))

    def seal(self, clear: bytes, place: str) -> bytes:
        """Nonce and ciphertext. `place` names the row and the column: moved elsewhere, the bytes no longer open."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, clear, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises StorageError("storage-damaged") when the bytes were changed, moved, or sealed under another key."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise damaged() from error

    def pseudonym(self, value: str) -> str:
        """32 hex digits that always stand for `value`, and lead back to it only with the key (HMAC-SHA256, 128 bits
        kept)."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(value.encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class OwnedSeal:
    """The seal of one person's key. `key_id` stands beside the rows it closes: nobody else's are even looked at."""

    key_id: str
    seal: Seal


OpenSeal = Callable[[str], OwnedSeal | None]
"""The seal for one purpose of whoever is signed in and reads records; None while nobody is."""


def _begun_hmac(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Both hashes of HMAC-SHA256 with the key in them (RFC 2104 §4; of 32 bytes, it is shorter than their block).

    A click waits for a pseudonym, and `hmac` takes five times as long to go on from there.
    """
    padded = key.ljust(hashlib.sha256().block_size, b"\0")
    inner, outer = (hashlib.sha256(bytes(one ^ pad for one in padded)) for pad in (0x36, 0x5C))
    return inner, outer


def derive(key: bytes, info: str) -> bytes:
    """32 bytes for one use of a key (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"dmp-desktop {info}".encode()).derive(key)
