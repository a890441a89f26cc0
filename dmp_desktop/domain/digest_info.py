"""DigestInfo: what an RSASSA-PKCS1-v1_5 signature holds, the digest with the name of its hash (RFC 8017 §9.2)."""

from __future__ import annotations

import hashlib
from typing import Final

# DER before the digest, by hash name (RFC 8017 §9.2 note 1).
_PREFIXES: Final = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}


def digest_info(message: bytes, hash_name: str) -> bytes:
    """The DigestInfo of `message`; `hash_name` is sha1 or sha256."""
    return _PREFIXES[hash_name] + hashlib.new(hash_name, message, usedforsecurity=True).digest()


def split_digest_info(info: bytes) -> tuple[str, bytes]:
    """The hash name and the digest of a DigestInfo. Raises ValueError for another hash."""
    for name, prefix in _PREFIXES.items():
        if info.startswith(prefix):
            return name, info[len(prefix) :]
    raise ValueError("hash")
