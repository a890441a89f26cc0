"""Vital signs: labelled numbers, their unit, their plausible range (terminology.vital_signs).

Ticked beforehand only when labelled, plausible, and alone of its kind; anything else is shown with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.structure import Structure
from dmp_desktop.notes.vital_context import NOT_TODAY, is_change, is_elsewhere
from dmp_desktop.notes.vital_rules import NEXT_PRESSURE, PRESSURE, PRESSURE_BY_UNIT, RULES, VitalRule, decimal
from dmp_desktop.terminology import unit_label, vital_signs
from dmp_desktop.terminology.oids import LOINC

BLOOD_PRESSURE_PANEL = "85354-9"  # LOINC, systolic and diastolic together
# What comes before a number that is a goal, a threshold or someone else's: not a measure.
_NOT_MEASURED = re.compile(r"(?:[<>]|\bsi|objectif|cible|seuil|fait|naissance|normale?|viser)[ :]{0,3}$")
_TWO_VALUES = "Plusieurs valeurs dans la note : choisissez."
_SECOND = "2e valeur dans la note."
_RANGE = "Valeur hors des limites plausibles."
_CHILD_ONLY = {"head": 10}  # years: beyond, `PC` means something else
# Plausible limits by age, ours: lowest of an adult, highest before 6 years.
_BY_AGE = {"weight": (25.0, 60.0), "height": (100.0, 140.0)}
_UNIT = "Unité supposée : {}."


def find_vitals(note: str, folded: str, structure: Structure, age: int | None = None) -> list[Proposal]:
    """In the order of the note. `age` is in whole years."""
    found = _pressures(note, folded)
    taken = [(item.start, item.end) for item in found]
    keys = ["pressure"] * len(found)
    for rule in RULES:
        for match in rule.pattern.finditer(folded):
            if rule.key in _CHILD_ONLY and age is not None and age > _CHILD_ONLY[rule.key]:
                continue
            proposal = _proposal(rule, match, note, folded, certain_exists=rule.key in keys)
            if proposal is None or any(start < proposal.end and proposal.start < end for start, end in taken):
                continue
            found.append(_for_age(proposal, rule.key, age))
            keys.append(rule.key)
            taken.append((proposal.start, proposal.end))
    return _single([_for_day(proposal, folded, structure) for proposal in found], keys)


def _for_day(proposal: Proposal, folded: str, structure: Structure) -> Proposal:
    """Measured yesterday, at home, by someone else: shown, not ticked."""
    clause = structure.at(proposal.start)
    if not is_elsewhere(folded, (clause.start, clause.end), proposal.start, proposal.end):
        return proposal
    confidence = Confidence.LOW if proposal.confidence is Confidence.LOW else Confidence.MEDIUM
    return replace(proposal, accepted=False, confidence=confidence, warnings=(*proposal.warnings, NOT_TODAY))


def _for_age(proposal: Proposal, key: str, age: int | None) -> Proposal:
    """An adult of 12 kg, a child of two who weighs 80: shown, not ticked."""
    if age is None or key not in _BY_AGE:
        return proposal
    adult_low, child_high = _BY_AGE[key]
    if (age >= 18 and proposal.value < adult_low) or (age < 6 and proposal.value > child_high):
        warnings = (*proposal.warnings, "Valeur peu plausible à cet âge.")
        return replace(proposal, accepted=False, confidence=Confidence.LOW, warnings=warnings)
    return proposal


def _proposal(
    rule: VitalRule, match: re.Match[str], note: str, folded: str, *, certain_exists: bool
) -> Proposal | None:
    sign = vital_signs()[rule.key]
    reading = rule.read(match)
    if reading is None:
        return None
    value, assumed, labelled = reading
    if _NOT_MEASURED.search(folded, max(0, match.start() - 16), match.start()) or (certain_exists and not labelled):
        return None
    if is_change(folded, rule.key, match.start(), match.end()):
        return None
    plausible = sign.plausible(value)
    if not plausible and not labelled:
        return None
    warnings = [] if plausible else [_RANGE]
    warnings += [_UNIT.format(unit_label(sign.unit))] if assumed else []
    warnings += [] if labelled else ["Mesure sans intitulé : à vérifier."]
    end = match.end() - (len(match[0]) - len(match[0].rstrip()))
    return Proposal(
        kind=ProposalKind.VITAL,
        label=sign.code.display,
        start=match.start(),
        end=end,
        text=note[match.start() : end],
        value=int(value) if value == int(value) else round(value, 3),
        unit=sign.unit,
        code=sign.code.code,
        system=LOINC,
        confidence=Confidence.HIGH if not warnings else Confidence.LOW if not plausible else Confidence.MEDIUM,
        accepted=not warnings,
        warnings=tuple(warnings),
    )


def _pressures(note: str, folded: str) -> list[Proposal]:
    found: list[Proposal] = []
    for match in PRESSURE.finditer(folded):
        if _NOT_MEASURED.search(folded, max(0, match.start() - 16), match.start()):
            continue
        found.append(_pressure(note, match.start(), match.end(), match[1], match[2], match[3] or ""))
        at = match.end()
        while following := NEXT_PRESSURE.match(folded, at):
            found.append(_pressure(note, following.start(1), following.end(), following[1], following[2], ""))
            at = following.end()
    for match in PRESSURE_BY_UNIT.finditer(folded):
        if not any(item.start < match.end() and match.start() < item.end for item in found):
            found.append(_pressure(note, match.start(), match.end(), match[1], match[2], "mmhg"))
    return found


def _pressure(note: str, start: int, end: int, high: str, low: str, unit: str) -> Proposal:
    """`14/8` is in centimetres of mercury, as French doctors say it: 140/80 mmHg."""
    systolic, diastolic = decimal(high), decimal(low)
    if unit.startswith("cm") or (not unit and systolic <= 30 and diastolic <= 20):
        systolic, diastolic = systolic * 10, diastolic * 10
    signs = vital_signs()
    plausible = (
        signs["systolic"].plausible(systolic) and signs["diastolic"].plausible(diastolic) and systolic > diastolic
    )
    return Proposal(
        kind=ProposalKind.VITAL,
        label="Pression artérielle",
        start=start,
        end=end,
        text=note[start:end],
        value={"systolic": round(systolic), "diastolic": round(diastolic)},
        unit="mm[Hg]",
        code=BLOOD_PRESSURE_PANEL,
        system=LOINC,
        confidence=Confidence.HIGH if plausible else Confidence.LOW,
        accepted=plausible,
        warnings=() if plausible else (_RANGE,),
    )


def _single(found: list[Proposal], keys: list[str]) -> list[Proposal]:
    """Two values of a kind: neither is ticked, both say so."""
    counts = Counter(keys)
    result: list[Proposal] = []
    seen: set[str] = set()
    for proposal, key in sorted(zip(found, keys, strict=True), key=lambda item: item[0].start):
        if counts[key] > 1:
            warning = _SECOND if key in seen else _TWO_VALUES
            result.append(
                replace(proposal, accepted=False, confidence=Confidence.LOW, warnings=(*proposal.warnings, warning))
            )
        else:
            result.append(proposal)
        seen.add(key)
    return result
