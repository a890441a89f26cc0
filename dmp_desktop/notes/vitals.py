"""Vital signs: labelled numbers, their unit, their plausible range (terminology.vital_signs).

Ticked beforehand only when labelled, plausible, of today, and alone of its kind; anything else is shown with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.mask import Mask
from dmp_desktop.notes.pressure import Pressure, find_pressures
from dmp_desktop.notes.structure import Structure
from dmp_desktop.notes.vital_context import NOT_TODAY, WARNINGS, Context, context_of, not_back
from dmp_desktop.notes.vital_ranges import plausible_at
from dmp_desktop.notes.vital_rules import RULES, VALUE
from dmp_desktop.terminology import VitalSign, unit_label, vital_signs
from dmp_desktop.terminology.oids import LOINC

BLOOD_PRESSURE_PANEL = "85354-9"  # LOINC, systolic and diastolic together
MAX_OF_A_KIND = 500  # mentions of one sign read in a note: bounds the work on absurd ones
_TWO_VALUES = "Plusieurs valeurs dans la note : choisissez."
_SECOND = "2e valeur dans la note."
_RANGE = "Valeur hors des limites plausibles."
_AGE = "Valeur peu plausible à cet âge."
_UNLABELLED = "Mesure sans intitulé : à vérifier."
_UNIT = "Unité supposée : {}."
_ONE_SIDE = "Pression diastolique non dite."
_CARRIED = (NOT_TODAY, WARNINGS[Context.KIN])
_INCOHERENT = "Poids, taille et IMC ne concordent pas : à vérifier."
_BODY = frozenset({"weight", "height", "bmi"})
_LEAN, _STOUT, _DISAGREE = 9, 75, 0.08  # kg/m2, kg/m2, share of the index
# A note of a call: nothing was measured by its author.
_REMOTE = re.compile(r"(?<![a-z])(?:telecons\w*|visio\w*|appels?|tel|telephone|au tel)(?![a-z])")
_HEAD = 80  # characters of the note in which it is said
_ABSURD = {
    "height": 30,
    "respiratory_rate": 6,
    "spo2": 40,
    "head": 25,
    "waist": 30,
}  # below, the label names another thing
_CHILD_ONLY = {"head": 10}  # years: beyond, `PC` means something else


def find_vitals(note: str, folded: str, structure: Structure, age: int | None = None) -> list[Proposal]:
    """In the order of the note. `age` is in whole years."""
    taken = Mask(len(folded))
    found: list[tuple[str, Proposal]] = []
    for pressure in islice(find_pressures(note, folded), MAX_OF_A_KIND):
        if taken.free(pressure.start, pressure.end):
            taken.take(pressure.start, pressure.end)
            found.append(("pressure", _pressure(note, pressure)))
    kept = [(key, item) for key, one in found if (item := _in_context(key, one, folded, structure, age))]
    if any(not {_UNLABELLED, _ONE_SIDE, NOT_TODAY} & set(item.warnings) for _, item in kept):
        kept = [(key, item) for key, item in kept if _UNLABELLED not in item.warnings]
    every = sorted([*kept, *_measures(note, folded, structure, taken, age)], key=lambda item: item[1].start)
    if _REMOTE.search(folded, 0, _HEAD):
        every = [(key, _unticked(item, NOT_TODAY)) for key, item in every]
    return _single(_coherent(_carried(every, folded, structure)))


def _measures(
    note: str, folded: str, structure: Structure, taken: Mask, age: int | None
) -> Iterator[tuple[str, Proposal]]:
    signs = vital_signs()
    labelled_keys: set[str] = set()
    for rule in RULES:
        if rule.key not in signs or (age is not None and age > _CHILD_ONLY.get(rule.key, 200)):
            continue
        for match in islice(rule.pattern.finditer(folded), MAX_OF_A_KIND):
            reading = rule.read(match)
            start = match.start(VALUE) if VALUE in rule.pattern.groupindex else match.start()
            end = match.start() + len(match[0].rstrip(" ,"))
            if reading is None or not taken.free(start, end):
                continue
            value, doubt, labelled = reading
            sign = signs[rule.key]
            if value < _ABSURD.get(rule.key, 0):
                continue
            if not labelled and (rule.key in labelled_keys or not sign.plausible(value)):
                continue
            taken.take(start, end)
            warnings = [_UNIT.format(unit_label(sign.unit))] if doubt else []
            warnings += [] if labelled else [_UNLABELLED]
            measure = _measure(note, sign, start, end, value, warnings)
            proposal = _in_context(rule.key, measure, folded, structure, age)
            if proposal:
                labelled_keys |= {rule.key} if labelled else set()
                yield rule.key, proposal


def _measure(note: str, sign: VitalSign, start: int, end: int, value: float, warnings: list[str]) -> Proposal:
    plausible = sign.plausible(value)
    warnings = warnings if plausible else [_RANGE, *warnings]
    return Proposal(
        kind=ProposalKind.VITAL,
        label=sign.code.display,
        start=start,
        end=end,
        text=note[start:end],
        value=int(value) if value == int(value) else round(value, 3),
        unit=sign.unit,
        code=sign.code.code,
        system=LOINC,
        confidence=Confidence.HIGH if not warnings else Confidence.LOW if not plausible else Confidence.MEDIUM,
        accepted=not warnings,
        warnings=tuple(warnings),
    )


def _pressure(note: str, pressure: Pressure) -> Proposal:
    high, low = pressure.high, pressure.low
    signs = vital_signs()
    plausible = signs["systolic"].plausible(high) and (
        low is None or (signs["diastolic"].plausible(low) and high - low >= 15)
    )
    warnings = ([] if plausible else [_RANGE]) + ([_ONE_SIDE] if low is None else [])
    warnings += [] if pressure.labelled else [_UNLABELLED]
    systolic = signs["systolic"].code
    return Proposal(
        kind=ProposalKind.VITAL,
        label="Pression artérielle" if low is not None else systolic.display,
        start=pressure.start,
        end=pressure.end,
        text=note[pressure.start : pressure.end],
        value={"systolic": high, "diastolic": low} if low is not None else high,
        unit="mm[Hg]",
        code=BLOOD_PRESSURE_PANEL if low is not None else systolic.code,
        system=LOINC,
        confidence=Confidence.HIGH if not warnings else Confidence.LOW,
        accepted=not warnings,
        warnings=tuple(warnings),
    )


def _in_context(key: str, proposal: Proposal, folded: str, structure: Structure, age: int | None) -> Proposal | None:
    """What the words around make of it: nothing, a value shown with a warning, or the measure of the day."""
    clause = structure.at(proposal.start)
    context = context_of(folded, key, clause, proposal.start, proposal.end)
    if context is Context.NOT_A_MEASURE:
        return None
    doubts = [WARNINGS[context]] if context in WARNINGS else []
    high = proposal.value["systolic"] if isinstance(proposal.value, dict) else proposal.value
    if not plausible_at(key, high, age):
        doubts.append(_AGE)
    if not doubts:
        return proposal
    low = proposal.confidence is Confidence.LOW or _AGE in doubts
    return replace(
        proposal,
        accepted=False,
        confidence=Confidence.LOW if low else Confidence.MEDIUM,
        warnings=(*proposal.warnings, *doubts),
    )


def _unticked(proposal: Proposal, warning: str) -> Proposal:
    if warning in proposal.warnings:
        return proposal
    confidence = Confidence.LOW if proposal.confidence is Confidence.LOW else Confidence.MEDIUM
    return replace(proposal, accepted=False, confidence=confidence, warnings=(*proposal.warnings, warning))


def _coherent(found: list[tuple[str, Proposal]]) -> list[tuple[str, Proposal]]:
    """Weight, height and body mass index that do not agree are all doubtful: one of them is misread or mistyped."""
    alone = {key: item for key, item in found if sum(other == key for other, _ in found) == 1}
    if not {"weight", "height"} <= set(alone):
        return found
    index = alone["weight"].value / (alone["height"].value / 100) ** 2
    said = alone["bmi"].value if "bmi" in alone else index
    if _LEAN <= index <= _STOUT and abs(index - said) <= _DISAGREE * said:
        return found
    return [(key, _unticked(item, _INCOHERENT) if key in _BODY else item) for key, item in found]


def _carried(found: list[tuple[str, Proposal]], folded: str, structure: Structure) -> list[tuple[str, Proposal]]:
    """`Hier aux urgences : TA 17/10, FC 90`: what follows a measure of another day, or person, in its sentence is so too."""
    result: list[tuple[str, Proposal]] = []
    for key, proposal in found:
        before = result[-1][1] if result else None
        warning = next((one for one in _CARRIED if before and one in before.warnings), None)
        if (
            before
            and warning
            and before.start >= structure.at(proposal.start).start
            and not_back(folded, before.end, proposal.start)
        ):
            proposal = _unticked(proposal, warning)
        result.append((key, proposal))
    return result


def _single(found: list[tuple[str, Proposal]]) -> list[Proposal]:
    """Two values of a kind, in order: neither is ticked, both say so."""
    counts = Counter(key for key, _ in found)
    result: list[Proposal] = []
    seen: set[str] = set()
    for key, proposal in found:
        if counts[key] > 1:
            warnings = (*proposal.warnings, _SECOND if key in seen else _TWO_VALUES)
            result.append(replace(proposal, accepted=False, confidence=Confidence.LOW, warnings=warnings))
        else:
            result.append(proposal)
        seen.add(key)
    return result
