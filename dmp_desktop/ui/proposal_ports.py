"""What the window asks about notes proposed to a doctor. Every method may block and raise DmpDesktopError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dmp_desktop.domain.drafts import KeptDraft
    from dmp_desktop.domain.proposals import NotesToValidate, Prepared, Told, Validators


class ProposalsPort(Protocol):
    def meet(self) -> None:
        """Notes may be proposed to who is signed in from now on, if they may validate them."""
        ...

    def validators(self) -> Validators: ...

    def propose(self, draft: KeptDraft, doctor_id: str) -> Told:
        """Sealed to the doctor and durable when it returns."""
        ...

    def withdraw(self, proposal_id: str) -> None: ...

    def mine(self) -> dict[str, Told]:
        """Where each note of who is signed in is, by the id of its draft."""
        ...

    def to_do(self) -> int: ...

    def to_validate(self) -> NotesToValidate: ...

    def open(self, proposal_id: str) -> KeptDraft:
        """As a draft of the doctor's own."""
        ...

    def claim(self, prepared: Prepared) -> str:
        """The uniqueId its document is to have."""
        ...

    def give_back(self, prepared: Prepared, reason: str) -> None: ...
