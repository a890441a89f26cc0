"""What an update must be (ITI-57 as the DMP narrows it, reference §2.4): changes of status, new versions of confidentiality."""

from __future__ import annotations

from collections.abc import Iterator

from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import names, syntax
from dmp_desktop.sandbox.checks import METADATA, METADATA_ERROR, Rule, Subject
from dmp_desktop.sandbox.model import Association

_STATUSES = frozenset(status.value for status in Availability if status is not Availability.UNKNOWN)


def versions(subject: Subject) -> list[Association]:
    """The links that bring a new version of a document's metadata."""
    return [link for link in subject.lot.associations if link.type == names.HAS_MEMBER]


def statuses(subject: Subject) -> list[Association]:
    """The links that change a document's status."""
    return [link for link in subject.lot.associations if link.type == names.UPDATE_STATUS]


def changes_something(subject: Subject) -> Iterator[str]:
    if not subject.lot.associations:
        yield "le message ne modifie aucun document"


def updates_only(subject: Subject) -> Iterator[str]:
    """Neither folders, nor links between documents, nor NonVersioningUpdate: the DMP has two kinds of changes."""
    sets = {found.id for found in subject.lot.sets}
    if subject.lot.folders:
        yield "une mise à jour ne comporte pas de classeur"
    for link in subject.lot.associations:
        if link.type not in {names.HAS_MEMBER, names.UPDATE_STATUS}:
            yield "association autre que HasMember ou UpdateAvailabilityStatus"
        if link.source not in sets:
            yield "la source d'une association n'est pas le SubmissionSet"


def versions_numbered(subject: Subject) -> Iterator[str]:
    """Each entry hangs on the set by one HasMember, which tells the version it follows."""
    entries = [entry.id for entry in subject.lot.entries]
    targets = [link.target for link in versions(subject)]
    if sorted(targets) != sorted(entries):
        yield "chaque document joint est la cible d'un HasMember, et de lui seul"
    for link in versions(subject):
        if link.slots.get("SubmissionSetStatus") != ("Original",):
            yield "HasMember sans SubmissionSetStatus=Original"
        previous = link.slots.get("PreviousVersion", ())
        if len(previous) != 1 or not syntax.is_version(previous[0]):
            yield "HasMember sans PreviousVersion, qui est le numéro de la version remplacée"


def logical_ids_valid(subject: Subject) -> Iterator[str]:
    for entry in subject.lot.entries:
        if not syntax.is_uuid(entry.lid):
            yield "lid absent, ou n'est pas un UUID (urn:uuid:…)"
        elif entry.lid == entry.id:
            yield "lid est celui du document, id en est un autre"


def statuses_told(subject: Subject) -> Iterator[str]:
    for link in statuses(subject):
        for name in ("OriginalStatus", "NewStatus"):
            told = link.slots.get(name, ())
            if len(told) != 1 or told[0] not in _STATUSES:
                yield f"{name} absent, répété ou inconnu"
        if not syntax.is_uuid(link.target):
            yield "un changement de statut vise un entryUUID (urn:uuid:…)"


def documents_changed_once(subject: Subject) -> Iterator[str]:
    targets = [link.target for link in statuses(subject)]
    lids = [entry.lid for entry in subject.lot.entries]
    if len(set(targets)) != len(targets) or len(set(lids)) != len(lids):
        yield "un document est modifié deux fois dans le message"


RULES: dict[Rule, str] = {
    **METADATA,
    changes_something: METADATA_ERROR,
    updates_only: METADATA_ERROR,
    versions_numbered: METADATA_ERROR,
    logical_ids_valid: METADATA_ERROR,
    statuses_told: METADATA_ERROR,
    documents_changed_once: METADATA_ERROR,
}
