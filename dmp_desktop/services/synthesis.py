"""What the record says of the patient, by section: every statement with its sources, contradictions side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.medication import substance_of
from dmp_desktop.terminology.substances import substance
from dmp_desktop.terminology.wording import plain


class Section(StrEnum):
    """In the order of the page."""

    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    HISTORY = "history"
    TREATMENTS = "treatments"
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
    def wordings(self) -> tuple[str, ...]:
        """The words that differ, the latest first."""
        return tuple(dict.fromkeys(source.words for source in self.sources))


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """One problem, allergy, treatment …: all that is said of it. `contradictory`: two statements cannot both hold.

    `none_known`: it states an absence of anything ("aucune allergie connue").
    """

    section: Section
    label: str
    code: Code | None
    statements: tuple[Statement, ...]
    contradictory: bool = False
    none_known: bool = False

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
_Told = tuple[ClinicalItem, DocumentEntry]


def synthesis(documents: Iterable[ReadDocument]) -> Synthesis:
    """Everything the structured documents state, nothing merged that differs.

    What is planned, cancelled or unknown is shown with that status, and contradicts nothing. What is delivered or paid states
    nothing: reimbursements bring no acts and no devices here.
    """
    read = list(documents)
    groups: dict[tuple[str, ...], list[_Told]] = {}
    for document in read:
        for item in document.facts.items:
            if _stated(item, paid=document.entry.type_code.code == REIMBURSEMENTS):
                groups.setdefault(key_of(item), []).append((item, document.entry))
    facts = sorted((_fact(told) for told in groups.values()), key=_place)
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
    if _none_known(item):
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


def _none_known(item: ClinicalItem) -> bool:
    """An absence of anything: "no-known-…" (IPS), by SNOMED CT, or an "allergy to substance" denied, as C-CDA writes it."""
    if item.status is not _S.ABSENT:
        return False
    coded = item.code is not None and (item.code.code.startswith("no-") or item.code.code in _NONE_KNOWN)
    return coded or plain(item.label).startswith(("aucun", "pas d'allergie", "absence d'allergie"))


# SNOMED CT: no known allergy, no known drug allergy, no current problem; allergy to substance (which is denied).
_NONE_KNOWN = frozenset({"716186003", "409137002", "160245001", "419199007"})


def _fact(told: list[_Told]) -> Fact:
    told = sorted(told, key=lambda one: _when(one[1]), reverse=True)
    item = told[0][0]
    groups: dict[tuple[object, ...], list[_Told]] = {}
    for one, entry in told:
        groups.setdefault(_statement_key(one), []).append((one, entry))
    statements = tuple(_statement(same) for same in groups.values())
    sides = {side for statement in statements if (side := _SIDES.get(statement.status))}
    return Fact(_section(told), item.label, item.code, statements, len(sides) > 1, _none_known(item))


def _section(told: list[_Told]) -> Section:
    """A problem over for everybody is history; a doubt keeps it among the current ones."""
    item = told[0][0]
    if item.status is _S.FAMILY:
        return Section.FAMILY
    over = all(one.status is _S.HISTORY or one.until for one, _ in told)
    return Section.HISTORY if item.kind is ItemKind.PROBLEM and over else _SECTIONS[item.kind]


def _statement_key(item: ClinicalItem) -> tuple[object, ...]:
    return item.status, item.when, item.until, item.value, item.unit, plain(_detail(item))


def _detail(item: ClinicalItem) -> str:
    given: tuple[str, ...] = ()
    if item.injection is not None:
        rank, lot = item.injection.rank, item.injection.lot
        given = (f"rang {rank}" if rank else "", f"lot {lot}" if lot else "", item.injection.site)
    return ", ".join(part for part in (item.dosage.text if item.dosage else "", *given, item.comment) if part)


def _statement(same: list[_Told]) -> Statement:
    item = same[0][0]
    sources = {entry.unique_id: _source(one, entry) for one, entry in reversed(same)}
    return Statement(
        item.status, item.when, item.until, item.value, item.unit, _detail(item), tuple(reversed(sources.values()))
    )


def _source(item: ClinicalItem, entry: DocumentEntry) -> Source:
    author = item.author or (entry.authors[0].display_name if entry.authors else "")
    return Source(entry, item.label, author, _when(entry))


def _when(entry: DocumentEntry) -> datetime:
    """The end of the act: a discharge letter tells of the day the patient left, as the list of documents dates it."""
    return entry.service_stop or entry.service_start or entry.creation_time


def _place(fact: Fact) -> tuple[object, ...]:
    """Section, none known first, then the latest first."""
    return _ORDER.index(fact.section), not fact.none_known, -fact.latest.timestamp(), plain(fact.label)


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
