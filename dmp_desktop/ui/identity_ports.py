"""What the pages of identities ask of the services (services.identity_desk)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from dmp_desktop.domain.cards import Beneficiary
    from dmp_desktop.domain.id_documents import IdDocument
    from dmp_desktop.domain.identity import Doubt, Identity, StrictTraits
    from dmp_desktop.domain.ins import InsIdentity
    from dmp_desktop.domain.ins_access import InsAccess
    from dmp_desktop.domain.people import Patient
    from dmp_desktop.services.identity_proposal import Proposal


class IdentityPort(Protocol):
    """Every method may block and raise DmpDesktopError, unless it says otherwise."""

    def card(self) -> tuple[Beneficiary, ...]:
        """Who is on the carte Vitale read last. Never blocks."""
        ...

    def unknown(self) -> Beneficiary | None:
        """Who was presented last and is nobody's here. Never blocks."""
        ...

    def may_correct(self) -> bool:
        """Whether who is signed in may change traits that came from INSi. Never blocks."""
        ...

    def of_patient(self, patient: Patient) -> Identity: ...

    def known(self, traits: StrictTraits) -> Identity:
        """The identity kept under these traits; else a new one, provisional."""
        ...

    def homonyms(self, traits: StrictTraits) -> list[Identity]:
        """Who is kept with the same birth name, first given name, sex and day."""
        ...

    def now(self, identity: Identity) -> Identity:
        """The same one, as it is now."""
        ...

    def follow(self, listener: Callable[[Identity], None]) -> None:
        """Tell what has become of an identity, on the thread of whoever changed it. Never blocks."""
        ...

    def born_on(self, day: date, beginning: str) -> list[Identity]: ...

    def with_matricule(self, typed: str) -> list[Identity]: ...

    def scanned(self, untrusted_text: str) -> Identity: ...

    def presented(self, person: Beneficiary) -> Identity | None:
        """Who a scanned code means that told `person`; None where `person` was told otherwise."""
        ...

    def to_review(self) -> list[Identity]: ...

    def ask(self, identity: Identity) -> Proposal:
        """INSi by traits. A number it no longer knows is taken away at once; nothing else is changed."""
        ...

    def ask_by_vitale(self, person: Beneficiary) -> Proposal:
        """INSi by the carte Vitale read last; nothing is changed."""
        ...

    def accept(self, proposal: Proposal) -> Identity: ...

    def documents(self) -> Sequence[IdDocument]:
        """Those the practice looks at. Never blocks."""
        ...

    def insi_refusal(self) -> str:
        """Why who is signed in may not ask INSi, in French; empty when they may. Never blocks."""
        ...

    def accesses(self, identity: Identity) -> list[InsAccess]:
        """Who got at the number of this identity, the latest first."""
        ...

    def displayed(self, ins: InsIdentity) -> None:
        """The number of an open record is on screen. Never blocks."""
        ...

    def printed(self, ins: InsIdentity) -> None:
        """A copy of something of this record is made. Never blocks."""
        ...

    def see_document(self, identity: Identity, code: str) -> Identity: ...

    def take_with_document(self, proposal: Proposal, code: str) -> Identity: ...

    def correct(self, identity: Identity, traits: StrictTraits) -> Identity: ...

    def doubt(self, identity: Identity, doubt: Doubt) -> Identity: ...

    def clear(self, identity: Identity) -> Identity: ...

    def patient(self, identity: Identity) -> Patient | None:
        """Whose record opens for this identity; None while it is not qualified."""
        ...

    def still(self, patient: Patient) -> Patient | None:
        """An open patient as known now; None: their record is to be closed."""
        ...

    def find(self, identity: Identity) -> tuple[Beneficiary, ...]:
        """For SessionPort.present."""
        ...
