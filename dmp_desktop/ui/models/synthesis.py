"""The synthesis as rows of a list: sections that fold, facts that unfold into their documents, contradictions in two columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.synthesis import Contradiction, Fact, Section, Source, Statement, Synthesis, misdated
from dmp_desktop.terminology.units import unit_label
from dmp_desktop.terminology.wording import plain
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_reading_fr as fr

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
ROW_ROLE = Qt.ItemDataRole.UserRole + 5
MOST_SIDE_LINES = 3
"""Statements shown in a column of a contradiction; the others are under it, unfolded."""


USUAL = {
    Section.HISTORY: ProposalStatus.HISTORY,
    Section.FAMILY: ProposalStatus.FAMILY,
    Section.VACCINATIONS: ProposalStatus.DONE,
    Section.PROCEDURES: ProposalStatus.DONE,
}
"""What the heading says already."""


SHUT = frozenset({Section.ENDED.value})
"""Sections that are folded until they are opened."""


class Kind(Enum):
    SECTION = auto()
    FACT = auto()
    SOURCE = auto()
    SIDES = auto()


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One statement in words: what, how it stands, who says it and when."""

    title: str
    detail: str
    source: str
    entry: DocumentEntry
    byline: str = ""
    """Day and author, where the document's title stands on its own line: `source` has all three."""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """What one row shows. `key` is stable from one page to the next; `mark` counts what unfolds; `opened`: unfolded."""

    kind: Kind
    section: Section
    key: str
    title: str
    told: Told | None = None
    sides: tuple[tuple[Told, ...], tuple[Told, ...]] = ((), ())
    mark: str = ""
    folds: bool = False
    opened: bool = False
    facts: tuple[Fact, ...] = ()

    @property
    def entry(self) -> DocumentEntry | None:
        """What Enter opens."""
        return self.told.entry if self.told else self.sides[0][0].entry if self.sides[0] else None

    @property
    def spoken(self) -> str:
        if self.kind is Kind.SECTION:
            state = (fr.UNFOLDED if self.opened else fr.FOLDED) if self.folds else ""
            return ", ".join(part for part in (self.title, self.mark, state) if part)
        if self.kind is Kind.SIDES:
            left, right = ("; ".join(_spoken(told) for told in side) for side in self.sides)
            return f"{self.title} : {fr.AGAINST.format(left=left, right=right)}"
        words = _spoken(self.told) if self.told else self.title
        return f"{words}, {self.mark}" if self.mark else words


@dataclass(frozen=True, slots=True, repr=False)
class SynthesisPage:
    """The synthesis with its rows, made once: facts and contradictions by section, none unfolded."""

    made: Synthesis = field(default_factory=Synthesis)
    rows: dict[Section, tuple[Row, ...]] = field(default_factory=dict)


def page_of(made: Synthesis) -> SynthesisPage:
    """What stands in a contradiction first is not told a second time below it."""
    rows: dict[Section, tuple[Row, ...]] = {}
    for section in Section:
        against = [one for one in made.contradictions if one.section is section]
        shown = {id(one.facts[0]) for one in against}
        facts = [fact_row(fact) for fact in made.of(section) if id(fact) not in shown]
        rows[section] = (*map(sides_of, against), *facts)
    return SynthesisPage(made, rows)


def _spoken(told: Told) -> str:
    return ", ".join(part for part in (told.title, told.detail, told.source) if part)


class SynthesisModel(QAbstractListModel):
    """The rows to see now. `folded` are sections kept folded; what is unfolded below them lasts as long as the record."""

    folds_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.page = SynthesisPage()
        self.rows: list[Row] = []
        self.folded: set[str] = set(SHUT)
        self._unfolded: set[str] = set()
        self._filled = False

    def show(self, page: SynthesisPage) -> None:
        self.page, self._filled = page, True
        self._lay()

    def clear(self) -> None:
        self.page, self._filled = SynthesisPage(), False
        self._unfolded.clear()
        self._lay()

    def fold(self, sections: Iterable[str]) -> None:
        """These sections and no other are folded."""
        self.folded = set(sections)
        self._lay()

    def toggle(self, row: int) -> None:
        """Folds or unfolds a section, a fact or a contradiction."""
        if not self.rows[row].folds:
            return
        chosen = self.rows[row]
        held = self.folded if chosen.kind is Kind.SECTION else self._unfolded
        held ^= {chosen.key}
        self._lay()
        if chosen.kind is Kind.SECTION:
            self.folds_changed.emit()

    @property
    def made(self) -> Synthesis:
        return self.page.made

    def row_of(self, key: str) -> int:
        return next((number for number, row in enumerate(self.rows) if row.key == key), -1)

    def parent_of(self, row: int) -> int:
        """The row that folds this one away."""
        kinds = (Kind.SECTION,) if self.rows[row].kind is not Kind.SOURCE else (Kind.FACT, Kind.SIDES)
        return next((number for number in range(row, -1, -1) if self.rows[number].kind in kinds), row)

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == ROW_ROLE:
            return self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()].spoken
        return None

    def _lay(self) -> None:
        self.beginResetModel()
        self.rows = [row for section in Section for row in self._section(section)] if self._filled else []
        self.endResetModel()

    def _section(self, section: Section) -> Iterator[Row]:
        facts = self.made.of(section)
        opened = section.value not in self.folded
        count = str(len(facts)) if facts else fr.UNKNOWN
        yield Row(
            Kind.SECTION, section, section.value, fr.SECTION[section], mark=count, folds=bool(facts), opened=opened,
            facts=facts,
        )  # fmt: skip
        for row in self.page.rows.get(section, ()) if opened else ():
            yield from self._unfold(row)

    def _unfold(self, row: Row) -> Iterator[Row]:
        opened = row.folds and row.key in self._unfolded
        yield replace(row, opened=True) if opened else row
        if opened:
            for fact in row.facts:
                for statement in fact.statements:
                    for source in statement.sources:
                        key = f"{row.key}/{source.entry.unique_id}/{statement.when}/{plain(source.words)}"
                        told = told_of(
                            source.words, statement, source, sided=row.kind is Kind.SIDES, usual=USUAL.get(fact.section)
                        )
                        yield Row(Kind.SOURCE, row.section, key, told.title, told, facts=(fact,))


def fact_row(fact: Fact) -> Row:
    """One fact, by what its latest document says."""
    first = fact.statements[0]
    count = sum(len(statement.sources) for statement in fact.statements)
    if len(fact.statements) > 1:
        mark = (fr.MEASURES if fact.section is Section.VITALS else fr.STATEMENTS).format(len(fact.statements))
    else:
        mark = (fr.SAME if fact.sources > 1 else fr.STATEMENTS).format(count) if count > 1 else ""
    told = told_of(fact.label, first, first.sources[0], usual=USUAL.get(fact.section))
    others = [words for words in _wordings(fact) if plain(words) != plain(fact.label)]
    others += _beside(fact) if fact.section is Section.TREATMENTS else []
    also = fr.ALSO_SAID.format(", ".join(others)) if others else ""
    shares = fr.SHARES.format(", ".join(fact.same)) if fact.same else ""
    told = replace(told, detail=" · ".join(part for part in (told.detail, also, shares) if part))
    return Row(Kind.FACT, fact.section, key_of(fact), told.title, told, mark=mark, folds=count > 1, facts=(fact,))


def _beside(fact: Fact) -> list[str]:
    """Other dosages of it in the very document that the row shows: morning and evening insulin are both taken."""
    first = fact.statements[0]
    shown = first.sources[0].entry.unique_id
    told = [one.detail for one in fact.statements if any(shown == source.entry.unique_id for source in one.sources)]
    return [detail for detail in dict.fromkeys(told) if detail and detail != first.detail]


def _wordings(fact: Fact) -> tuple[str, ...]:
    """Every way its documents name it."""
    return tuple({plain(words): words for statement in fact.statements for words in statement.wordings}.values())


def sides_of(against: Contradiction) -> Row:
    """The latest on the left, what it cannot hold with on the right."""
    first, *others = against.facts
    if others:
        left, right = _tellings((first,)), _tellings(others)
    else:
        status = first.statements[0].status
        same = tuple(one for one in first.statements if one.status is status)
        differ = tuple(one for one in first.statements if one.status is not status)
        left, right = _tellings((replace(first, statements=same),)), _tellings((replace(first, statements=differ),))
    key = f"against/{key_of(first)}"
    return Row(Kind.SIDES, against.section, key, fr.CONTRADICTION, sides=(left, right), folds=True, facts=against.facts)


def _tellings(facts: Iterable[Fact]) -> tuple[Told, ...]:
    return tuple(
        told_of(statement.label, statement, statement.sources[0], sided=True)
        for fact in facts
        for statement in fact.statements
    )[:MOST_SIDE_LINES]


def key_of(fact: Fact) -> str:
    return f"{fact.section}/{fact.code.code if fact.code else ''}/{plain(fact.label)}/{fact.statements[-1].when}"


def told_of(
    label: str, statement: Statement, source: Source, *, sided: bool = False, usual: ProposalStatus | None = None
) -> Told:
    """A statement as one of its documents tells it. `sided`: its status is always said; `usual`: that of the section is not."""
    value = "" if statement.value is None else f"{_number(statement.value)} {unit_label(statement.unit)}".strip()
    title = f"{label} : {value}" if value else label
    status = (fr.STATUS_SIDE if sided else fr.STATUS)[statement.status]
    if statement.status is usual and not sided:
        status = ""
    if plain(label).startswith("aucun") and status == fr.STATUS_SIDE.get(statement.status):
        status = ""  # « aucune allergie connue, absent » says it twice
    wrong = fr.FUTURE if misdated(statement.status, statement.when, statement.value, source.when) else ""
    later = statement.when[:10] > source.when.date().isoformat() and not (statement.until or wrong)
    begins = later and statement.status is ProposalStatus.PRESENT
    when = fr.FROM_DAY.format(span(statement)) if begins else span(statement)
    detail = " · ".join(part for part in (status, when, wrong, statement.detail) if part)
    byline = " · ".join(part for part in (formats.day(source.when), source.author) if part)
    return Told(title, detail, source_words(source), source.entry, byline)


def source_words(source: Source) -> str:
    """Day, title and author of a document: the day is never what is cut."""
    return " · ".join(part for part in (formats.day(source.when), source.entry.title, source.author) if part)


def span(statement: Statement) -> str:
    """Since when, until when, with the precision written."""
    since, until = iso_day(statement.when), iso_day(statement.until)
    if since and until:
        return fr.FROM_TO.format(since, until) if since != until else since
    if until:
        return fr.UNTIL.format(until)
    return since


def iso_day(written: str) -> str:
    """`2019-03-12T08:00` -> 12/03/2019, `2019-03` -> 03/2019, `2019` -> 2019."""
    return "/".join(reversed(written[:10].split("-"))) if written else ""


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.10g}".replace(".", ",")
