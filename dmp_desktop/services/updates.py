"""What changed in a record since it was last listed (PDSm4DMP, "exemples d'usage": consultation flow), and the list with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from dmp_desktop.dmp import names
from dmp_desktop.domain.documents import Association, Availability, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import DmpRepository

BATCH = 20
"""Objects asked for at once (PDSm4DMP, same place)."""

CLOCKS_APART = timedelta(days=1)
"""How much later than its deposit a document may say that it was written."""
MAX_SUBMISSIONS = 5 * BATCH
"""Whose documents are looked for: between two visits there are far fewer."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Changes:
    """`entries`: documents that came or changed, of any status; `gone`: entryUUIDs no longer to be listed."""

    entries: tuple[DocumentEntry, ...] = ()
    gone: frozenset[str] = frozenset()


def changes_since(dmp: DmpRepository, patient: InsIdentity, since: datetime) -> Changes | None:
    """Changes since a moment, one request when there are none, three for up to 20 submissions of up to 20 documents.

    None when a submission shows nothing of what it did (documents masked or deleted, perhaps): the whole list must be asked for.
    Raises DmpError.
    """
    sets = [found.entry_uuid for found in dmp.find_submissions(patient, since)]
    if not sets:
        return Changes()
    links = _batched(sets, lambda some: dmp.find_associations(patient, some))
    known = frozenset(sets)
    links = [link for link in links if link.source in known]
    if {link.source for link in links} != known:
        return None
    touched = list(dict.fromkeys(link.target for link in links))
    entries: list[DocumentEntry] = []
    replaced: list[Association] = []
    for start in range(0, len(touched), BATCH):
        found, more = dmp.find_by_entry_uuid(patient, touched[start : start + BATCH])
        entries += found
        replaced += [link for link in more if link.kind == names.RPLC]
    seen = {entry.entry_uuid for entry in entries}
    gone = {link.target for link in replaced} | {uuid for uuid in touched if uuid not in seen}
    gone |= {entry.entry_uuid for entry in entries if entry.status is not Availability.APPROVED}
    return Changes(tuple(entries), frozenset(gone))


def deposited_since(dmp: DmpRepository, patient: InsIdentity, since: datetime, me: str | None) -> dict[str, datetime]:
    """When the documents that others deposited since a moment were, by entryUUID: two requests for up to 20 submissions.

    Of the latest `MAX_SUBMISSIONS` only. A document that `me` (national identifier) deposited is not among them. Raises DmpError.
    """
    sets = [one for one in dmp.find_submissions(patient, since) if me is None or one.author.person_id != me]
    sets.sort(key=lambda one: one.submission_time, reverse=True)
    times = {one.entry_uuid: one.submission_time for one in sets[:MAX_SUBMISSIONS]}
    links = _batched(list(times), lambda some: dmp.find_associations(patient, some))
    return {link.target: times[link.source] for link in links if link.kind == names.HAS_MEMBER and link.source in times}


def deposited_at(dmp: DmpRepository, patient: InsIdentity, entry: DocumentEntry) -> datetime | None:
    """When a document came: two requests. None where that is not told, or where its metadata has changed since: its last version
    came that day, not the document. Raises DmpError."""
    if entry.version > 1 or not entry.entry_uuid:
        return None
    links = dmp.find_associations(patient, [entry.entry_uuid])
    sets = {link.source for link in links if link.kind == names.HAS_MEMBER and link.target == entry.entry_uuid}
    if not sets:
        return None
    since = entry.creation_time - CLOCKS_APART
    return min(
        (one.submission_time for one in dmp.find_submissions(patient, since) if one.entry_uuid in sets), default=None
    )


def links_beside(dmp: DmpRepository, patient: InsIdentity, entry_uuid: str) -> list[Association]:
    """Links of a document, and of the submissions that brought it to what they brought with it: two requests. Raises DmpError."""
    own = dmp.find_associations(patient, [entry_uuid])
    sets = list(
        dict.fromkeys(link.source for link in own if link.kind == names.HAS_MEMBER and link.target == entry_uuid)
    )
    return list(dict.fromkeys(own + _batched(sets, lambda some: dmp.find_associations(patient, some))))


def sent_with(
    entry: DocumentEntry, entries: Iterable[DocumentEntry], links: Iterable[Association]
) -> tuple[DocumentEntry, ...]:
    """Those of `entries` that a submission brought together with `entry`, as its links tell (`links_beside`)."""
    members = [link for link in links if link.kind == names.HAS_MEMBER]
    sets = {link.source for link in members if link.target == entry.entry_uuid}
    brought = {link.target for link in members if link.source in sets}
    return tuple(one for one in entries if one.entry_uuid in brought and one.unique_id != entry.unique_id)


def merged(kept: Iterable[DocumentEntry], changes: Changes) -> list[DocumentEntry]:
    """The list as the DMP would tell it now: Approved documents, new ones last, changed ones in their new version."""
    fresh = [entry for entry in changes.entries if entry.entry_uuid not in changes.gone]
    versions = {entry.logical_id for entry in fresh if entry.logical_id}
    documents = {entry.unique_id for entry in fresh}
    still = [
        entry
        for entry in kept
        if entry.entry_uuid not in changes.gone
        and entry.logical_id not in versions
        and entry.unique_id not in documents
    ]
    return still + fresh


def _batched(uuids: Sequence[str], ask: Callable[[Sequence[str]], list[T]]) -> list[T]:
    return [found for start in range(0, len(uuids), BATCH) for found in ask(uuids[start : start + BATCH])]
