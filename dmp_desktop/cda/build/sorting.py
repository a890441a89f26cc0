"""Facts sorted into sections: proposals ticked in the note, items reviewed by the doctor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from operator import attrgetter

from dmp_desktop.cda.build.absences import stated
from dmp_desktop.cda.build.coded import Coded, Fact, Topic, is_over, timestamp
from dmp_desktop.cda.build.merging import Pool, names_of
from dmp_desktop.cda.build.orders import Orders
from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.domain.clinical import ClinicalItem, Injection, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import Proposal, ProposalKind, ProposalStatus
from dmp_desktop.terminology import vital_sign_by_code
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, ATC, CIS

_OID = re.compile(r"[0-2](\.\d+)+")
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
_NOT_ACTIVE = {_S.HISTORY: Topic.HISTORY, _S.FAMILY: Topic.FAMILY}
# Words of the note that are nobody's idea of a code: nothing to tell when they are ticked.
_TEXT_ONLY = {ProposalKind.SICK_LEAVE, ProposalKind.FOLLOW_UP, ProposalKind.REASON}
_NOT_FACTS = {_S.STOPPED, _S.PLANNED}


def sort_facts(
    proposals: Iterable[Proposal], items: Iterable[ClinicalItem], note_length: int, moment: datetime, time: str
) -> Coded:
    """Facts by section, those of the note first, in its order. `moment` is when the consultation began, `time` its TS."""
    coded = Coded()
    pool = Pool(coded)
    day = moment.date()
    last = 0
    accepted = sorted((proposal for proposal in proposals if proposal.accepted), key=attrgetter("start"))
    ticked = [(proposal, items_of(proposal, day)) for proposal in accepted]
    reviewed = [said for item in items for said in stated(_cleaned(item))]
    orders = Orders([(proposal, item) for proposal, found in ticked for item in found], reviewed)
    for rank, (proposal, found) in enumerate(ticked, start=1):
        placed = [(topic, item) for item in found if (topic := _topic(item, day))]
        if not placed:
            if proposal.kind not in _TEXT_ONLY and proposal.status not in _NOT_FACTS:
                coded.warnings.append(f"« {proposal.label} » reste dans le texte sans être codé.")
            continue
        if against := orders.against(placed[0][1], proposal):
            coded.warnings.append(against)
            continue
        words = ""
        if last <= proposal.start < proposal.end <= note_length:
            coded.spans.append((proposal.start, proposal.end, rank))
            last, words = proposal.end, f"note-{rank}"
        for topic, item in placed:
            pool.add(topic, item, words, time if item.start == day else timestamp(item.start, item.when))
    for item in reviewed:
        topic = _topic(item, day)
        if topic is None:
            coded.warnings.append(f"« {item.label} » n'est pas repris : son statut ne se code pas.")
        elif against := orders.against(item):
            coded.warnings.append(against)
        else:
            past = topic is Topic.TREATMENTS and is_over(item, day)
            pool.add(topic, item, "", timestamp(item.start, item.when), past=past)
    _settle(coded)
    coded.warnings += [*_past(coded), *_refused_and_done(coded)]
    coded.warnings[:] = dict.fromkeys(coded.warnings)
    return coded


def _past(coded: Coded) -> Iterator[str]:
    for fact in coded.of(Topic.TREATMENTS):
        if fact.past:
            yield f"« {fact.item.label} » est terminé à cette date : il est écrit ainsi, retirez-le s'il n'a plus sa place."


def _refused_and_done(coded: Coded) -> Iterator[str]:
    facts = coded.of(Topic.VACCINATIONS)
    done = {name for fact in facts if fact.item.status is not _S.REFUSED for name in names_of(fact.item)}
    for fact in facts:
        if fact.item.status is _S.REFUSED and not done.isdisjoint(names_of(fact.item)):
            yield f"« {fact.item.label} » est retenu à la fois comme fait et comme refusé : vérifiez."


def _topic(item: ClinicalItem, day: date) -> Topic | None:
    """The section of an item in a document of `day`; None for what no section states."""
    topic = _TOPICS[item.kind]
    if item.code is not None and item.code.system == ABSENT_OR_UNKNOWN:
        return topic
    if item.status not in _STATED[item.kind]:
        return None
    if topic is Topic.VITALS and not _is_vital_sign(item):
        return Topic.RESULTS
    if topic is not Topic.PROBLEMS:
        return topic
    until = timestamp(item.end, item.until)
    ended = bool(until) and until <= timestamp(day, "") and item.status is not _S.ABSENT
    return _NOT_ACTIVE.get(item.status, Topic.HISTORY if ended else topic)


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
