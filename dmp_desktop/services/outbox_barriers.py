"""What keeps a document on the workstation until its cause is gone, and what stops it for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dmp_desktop.domain.documents import DocumentEntry, Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.services.feeding import FeedingRules
from dmp_desktop.storage.outbox import Outcome

UNQUALIFIED = Outcome(
    OutboxState.WAITING,
    WaitingFor.INS,
    code="outbox-ins",
    message="L'INS de ce patient n'est pas qualifiée : le document attend qu'elle le soit.",
    remedy="Vérifiez l'identité avec une pièce et le téléservice INSi : il partira de lui-même.",
)
WAITS = {"feeding-opposed": WaitingFor.OPPOSITION}
"""Refusals that end by themselves one day. Any other is one, an identity that was taken away first of all: what was to be sent
under it must never leave under another."""


@dataclass(frozen=True, slots=True, repr=False)
class Former:
    """The document that another one replaces, as it is known here: its bytes, and who may not see it in the DMP."""

    cda: bytes
    visibility: frozenset[Visibility]


@dataclass(frozen=True, slots=True)
class Contents:
    """What documents say. `says_nothing` and `same` raise CdaError; `same` compares two versions, their times of the act too when
    its last argument is true; `former` gives the document of a uniqueId, None where it is not known here; `listed` tells whether
    the DMP told it as there, the last time it was asked."""

    says_nothing: Callable[[bytes], bool] = lambda _cda: False
    same: Callable[[bytes, bytes, bool], bool] = lambda _one, _other, _same_act: False
    former: Callable[[Patient, str], Former | None] = lambda _patient, _unique_id: None
    listed: Callable[[Patient, str], bool] = lambda _patient, _unique_id: False


UNREAD = Contents()


def barrier(rules: FeedingRules, patient: Patient) -> Outcome | None:
    """What becomes of a document about `patient` now: it waits, or is refused; None: it may leave. Raises StorageError."""
    try:
        rules.may_feed(patient.ins)
    except ContextError as why:
        awaited = WAITS.get(why.code)
        told = Outcome(OutboxState.WAITING, awaited) if awaited else Outcome(OutboxState.REFUSED)
        return replace(told, code=why.code, message=why.message_fr, remedy=why.remedy_fr)
    if patient.ins.status is InsStatus.QUALIFIEE or rules.qualified(patient):
        return None
    return UNQUALIFIED


def is_over(rules: FeedingRules, item: OutboxItem) -> bool:
    """Whether a right that lacked was given since the item waits for it; any other cause is over once there is no barrier."""
    if item.waiting_for is not WaitingFor.RIGHT:
        return True
    given = rules.authorised_at(item.patient.ins)
    return given is not None and given > item.updated_at


def check_entry(entry: DocumentEntry, patient: Patient) -> None:
    """It is this patient's, and someone answers for it. Raises ContextError, CdaError."""
    if entry.patient is None or not same_person(entry.patient, patient.ins):
        raise ContextError(
            "outbox-other-patient",
            "Ce document n'est pas celui du patient ouvert : rien n'a été envoyé.",
            "Vérifiez l'identité, puis construisez le document à nouveau.",
            field="patient.ins",
        )
    if not entry.authors or not entry.authors[0].person_id:
        raise CdaError("outbox-author", "Le document n'a pas d'auteur.", "Construisez-le à nouveau.", path="author")


def check_content(
    contents: Contents,
    patient: Patient,
    entry: DocumentEntry,
    cda: bytes,
    shown: frozenset[Visibility],
    *,
    same_act: bool,
) -> None:
    """It says something, and something else than what it replaces as far as that is known. `shown`: who is not to see it;
    `same_act`: the time of the act counts, somebody chose it. Raises ContextError, CdaError."""
    if contents.says_nothing(cda):
        raise ContextError(
            "outbox-empty",
            "Ce document est vide : il n'a pas été envoyé.",
            "Écrivez-y quelque chose ou joignez un fichier, puis envoyez-le.",
        )
    former = contents.former(patient, entry.replaces) if entry.replaces else None
    if former is None or former.visibility != shown | entry.visibility:
        return
    if contents.same(cda, former.cda, same_act):
        raise ContextError(
            "outbox-same",
            "Ce document dit exactement la même chose que celui qu'il remplace : il n'a pas été envoyé.",
            "Modifiez-le avant de l'envoyer ; si rien n'est à changer, celui du DMP suffit.",
        )


def same_person(one: InsIdentity, other: InsIdentity) -> bool:
    return (one.value, one.oid) == (other.value, other.oid)
