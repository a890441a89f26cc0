"""What the window asks about the properties of documents (REC_3.3-1010). Every method may block and raise DmpDesktopError."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from dmp_desktop.domain.documents import Association, DocumentEntry, Visibility
    from dmp_desktop.domain.people import Patient
    from dmp_desktop.services.document_changes import Change, Offer

    MayShow = Callable[[Patient, frozenset[Visibility]], None]
    """Raises ContextError for restrictions that a new document of this patient may not have. May block."""


class PropertiesPort(Protocol):
    """`attending`: who is signed in is the patient's médecin traitant; `by` (PS_IdNat) is who asked for a change, which is made
    in nobody else's name."""

    def offers(self, patient: Patient, entry: DocumentEntry, *, attending: bool) -> tuple[Offer, ...]:
        """The changes that have a meaning for a document, each with why it is refused, if it is."""
        ...

    def shelved(self, patient: Patient) -> tuple[list[DocumentEntry], list[Association]]:
        """Archived and replaced documents, which the list leaves out, and what replaced them."""
        ...

    def deposited(self, patient: Patient, entry: DocumentEntry) -> datetime | None:
        """When a document came; None where that is not told."""
        ...

    def change(
        self, patient: Patient, entry: DocumentEntry, change: Change, *, attending: bool, by: str | None = None
    ) -> None: ...

    def take_back(
        self, patient: Patient, entry: DocumentEntry, change: Change, *, attending: bool, by: str | None = None
    ) -> None:
        """The contrary of a change just made of `entry`."""
        ...
