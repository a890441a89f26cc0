"""Somebody got to see or use an INS (rule 4 of the INS guide, INS/va1.39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    """What the number was wanted for."""

    DISPLAY = "display"
    PRINT = "print"
    SEND = "send"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class InsAccess:
    """`at` is aware; `by` a national identifier, empty when nobody was signed in; `patient` a pseudonym that is always the same
    for a number."""

    at: datetime
    by: str
    patient: str
    why: Why
