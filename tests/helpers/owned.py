"""The key of whoever is signed in, without a card."""

from __future__ import annotations

from functools import cache

from dmp_desktop.storage.sealing import OpenSeal, OwnedSeal, Seal


def seals_of(key: bytes, key_id: str = "own") -> OpenSeal:
    """As `Vault.opened` while the person of this key is there."""
    return cache(lambda purpose: OwnedSeal(key_id, Seal(key, purpose)))
