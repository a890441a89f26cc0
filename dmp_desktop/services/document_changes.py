"""What can be done to a document that is in the record (TD3.3), as a doctor says it: one change a button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from dmp_desktop.domain.documents import Availability, DocumentEntry, Visibility
from dmp_desktop.services.rights import Action


class Change(Enum):
    """What the dialog can do to a document."""

    MASK = auto()
    UNMASK = auto()
    SHOW_PATIENT = auto()
    SHOW_REPRESENTATIVES = auto()
    ARCHIVE = auto()
    RESTORE = auto()
    DELETE = auto()


REVERSE = {
    Change.MASK: Change.UNMASK,
    Change.UNMASK: Change.MASK,
    Change.ARCHIVE: Change.RESTORE,
    Change.RESTORE: Change.ARCHIVE,
}
"""What takes a change back; the others are for good."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One button of the dialog. `why` it is greyed out, in French; `final`: who does it cannot take it back."""

    change: Change
    why: str | None = None
    final: bool = False


STATUSES = {
    Change.ARCHIVE: Availability.ARCHIVED,
    Change.RESTORE: Availability.APPROVED,
    Change.DELETE: Availability.DELETED,
}
LIFTED = {
    Change.UNMASK: Visibility.MASQUE_PS,
    Change.SHOW_PATIENT: Visibility.INVISIBLE_PATIENT,
    Change.SHOW_REPRESENTATIVES: Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,
}


def imaginable(entry: DocumentEntry) -> Iterator[Change]:
    """What has a meaning for a document as it is, whoever asks."""
    yield Change.UNMASK if Visibility.MASQUE_PS in entry.visibility else Change.MASK
    if Visibility.INVISIBLE_PATIENT in entry.visibility:
        yield Change.SHOW_PATIENT
    if Visibility.INVISIBLE_REPRESENTANTS_LEGAUX in entry.visibility:
        yield Change.SHOW_REPRESENTATIVES
    yield Change.RESTORE if entry.status is Availability.ARCHIVED else Change.ARCHIVE
    yield Change.DELETE


def visibility_after(before: frozenset[Visibility], change: Change) -> frozenset[Visibility]:
    """For a change that is none of the status."""
    return before | {Visibility.MASQUE_PS} if change is Change.MASK else before - {LIFTED[change]}


def state_refusal(entry: DocumentEntry, *, deletes: bool = False) -> str | None:
    """What no right helps against (TD3.3: of a replaced document, only its deletion)."""
    if entry.status is Availability.DELETED:
        return "Ce document est déjà supprimé."
    if entry.status is Availability.UNKNOWN:
        return "L'état de ce document n'est pas connu : actualisez la liste."
    if entry.status is Availability.DEPRECATED and not deletes:
        return "Ce document est remplacé : changez sa dernière version."
    return None


def visibility_actions(before: frozenset[Visibility], after: frozenset[Visibility]) -> set[Action]:
    """What rights it takes to go from one visibility to another."""
    actions = set()
    if Visibility.MASQUE_PS in after - before:
        actions.add(Action.MASK)
    if Visibility.MASQUE_PS in before - after:
        actions.add(Action.UNMASK)
    if before - after - {Visibility.MASQUE_PS}:
        actions.add(Action.SHOW)
    return actions
