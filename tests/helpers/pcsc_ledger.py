"""What the clients of a PC/SC service opened, closed and left open, counted by the service itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# How SCardConnect and the like share a card, and how they leave it (pcsc-lite `pcsclite.h`).
SHARE_SHARED, LEAVE_CARD = 2, 0
# Each call that opens something, with the one that must close it.
PAIRS = {"establish": "release", "connect": "disconnect", "begin": "end"}


@dataclass
class Ledger:
    """Only calls that took effect are counted: a second disconnection, or the end of a transaction that never began, is none."""

    calls: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    """What a stop of the service ended, by the call that had opened it."""
    shares: Counter[int] = field(default_factory=Counter)
    """How clients connected and reconnected."""
    dispositions: Counter[tuple[str, int]] = field(default_factory=Counter)
    """What they left of the card when they ended a transaction, reconnected or disconnected."""

    def problems(self) -> list[str]:
        """Everything a well-behaved program never does: what it left open, took for itself or did to a card."""
        left = {opened: self.calls[opened] - self.calls[closed] - self.cut[opened] for opened, closed in PAIRS.items()}
        return [
            *(f"{PAIRS[opened]}: missing {count} times" for opened, count in left.items() if count),
            *(f"share {share}: {count} times" for share, count in self.shares.items() if share != SHARE_SHARED),
            *(
                f"{call} with {how}: {count} times"
                for (call, how), count in self.dispositions.items()
                if how != LEAVE_CARD
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(f"{call} {self.calls[call]}" for pair in PAIRS.items() for call in pair)
