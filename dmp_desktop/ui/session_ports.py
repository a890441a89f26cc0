"""What the window asks about who is signed in and which patient is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.cards import Beneficiary, CardEvent
    from dmp_desktop.services.session import SessionState, SignedIn


class SessionPort(Protocol):
    """Who is signed in and which patient is open. Called on the serial card pool only, `state` and `let_go` excepted."""

    def state(self) -> SessionState: ...

    def let_go(self, event: CardEvent | None = None) -> Callable[[], None]:
        """From any thread, before `handle`, or `lock` and `sign_out` (no event): the keys of a card that may have left, or of who
        leaves, sign nothing any more. Never blocks. To be called then in any case: what begins their end, aside."""
        ...

    def handle(self, event: CardEvent) -> SessionState: ...

    def read_again(self) -> SessionState:
        """The cards that could not be read, or whose PIN could not be asked, as if they had just come in."""
        ...

    def look_again(self) -> SessionState:
        """The same, unasked, of the cards that another program held: whoever is signed in stays, no PIN is given."""
        ...

    def choose(self, person: Beneficiary | None) -> SessionState:
        """Opens the record of one of the candidates, or with None leaves everything as it was."""
        ...

    def close_patient(self) -> SessionState: ...

    def present(self, find: Callable[[], tuple[Beneficiary, ...]]) -> SessionState:
        """Somebody presented themselves without a carte Vitale; what `find` refuses (DmpDesktopError) becomes the notice."""
        ...

    def give_pin(self, pin: str, question: int) -> SessionState:
        """One try of the PIN, while PIN and only if `state.pin.question` is still `question`.

        What the card says to it is in `state.pin`; else ACTIVITY, READY, CHOOSING or OPEN.
        """
        ...

    def practise(self, number: int) -> SessionState:
        """Practise at the place of this number (`state.activities`), while ACTIVITY; remembered for the next time."""
        ...

    def change_activity(self) -> SessionState:
        """To ACTIVITY again, without a PIN; nothing changes when the card knows one place only."""
        ...

    def lock(self) -> SessionState:
        """Nobody uses the workstation: LOCKED, keys dropped. Nothing when nobody is signed in."""
        ...

    def unlock(self) -> SessionState:
        """From LOCKED to PIN, or at once to where one was when the card asks no PIN; to MASKED when there is no card."""
        ...

    def card_reset(self) -> SessionState:
        """The card may have been reset by another program: to PIN if so, with the same patient afterwards; else nothing."""
        ...

    def sign_in_by(self, sign_in: Callable[[], SignedIn]) -> SessionState:
        """Without a card. `sign_in` raises DmpDesktopError when it is not granted, which becomes the notice."""
        ...

    def sign_out(self) -> SessionState:
        """To MASKED, wherever the card is."""
        ...
