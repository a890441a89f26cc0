"""A DMP in memory behind the DmpRepository port, whose line can fail at every place where a real one does.

It accepts the same uniqueId twice unless told otherwise: a client that leans on the refusal of duplicates shows.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum, auto

from dmp_desktop.dmp.names import HAS_MEMBER, RPLC
from dmp_desktop.dmp.transport import session_closed
from dmp_desktop.domain.access import Authorization, DossierStatus
from dmp_desktop.domain.documents import Association, Availability, DocumentEntry, Submission, SubmissionSummary
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import CardError, DmpDesktopError, DmpError


class Fault(Enum):
    NONE = auto()
    UNREACHABLE = auto()  # nothing was sent
    DROPPED = auto()  # cut while sending: never arrived
    ANSWER_LOST = auto()  # arrived and kept, answer never read
    REFUSED = auto()
    MISPRESENTED = auto()  # the assertion of who asks, its time perhaps
    DENIED = auto()  # for want of a right
    CARD_GONE = auto()
    LOCKED = auto()  # the session was closed under the client, before anything left


def failure(fault: Fault) -> DmpDesktopError:
    match fault:
        case Fault.UNREACHABLE:
            return DmpError("unreachable", "Le DMP ne répond pas.", "L'envoi reprendra seul.", retryable=True)
        case Fault.DROPPED | Fault.ANSWER_LOST:
            return DmpError(
                "cut", "La liaison a été coupée.", "L'envoi reprendra seul.", retryable=True, ambiguous=True
            )
        case Fault.CARD_GONE:
            return CardError("card-gone", "La carte a été retirée.", "Insérez-la.")
        case Fault.LOCKED:
            return session_closed()
        case Fault.REFUSED:
            return DmpError("DMPInvalidLotSignature", "Le DMP refuse la signature de l'envoi.", "Vérifiez la carte.")
        case Fault.MISPRESENTED:
            return DmpError("DMPInvalidVIHF", "Le DMP refuse la façon dont vous êtes présenté.", "Vérifiez l'heure.")
        case _:
            return DmpError("DMPAccessDeniedByRightsService", "Vos droits ne suffisent pas.", "Vérifiez-les.")


class FakeDmpRepository:
    def __init__(self, *, refuse_duplicates: bool = False) -> None:
        self.registered: list[tuple[DocumentEntry, bytes]] = []
        self.submissions: list[Submission] = []
        self.sets: list[SubmissionSummary] = []
        self.links: list[Association] = []
        self.faults: deque[Fault] = deque()
        self.find_faults: deque[Fault] = deque()
        self.lookups = 0
        self._refuse_duplicates = refuse_duplicates

    def status(self, patient: InsIdentity) -> DossierStatus:
        return DossierStatus(exists=True, authorization=Authorization.VALIDE)

    def authorise(self, patient: InsIdentity, *, attending: bool = False) -> None:
        return None

    def withdraw(self, patient: InsIdentity) -> None:
        return None

    def find(self, patient: InsIdentity, criteria: FindCriteria) -> Iterator[DocumentEntry]:
        return (entry for entry, _content in self.registered if entry.status in criteria.statuses)

    def find_by_unique_id(self, patient: InsIdentity, unique_ids: Sequence[str]) -> list[DocumentEntry]:
        self.lookups += 1
        if self.find_faults and (fault := self.find_faults.popleft()) is not Fault.NONE:
            raise failure(fault)
        return [entry for entry, _content in self.registered if entry.unique_id in unique_ids]

    def find_submissions(self, patient: InsIdentity, since: datetime) -> list[SubmissionSummary]:
        return [found for found in self.sets if found.submission_time >= since]

    def find_associations(self, patient: InsIdentity, uuids: Sequence[str]) -> list[Association]:
        return [link for link in self.links if link.source in uuids or link.target in uuids]

    def find_by_entry_uuid(
        self, patient: InsIdentity, uuids: Sequence[str]
    ) -> tuple[list[DocumentEntry], list[Association]]:
        entries = [entry for entry, _content in self.registered if entry.entry_uuid in uuids]
        return entries, self.find_associations(patient, [entry.entry_uuid for entry in entries])

    def retrieve(self, patient: InsIdentity, entry: DocumentEntry) -> bytes:
        return next(content for known, content in self.registered if known.unique_id == entry.unique_id)

    def submit(self, submission: Submission) -> None:
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if fault not in (Fault.NONE, Fault.ANSWER_LOST):
            raise failure(fault)
        known = {entry.unique_id for entry, _content in self.registered}
        if self._refuse_duplicates and any(entry.unique_id in known for entry, _content in submission.documents):
            raise DmpError("XDSDuplicateUniqueIdInRegistry", "Ce document est déjà dans le DMP.")
        self.submissions.append(submission)
        set_uuid = f"urn:uuid:set {len(self.sets) + 1}"
        for entry, content in submission.documents:
            number = len(self.registered) + 1
            kept = replace(entry, entry_uuid=f"urn:uuid:{number}", hash_sha1=hashlib.sha1(content).hexdigest())
            self.registered.append((kept, content))
            self.links.append(Association(HAS_MEMBER, set_uuid, kept.entry_uuid))
            if old := submission.replaced_entry_uuids.get(entry.unique_id):
                self._replace(old, kept.entry_uuid)
        self.sets.append(SubmissionSummary(set_uuid, submission.unique_id, datetime.now(UTC), submission.author))
        if fault is Fault.ANSWER_LOST:
            raise failure(fault)

    def _replace(self, old: str, new: str) -> None:
        self.links.append(Association(RPLC, new, old))
        for place, (entry, content) in enumerate(self.registered):
            if entry.entry_uuid == old:
                self.registered[place] = replace(entry, status=Availability.DEPRECATED), content
