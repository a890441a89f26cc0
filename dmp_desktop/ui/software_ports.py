"""What the window asks of the folders of the practice software. Methods may block and raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.documents import DocumentEntry
    from dmp_desktop.exchange.profile import Profile
    from dmp_desktop.services.giving_desk import Given


class GivingPort(Protocol):
    """Documents for the practice software."""

    def give(self, entries: Sequence[DocumentEntry], cdas: Sequence[bytes]) -> Given:
        """Durable when it returns: written there, or kept for its folder."""
        ...


class ProfilesPort(Protocol):
    """What goes out to the practice software, and how."""

    def refusal(self) -> str:
        """Why who is signed in changes none; empty where they may. Never blocks."""
        ...

    def load(self) -> tuple[Profile, ...]: ...

    def keep(self, profile: Profile, former: str = "", *, automatic: bool = False) -> tuple[Profile, ...]:
        """Add it, or put it in the place of the one named `former`; all there are then."""
        ...

    def remove(self, name: str) -> tuple[Profile, ...]: ...
