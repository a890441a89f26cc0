"""Facts sorted into the sections that code them: proposals ticked in the note, items reviewed by the doctor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology import vital_sign_by_code

ABSENT_OR_UNKNOWN = "2.16.840.1.113883.5.1150.1"  # JDV AbsentOrUnknown… CI-SIS
_OID = re.compile(r"[0-2](\.\d+)+")
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


@dataclass(frozen=True, slots=True, repr=False)
class Fact:
    """One item to code.

    `row` is the ID of its line in the section, `words` the ID of the words it was first said with (in the note, else the line).
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
    def status(self) -> ProposalStatus:
        return self.item.status

    @property
    def statement(self) -> Code | None:
        """ "None known" or "unknown" as a code, when that is all this fact says."""
        code = self.item.code
        return code if code is not None and code.system == ABSENT_OR_UNKNOWN else None


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
    accepted = sorted((proposal for proposal in proposals if proposal.accepted), key=lambda proposal: proposal.start)
    last = 0
    for rank, proposal in enumerate(accepted, start=1):
        placed = [item for item in items_of(proposal, moment.date()) if _topic(item)]
        if not placed:
            if proposal.kind not in _TEXT_ONLY and proposal.status is not ProposalStatus.STOPPED:
                coded.warnings.append(f"« {proposal.label} » reste dans le texte sans être codé.")
            continue
        anchored = last <= proposal.start < proposal.end <= note_length
        if anchored:
            coded.spans.append((proposal.start, proposal.end, rank))
            last = proposal.end
        for item in placed:
            _add(coded, item, f"note-{rank}" if anchored else "", time if item.start else "")
    for item in items:
        if _topic(item):
            _add(coded, _cleaned(item), "", f"{item.start:%Y%m%d}" if item.start else "")
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
    """A code without the OID of its system says nothing."""
    if item.code is not None and (not item.code.code or not _OID.fullmatch(item.code.system)):
        return replace(item, code=None)
    return item


def _add(coded: Coded, item: ClinicalItem, words: str, time: str) -> None:
    topic = _topic(item)
    if topic is None:
        raise ValueError("an item no section states")  # the caller has looked
    facts = coded.facts.setdefault(topic, [])
    source = (item.source,) if item.source else ()
    for rank, known in enumerate(facts):
        if _same(known.item, item):
            sources = tuple(dict.fromkeys((*known.sources, *_also(known.item, item))))
            # Said twice, once with a doubt: without.
            surer = item.status is _S.PRESENT and known.status is _S.SUSPECTED
            facts[rank] = replace(known, item=item if surer else known.item, sources=sources)
            return
    row = f"{topic}-{len(facts) + 1}"
    facts.append(Fact(item, row, words or row, time, source))


def _also(known: ClinicalItem, item: ClinicalItem) -> Iterator[str]:
    """The source of a fact said again, with what it says otherwise."""
    if not item.source:
        return
    other = item.dosage.text or item.dosage.strength if item.dosage and item.dosage != known.dosage else ""
    yield f"{item.source} : {_LINE.sub(' ', other)}" if other else item.source


def _same(known: ClinicalItem, item: ClinicalItem) -> bool:
    """Do both state one fact? Two lines of one source on a drug are two treatments, and each measure is its own."""
    if not _same_thing(known, item):
        return False
    if item.kind is ItemKind.PROBLEM:
        return (known.status is _S.ABSENT) == (item.status is _S.ABSENT)
    if item.kind is ItemKind.TREATMENT:
        return known.source != item.source or known.dosage == item.dosage
    if item.kind in (ItemKind.VITAL, ItemKind.RESULT):
        return (known.start, known.value, known.unit) == (item.start, item.value, item.unit)
    if item.kind in (ItemKind.VACCINATION, ItemKind.PROCEDURE):
        return known.start == item.start
    return True


def _same_thing(known: ClinicalItem, item: ClinicalItem) -> bool:
    if known.code and item.code:
        return (known.code.code, known.code.system) == (item.code.code, item.code.system)
    return known.label.casefold() == item.label.casefold()


def _settle(coded: Coded) -> None:
    """Of two facts that contradict each other, the absence is not stated: a false negative is the dangerous one."""
    for topic, facts in coded.facts.items():
        stated = [fact for fact in facts if fact.statement is None and fact.status is not _S.ABSENT]
        kept = []
        for fact in facts:
            absent = fact.statement is not None or fact.status is _S.ABSENT
            against = stated if fact.statement else [other for other in stated if _same_thing(other.item, fact.item)]
            if absent and against:
                if fact.statement is None or not fact.statement.code.endswith("-info"):
                    coded.warnings.append(f"« {fact.item.label} » contredit un autre élément retenu : non codé.")
            else:
                kept.append(fact)
        coded.facts[topic] = kept
