"""What the page of differences between workstations asks. `follow` never blocks; the others do, and may raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.services.clinic_conflicts import Conflict, Version


class ConflictPort(Protocol):
    def follow(self, changed: Callable[[], None]) -> None:
        """`changed` is called from any thread when there may be others, or fewer."""
        ...

    def count(self) -> int: ...

    def pending(self) -> tuple[Conflict, ...]: ...

    def settle(self, conflict: Conflict, version: Version) -> None: ...
