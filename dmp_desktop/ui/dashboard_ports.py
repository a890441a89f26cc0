"""What the page Envois asks. `refusal` never blocks; the others do, and may raise DmpDesktopError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from dmp_desktop.services.dashboard import FeedingLine


class DashboardPort(Protocol):
    """How many documents of who is signed in were sent, refused, held or wait."""

    def refusal(self) -> str:
        """Why there are no numbers for who is signed in; empty when there are."""
        ...

    def lines(self) -> list[FeedingLine]:
        """By month and type, the latest month first."""
        ...

    def export(self, file: Path) -> int:
        """CSV; how many lines."""
        ...
