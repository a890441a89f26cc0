"""What the record says of the patient, by section: every statement with its sources, contradictions side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.notes import NOT_FACTS, ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.medication import Taken, substance_of, taken
from dmp_desktop.services.synthesis_parts import Told, by_words, marks_of, name_of, none_known, parts
from dmp_desktop.terminology.substances import substance
from dmp_desktop.terminology.wording import plain


class Section(StrEnum):
    """In the order of the page."""

    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    HISTORY = "history"
    TREATMENTS = "treatments"
    ENDED = "ended_treatments"
    """Treatments that nobody is said to take today: stopped, over, planned, cancelled or denied."""
    VACCINATIONS = "vaccinations"
    PROCEDURES = "procedures"
    DEVICES = "devices"
    FAMILY = "family"
    LIFESTYLE = "lifestyle"
    VITALS = "vitals"


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """A document that says it: `words` as it writes them, `author` of the entry or of the document."""

    entry: DocumentEntry
    words: str
    author: str
    when: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """One thing said of a fact, by one document or several that say the same. Dates are ISO 8601 with the precision written.

    `detail`: dosage, relative, lot, reaction, as written. `sources`: the latest document first.
    """

    status: ProposalStatus
    when: str
    until: str
    value: float | str | None
    unit: str
    detail: str
    sources: tuple[Source, ...]

    @property
    def label(self) -> str:
        """In the words of its latest document."""
        return self.sources[0].words

    @property
    def wordings(self) -> tuple[str, ...]:
        """The words that differ, the latest first."""
        return tuple(dict.fromkeys(source.words for source in self.sources))


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """One problem, allergy, treatment …: all that is said of it. `contradictory`: two statements cannot both hold.

    `none_known`: it states an absence of anything ("aucune allergie connue"). `same`: the other products of its substance in
    its section, each a fact beside it.
    """

    section: Section
    label: str
    code: Code | None
    statements: tuple[Statement, ...]
    contradictory: bool = False
    none_known: bool = False
    same: tuple[str, ...] = ()

    @property
    def sources(self) -> int:
        """How many documents tell of it."""
        return len({source.entry.unique_id for statement in self.statements for source in statement.sources})

    @property
    def latest(self) -> datetime:
        return max(source.when for statement in self.statements for source in statement.sources)


@dataclass(frozen=True, slots=True, repr=False)
class Contradiction:
    """Statements to be shown side by side: of one fact, or of facts and of "none known"."""

    section: Section
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Synthesis:
    """`failed`: documents that could not be read, so that nobody takes the page for complete."""

    facts: tuple[Fact, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    failed: tuple[DocumentEntry, ...] = ()

    def of(self, section: Section) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.section is section)


REIMBURSEMENTS = "REMB"
"""typeCode of the reimbursements of the Assurance Maladie (JDV_J07)."""

_OTHER_CODE = "GEN-092"  # CI-SIS codes for "other": two others are not one thing
_S = ProposalStatus
_SECTIONS = {
    ItemKind.ALLERGY: Section.ALLERGIES,
    ItemKind.PROBLEM: Section.PROBLEMS,
    ItemKind.TREATMENT: Section.TREATMENTS,
    ItemKind.VACCINATION: Section.VACCINATIONS,
    ItemKind.PROCEDURE: Section.PROCEDURES,
    ItemKind.DEVICE: Section.DEVICES,
    ItemKind.LIFESTYLE: Section.LIFESTYLE,
    ItemKind.VITAL: Section.VITALS,
}
# What cannot both hold of one thing: there and not there, current and over. Each status belongs to one side.
_SIDES = {
    _S.PRESENT: "there",
    _S.DONE: "there",
    _S.HISTORY: "over",
    _S.STOPPED: "over",
    _S.ABSENT: "absent",
    _S.REFUSED: "absent",
    _S.NOT_DONE: "absent",
}
_DELIVERED = (Origin.DISPENSED, Origin.REIMBURSED)
_ORDER = list(Section)


def synthesis(documents: Iterable[ReadDocument], today: date | None = None) -> Synthesis:
    """Everything the structured documents state, nothing merged that differs. `today` tells what is still taken, as the page
    Traitements does; without it, the day of the latest document.

    What is planned, cancelled or unknown is shown with that status, and contradicts nothing. What is delivered or paid states
    nothing: reimbursements bring no acts and no devices here.
    """
    read = list(documents)
    day = today or max((_when(document.entry).astimezone().date() for document in read), default=date.max)
    current = taken(read, day)
    groups: dict[tuple[str, ...], list[Told]] = {}
    for document in read:
        for item in document.facts.items:
            if _stated(item, paid=document.entry.type_code.code == REIMBURSEMENTS):
                groups.setdefault(key_of(item), []).append((item, document.entry))
    placed = [one for told in groups.values() for one in _placed(_facts_of(told, current))]
    facts = [fact for _place, fact in sorted(placed, key=lambda one: one[0])]
    failed = tuple(document.entry for document in read if document.failed)
    return Synthesis(tuple(facts), tuple(_contradictions(facts)), failed)


def _stated(item: ClinicalItem, *, paid: bool) -> bool:
    origin = item.product.origin if item.product else None
    if paid and item.kind in (ItemKind.PROCEDURE, ItemKind.DEVICE):
        return False
    return item.kind in _SECTIONS and origin not in _DELIVERED


def key_of(item: ClinicalItem) -> tuple[str, ...]:
    """What makes two items tell of one thing: the code, else the very words. Acts and vaccines also need the day."""
    section = Section.FAMILY if item.status is _S.FAMILY else _SECTIONS[item.kind]
    if none_known(item):
        return section, "none"
    if section is Section.TREATMENTS:
        made = substance_of(item)
        return section, made.key if made.names or not item.product else item.product.cis or made.key
    thing = _thing(item)
    if section in (Section.PROCEDURES, Section.VACCINATIONS):
        return section, *thing, item.when[:10]
    return (section, *thing, plain(item.comment)) if section is Section.FAMILY else (section, *thing)


def _thing(item: ClinicalItem) -> tuple[str, ...]:
    if (
        item.kind is ItemKind.ALLERGY
    ):  # agents are coded in many systems, brands and substances: the substance is shared
        return "agent", substance(item.label).key
    if item.product is not None and item.product.atc and item.kind is ItemKind.VACCINATION:
        return "atc", item.product.atc
    coded = item.code is not None and not item.code.code.startswith(_OTHER_CODE)
    return (item.code.system, item.code.code) if item.code and coded else ("words", plain(item.label))


def _facts_of(told: list[Told], current: Taken) -> list[Fact]:
    """One fact, or one for each product or side that must not pass for another."""
    facts = [_fact(part, current) for part in parts(told)]
    if len(facts) == 1 or facts[0].section not in (Section.TREATMENTS, Section.ENDED):
        return facts
    beside = [[other.label for other in facts if other is not one and other.section is one.section] for one in facts]
    return [replace(one, same=tuple(dict.fromkeys(others))) for one, others in zip(facts, beside, strict=True)]


def _fact(told: list[Told], current: Taken) -> Fact:
    told = sorted(told, key=_standing, reverse=True)
    item = told[0][0]
    groups: dict[tuple[object, ...], list[Told]] = {}
    for one, entry in told:
        groups.setdefault(_statement_key(one), []).append((one, entry))
    statements = tuple(_statement(part) for same in groups.values() for part in by_words(same))
    sides = {side for statement in statements if (side := _SIDES.get(statement.status))}
    section, against = _section(told), len(sides) > 1
    if section is Section.TREATMENTS and not any((entry.unique_id, id(one)) in current for one, entry in told):
        against = {"there", "absent"} <= sides  # what was taken and is over now contradicts nothing
        section = section if against or none_known(item) else Section.ENDED
    return Fact(section, item.label, item.code, statements, against, none_known(item))


def _standing(one: Told) -> tuple[bool, bool, datetime]:
    """What was found before what was planned, aimed at or cancelled; a day that cannot be last; then the latest first."""
    item, entry = one
    return item.is_fact, not misdated(item.status, item.when, item.value, _when(entry)), _when(entry)


def misdated(status: ProposalStatus, when: str, value: object, told: datetime) -> bool:
    """Whether something measured or done is dated after the document that tells it (`told`), by more than a time zone."""
    happened = value is not None or status is _S.DONE
    return happened and status not in NOT_FACTS and when[:10] > (told + timedelta(days=1)).date().isoformat()


def _section(told: list[Told]) -> Section:
    """A problem over for everybody is history; a doubt keeps it among the current ones."""
    item = told[0][0]
    if item.status is _S.FAMILY:
        return Section.FAMILY
    over = all(one.status is _S.HISTORY or one.until for one, _ in told)
    return Section.HISTORY if item.kind is ItemKind.PROBLEM and over else _SECTIONS[item.kind]


def _statement_key(item: ClinicalItem) -> tuple[object, ...]:
    told = (item.status, item.when, item.until, item.value, item.unit, plain(_detail(item)))
    return *told, name_of(item), marks_of(item)


def _detail(item: ClinicalItem) -> str:
    given: tuple[str, ...] = ()
    if item.injection is not None:
        rank, lot = item.injection.rank, item.injection.lot
        given = (f"rang {rank}" if rank else "", f"lot {lot}" if lot else "", item.injection.site)
    return ", ".join(part for part in (item.dosage.text if item.dosage else "", *given, item.comment) if part)


def _statement(same: list[Told]) -> Statement:
    item = same[0][0]
    sources = {
        (entry.unique_id, source.words, source.author): source for one, entry in same if (source := _source(one, entry))
    }
    return Statement(item.status, item.when, item.until, item.value, item.unit, _detail(item), tuple(sources.values()))


def _source(item: ClinicalItem, entry: DocumentEntry) -> Source:
    author = item.author or (entry.authors[0].display_name if entry.authors else "")
    return Source(entry, item.label, author, _when(entry))


def _when(entry: DocumentEntry) -> datetime:
    """The end of the act: a discharge letter tells of the day the patient left, as the list of documents dates it."""
    return entry.service_stop or entry.service_start or entry.creation_time


def _placed(facts: list[Fact]) -> list[tuple[tuple[object, ...], Fact]]:
    """Section, none known first, then the latest first; the products of one substance together."""
    first = max(facts, key=lambda fact: fact.latest)
    lead = -first.latest.timestamp(), plain(first.label)
    return [
        ((_ORDER.index(fact.section), not fact.none_known, *lead, -fact.latest.timestamp(), plain(fact.label)), fact)
        for fact in facts
    ]


def _contradictions(facts: list[Fact]) -> list[Contradiction]:
    found = [Contradiction(fact.section, (fact,)) for fact in facts if fact.contradictory]
    for fact in facts:
        if fact.none_known:
            sections = {fact.section, Section.HISTORY} if fact.section is Section.PROBLEMS else {fact.section}
            denied = [other for other in facts if other.section in sections and not other.none_known and _there(other)]
            found += [Contradiction(fact.section, (fact, *denied))] if denied else []
    return found


def _there(fact: Fact) -> bool:
    return any(_SIDES.get(statement.status) == "there" for statement in fact.statements)
