"""The same fact said twice is coded once, with all that either says of it; two facts that differ stay two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dmp_desktop.cda.build.coded import Coded, Fact, Topic, timestamp
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN, ATC, CIS

_LINE = re.compile(r"\s*\n\s*")


def names_of(item: ClinicalItem) -> list[str]:
    """What an item is known by. An allergy to an agent is known by it alone: its label and code may be those of any allergy.

    A statement of absence is its code: `pas d'allergie médicamenteuse ni alimentaire` makes two of the same words.
    """
    code = item.code
    if code is not None and code.system == ABSENT_OR_UNKNOWN:
        return [f"{code.system} {code.code}"]
    if item.agent is None and item.product is None:
        return [item.label.casefold(), f"{code.system} {code.code}"] if code and code.code else [item.label.casefold()]
    if item.agent is not None:
        codes, words = [item.agent], item.agent.display or item.label
    else:
        codes, words = ([code] if code else []), item.label
    if item.product is not None:
        codes += [Code(item.product.atc, ATC), Code(item.product.cis, CIS)]
    return [words.casefold(), *dict.fromkeys(f"{code.system} {code.code}" for code in codes if code.code)]


class Pool:
    """Facts as they come; each is looked up by its code and by its label among those of its section."""

    def __init__(self, coded: Coded) -> None:
        self._coded = coded
        self._known: dict[Topic, dict[str, list[int]]] = {}

    def add(self, topic: Topic, item: ClinicalItem, words: str, time: str, *, past: bool = False) -> None:
        known = self._known.get(topic)
        if known is None:
            known = self._known[topic] = {}
            self._coded.facts[topic] = []
        facts = self._coded.facts[topic]
        names = names_of(item)
        for name in names:
            for rank in known.get(name, ()):
                if _same(topic, facts[rank], item, past=past):
                    facts[rank] = _merged(facts[rank], item, time)
                    return
        for name in names:
            known.setdefault(name, []).append(len(facts))
        row = f"{topic}-{len(facts) + 1}"
        facts.append(Fact(item, row, words or f"{row}-name", time, (item.source,) if item.source else (), past))


def _merged(known: Fact, item: ClinicalItem, time: str) -> Fact:
    """One fact said twice: what either knows, and the words of both; once with a doubt, once without: without."""
    sources = tuple(dict.fromkeys((*known.sources, *_also(known.item, item))))
    surer = item.status is ProposalStatus.PRESENT and known.item.status is ProposalStatus.SUSPECTED
    first, second = (item, known.item) if surer else (known.item, item)
    both = _both(first, second)
    return known._replace(item=both, sources=sources, time=max(known.time, time, key=len))


def _both(first: ClinicalItem, second: ClinicalItem) -> ClinicalItem:
    code, agent = first.code, first.agent
    if code is None or agent is not None:  # the code of an allergy is its agent's, unless that stands apart
        code = code if code or (agent is not None and second.agent is None) else second.code
        agent = agent if agent and (agent.code or second.agent is None) else second.agent
    since = second if _finer(timestamp(first.start, first.when), timestamp(second.start, second.when)) else first
    until = second if _finer(timestamp(first.end, first.until), timestamp(second.end, second.until)) else first
    return replace(
        first,
        code=code,
        agent=agent,
        start=since.start,
        when=since.when,
        end=until.end,
        until=until.until,
        comment=_joined(first.comment, second.comment),
        value=second.value if first.value is None else first.value,
        unit=second.unit if first.value is None else first.unit,
        dosage=_dosage(first, second),
        injection=_injection(first.injection, second.injection),
        product=first.product or second.product,
        measure=first.measure or second.measure,
    )


def _finer(one: str, other: str) -> bool:
    """Does the second date say more than the first?"""
    return len(other) > len(one)


def _joined(one: str, other: str) -> str:
    """Both, unless one says the other."""
    if other.casefold() in one.casefold():
        return one
    return other if one.casefold() in other.casefold() else f"{one} ; {other}"


def _dosage(first: ClinicalItem, second: ClinicalItem) -> Dosage | None:
    """Of a drug named without a posology, that of the form; an older document's is told with its source, never taken."""
    bare = first.dosage is None or not (
        first.dosage.strength or first.dosage.schedule or first.dosage.duration_days or first.dosage.route
    )
    return second.dosage if bare and second.dosage is not None and not second.source else first.dosage


def _injection(first: Injection | None, second: Injection | None) -> Injection | None:
    if first is None or second is None:
        return first or second
    return Injection(
        first.lot or second.lot,
        first.site or second.site,
        first.rank or second.rank,
        first.product or second.product,
        first.route or second.route,
    )


def _also(known: ClinicalItem, item: ClinicalItem) -> Iterator[str]:
    """The source of a fact said again, with what it says otherwise."""
    if not item.source:
        return
    other = item.dosage.text or item.dosage.strength if item.dosage and item.dosage != known.dosage else ""
    yield f"{item.source} : {_LINE.sub(' ', other)}" if other else item.source


def _same(topic: Topic, fact: Fact, item: ClinicalItem, *, past: bool) -> bool:
    """Do two items of one name state one fact? Two lines of one source on a drug are two treatments; each measure is its own."""
    known = fact.item
    if item.kind is ItemKind.TREATMENT:
        return fact.past == past and _same_treatment(known, item)
    if item.kind in (ItemKind.VITAL, ItemKind.RESULT):
        return _measured(known) == _measured(item)
    if item.kind is ItemKind.PROCEDURE:
        return _since(known) == _since(item)
    if item.kind is ItemKind.VACCINATION:
        return _since(known) == _since(item) and _same_injection(known, item)
    if item.kind is ItemKind.PROBLEM and (known.status is ProposalStatus.ABSENT) != (
        item.status is ProposalStatus.ABSENT
    ):
        return False
    if topic is Topic.FAMILY and known.label.casefold() != item.label.casefold():
        return False  # one disease, two relatives
    if topic is Topic.LIFESTYLE and None not in (known.value, item.value) and known.value != item.value:
        return False
    until = timestamp(known.end, known.until), timestamp(item.end, item.until)
    return _agree(_since(known), _since(item)) and _agree(*until)


def _same_treatment(known: ClinicalItem, item: ClinicalItem) -> bool:
    """An older document's posology and dates are told with its source; those of a form are its own."""
    if (known.span is None, known.source) == (item.span is None, item.source):
        return known.dosage == item.dosage and _agree(_since(known), _since(item))
    if item.source:
        return True
    strengths = [_strength(one) for one in (known, item)]
    return _agree(*strengths) and _agree(_since(known), _since(item))


def _strength(item: ClinicalItem) -> str:
    return item.dosage.strength.replace(" ", "").casefold() if item.dosage else ""


def _same_injection(known: ClinicalItem, item: ClinicalItem) -> bool:
    """Not one given and one refused, nor two lots, nor two ranks."""
    if (known.status is ProposalStatus.REFUSED) != (item.status is ProposalStatus.REFUSED):
        return False
    one, other = known.injection or Injection(), item.injection or Injection()
    return (not one.lot or not other.lot or one.lot.casefold() == other.lot.casefold()) and (
        not one.rank or not other.rank or one.rank == other.rank
    )


def _since(item: ClinicalItem) -> str:
    return timestamp(item.start, item.when)


def _agree(one: str, other: str) -> bool:
    """Two writings that do not contradict each other: one unknown, or one more precise."""
    return one.startswith(other) or other.startswith(one)


def _measured(item: ClinicalItem) -> tuple[object, ...]:
    return _since(item), item.value, item.unit
