"""The system's time and randomness, behind the Clock and Entropy ports."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID, uuid4


class SystemClock:
    """Clock of the workstation. `now` may jump when the system is set right; `monotonic` never does."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemEntropy:
    """Version 4 UUIDs (RFC 9562 §5.4) from the operating system's generator."""

    def uuid(self) -> UUID:
        return uuid4()
