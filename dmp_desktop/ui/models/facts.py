"""Facts of the record under review: in sections, contradictions apart, each with its tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import combinations
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.documents import plain

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class Section(IntEnum):
    """In the order of `strings_forms_fr.SECTIONS`."""

    PROBLEMS = 0
    HISTORY = 1
    PROCEDURES = 2
    ALLERGIES = 3
    TREATMENTS = 4
    VACCINATIONS = 5
    RISKS = 6


_SECTION = {
    ItemKind.PROBLEM: Section.PROBLEMS,
    ItemKind.PROCEDURE: Section.PROCEDURES,
    ItemKind.DEVICE: Section.PROCEDURES,
    ItemKind.ALLERGY: Section.ALLERGIES,
    ItemKind.TREATMENT: Section.TREATMENTS,
    ItemKind.VACCINATION: Section.VACCINATIONS,
    ItemKind.LIFESTYLE: Section.RISKS,
}
_OVER = (ProposalStatus.ABSENT, ProposalStatus.STOPPED, ProposalStatus.REFUSED)

NO_KNOWN_ALLERGY = ClinicalItem(
    ItemKind.ALLERGY,
    fr.NO_ALLERGY,
    ProposalStatus.ABSENT,
    Code("no-known-allergies", ABSENT_OR_UNKNOWN, "Pas d'allergie/hypersensibilité connue"),
)
"""What the doctor says by an explicit tick, and nobody else for him."""


def section_of(item: ClinicalItem) -> Section | None:
    """None for a fact that a synthesis has no section for: it is not shown, so it is not sent."""
    if item.status is ProposalStatus.FAMILY:
        return Section.RISKS
    if item.kind is ItemKind.PROBLEM and (item.status is ProposalStatus.HISTORY or item.end is not None):
        return Section.HISTORY
    return _SECTION.get(item.kind)


@dataclass(frozen=True)
class Facts:
    """Facts in their sections, and against each fact those that cannot be true with it. Made off the GUI thread by `arrange`."""

    sections: Mapping[Section, tuple[ClinicalItem, ...]]
    against: Mapping[ClinicalItem, frozenset[ClinicalItem]]
    unread: int = 0
    """Structured documents of the record that are not in it."""


def arrange(items: Iterable[ClinicalItem], unread: int = 0) -> Facts:
    """Each fact once, in the order given; what a synthesis has no section for is left out."""
    shown = [item for item in dict.fromkeys(items) if section_of(item) is not None]
    sections = {section: tuple(item for item in shown if section_of(item) is section) for section in Section}
    against: dict[ClinicalItem, set[ClinicalItem]] = {}
    for group in _alike((*shown, NO_KNOWN_ALLERGY)):
        for one, other in combinations(group, 2):
            if opposed(one, other):
                against.setdefault(one, set()).add(other)
                against.setdefault(other, set()).add(one)
    return Facts(sections, {item: frozenset(others) for item, others in against.items()}, unread)


def _alike(items: Iterable[ClinicalItem]) -> Iterable[list[ClinicalItem]]:
    """Groups in which opposites may be: all allergies, and what has one code or one label."""
    groups: dict[object, list[ClinicalItem]] = {}
    for item in items:
        keys: list[object] = [(item.kind, plain(item.label))]
        keys += [(item.kind, item.code.code, item.code.system)] if item.code else []
        for key in [item.kind] if item.kind is ItemKind.ALLERGY else keys:
            groups.setdefault(key, []).append(item)
    return groups.values()


NOTHING = arrange(())


@dataclass(eq=False)
class Review:
    """The doctor's review of one patient's facts: which are `ticked`, which sections were `seen`. Nothing is ticked by itself.

    `facts` is None until the record was read; `stopped` tells that it was not read to its end. `unread`: why it could not be
    read at all, where the doctor goes on without it.
    """

    facts: Facts | None = None
    stopped: bool = False
    unread: str = ""
    ticked: set[ClinicalItem] = field(default_factory=set)
    seen: set[Section] = field(default_factory=set)

    @property
    def _facts(self) -> Facts:
        return self.facts or NOTHING

    def of(self, section: Section) -> tuple[ClinicalItem, ...]:
        return self._facts.sections[section]

    def against(self, item: ClinicalItem) -> frozenset[ClinicalItem]:
        return self._facts.against.get(item, frozenset())

    def tick(self, item: ClinicalItem, accepted: bool) -> None:
        """What says the contrary of a ticked fact cannot stay ticked."""
        if accepted:
            self.ticked = (self.ticked - self.against(item)) | {item}
        else:
            self.ticked.discard(item)

    def stop(self, unread: str = "") -> None:
        """The doctor does not wait for the record, or goes on without one that cannot be read: he reviews what is there."""
        self.facts, self.stopped, self.unread = NOTHING, True, unread

    def restart(self) -> None:
        """The record is read again; what was ticked stays so if it is found again."""
        self.facts, self.stopped, self.unread = None, False, ""
        self.seen.clear()

    def without_facts(self) -> Review:
        """Another one, of what the doctor himself said: what is still being read is not for it. One that goes on without the
        record holds nothing of it."""
        if self.unread:
            return self
        return Review(ticked=self.ticked & {NO_KNOWN_ALLERGY})

    def contradicted(self, section: Section) -> tuple[list[ClinicalItem], list[ClinicalItem]]:
        """Facts of a section that others deny, and those that deny them, wherever they stand; both empty when none is."""
        sides: dict[ClinicalItem, None] = {}
        for item in self.of(section):
            others = self.against(item) - {NO_KNOWN_ALLERGY}
            sides |= dict.fromkeys((item, *sorted(others, key=lambda other: other.label)) if others else ())
        return [item for item in sides if item.status not in _OVER], [item for item in sides if item.status in _OVER]

    @property
    def complete(self) -> bool:
        """Whether every section came before the doctor's eyes."""
        return len(self.seen) == len(Section)

    def items(self) -> tuple[ClinicalItem, ...]:
        """The ticked facts, section by section."""
        own = (NO_KNOWN_ALLERGY,) if NO_KNOWN_ALLERGY not in self.of(Section.ALLERGIES) else ()
        there = [
            item for section in Section for item in (*self.of(section), *(own if section is Section.ALLERGIES else ()))
        ]
        return tuple(item for item in there if item in self.ticked)


def opposed(one: ClinicalItem, other: ClinicalItem) -> bool:
    """Whether two facts cannot both be true: an allergy and `none known`, the same thing present and absent or stopped."""
    if one is other or one.kind is not other.kind or ProposalStatus.FAMILY in (one.status, other.status):
        return False
    if one.kind is ItemKind.ALLERGY and none_known(one) is not none_known(other):
        return (other if none_known(one) else one).status is not ProposalStatus.ABSENT
    same = one.code == other.code if one.code and other.code else plain(one.label) == plain(other.label)
    return same and (one.status in _OVER) is not (other.status in _OVER)


def none_known(item: ClinicalItem) -> bool:
    """`Aucune allergie connue`, in whatever words: an absence of no named thing."""
    words = ("aucun", "pas d'allergie connue", "absence d'allergie")
    return item.status is ProposalStatus.ABSENT and plain(item.label).startswith(words)


class FactsModel(QAbstractListModel):
    """Facts with ticks. `ticked` tells the doctor's own gesture."""

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[ClinicalItem] = []
        self._review = Review()

    def show(self, review: Review, items: list[ClinicalItem]) -> None:
        self.beginResetModel()
        self._review, self.items = review, items
        self.endResetModel()

    def tick_all(self) -> None:
        for item in self.items:
            self._review.tick(item, True)
        self._told()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.items)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | (Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else Qt.ItemFlag.NoItemFlags)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if item in self._review.ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{head(item)}\n{detail(item)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{head(item)}, {detail(item)}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self._review.tick(self.items[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        self._told()
        return True

    def refresh(self) -> None:
        """A tick elsewhere took one away here."""
        if self.items:
            self.dataChanged.emit(self.index(0), self.index(len(self.items) - 1))

    def _told(self) -> None:
        self.refresh()
        self.ticked.emit()


def inside(sentence: str) -> str:
    """As it is written after a colon; what begins with an acronym stays."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def head(item: ClinicalItem) -> str:
    """What the fact is, with its status when it says otherwise than present."""
    dosage = item.dosage
    injection = item.injection
    parts = [item.label]
    if dosage:
        parts += [dosage.text or " ".join(part for part in (dosage.strength, dosage.schedule) if part)]
    if item.value is not None:
        parts.append(f"{item.value} {item.unit}".strip())
    if injection and injection.lot:
        parts.append(fr.LOT_IS.format(injection.lot))
    if injection and injection.rank:
        parts.append(fr.RANK_IS.format(injection.rank))
    status = fr.FACT_STATUS[item.status]
    words = " · ".join(part for part in parts if part)
    return f"{words} ({status})" if status and plain(status) not in plain(words) and not none_known(item) else words


def detail(item: ClinicalItem) -> str:
    """Since when, and which document says so: what is not known is said so."""
    return f"{when(item)} · {item.source or fr.SOURCE_UNKNOWN}"


def when(item: ClinicalItem) -> str:
    if item.start and item.end:
        return fr.FROM_TO.format(formats.day(item.start), formats.day(item.end))
    if item.end:
        return fr.UNTIL.format(formats.day(item.end))
    if item.start is None:
        return fr.NO_DATE
    lasting = item.kind in (ItemKind.PROBLEM, ItemKind.ALLERGY, ItemKind.TREATMENT, ItemKind.LIFESTYLE)
    return (fr.SINCE if lasting else fr.ON).format(formats.day(item.start))
