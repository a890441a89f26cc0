"""One try to deposit what leaves together, mostly one document: what to send, and what became of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dmp_desktop.dmp.metadata import VISIBILITY_CODES
from dmp_desktop.domain.documents import Availability, DocumentEntry, Submission
from dmp_desktop.domain.outbox import NO_SUCH_FORMER, OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.ports import DmpRepository, Entropy
from dmp_desktop.errors import CardError, CdaError, DmpDesktopError, DmpError, StorageError
from dmp_desktop.services.structure_deposit import StructureDeposit
from dmp_desktop.services.told_reason import message_of
from dmp_desktop.services.wrong_clock import way_off
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

CLOCK = "outbox-clock"

FORMER_TO_COME = "outbox-replaced-waiting"

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


def _apart(**fields: Any) -> Outcome:
    """Of a document of a lot that the DMP has, but for it; a deposit being whole (ITI-41), it was taken away since."""
    return Outcome(
        OutboxState.REFUSED,
        code="outbox-lot-apart",
        message="Le DMP a les autres documents de cet envoi, mais pas celui-ci : il en a peut-être été supprimé depuis.",
        remedy="Vérifiez dans l'onglet Documents, puis réessayez : il partira à part.",
        **fields,
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
    """Deposits documents. `metadata` reads the XDS metadata from a CDA; `source_id` is the OID of this software; `skew` is the
    DMP's clock minus ours, as its last answer told it, None when it told none."""

    metadata: Callable[[bytes], DocumentEntry]
    source_id: str
    entropy: Entropy
    skew: Callable[[], timedelta | None]

    def attempt(
        self, repository: DmpRepository, parcel: Sequence[tuple[OutboxItem, bytes]], in_doubt: bool, now: datetime
    ) -> list[Outcome]:
        """Send what leaves together, unless the DMP turns out to have it already; one outcome each, in their order. Never raises
        a DmpDesktopError: it becomes the outcome.

        `in_doubt` tells that an earlier try may have arrived: the DMP is then asked by uniqueId before anything is
        sent, but by a secretary, who may not ask: it refuses what it has.
        """
        blind = isinstance(repository, StructureDeposit)
        items = [item for item, _cda in parcel]
        if blind and not all(item.validated_by for item in items):
            return [NOT_VALIDATED] * len(items)
        try:
            if in_doubt and not blind and (found := self._found(repository, items)):
                return self._there(parcel, found)
        except DmpDesktopError as error:
            return self._outcomes(error, items, now, in_doubt=True)
        try:
            submission = self._submission(repository, parcel)
        except DmpDesktopError as error:
            return self._outcomes(error, items, now, in_doubt=False)
        try:
            repository.submit(submission)
        except DmpError as error:
            if blind and error.code == DUPLICATE:  # the same bytes: others have another code
                return [Outcome(OutboxState.SENT, proof=submission.unique_id, answer=DUPLICATE)] * len(items)
            if error.code in DUPLICATE_CODES and not blind:
                return self._after_duplicate(repository, parcel, in_doubt, now, error)
            return self._outcomes(error, items, now, in_doubt=error.ambiguous)
        except DmpDesktopError as error:
            return self._outcomes(error, items, now, in_doubt=in_doubt)
        return [Outcome(OutboxState.SENT, proof=submission.unique_id, answer=SUCCESS)] * len(items)

    def unread(
        self,
        error: StorageError,
        items: Sequence[OutboxItem],
        unread: Sequence[OutboxItem],
        in_doubt: bool,
        now: datetime,
    ) -> list[Outcome]:
        """What became of a try in which those `unread` could not be read, so that nothing left: later, but what is damaged."""
        told = Outcome(
            OutboxState.REFUSED, in_doubt=in_doubt, code=error.code, message=error.message_fr, remedy=error.remedy_fr
        )
        later = now + pause(max(item.attempts for item in items), self.entropy)
        again = replace(told, state=OutboxState.WAITING, next_attempt_at=later)
        return [told if error.code == DAMAGED and item in unread else again for item in items]

    def behind(self, outcomes: Sequence[Outcome], items: Sequence[OutboxItem], now: datetime) -> list[Outcome]:
        """What was refused because the DMP does not know what it replaces, where that is still to come: later."""
        later = now + pause(max(item.attempts for item in items), self.entropy)
        again = partial(replace, state=OutboxState.WAITING, code=FORMER_TO_COME, remedy="", next_attempt_at=later)
        told = "Le document qu'il remplace n'est pas encore parti : celui-ci le suivra."
        return [again(one, message=told) if one.code == NO_SUCH_FORMER else one for one in outcomes]

    def _submission(self, repository: DmpRepository, parcel: Sequence[tuple[OutboxItem, bytes]]) -> Submission:
        documents = tuple((self._entry(item, cda), cda) for item, cda in parcel)
        first, entry = parcel[0][0], documents[0][0]
        if not entry.authors or entry.facility_type is None:
            raise CdaError(
                "outbox-metadata", "Le document n'a pas d'auteur ou de lieu d'exercice.", "Construisez-le à nouveau."
            )
        replaced: dict[str, str] = {}
        for (item, _cda), (described, _content) in zip(parcel, documents, strict=True):
            replaced |= self._replaced(repository, item, described)
        return Submission(
            unique_id=first.submission_id,
            patient=first.patient.ins,
            author=entry.authors[0],
            content_type=entry.facility_type,  # JDV_J59: the SAxx sector code, for liberal practice
            source_id=self.source_id,
            documents=documents,
            title=entry.title if len(parcel) == 1 else "",
            replaced_entry_uuids=replaced,
        )

    def _entry(self, item: OutboxItem, cda: bytes) -> DocumentEntry:
        """What is said of a document: what it says of itself, and who may not see it."""
        entry = self.metadata(cda)
        restrictions = tuple(
            VISIBILITY_CODES[restriction] for restriction in sorted(item.visibility - entry.visibility)
        )
        return replace(
            entry,
            confidentiality=entry.confidentiality + restrictions,
            hash_sha1=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),  # XDS hash, ITI TF-3 §4.2.3.2.10
            size=len(cda),
        )

    def _replaced(self, repository: DmpRepository, item: OutboxItem, entry: DocumentEntry) -> dict[str, str]:
        """The entryUUID of what `entry` replaces, asked for at each try: it changes when the DMP reloads a record."""
        if not entry.replaces:
            return {}
        known = _find(repository, item, (entry.replaces,))
        found = [one for one in known if one.status is Availability.APPROVED]
        if not found:
            raise DmpError(
                NO_SUCH_FORMER,
                "Le document à remplacer n'est pas dans le DMP, ou ne vous est pas visible.",
                "Envoyez-le comme nouveau document.",
            )
        return {entry.unique_id: found[0].entry_uuid}

    def _found(self, repository: DmpRepository, items: Sequence[OutboxItem]) -> dict[str, DocumentEntry]:
        """Our documents as the DMP has them, each asked for."""
        wanted = tuple(item.unique_id for item in items)
        return {entry.unique_id: entry for entry in _find(repository, items[0], wanted)}

    def _there(
        self,
        parcel: Sequence[tuple[OutboxItem, bytes]],
        found: Mapping[str, DocumentEntry],
        absent: Callable[..., Outcome] = _apart,
    ) -> list[Outcome]:
        """Of each, what the DMP has of it; those it does not have leave in a lot of their own, its identifier being taken."""
        new_lot = f"2.25.{self.entropy.uuid().int}"
        return [
            _already_there(found[item.unique_id], cda) if item.unique_id in found else absent(new_lot=new_lot)
            for item, cda in parcel
        ]

    def _after_duplicate(
        self,
        repository: DmpRepository,
        parcel: Sequence[tuple[OutboxItem, bytes]],
        in_doubt: bool,
        now: datetime,
        refusal: DmpError,
    ) -> list[Outcome]:
        """The DMP says that it has one of these uniqueIds, and took nothing of this lot: sent, once it shows the same bytes. What
        it does not have leaves by itself, unless an earlier try may have brought it."""
        items = [item for item, _cda in parcel]
        try:
            found = self._found(repository, items)
        except DmpDesktopError as error:
            return self._outcomes(error, items, now, in_doubt=True)
        if not found:  # it may be the identifier of the lot that is taken
            new_lot = f"2.25.{self.entropy.uuid().int}"
            refused = self._outcomes(refusal, items, now, in_doubt=True)
            return [replace(one, new_lot=new_lot) for one in refused]
        again = partial(Outcome, OutboxState.WAITING, next_attempt_at=now)
        return self._there(parcel, found, _apart if in_doubt else again)

    def _outcomes(
        self, error: DmpDesktopError, items: Sequence[OutboxItem], now: datetime, *, in_doubt: bool
    ) -> list[Outcome]:
        """The same of all: they are tried again together."""
        error = self._by_the_clock(error)
        told = Outcome(OutboxState.REFUSED, in_doubt=in_doubt, code=error.code, remedy=error.remedy_fr)
        if isinstance(error, CardError):
            told = replace(told, state=OutboxState.WAITING, waiting_for=WaitingFor.CARD)
        elif error.code == DENIED:
            told = replace(told, state=OutboxState.WAITING, waiting_for=WaitingFor.RIGHT)
        elif isinstance(error, DmpError) and (error.retryable or error.ambiguous):
            told = replace(told, state=OutboxState.WAITING, waiting_for=WaitingFor.NETWORK)
        if told.waiting_for in (WaitingFor.CARD, WaitingFor.NETWORK):
            told = replace(told, next_attempt_at=now + pause(max(item.attempts for item in items), self.entropy))
        return [replace(told, message=message_of(error, item)) for item in items]

    def _by_the_clock(self, error: DmpDesktopError) -> DmpDesktopError:
        """What the DMP refused because of the time told, which sets itself right sooner or later; any other as it is."""
        way = way_off(error, self.skew())
        if way is None:
            return error
        return DmpError(
            CLOCK,
            f"L'horloge de cet ordinateur {way} sur celle du DMP, qui a refusé l'envoi.",
            "Mettez l'ordinateur à l'heure : l'envoi repartira seul.",
            retryable=True,
        )


def _find(repository: DmpRepository, item: OutboxItem, unique_ids: Sequence[str]) -> list[DocumentEntry]:
    """TD3.1b GetDocuments, the only query that may follow a deposit by itself (EX_3.1-2030).

    What comes back under another uniqueId is not it, whatever the server says. The patient is not compared: a record may
    carry several INS over time (EX_3.1-1055), and a uniqueId is the document's alone.
    """
    found = repository.find_by_unique_id(item.patient.ins, unique_ids)
    return [entry for entry in found if entry.unique_id in unique_ids]


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
