"""Treatments of a record side by side: prescribed, dispensed, reimbursed, listed, in the note. Facts, no judgement.

What is marked, and by which rules: `medication_marks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.medication_marks import (
    DELIVERIES,
    ORDERS,
    Mark,
    MedicationLine,
    doubled,
    doubled_in_part,
    ends,
    missing,
    outlives,
    restarted,
)
from dmp_desktop.terminology.oids import ATC
from dmp_desktop.terminology.substances import Substance, accented, named, substance
from dmp_desktop.terminology.wording import plain

__all__ = [
    "Mark",
    "Medication",
    "MedicationLine",
    "MedicationRow",
    "Segment",
    "Taken",
    "reconcile",
    "substance_of",
    "taken",
]

MEDICINE_TYPES = frozenset({"57833-6", "60593-1", "75468-9", "REMB"})
"""typeCode of prescriptions, renewals, dispensations and reimbursements of medicines (JDV_J07)."""

Taken = frozenset[tuple[str, int]]
"""Treatments by the uniqueId of their document and the `id` of the item: it lasts as long as the items do."""

_OVER = frozenset({ProposalStatus.STOPPED, ProposalStatus.ABSENT, ProposalStatus.REFUSED})


@dataclass(frozen=True, slots=True, repr=False)
class Segment:
    """A bar of the timeline. `start` None: unknown beginning; `end` None: unknown end, drawn open."""

    origin: Origin
    start: date | None
    end: date | None
    line: MedicationLine


@dataclass(frozen=True, slots=True, repr=False)
class MedicationRow:
    """One substance: its lines, the latest first. `shares`: labels of the other current rows that hold a same substance."""

    key: str
    label: str
    atc: str
    lines: tuple[MedicationLine, ...]
    marks: frozenset[Mark] = frozenset()
    shares: tuple[str, ...] = ()
    current: bool = False

    def of(self, origin: Origin) -> tuple[MedicationLine, ...]:
        """One column."""
        return tuple(line for line in self.lines if line.origin is origin)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """In time order; a treatment only said stopped has none."""
        drawn = [line for line in self.lines if not line.stopped or line.start or line.end]
        bars = [Segment(line.origin, line.start, line.end, line) for line in drawn]
        return tuple(sorted(bars, key=lambda bar: (bar.start or bar.line.told, bar.origin)))


@dataclass(frozen=True, slots=True, repr=False)
class Medication:
    """Rows: current ones first, then by name. `unexploitable`: prescriptions and the like that a program cannot read."""

    rows: tuple[MedicationRow, ...] = ()
    unexploitable: tuple[DocumentEntry, ...] = ()


def reconcile(documents: Iterable[ReadDocument], today: date, note: Iterable[ClinicalItem] = ()) -> Medication:
    """One row a substance. `note`: treatments found in the note under way. "None known" is no treatment, and left out."""
    read = list(documents)
    told = [*_told(read), *((None, item) for item in note if item.kind is ItemKind.TREATMENT)]
    by_code = _by_code(item for _, item in told)
    groups: dict[str, tuple[Substance, list[MedicationLine]]] = {}
    for entry, item in told:
        made = _made(item, by_code)
        groups.setdefault(made.key, (made, []))[1].append(_line(entry, item, today))
    deliveries = [line.told for _, lines in groups.values() for line in lines if line.origin in DELIVERIES]
    rows = [_row(made, lines, today, max(deliveries, default=None)) for made, lines in groups.values()]
    names = {key: made.names for key, (made, _) in groups.items()}
    rows = sorted(_shared(rows, names, today), key=lambda row: (not row.current, plain(row.label)))
    return Medication(tuple(rows), tuple(_unexploitable(read)))


def taken(documents: Iterable[ReadDocument], today: date) -> Taken:
    """The orders and lists behind the rows that `reconcile` says are current, and those that begin later: none of them is over.

    What is delivered now keeps those that ended.
    """
    told = _told(list(documents))
    by_code = _by_code(item for _, item in told)
    groups: dict[str, list[tuple[MedicationLine, ClinicalItem]]] = {}
    for entry, item in told:
        groups.setdefault(_made(item, by_code).key, []).append((_line(entry, item, today), item))
    found = set()
    for group in groups.values():
        lines = [line for line, _ in group]
        live = _live(lines, today)
        coming = {id(line) for line in lines if line.begins > today and not line.stopped and line.origin in ORDERS}
        ordered = [line for line in live if line.origin in ORDERS]
        kept = coming | {id(line) for line in ordered or (line for line in lines if live and not line.stopped)}
        found |= {(line.entry.unique_id, id(item)) for line, item in group if line.entry and id(line) in kept}
    return frozenset(found)


def substance_of(item: ClinicalItem) -> Substance:
    """What tells two names of one treatment: substances, ATC, name."""
    product = item.product
    atc = product.atc if product else ""
    if not atc and item.code is not None and item.code.system == ATC:
        atc = item.code.code
    return substance(item.label, atc, product.substances if product else ())


def _made(item: ClinicalItem, by_code: dict[str, Substance]) -> Substance:
    return next((by_code[code] for code in _codes(item) if code in by_code), None) or substance_of(item)


def _codes(item: ClinicalItem) -> list[str]:
    """Codes of the very product: two lines with one of them are of one substance, whatever their words."""
    return [code for code in (item.product.cis, item.product.cip) if code] if item.product else []


def _by_code(items: Iterable[ClinicalItem]) -> dict[str, Substance]:
    """The substance of each product code: that of the line that tells most of it."""
    found: dict[str, Substance] = {}
    for item in items:
        made = substance_of(item)
        for code in _codes(item):
            if code not in found or (made.names and not found[code].names):
                found[code] = made
    return found


def _told(documents: list[ReadDocument]) -> list[tuple[DocumentEntry | None, ClinicalItem]]:
    """What is only proposed, or cancelled, is no line: it would be taken, or stop what is."""
    found = ((read.entry, item) for read in documents for item in read.facts.of(ItemKind.TREATMENT) if item.is_fact)
    return [(entry, item) for entry, item in found if not (item.status is ProposalStatus.ABSENT and _none_known(item))]


def _none_known(item: ClinicalItem) -> bool:
    """A code that states the absence of any treatment (IPS, "no-known-medications")."""
    return bool(item.code and item.code.code.startswith("no-"))


def _line(entry: DocumentEntry | None, item: ClinicalItem, today: date) -> MedicationLine:
    product = item.product
    told = today if entry is None else (entry.service_start or entry.creation_time).astimezone().date()
    return MedicationLine(
        Origin.NOTE if entry is None else product.origin if product else Origin.LISTED,
        item.label,
        (product.cis or product.cip) if product else "",
        *named(item.label),
        item.start,
        item.end,
        told,
        item.dosage.text or item.dosage.schedule if item.dosage else "",
        item.comment,
        product.quantity if product else "",
        (product.prescriber if product else "") or item.author,
        item.status in _OVER,
        entry,
        item.source,
    )


def _live(lines: list[MedicationLine], today: date) -> list[MedicationLine]:
    """Those that say it is being taken, and that no stop ended since."""
    stops = [line for line in lines if line.stopped]
    return [line for line in lines if line.current(today) and not _stopped_since(line, lines, stops)]


def _stopped_since(line: MedicationLine, lines: list[MedicationLine], stops: list[MedicationLine]) -> bool:
    on = max((stop.told for stop in stops if ends(stop, line)), default=None)
    return on is not None and not outlives(line, lines, on)


def _row(made: Substance, lines: list[MedicationLine], today: date, delivered: date | None) -> MedicationRow:
    lines = sorted(lines, key=lambda line: (line.told, line.begins), reverse=True)
    marks = set()
    stopped_on = max((line.told for line in lines if line.stopped), default=None)
    live = _live(lines, today)
    if missing(lines, delivered):
        marks.add(Mark.MISSING)
    if any(doubled(one, other) for one, other in combinations(live, 2)):
        marks.add(Mark.DUPLICATE)
    ended = all(line.end and line.end < today for line in lines if line.origin in ORDERS and not line.stopped)
    if not live and (stopped_on or (ended and any(line.origin in ORDERS for line in lines))):
        marks.add(Mark.STOPPED)
    if restarted(lines):
        marks.add(Mark.RESTARTED)
    return MedicationRow(
        made.key, _written(made.label, lines), made.atc, tuple(lines), frozenset(marks), current=bool(live)
    )


def _written(label: str, lines: Sequence[MedicationLine]) -> str:
    """The substance as a document writes it (`Paracétamol`), else as the table does, with the accents we know."""
    length = len(label.split())
    starts = (" ".join(line.label.split()[:length]) for line in lines)
    found = next((start for start in starts if plain(start) == label and not start.isupper()), accented(label))
    return found[:1].upper() + found[1:]


def _shared(rows: list[MedicationRow], names: dict[str, frozenset[str]], today: date) -> list[MedicationRow]:
    """Current rows that hold a same substance: an association and one of its parts."""
    shares: dict[str, list[str]] = {row.key: [] for row in rows}
    for one, other in combinations([row for row in rows if row.current], 2):
        if names[one.key] & names[other.key] and _prescribed_apart(one, other, today):
            shares[one.key].append(other.label)
            shares[other.key].append(one.label)
    return [
        replace(row, marks=row.marks | {Mark.DUPLICATE}, shares=tuple(shares[row.key])) if shares[row.key] else row
        for row in rows
    ]


def _prescribed_apart(one: MedicationRow, other: MedicationRow, today: date) -> bool:
    live = [[line for line in row.lines if line.current(today)] for row in (one, other)]
    return any(doubled_in_part(line, beside) for line in live[0] for beside in live[1])


def _unexploitable(documents: list[ReadDocument]) -> list[DocumentEntry]:
    papers = [read for read in documents if read.entry.type_code.code in MEDICINE_TYPES]
    empty = [read.entry for read in papers if not read.facts.of(ItemKind.TREATMENT)]
    return sorted(empty, key=lambda entry: entry.creation_time, reverse=True)
