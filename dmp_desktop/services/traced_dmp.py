"""The DMP of who is signed in, with every transaction written into the journal: nothing speaks to the DMP beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self, cast

from dmp_desktop.dmp.vihf import Caller
from dmp_desktop.domain.access import (
    AccessMode,
    Administrative,
    AuthorisationFilter,
    AuthorisedProfessional,
    DossierDate,
    DossierStatus,
    FoundPerson,
    KnownDossier,
    PersonQuery,
)
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.dmp_ports import Dmp
from dmp_desktop.domain.documents import (
    Association,
    Availability,
    DocumentEntry,
    Submission,
    SubmissionSummary,
    Visibility,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import ClientIdentity, FindCriteria, Transport
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.acts import DONE, ActBook
from dmp_desktop.services.wrong_clock import Skew, explained

Converse = Callable[[Transport, ClientIdentity, Caller], Dmp]
_STATUSES = {
    Availability.DELETED: Act.DELETE,
    Availability.ARCHIVED: Act.ARCHIVE,
    Availability.APPROVED: Act.RESTORE,
}
_CARD_DIGITS = 16


def _untold() -> None:
    """Of a DMP that told no time."""


class _Client(Dmp, Protocol):
    """What the two wires have beyond the port."""

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self: ...

    def find_references(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[str]: ...


class TracedDmp:
    """`by` is who is signed in (PS_IdNat), `card` by which means; `mode` as in the journal's reason, empty in normal access."""

    def __init__(self, dmp: Dmp, acts: ActBook, by: str, card: str, mode: str = "", skew: Skew = _untold) -> None:
        self._dmp = cast("_Client", dmp)
        self._acts = acts
        self._by = by
        self._card = card
        self._mode, self._skew = mode, skew

    def in_mode(self, access: AccessMode, *, secret: bool = False) -> Self:
        mode = "secret" if secret else "" if access is AccessMode.NORMAL else access.value
        return type(self)(self._dmp.in_mode(access, secret=secret), self._acts, self._by, self._card, mode, self._skew)

    # -- the record -----------------------------------------------------------------------------------------------------------

    def status(self, patient: InsIdentity) -> DossierStatus:
        with self._traced(Act.RECORD_STATUS, patient):
            return self._dmp.status(patient)

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        """Traced by `services.declarations`, with what is not known of it."""
        self._dmp.authorise(patient, attending=attending)

    def withdraw(self, patient: InsIdentity) -> None:
        """As `authorise`."""
        self._dmp.withdraw(patient)

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        with self._traced(Act.LIST, patient):
            yield from self._dmp.find(patient, criteria)

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        with self._traced(Act.LIST, patient, document=unique_ids[0] if len(unique_ids) == 1 else ""):
            return self._dmp.find_by_unique_id(patient, unique_ids)

    def find_references(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[str]:
        with self._traced(Act.LIST, patient, document=unique_ids[0] if len(unique_ids) == 1 else ""):
            return self._dmp.find_references(patient, unique_ids)

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        with self._traced(Act.LIST, patient):
            return self._dmp.find_submissions(patient, since)

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        with self._traced(Act.LIST, patient):
            return self._dmp.find_associations(patient, uuids)

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        with self._traced(Act.LIST, patient):
            return self._dmp.find_by_entry_uuid(patient, uuids)

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        with self._traced(Act.READ, patient, document=entry.unique_id):
            return self._dmp.retrieve(patient, entry)

    def retrieve_many(
        self, patient: InsIdentity, entries: Sequence[DocumentEntry]
    ) -> Iterator[tuple[DocumentEntry, bytes]]:
        for entry, content in self._dmp.retrieve_many(patient, entries):
            self._note(Act.READ, patient, document=entry.unique_id)
            yield entry, content

    def retrieve_to(self, patient: InsIdentity, entry: DocumentEntry, file: Path) -> None:
        with self._traced(Act.READ, patient, document=entry.unique_id):
            self._dmp.retrieve_to(patient, entry, file)

    # -- what changes it ------------------------------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> None:
        """One act a document of the lot."""
        result = DONE
        try:
            self._dmp.submit(submission)
        except DmpDesktopError as error:
            result = error.code
            raise
        finally:
            for entry, _bytes in submission.documents:
                reason = "replace" if entry.replaces else self._mode
                self._note(Act.SEND, submission.patient, document=entry.unique_id, result=result, reason=reason)
            self._acts.flush()

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        wanted = "+".join(sorted(visibility)) or "visible"
        with self._traced(Act.VISIBILITY, patient, document=entry.unique_id, reason=wanted):
            self._dmp.set_visibility(patient, entry, visibility)
        self._acts.flush()

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        with self._traced(_STATUSES.get(status, Act.ARCHIVE), patient, document=entry.unique_id):
            self._dmp.set_status(patient, entry, status)
        self._acts.flush()

    # -- who may open what ----------------------------------------------------------------------------------------------------

    def records(self, since: datetime, by: DossierDate) -> list[KnownDossier]:
        with self._traced(Act.MY_RECORDS, None):
            return self._dmp.records(since, by)

    def administrative(self, patient: InsIdentity) -> Administrative:
        with self._traced(Act.ADMINISTRATIVE, patient):
            return self._dmp.administrative(patient)

    def professionals(self, patient: InsIdentity, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        with self._traced(Act.PROFESSIONALS, patient):
            return self._dmp.professionals(patient, which)

    def search_person(self, query: PersonQuery) -> list[FoundPerson]:
        with self._traced(Act.PERSON_SEARCH, None):
            return self._dmp.search_person(query)

    # -- the journal ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _traced(self, act: Act, patient: InsIdentity | None, *, document: str = "", reason: str = "") -> Iterator[None]:
        """How it ended: `done`, the code of what refused it, or that nobody waited for its end."""
        result = "unfinished"
        try:
            yield
            result = DONE
        except DmpDesktopError as error:
            result = error.code
            told = explained(error, self._skew())
            if told is error:
                raise
            raise told from error
        finally:
            self._note(act, patient, document=document, result=result, reason=reason or self._mode)

    def _note(
        self, act: Act, patient: InsIdentity | None, *, document: str, result: str = DONE, reason: str = ""
    ) -> None:
        self._acts.note(act, patient, document=document, result=result, reason=reason, actor=self._by, card=self._card)


class TracedPartly(TracedDmp):
    """Over a wire that does not have every transaction (`services.lacking`)."""

    def lacks(self, transaction: str) -> str | None:
        return cast("Any", self._dmp).lacks(transaction)  # type: ignore[no-any-return]


def traced(converse: Converse, acts: ActBook, skew: Skew = _untold) -> Converse:
    """The same conversations, each transaction noted, and what was refused for the time explained by `skew`."""

    def speak(transport: Transport, identity: ClientIdentity, caller: Caller) -> Dmp:
        dmp = converse(transport, identity, caller)
        kind = TracedPartly if hasattr(dmp, "lacks") else TracedDmp
        return kind(dmp, acts, caller.national_id, card_of(caller, identity), skew=skew)

    return speak


def card_of(caller: Caller, identity: ClientIdentity) -> str:
    """By which means: the mode of authentication, and the first digits of the SHA-256 of the certificate in use, which tells one
    card from another and names nobody."""
    digest = hashlib.sha256(identity.authentication.certificate_der).hexdigest()[:_CARD_DIGITS]
    return f"{caller.mode.value}:{digest}"
