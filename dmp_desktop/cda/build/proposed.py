"""Ticked proposals of a note as clinical facts; what no entry can say stays in the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

from dmp_desktop.cda.build.text import REPLACEMENT, xml_safe
from dmp_desktop.domain.clinical import ClinicalItem, Dosage, Injection, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import Proposal, ProposalKind
from dmp_desktop.domain.said_dates import said_date
from dmp_desktop.terminology import vital_sign_by_code, vital_signs

# The lexicon names drugs and vaccines as the doctor writes them, which is not the name of their ATC class.
_WRITTEN = ""
_IN_THE_NOTE = "posologie dans la note"
_FULL = len("2026-11-20")
_BOUND = re.compile("[<>].*", re.DOTALL)


def items_of(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    """The facts of one proposal of a consultation of `day`; none for what has no entry (sick leave, unreadable measure).

    Only measures are of that day, and what is said to be: the words of a result may well date it otherwise.
    """
    make = _MAKERS.get(proposal.kind)
    return make(proposal, day) if make else ()


def cleaned(proposal: Proposal) -> Proposal:
    """With the same replacements as its note: `xml_safe` keeps every length, so spans hold."""
    value = proposal.value
    if isinstance(value, dict):
        value = {key: xml_safe(part)[0] if isinstance(part, str) else part for key, part in value.items()}
    return replace(proposal, label=xml_safe(proposal.label)[0], text=xml_safe(proposal.text)[0], value=value)


REPLACED_IN_FACTS = (
    f"Caractère(s) que le format interdit remplacé(s) par « {REPLACEMENT} » dans un élément retenu : relisez-le."
)


def clean_item(item: ClinicalItem) -> ClinicalItem:
    """A reviewed fact whose words XML can hold."""
    changed: dict[str, Any] = _safe_texts(item)
    for name in ("code", "agent", "dosage", "injection", "product", "measure"):
        part = getattr(item, name)
        if part is not None and (texts := _safe_texts(part)):
            changed[name] = replace(part, **texts)
    return replace(item, **changed) if changed else item


def _safe_texts(part: Any) -> dict[str, Any]:
    """Its fields of words that must change, by name."""
    found: dict[str, Any] = {}
    for one in fields(part):
        value = getattr(part, one.name)
        if type(value) is str and (safe := xml_safe(value)[0]) != value:
            found[one.name] = safe
    return found


def _problem(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    del day
    return (_item(ItemKind.PROBLEM, proposal, proposal.label),)


def _allergy(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    del day
    reaction = str(_details(proposal).get("reaction") or "")
    return (_item(ItemKind.ALLERGY, proposal, proposal.label, comment=reaction),)


def _result(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    del day
    return (_item(ItemKind.RESULT, proposal, proposal.label, value=_value(proposal)),)


def _treatment(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    """The schedule is kept only where the reading has nothing to say of it: `si besoin` and contradictions stay words."""
    del day
    details = _details(proposal)
    schedule, days = str(details.get("schedule") or ""), details.get("duration_days")
    simple = not proposal.warnings
    dosage = Dosage(
        strength=str(details.get("strength") or ""),
        schedule=schedule if simple else "",
        duration_days=days if isinstance(days, int) and days > 0 and simple else None,
        text=proposal.text,
    )
    more = not simple and not schedule
    return (_item(ItemKind.TREATMENT, proposal, _WRITTEN, dosage=dosage, comment=_IN_THE_NOTE if more else ""),)


def _vaccination(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    details = _details(proposal)
    when = said_date(str(details.get("date") or ""), day)
    start = date.fromisoformat(when) if len(when) == _FULL else None
    injection = Injection(details.get("lot") or "", details.get("site") or "")
    return (_item(ItemKind.VACCINATION, proposal, _WRITTEN, start=start, when=when, injection=injection),)


def _item(kind: ItemKind, proposal: Proposal, display: str, **more: Any) -> ClinicalItem:
    """What all kinds take from a proposal; `display` is the label of its code."""
    return ClinicalItem(
        kind,
        proposal.label,
        proposal.status,
        Code(proposal.code, proposal.system, display) if proposal.code and proposal.system else None,
        unit=proposal.unit or "",
        span=(proposal.start, proposal.end),
        **more,
    )


def _details(proposal: Proposal) -> dict[str, Any]:
    return proposal.value if isinstance(proposal.value, dict) else {}


def _value(proposal: Proposal) -> float | str | None:
    """A number, or the words when they bound it (`< 5 mg/L`): a bound is not a value."""
    bound = _BOUND.search(proposal.text)
    if bound:
        return bound[0]
    value = proposal.value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _measures(proposal: Proposal, day: date) -> tuple[ClinicalItem, ...]:
    """Blood pressure makes two facts, or the one that is said; a value in another unit than its code's makes none."""
    value = proposal.value
    signs = vital_signs()
    pairs: list[tuple[Any, Any]]
    if isinstance(value, dict):
        unit = proposal.unit or "mm[Hg]"
        said = [key for key in ("systolic", "diastolic") if value.get(key) is not None]
        pairs = [(signs[key], value[key]) for key in said]
    else:
        unit = proposal.unit or ""
        pairs = [(vital_sign_by_code().get(proposal.code or ""), value)]
    for sign, number in pairs:
        if sign is None or sign.unit != unit or isinstance(number, bool) or not isinstance(number, int | float):
            return ()
    span = (proposal.start, proposal.end)
    return tuple(
        ClinicalItem(
            ItemKind.VITAL,
            sign.code.display,
            proposal.status,
            sign.code,
            day,
            value=float(number),
            unit=unit,
            span=span,
        )
        for sign, number in pairs
    )


_MAKERS: dict[ProposalKind, Callable[[Proposal, date], tuple[ClinicalItem, ...]]] = {
    ProposalKind.PROBLEM: _problem,
    ProposalKind.ALLERGY: _allergy,
    ProposalKind.TREATMENT: _treatment,
    ProposalKind.VACCINATION: _vaccination,
    ProposalKind.RESULT: _result,
    ProposalKind.VITAL: _measures,
}
