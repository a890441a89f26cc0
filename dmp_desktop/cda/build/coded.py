"""Facts sorted into the sections that code them: proposals ticked in the note, items reviewed by the doctor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter

from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.domain.clinical import ClinicalItem, Injection, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology import vital_sign_by_code
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, ATC, CIS

_OID = re.compile(r"[0-2](\.\d+)+")
_PARTIAL = re.compile(r"\d{4}(?:-\d\d){0,2}")
_LINE = re.compile(r"\s*\n\s*")


class Topic(StrEnum):
    """One section of coded facts; the value starts the IDs of its lines."""

    VITALS = "vital"
    PROBLEMS = "problem"
    HISTORY = "history"
    FAMILY = "family"
    PROCEDURES = "procedure"
    ALLERGIES = "allergy"
    TREATMENTS = "treatment"
    VACCINATIONS = "vaccination"
    RESULTS = "result"
    LIFESTYLE = "lifestyle"
    DEVICES = "device"


_TOPICS = {
    ItemKind.PROBLEM: Topic.PROBLEMS,
    ItemKind.ALLERGY: Topic.ALLERGIES,
    ItemKind.TREATMENT: Topic.TREATMENTS,
    ItemKind.VACCINATION: Topic.VACCINATIONS,
    ItemKind.PROCEDURE: Topic.PROCEDURES,
    ItemKind.VITAL: Topic.VITALS,
    ItemKind.RESULT: Topic.RESULTS,
    ItemKind.LIFESTYLE: Topic.LIFESTYLE,
    ItemKind.DEVICE: Topic.DEVICES,
}
_S = ProposalStatus
_HAPPENED = {_S.PRESENT, _S.DONE, _S.HISTORY}
# What each section may state. An allergy once had is an allergy; a treatment stopped or refused is no treatment; a vaccine
# refused is coded as not given.
_STATED = {
    ItemKind.PROBLEM: {_S.PRESENT, _S.SUSPECTED, _S.ABSENT, _S.HISTORY, _S.FAMILY},
    ItemKind.ALLERGY: {_S.PRESENT, _S.SUSPECTED, _S.HISTORY},
    ItemKind.TREATMENT: {_S.PRESENT},
    ItemKind.VACCINATION: {*_HAPPENED, _S.REFUSED},
    ItemKind.PROCEDURE: _HAPPENED,
    ItemKind.VITAL: {_S.PRESENT},
    ItemKind.RESULT: _HAPPENED,
    ItemKind.LIFESTYLE: _HAPPENED,
    ItemKind.DEVICE: _HAPPENED,
}
# Words of the note that are nobody's idea of a code: nothing to tell when they are ticked.
_TEXT_ONLY = {ProposalKind.SICK_LEAVE, ProposalKind.FOLLOW_UP, ProposalKind.REASON}
_NOT_FACTS = {_S.STOPPED, _S.PLANNED}


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """One item to code.

    `row` is the ID of its line in the section, `words` the ID of the words it was first said with (in the note, else its name).
    `time` is a TS, empty when unknown. `sources`: the documents that say it, the same fact said twice being coded once.
    """

    item: ClinicalItem
    row: str
    words: str
    time: str
    sources: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Fact({self.row})"

    @property
    def name(self) -> str:
        """The ID of its name in that line."""
        return f"{self.row}-name"

    @property
    def how(self) -> str:
        """The ID of what its line says more, where it does."""
        return f"{self.row}-how"

    @property
    def statement(self) -> Code | None:
        """ "None known" or "unknown" as a code, when that is all this fact says."""
        code = self.item.code
        return code if code is not None and code.system == ABSENT_OR_UNKNOWN else None

    @property
    def is_absence(self) -> bool:
        """Does it state that something is not, or not known?"""
        return self.item.status is _S.ABSENT or self.statement is not None


@dataclass(slots=True)
class Coded:
    """`spans`: the words of the note that get an ID, as (start, end, rank), in order and never overlapping."""

    facts: dict[Topic, list[Fact]] = field(default_factory=dict)
    spans: list[tuple[int, int, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def of(self, topic: Topic) -> list[Fact]:
        return self.facts.get(topic, [])


def sort_facts(
    proposals: Iterable[Proposal], items: Iterable[ClinicalItem], note_length: int, moment: datetime, time: str
) -> Coded:
    """Facts by section, those of the note first, in its order. `moment` is when the consultation began, `time` its TS."""
    coded = Coded()
    pool = _Pool(coded)
    day = moment.date()
    last = 0
    accepted = sorted((proposal for proposal in proposals if proposal.accepted), key=attrgetter("start"))
    for rank, proposal in enumerate(accepted, start=1):
        placed = [(topic, item) for item in items_of(proposal, day) if (topic := _topic(item))]
        if not placed:
            if proposal.kind not in _TEXT_ONLY and proposal.status not in _NOT_FACTS:
                coded.warnings.append(f"« {proposal.label} » reste dans le texte sans être codé.")
            continue
        words = ""
        if last <= proposal.start < proposal.end <= note_length:
            coded.spans.append((proposal.start, proposal.end, rank))
            last, words = proposal.end, f"note-{rank}"
        for topic, item in placed:
            pool.add(topic, item, words, time if item.start == day else timestamp(item.start, item.when))
    for item in items:
        found = _topic(item)
        if found:
            pool.add(found, _cleaned(item), "", timestamp(item.start, item.when))
        else:
            coded.warnings.append(f"« {item.label} » n'est pas repris : son statut ne se code pas.")
    _settle(coded)
    return coded


def _topic(item: ClinicalItem) -> Topic | None:
    """The section of an item; None for what no section states."""
    topic = _TOPICS[item.kind]
    if item.code is not None and item.code.system == ABSENT_OR_UNKNOWN:
        return topic
    if item.status not in _STATED[item.kind]:
        return None
    if topic is Topic.VITALS and not _is_vital_sign(item):
        return Topic.RESULTS
    if topic is Topic.PROBLEMS:
        return {_S.HISTORY: Topic.HISTORY, _S.FAMILY: Topic.FAMILY}.get(item.status, topic)
    return topic


def _is_vital_sign(item: ClinicalItem) -> bool:
    """One of the value set's, as a number in its unit. Other measures are results."""
    sign = vital_sign_by_code().get(item.code.code) if item.code else None
    return sign is not None and sign.unit == item.unit and isinstance(item.value, int | float)


def _cleaned(item: ClinicalItem) -> ClinicalItem:
    """An item of the record with its codes where a note's item has them; a code without the OID of its system says nothing."""
    code, agent, product = _valid(item.code), _valid(item.agent), item.product
    if code is None and product is not None and item.kind in (ItemKind.TREATMENT, ItemKind.VACCINATION):
        code = Code(product.atc, ATC) if product.atc else Code(product.cis, CIS, item.label) if product.cis else None
    if agent is None and item.agent is not None and item.agent.display:
        agent = Code("", "", item.agent.display)
    injection = item.injection
    if item.kind is ItemKind.VACCINATION and product is not None and product.cis:
        injection = replace(injection or Injection(), product=Code(product.cis, CIS, item.label))
    return replace(item, code=code, agent=agent, injection=injection)


def _valid(code: Code | None) -> Code | None:
    return code if code is not None and code.code and _OID.fullmatch(code.system) else None


def timestamp(day: date | None, when: str) -> str:
    """TS of a day, or of a date as precise as it was written (`2019` -> `2019`, `2019-03` -> `201903`); empty when unknown."""
    if day is not None:
        return day.isoformat().replace("-", "")  # several times faster than strftime
    partial = _PARTIAL.match(when)
    return partial[0].replace("-", "") if partial else ""


def _names(item: ClinicalItem) -> list[str]:
    """What an item is known by. An allergy to an agent is known by it alone: its label and code may be those of any allergy."""
    if item.agent is None and item.product is None:
        code = item.code
        return [item.label.casefold(), f"{code.system} {code.code}"] if code and code.code else [item.label.casefold()]
    if item.agent is not None:
        codes, words = [item.agent], item.agent.display or item.label
    else:
        codes, words = ([item.code] if item.code else []), item.label
    if item.product is not None:
        codes += [Code(item.product.atc, ATC), Code(item.product.cis, CIS)]
    return [words.casefold(), *dict.fromkeys(f"{code.system} {code.code}" for code in codes if code.code)]


class _Pool:
    """Facts as they come; each is looked up by its code and by its label among those of its section."""

    def __init__(self, coded: Coded) -> None:
        self._coded = coded
        self._known: dict[Topic, dict[str, list[int]]] = {}

    def add(self, topic: Topic, item: ClinicalItem, words: str, time: str) -> None:
        known = self._known.get(topic)
        if known is None:
            known = self._known[topic] = {}
            self._coded.facts[topic] = []
        facts = self._coded.facts[topic]
        names = _names(item)
        for name in names:
            for rank in known.get(name, ()):
                if _same(facts[rank].item, item):
                    facts[rank] = _merged(facts[rank], item)
                    return
        for name in names:
            known.setdefault(name, []).append(len(facts))
        row = f"{topic}-{len(facts) + 1}"
        facts.append(Fact(item, row, words or f"{row}-name", time, (item.source,) if item.source else ()))


def _merged(known: Fact, item: ClinicalItem) -> Fact:
    """One fact said twice; once with a doubt, once without: without."""
    sources = tuple(dict.fromkeys((*known.sources, *_also(known.item, item))))
    surer = item.status is _S.PRESENT and known.item.status is _S.SUSPECTED
    return replace(known, item=item if surer else known.item, sources=sources)


def _also(known: ClinicalItem, item: ClinicalItem) -> Iterator[str]:
    """The source of a fact said again, with what it says otherwise."""
    if not item.source:
        return
    other = item.dosage.text or item.dosage.strength if item.dosage and item.dosage != known.dosage else ""
    yield f"{item.source} : {_LINE.sub(' ', other)}" if other else item.source


def _same(known: ClinicalItem, item: ClinicalItem) -> bool:
    """Do two items of one name state one fact? Two lines of one source on a drug are two treatments; each measure is its own."""
    if item.kind is ItemKind.PROBLEM:
        return (known.status is _S.ABSENT) == (item.status is _S.ABSENT)
    if item.kind is ItemKind.TREATMENT:
        elsewhere = (known.span is None, known.source) != (item.span is None, item.source)
        return elsewhere or known.dosage == item.dosage
    if item.kind in (ItemKind.VITAL, ItemKind.RESULT):
        return _measured(known) == _measured(item)
    if item.kind in (ItemKind.VACCINATION, ItemKind.PROCEDURE):
        return timestamp(known.start, known.when) == timestamp(item.start, item.when)
    return True


def _measured(item: ClinicalItem) -> tuple[object, ...]:
    return timestamp(item.start, item.when), item.value, item.unit


def _settle(coded: Coded) -> None:
    """Of two facts that contradict each other, the absence is not stated: a false negative is the dangerous one."""
    for topic, facts in coded.facts.items():
        absences = [fact for fact in facts if fact.is_absence]
        if not 0 < len(absences) < len(facts):
            continue
        stated = [fact for fact in facts if not fact.is_absence]
        denied = {fact.row for fact in absences if fact.statement or any(_same_code(fact, other) for other in stated)}
        coded.facts[topic] = [fact for fact in facts if fact.row not in denied]
        for fact in absences:
            unknown = fact.statement is not None and fact.statement.code.endswith("-info")
            if fact.row in denied and not unknown:
                coded.warnings.append(f"« {fact.item.label} » contredit un autre élément retenu : non codé.")


def _same_code(fact: Fact, other: Fact) -> bool:
    one, two = fact.item.code, other.item.code
    if one is None or two is None:
        return fact.item.label.casefold() == other.item.label.casefold()
    return (one.code, one.system) == (two.code, two.system)
