"""One try to deposit one document of the outbox: what to send, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dmp_desktop.dmp.metadata import VISIBILITY_CODES
from dmp_desktop.domain.documents import Availability, DocumentEntry, Submission
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.ports import DmpRepository, Entropy
from dmp_desktop.errors import CardError, CdaError, DmpDesktopError, DmpError, StorageError
from dmp_desktop.services.structure_deposit import StructureDeposit
from dmp_desktop.services.told_reason import message_of
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.outbox import Outcome

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)

# ITI TF-3 table 4.2.4.1-2: what a registry answers when it already has the uniqueId, for these bytes or for others; FHIR's status
# alone does not tell which.
DUPLICATE = "XDSDuplicateUniqueIdInRegistry"
DUPLICATE_CODES = frozenset({DUPLICATE, "XDSNonIdenticalHash", "HTTP409"})

DENIED = "DMPAccessDeniedByRightsService"
"""The right may come: the patient's authorisation, another role (reference §2.5)."""

SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
"""ebRS 3.0 §2.1.3.2: the acknowledgement of a deposit, or the registry's answer that shows it."""

NOT_VALIDATED = Outcome(
    OutboxState.REFUSED,
    code="DocumentNonValide",
    message="Personne n'a validé ce document : le secrétariat ne peut pas l'envoyer.",
    remedy="Le professionnel qui l'a écrit le valide, ou l'envoie avec sa carte.",
)

INTERNAL_FAILURE = Outcome(
    OutboxState.REFUSED,
    in_doubt=True,
    code="outbox-internal",
    message="Une erreur de DMP Desktop a empêché l'envoi.",
    remedy="Réessayez ; si cela se répète, transmettez le rapport de diagnostic au support.",
)


def pause(attempts: int, entropy: Entropy) -> timedelta:
    """How long to wait after so many tries: from 2 s, doubled each time up to 5 min, less up to half of it at random
    so that the workstations of a country do not come back at the same instant."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 16)), LONGEST_PAUSE) * jitter(entropy)


def jitter(entropy: Entropy) -> float:
    """Between a half, not included, and one."""
    return 1 - (entropy.uuid().int & 0xFFFFFFFF) / 2**33  # the low 62 bits of a version 4 UUID are random


@dataclass(frozen=True, slots=True)
class Delivery:
    """Deposits documents. `metadata` reads the XDS metadata from a CDA; `source_id` is the OID of this software."""

    metadata: Callable[[bytes], DocumentEntry]
    source_id: str
    entropy: Entropy

    def attempt(
        self, repository: DmpRepository, item: OutboxItem, cda: bytes, in_doubt: bool, now: datetime
    ) -> Outcome:
        """Send `item`, unless the DMP turns out to have it already. Never raises a DmpDesktopError: it becomes the
        outcome.

        `in_doubt` tells that an earlier try may have arrived: the DMP is then asked by uniqueId before anything is
        sent, but by a secretary, who may not ask: it refuses what it has.
        """
        blind = isinstance(repository, StructureDeposit)
        if blind and not item.validated_by:
            return NOT_VALIDATED
        try:
            if in_doubt and not blind and (found := self._find(repository, item)):
                return _already_there(found, cda)
        except DmpDesktopError as error:
            return self._outcome(error, item, now, in_doubt=True)
        try:
            submission = self._submission(repository, item, cda)
        except DmpDesktopError as error:
            return self._outcome(error, item, now, in_doubt=False)
        try:
            repository.submit(submission)
        except DmpError as error:
            if blind and error.code == DUPLICATE:
                return Outcome(
                    OutboxState.SENT, proof=item.submission_id, answer=DUPLICATE
                )  # the same bytes: others have another code
            if error.code in DUPLICATE_CODES and not blind:
                return self._after_duplicate(repository, item, cda, now, error)
            return self._outcome(error, item, now, in_doubt=error.ambiguous)
        except DmpDesktopError as error:
            return self._outcome(error, item, now, in_doubt=in_doubt)
        return Outcome(OutboxState.SENT, proof=item.submission_id, answer=SUCCESS)

    def unread(self, error: StorageError, item: OutboxItem, in_doubt: bool, now: datetime) -> Outcome:
        """What became of a try whose document could not be read, so that nothing of it left: later, unless it is damaged."""
        told = Outcome(
            OutboxState.REFUSED, in_doubt=in_doubt, code=error.code, message=error.message_fr, remedy=error.remedy_fr
        )
        if error.code == DAMAGED:
            return told
        later = now + pause(item.attempts, self.entropy)
        return replace(told, state=OutboxState.WAITING, next_attempt_at=later)

    def _submission(self, repository: DmpRepository, item: OutboxItem, cda: bytes) -> Submission:
        entry = self.metadata(cda)
        facility_type = entry.facility_type
        if not entry.authors or facility_type is None:
            raise CdaError(
                "outbox-metadata", "Le document n'a pas d'auteur ou de lieu d'exercice.", "Construisez-le à nouveau."
            )
        restrictions = tuple(
            VISIBILITY_CODES[restriction] for restriction in sorted(item.visibility - entry.visibility)
        )
        entry = replace(
            entry,
            confidentiality=entry.confidentiality + restrictions,
            hash_sha1=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),  # XDS hash, ITI TF-3 §4.2.3.2.10
            size=len(cda),
        )
        return Submission(
            unique_id=item.submission_id,
            patient=item.patient.ins,
            author=entry.authors[0],
            content_type=facility_type,  # JDV_J59: the SAxx sector code, for liberal practice
            source_id=self.source_id,
            documents=((entry, cda),),
            title=entry.title,
            replaced_entry_uuids=self._replaced(repository, item, entry),
        )

    def _replaced(self, repository: DmpRepository, item: OutboxItem, entry: DocumentEntry) -> dict[str, str]:
        """The entryUUID of what `entry` replaces, asked for at each try: it changes when the DMP reloads a record."""
        if not entry.replaces:
            return {}
        found = [one for one in _find(repository, item, entry.replaces) if one.status is Availability.APPROVED]
        if not found:
            raise DmpError(
                "outbox-replaced-unknown",
                "Le document à remplacer n'est pas dans le DMP, ou ne vous est pas visible.",
                "Envoyez-le comme nouveau document.",
            )
        return {entry.unique_id: found[0].entry_uuid}

    def _find(self, repository: DmpRepository, item: OutboxItem) -> DocumentEntry | None:
        """Our document as the DMP has it, or None."""
        return next(iter(_find(repository, item, item.unique_id)), None)

    def _after_duplicate(
        self, repository: DmpRepository, item: OutboxItem, cda: bytes, now: datetime, refusal: DmpError
    ) -> Outcome:
        """The DMP says that it has this uniqueId: sent, once it shows the same bytes."""
        try:
            found = self._find(repository, item)
        except DmpDesktopError as error:
            return self._outcome(error, item, now, in_doubt=True)
        return _already_there(found, cda) if found else self._outcome(refusal, item, now, in_doubt=True)

    def _outcome(self, error: DmpDesktopError, item: OutboxItem, now: datetime, *, in_doubt: bool) -> Outcome:
        told = Outcome(
            OutboxState.REFUSED,
            in_doubt=in_doubt,
            code=error.code,
            message=message_of(error, item),
            remedy=error.remedy_fr,
        )
        if isinstance(error, CardError):
            awaited = WaitingFor.CARD
        elif error.code == DENIED:
            return replace(told, state=OutboxState.WAITING, waiting_for=WaitingFor.RIGHT)
        elif isinstance(error, DmpError) and (error.retryable or error.ambiguous):
            awaited = WaitingFor.NETWORK
        else:
            return told
        later = now + pause(item.attempts, self.entropy)
        return replace(told, state=OutboxState.WAITING, waiting_for=awaited, next_attempt_at=later)


def _find(repository: DmpRepository, item: OutboxItem, unique_id: str) -> list[DocumentEntry]:
    """TD3.1b GetDocuments, the only query that may follow a deposit by itself (EX_3.1-2030).

    What comes back under another uniqueId is not it, whatever the server says. The patient is not compared: a record may
    carry several INS over time (EX_3.1-1055), and a uniqueId is the document's alone.
    """
    return [
        entry for entry in repository.find_by_unique_id(item.patient.ins, [unique_id]) if entry.unique_id == unique_id
    ]


def _already_there(found: DocumentEntry, cda: bytes) -> Outcome:
    """Sent when the registry's hash is that of our bytes (or none is told), refused when our uniqueId stands for
    others."""
    ours = hashlib.sha1(cda, usedforsecurity=False).hexdigest()
    if found.hash_sha1 and found.hash_sha1.lower() != ours:
        return Outcome(
            OutboxState.REFUSED,
            code="outbox-other-document",
            message="Un autre document porte déjà cet identifiant dans le DMP.",
            remedy="Construisez le document à nouveau : il recevra son propre identifiant.",
        )
    return Outcome(OutboxState.SENT, proof=found.entry_uuid, answer=SUCCESS)
