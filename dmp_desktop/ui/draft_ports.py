"""What the window asks of drafts on the disk."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.drafts import FoundDrafts, KeptDraft
    from dmp_desktop.domain.people import Patient
    from dmp_desktop.services.drafts import Kept, Pen


class DraftsPort(Protocol):
    """Drafts of whoever is signed in, sealed under their own key. All but `pen` and `awaits_pin` block; what fails raises
    DmpDesktopError."""

    @property
    def awaits_pin(self) -> bool:
        """Whether `ask_pen` asks a PIN: not before a record is opened, or a note begun."""
        ...

    def pen(self, national_id: str) -> Pen | None:
        """What the drafts of this person are kept with, while they are signed in and their key is open."""
        ...

    def ask_pen(self, national_id: str) -> Pen | None: ...

    def keep(self, pen: Pen, draft: KeptDraft) -> Kept: ...

    def leaves(self, draft_id: str, unique_id: str) -> None:
        """It is about to be put into the outbox as this document."""
        ...

    def forget(self, draft_ids: Collection[str]) -> None: ...

    def mine(self, patient: Patient | None = None) -> FoundDrafts: ...
