"""What the window asks of contexts that the practice software hands over."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.cards import Beneficiary
    from dmp_desktop.domain.people import Patient, Professional
    from dmp_desktop.exchange.note_file import FileNote
    from dmp_desktop.services.context_desk import Proposed
    from dmp_desktop.services.context_inbox import HandedOver
    from dmp_desktop.services.pasted import Pasted


class ReceivedPort(Protocol):
    """All but `follow` and `answered` block; what fails raises DmpDesktopError."""

    def follow(self, listener: Callable[[], None]) -> None: ...

    def proposed(self, who: Professional | None, shown: Patient | None, hidden: frozenset[str]) -> Proposed | None: ...

    def waits(self, hidden: frozenset[str]) -> int: ...

    def people(self, received: HandedOver) -> tuple[Beneficiary, ...]: ...

    def answered(self, received_id: str) -> None: ...

    def taken(self, received_ids: Collection[str]) -> None: ...

    def ignored(self, received_ids: Collection[str]) -> None: ...


class PastingPort(Protocol):
    """What is pasted from another program."""

    def take(self, pasted: Pasted) -> FileNote | None:
        """The note; None for a patient, who is then proposed as every other one. Blocks; raises DmpDesktopError."""
        ...
