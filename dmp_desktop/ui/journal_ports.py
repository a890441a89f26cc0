"""What the page Journal asks. `…refusal` never blocks; the others do, and may raise DmpDesktopError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from dmp_desktop.domain.acts import ActFamily
    from dmp_desktop.services.journal_desk import Found


class JournalPort(Protocol):
    """The acts of this workstation."""

    @property
    def of_practice(self) -> bool:
        """Whether there is a journal of the practice too."""
        ...

    def found(self) -> str:
        """What of the practice's journal was found missing or changed since it was last verified; empty when nothing. Never
        blocks."""
        ...

    def refusal(self) -> str:
        """Why the page is not for who is signed in; empty when it is."""
        ...

    def reading_refusal(self) -> str:
        """Why the acts of others are not shown; empty when they are."""
        ...

    def seeing_refusal(self) -> str:
        """Why no act is shown at all; empty where some are."""
        ...

    def verify(self) -> int:
        """How many acts there are, all as they were written; those of the practice too."""
        ...

    def find(self, days: int = 0, family: ActFamily | None = None) -> Found:
        """Of the last days (0: all), the latest first."""
        ...

    def export(self, file: Path) -> int:
        """CSV or JSON lines, by the file's name; how many acts."""
        ...
