"""A professional's own key: what opens it, and how what it closes is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Wrapping(StrEnum):
    """What opens a wrapped key."""

    CARD = "card"  # a signature by the key of the person's card
    RECOVERY = "recovery"  # the practice's recovery code, on paper


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One person's key under one wrapping. `key_id` tells the person's keys apart: a new card brings a new one. `salt`
    tells which card, or which practice's recovery key, it is sealed to."""

    key_id: str
    wrapping: Wrapping
    salt: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
