"""What the window asks to sign somebody in without a card, and to learn who the patient is without a carte Vitale."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.cards import Beneficiary
    from dmp_desktop.services.session_state import SignedIn


class PscProgress(Protocol):
    """Where a sign-in is. `step` is browser, phone or checking; `binding` the number to compare on the phone, or empty;
    `url` the address, for when no browser opened; `seconds` the person has left when this was said."""

    @property
    def step(self) -> str: ...

    @property
    def binding(self) -> str: ...

    @property
    def seconds(self) -> int: ...

    @property
    def url(self) -> str: ...


Told = Callable[[PscProgress], None]


class ProSanteConnect(Protocol):
    """`browser` and `phone` wait for the person, up to two minutes: never on the card pool. What they return goes to
    `SessionPort.sign_in_by`. All raise DmpDesktopError, `psc.cancelled` after `cancel`. `tell` comes on the calling thread."""

    @property
    def available(self) -> bool:
        """Whether it is configured on this workstation. Never blocks."""
        ...

    @property
    def suggested(self) -> str:
        """National identifier of whoever signed in by phone last, since the program started; or empty. Never blocks."""
        ...

    def browser(self, tell: Told) -> Callable[[], SignedIn]: ...

    def phone(self, national_id: str, tell: Told) -> Callable[[], SignedIn]:
        """`national_id`: the 11 digits of the RPPS, or `8` and these."""
        ...

    def cancel(self) -> None:
        """From any thread, never blocks."""
        ...


class PatientEntriesPort(Protocol):
    """The patient presented otherwise. What is told only opens the record of a patient already qualified here."""

    def from_scanner(self, untrusted_text: str) -> tuple[Beneficiary, ...]:
        """The INS datamatrix a scanner has typed. Raises ContextError."""
        ...

    def from_apcv(self) -> tuple[Beneficiary, ...]:
        """The card application on the patient's phone; up to 30 s. Raises CardError."""
        ...
