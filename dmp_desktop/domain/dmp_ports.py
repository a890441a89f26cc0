"""The rest of the DMP's edge, beside `DmpRepository`: changing documents, administering access, and the INSi teleservice.

Every method may raise DmpError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from dmp_desktop.domain.access import (
    Administrative,
    AuthorisationFilter,
    AuthorisedProfessional,
    DossierDate,
    FoundPerson,
    KnownDossier,
    PersonQuery,
)
from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.insi import InsiAnswer, TraitQuery, VitaleQuery
from dmp_desktop.domain.ports import DmpRepository


@runtime_checkable
class RecordUpdates(Protocol):
    """TD3.3: what may be done to a document once it is in the record. `entry` is as last listed: the DMP refuses another one."""

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        """TD3.3a, TD3.3b: a new version of the metadata with exactly these restrictions."""
        ...

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        """TD3.3c (DELETED), TD3.3d (ARCHIVED, and back: APPROVED). Raises ValueError for any other status."""
        ...


class LargeRetrieval(Protocol):
    """TD3.2 beyond one small document."""

    def retrieve_many(
        self, patient: InsIdentity, entries: Sequence[DocumentEntry]
    ) -> Iterator[tuple[DocumentEntry, bytes]]:
        """Several documents in one request, as they arrive, each verified against its hash and size."""
        ...

    def retrieve_to(self, patient: InsIdentity, entry: DocumentEntry, file: Path) -> None:
        """One document of any size, to a file, hashed on the way. Nothing is left of it when it cannot be verified."""
        ...


class RecordAdministration(Protocol):
    """Who may open what."""

    def records(self, since: datetime, by: DossierDate) -> list[KnownDossier]:
        """TD0.4: the records I may open, those that changed since a moment."""
        ...

    def administrative(self, patient: InsIdentity) -> Administrative:
        """TD1.3a: oppositions, legal representatives."""
        ...

    def professionals(self, patient: InsIdentity, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        """TD1.6: who may open this record, who is blocked."""
        ...

    def search_person(self, query: PersonQuery) -> list[FoundPerson]:
        """TD0.5, in mode centre 15 only: the records that may be this person's, the likeliest first."""
        ...


class Dmp(DmpRepository, RecordUpdates, LargeRetrieval, RecordAdministration, Protocol):
    """All of the DMP for one professional, whatever the wire."""


class InsiService(Protocol):
    """The INSi teleservice: the reference identity by the carte Vitale or by traits."""

    def by_vitale(self, query: VitaleQuery) -> InsiAnswer: ...

    def by_traits(self, query: TraitQuery) -> InsiAnswer: ...
