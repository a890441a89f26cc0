"""One row for what is one document to the doctor: former versions, twins and duplicates go under it, each with the reason.

Nothing is hidden: every entry is in exactly one row, as its head or folded under it, and counted. What is only probable (twins,
duplicates whose bytes are not known) is kept narrow: same title, same type, same author, same act. Two documents whose bytes are
known to differ are never duplicates: a doctor may write two prescriptions in one consultation.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from dmp_desktop.dmp import names
from dmp_desktop.domain.documents import Association, Availability, DocumentEntry, Visibility
from dmp_desktop.services.facts import is_structured

_Act = tuple[str, str, datetime, datetime | None] | None


class Reason(StrEnum):
    """Why a document is under another, as shown."""

    VERSION = "Version précédente"
    TWIN = "Même document, autre format"
    DUPLICATE = "Doublon"


class State(StrEnum):
    """What the list tells of a document besides its contents, as shown."""

    REPLACED = "Remplacé"
    ARCHIVED = "Archivé"
    DELETED = "Supprimé"
    UNKNOWN = "État inconnu"
    MASKED = "Masqué aux professionnels"
    HIDDEN_FROM_PATIENT = "Non visible par le patient"
    HIDDEN_FROM_REPRESENTATIVES = "Non visible par les représentants légaux"
    UPDATED = "Mis à jour"


_BY_STATUS = {
    Availability.DEPRECATED: State.REPLACED,
    Availability.ARCHIVED: State.ARCHIVED,
    Availability.DELETED: State.DELETED,
    Availability.UNKNOWN: State.UNKNOWN,
}
_BY_VISIBILITY = {
    Visibility.MASQUE_PS: State.MASKED,
    Visibility.INVISIBLE_PATIENT: State.HIDDEN_FROM_PATIENT,
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: State.HIDDEN_FROM_REPRESENTATIVES,
}
_CODES = {restriction.code: state for restriction, state in _BY_VISIBILITY.items()}


@dataclass(frozen=True, slots=True)
class Folded:
    """A document under another."""

    entry: DocumentEntry
    reason: Reason


class Row(NamedTuple):
    """A line of the list. `siblings`: documents of other rows brought by the same submission ("avec ce document")."""

    entry: DocumentEntry
    folded: tuple[Folded, ...] = ()
    siblings: tuple[DocumentEntry, ...] = ()
    states: tuple[State, ...] = ()
    pinned: bool = False

    @property
    def documents(self) -> int:
        """How many the row stands for."""
        return 1 + len(self.folded)


def fold(
    entries: Sequence[DocumentEntry], associations: Iterable[Association] = (), pins: Collection[str] = frozenset()
) -> tuple[Row, ...]:
    """Rows in the order of their heads in `entries`. `associations` are those the query told, if any; `pins` are uniqueIds.

    A row is pinned when any of its documents is.
    """
    links = tuple(associations)
    groups = _Groups(len(entries))
    acts = _gathered([(place, act) for place, entry in enumerate(entries) if (act := _act(entry))])
    _join_versions(entries, links, groups)
    _join_duplicates(entries, acts, groups)
    for places in acts:
        _join_twins(entries, [place for place in places if groups.above[place] is None], groups)
    siblings = _siblings(entries, links) if links else {}
    pinned = {groups.head(place) for place, entry in enumerate(entries) if entry.unique_id in pins} if pins else set()
    rows = []
    for head, entry in enumerate(entries):
        if groups.above[head] is not None:
            continue
        under = sorted(groups.under[head]) if head in groups.under else ()
        rows.append(
            Row(
                entry,
                tuple([Folded(entries[place], reason) for place, reason in under]) if under else (),
                _beside(entries, siblings, head, under) if siblings else (),
                _states(entry, under),
                head in pinned,
            )
        )
    return tuple(rows)


class _Groups:
    """Which place of the list is under which: always directly under a head."""

    def __init__(self, length: int) -> None:
        self.above: list[int | None] = [None] * length
        self.under: dict[int, list[tuple[int, Reason]]] = {}

    def head(self, place: int) -> int:
        above = self.above[place]
        return place if above is None else above

    def put(self, place: int, head: int, reason: Reason) -> None:
        """`place`, a head, goes under `head` with what is under it."""
        place, head = self.head(place), self.head(head)
        if place == head:
            return
        moved = [(place, reason), *self.under.pop(place, [])]
        self.under.setdefault(head, []).extend(moved)
        for one, _reason in moved:
            self.above[one] = head


def _join_versions(entries: Sequence[DocumentEntry], links: Sequence[Association], groups: _Groups) -> None:
    """Versions of one document: replaced by RPLC or as its CDA says, or by new metadata (same logicalId)."""
    by_uuid = {entry.entry_uuid: place for place, entry in enumerate(entries) if entry.entry_uuid}
    replaced = [(by_uuid.get(link.target), by_uuid.get(link.source)) for link in links if link.kind == names.RPLC]
    if any(entry.replaces for entry in entries):
        by_id = {entry.unique_id: place for place, entry in enumerate(entries)}
        replaced += [(by_id.get(entry.replaces), place) for place, entry in enumerate(entries) if entry.replaces]
    for place, latest in _latest_metadata(entries):
        groups.put(place, latest, Reason.VERSION)
    for old, new in replaced:
        if old is not None and new is not None and _may_head(entries[groups.head(new)], entries[groups.head(old)]):
            groups.put(old, new, Reason.VERSION)


def _may_head(new: DocumentEntry, old: DocumentEntry) -> bool:
    """A version nobody may use any more never covers one in use: then the link is wrong, or out of date."""
    return new.status is Availability.APPROVED or old.status is not Availability.APPROVED


def _latest_metadata(entries: Sequence[DocumentEntry]) -> Iterable[tuple[int, int]]:
    """(place, place of the last version) of entries with a later one of the same logicalId."""
    for places in _gathered([(place, entry.logical_id) for place, entry in enumerate(entries) if entry.logical_id]):
        latest = max(places, key=lambda place: _rank(entries[place]))
        yield from ((place, latest) for place in places if place != latest)


def _gathered(keys: Iterable[tuple[int, Hashable]]) -> list[list[int]]:
    """Places that share a key with another."""
    first: dict[Hashable, int] = {}
    shared: dict[Hashable, list[int]] = {}
    for place, key in keys:
        before = first.setdefault(key, place)
        if before != place:
            shared.setdefault(key, [before]).append(place)
    return list(shared.values())


def _rank(entry: DocumentEntry) -> tuple[bool, int, datetime]:
    return entry.status is Availability.APPROVED, entry.version, entry.creation_time


def _join_duplicates(entries: Sequence[DocumentEntry], acts: Iterable[Sequence[int]], groups: _Groups) -> None:
    """The same bytes, or the same title for the same act where bytes are not told: the latest deposit stands for all."""
    found = _gathered([(place, entry.hash_sha1) for place, entry in enumerate(entries) if entry.hash_sha1])
    for places in acts:
        titled = _gathered([(place, (entries[place].title, is_structured(entries[place]))) for place in places])
        found += [same for alike in titled if len(same := _perhaps_same_bytes(entries, alike)) > 1]
    for places in found:
        heads = dict.fromkeys(groups.head(place) for place in places)
        latest = max(heads, key=lambda place: _rank(entries[place]))
        for place in heads:
            groups.put(place, latest, Reason.DUPLICATE)


def _perhaps_same_bytes(entries: Sequence[DocumentEntry], places: list[int]) -> list[int]:
    """All of them, unless two are known to differ: then those of unknown bytes, which may be copies of each other only."""
    known = {entries[place].hash_sha1 for place in places} - {""}
    return places if len(known) < 2 else [place for place in places if not entries[place].hash_sha1]


def _join_twins(entries: Sequence[DocumentEntry], places: Sequence[int], groups: _Groups) -> None:
    """One structured, one not, of the same act and title: the structured one stands for both, its data can be used.

    Neither of two that share act and title is surely the twin.
    """
    for alike in _gathered([(place, entries[place].title) for place in places]):
        coded = [place for place in alike if is_structured(entries[place])]
        flat = [place for place in alike if not is_structured(entries[place])]
        if len(coded) == len(flat) == 1 and _may_head(entries[coded[0]], entries[flat[0]]):
            groups.put(flat[0], coded[0], Reason.TWIN)


def _act(entry: DocumentEntry) -> _Act:
    """What tells an act: type, author, time; None when it cannot be told."""
    start = entry.service_start
    if start is None or not entry.authors:
        return None
    author = entry.authors[0]
    who = author.person_id or author.display_name
    if not who:
        return None
    # Midnight, here or in UTC, is a day without its hour: several acts may share it, then the moment of writing tells them apart.
    whole_day = start.minute == start.second == 0 and 0 in (start.hour, start.astimezone().hour)
    return entry.type_code.code, who, start, entry.creation_time if whole_day else None


def _siblings(entries: Sequence[DocumentEntry], links: Sequence[Association]) -> dict[int, list[int]]:
    """Places brought by the same submission sets, itself among them, in their order, by place."""
    by_uuid = {entry.entry_uuid: place for place, entry in enumerate(entries) if entry.entry_uuid}
    found = (
        (by_uuid[link.target], link.source)
        for link in links
        if link.kind == names.HAS_MEMBER and link.target in by_uuid
    )
    beside: dict[int, list[int]] = {}
    for places in _gathered(found):
        ordered = sorted(set(places))
        for place in ordered:
            beside[place] = sorted({*beside[place], *ordered}) if place in beside else ordered
    return beside


def _beside(
    entries: Sequence[DocumentEntry], siblings: dict[int, list[int]], head: int, under: Sequence[tuple[int, Reason]]
) -> tuple[DocumentEntry, ...]:
    if not under:
        return tuple([entries[place] for place in siblings[head] if place != head]) if head in siblings else ()
    members = [head, *(place for place, _reason in under)]
    beside = {place for member in members if member in siblings for place in siblings[member]}
    return tuple([entries[place] for place in sorted(beside.difference(members))])


def _states(entry: DocumentEntry, under: Sequence[tuple[int, Reason]]) -> tuple[State, ...]:
    found = [_CODES[code.code] for code in entry.confidentiality if code.code in _CODES]
    if entry.status is not Availability.APPROVED:
        found.insert(0, _BY_STATUS[entry.status])
    if entry.version > 1 or (under and any(reason is Reason.VERSION for _place, reason in under)):
        found.append(State.UPDATED)
    return tuple(found)
