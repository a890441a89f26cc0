"""What the parts of a session share: its present picture, and which card lies where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dmp_desktop.domain.cards import CardKind, PublicCps
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.professional import told
from dmp_desktop.services.readers import Readers
from dmp_desktop.services.session_state import Phase, SessionState


class Board:
    """Changed by one worker at a time; `state` may be read by everybody, so that each one it takes is whole."""

    def __init__(self) -> None:
        self.state = SessionState()
        self.readers = Readers()

    def set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def mask(self, phase: Phase, card: PublicCps | None, slot: str | None, **changes: object) -> None:
        """Only what the readers hold stays, and `changes`; `card` is the one in use, `slot` where it lies."""
        masked = SessionState(
            phase=phase,
            service_up=self.state.service_up,
            readers=self.state.readers,
            cps_present=self.readers.hold(CardKind.CPS),
            vitale_present=self.readers.hold(CardKind.VITALE),
            card=card,
            slot=slot,
            unread=self.readers.unread_professional() if phase is Phase.MASKED else "",
        )
        self.state = replace(masked, **changes)  # type: ignore[arg-type]

    def tell_unread(self) -> None:
        """In the picture, which cards that are in could not be read."""
        unreadable = tuple(self.readers.unread.values())
        if unreadable != self.state.unreadable:
            self.set(unreadable=unreadable)

    def telling(self, act: Callable[[], None]) -> None:
        """What `act` refuses becomes the notice."""
        try:
            act()
        except DmpDesktopError as error:
            self.set(notice=told(error))
