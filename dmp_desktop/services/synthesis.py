"""What the record says of the patient, by section: every statement with its sources, contradictions side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.medication import Taken, substance_of, taken
from dmp_desktop.terminology.substances import named, substance
from dmp_desktop.terminology.wording import plain


class Section(StrEnum):
    """In the order of the page."""

    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    HISTORY = "history"
    TREATMENTS = "treatments"
    ENDED = "ended_treatments"
    """Treatments that nobody is said to take today: stopped, over, to come, planned, cancelled or denied."""
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
_Told = tuple[ClinicalItem, DocumentEntry]


def synthesis(documents: Iterable[ReadDocument], today: date | None = None) -> Synthesis:
    """Everything the structured documents state, nothing merged that differs. `today` tells what is still taken, as the page
    Traitements does; without it, the day of the latest document.

    What is planned, cancelled or unknown is shown with that status, and contradicts nothing. What is delivered or paid states
    nothing: reimbursements bring no acts and no devices here.
    """
    read = list(documents)
    day = today or max((_when(document.entry).astimezone().date() for document in read), default=date.max)
    current = taken(read, day)
    groups: dict[tuple[str, ...], list[_Told]] = {}
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


def _facts_of(told: list[_Told], current: Taken) -> list[Fact]:
    """One fact, or one for each product or side that must not pass for another."""
    facts = [_fact(part, current) for part in _parts(told)]
    if len(facts) == 1 or facts[0].section not in (Section.TREATMENTS, Section.ENDED):
        return facts
    beside = [[other.label for other in facts if other is not one and other.section is one.section] for one in facts]
    return [replace(one, same=tuple(dict.fromkeys(others))) for one, others in zip(facts, beside, strict=True)]


def _parts(told: list[_Told]) -> list[list[_Told]]:
    """By strength and side; what names none goes with the only one there is, unless a document tells both."""
    parts: dict[tuple[str, ...], list[_Told]] = {}
    for one in told:
        parts.setdefault(_apart(one[0]), []).append(one)
    if len(parts) == 2 and () in parts and not set.intersection(*map(_documents, parts.values())):
        return _by_name(told)
    return [named_apart for part in parts.values() for named_apart in _by_name(part)]


def _by_name(told: list[_Told]) -> list[list[_Told]]:
    """Two brands of one substance that one document tells are two treatments, wherever else they are told."""
    names: dict[str, list[_Told]] = {}
    for one in told:
        names.setdefault(_name(one[0]), []).append(one)
    shared = len(names) > 1 and sum(len(_documents(part)) for part in names.values()) > len(_documents(told))
    return list(names.values()) if shared else [told]


def _documents(told: list[_Told]) -> set[str]:
    return {entry.unique_id for _, entry in told}


def _name(item: ClinicalItem) -> str:
    return named(item.label)[0] if item.kind is ItemKind.TREATMENT and not _none_known(item) else ""


def _apart(item: ClinicalItem) -> tuple[str, ...]:
    """What tells two products of one substance, or two sides of one problem: strength, slow release, right and left."""
    words = plain(item.label)
    if item.kind is not ItemKind.TREATMENT or _none_known(item):
        return tuple(side for side, pattern in _SIDES_OF.items() if pattern.search(words))
    strength = strength_of(item)
    slow = "lp" if _SLOW.search(words) else ""
    return tuple(part for part in (strength, slow) if part)


def strength_of(item: ClinicalItem) -> str:
    """That of the product: `2.5 mg`, `0.1 mg`; where its unit is not understood, the bare numbers of its name."""
    return named(item.label)[1] or " ".join(_NUMBER.findall(plain(item.label)))


# As French writes sides, and the shorthand of operation reports (PTH D, genou G).
_SIDES_OF = {
    "right": re.compile(r"\b(?:droite?s?|dte?|d)\b(?!')"),
    "left": re.compile(r"\b(?:gauches?|gche?|g)\b(?!')"),
    "both": re.compile(r"\bbilatera"),
}
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_SLOW = re.compile(r"\b(?:lp|liberation (?:prolongee|modifiee))\b")


def _fact(told: list[_Told], current: Taken) -> Fact:
    told = sorted(told, key=lambda one: _when(one[1]), reverse=True)
    item = told[0][0]
    groups: dict[tuple[object, ...], list[_Told]] = {}
    for one, entry in told:
        groups.setdefault(_statement_key(one), []).append((one, entry))
    statements = tuple(_statement(part) for same in groups.values() for part in _by_words(same))
    sides = {side for statement in statements if (side := _SIDES.get(statement.status))}
    section, against = _section(told), len(sides) > 1
    if section is Section.TREATMENTS and not any((entry.unique_id, id(one)) in current for one, entry in told):
        against = {"there", "absent"} <= sides  # what was taken and is over now contradicts nothing
        section = section if against or _none_known(item) else Section.ENDED
    return Fact(section, item.label, item.code, statements, against, _none_known(item))


def _by_words(same: list[_Told]) -> list[list[_Told]]:
    """What one document tells in two ways, or codes as two products, is two statements: never one with two wordings."""
    parts: dict[tuple[str, str], list[_Told]] = {}
    for one in same:
        item = one[0]
        parts.setdefault((plain(item.label), item.product.cis if item.product else ""), []).append(one)
    codes = {cis for _, cis in parts if cis}
    shared = sum(len(_documents(part)) for part in parts.values()) > len(_documents(same))
    return list(parts.values()) if shared or len(codes) > 1 else [same]


def _section(told: list[_Told]) -> Section:
    """A problem over for everybody is history; a doubt keeps it among the current ones."""
    item = told[0][0]
    if item.status is _S.FAMILY:
        return Section.FAMILY
    over = all(one.status is _S.HISTORY or one.until for one, _ in told)
    return Section.HISTORY if item.kind is ItemKind.PROBLEM and over else _SECTIONS[item.kind]


def _statement_key(item: ClinicalItem) -> tuple[object, ...]:
    told = (item.status, item.when, item.until, item.value, item.unit, plain(_detail(item)))
    return *told, _name(item), _apart(item)


def _detail(item: ClinicalItem) -> str:
    given: tuple[str, ...] = ()
    if item.injection is not None:
        rank, lot = item.injection.rank, item.injection.lot
        given = (f"rang {rank}" if rank else "", f"lot {lot}" if lot else "", item.injection.site)
    return ", ".join(part for part in (item.dosage.text if item.dosage else "", *given, item.comment) if part)


def _statement(same: list[_Told]) -> Statement:
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
