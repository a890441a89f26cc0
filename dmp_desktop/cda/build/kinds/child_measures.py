"""A child's measures, 29274-8: volet CSE-MDE 2023.01 (carnet de santé), one section of vital signs.

Weight, height, head: at least one, from `extra` or else from what was ticked in the note. Values no child of that age has are
refused. The volet sets no age, and neither does its schematron: for an adult the document is made, with the widest ranges and a
warning, since the likely mistake is that of the patient's file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from dmp_desktop.cda.build.coded import Coded, Fact, Topic
from dmp_desktop.cda.build.header import Frame, frame_of_type, ts
from dmp_desktop.cda.build.narrative import number
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.proposed import items_of
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.sections import note_section
from dmp_desktop.cda.build.template import Markup
from dmp_desktop.cda.build.topics import topic_section
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.fields import refuse
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology import VitalSign, vital_signs

_TYPE = "29274-8"  # JDV_J07: mesures de signes vitaux
_TITLE = "Carnet de santé de l'enfant - Mesures de l'enfant"
_TEMPLATES = (
    "1.3.6.1.4.1.19376.1.5.3.1.1.1",  # IHE PCC Medical Document
    "1.2.250.1.213.1.1.1.5",  # CI-SIS carnet de santé
    "1.2.250.1.213.1.1.1.5.4 2023.01",
)
_FIELDS: Final = {"weight": "weight_kg", "height": "height_cm", "head": "head_cm"}
_ADULT = 18  # years
_ADULT_WARNING = "Ce patient est majeur : les mesures de l'enfant sont prévues pour un mineur. Vérifiez le dossier."

_Range = tuple[float, float]

# Months below which each line holds: weight (kg), height (cm), head (cm). Ours: far outside the WHO growth standards on both
# sides, extreme prematurity and obesity included, so that only what cannot be is refused.
_RANGES: Final[tuple[tuple[int, _Range, _Range, _Range], ...]] = (
    (1, (0.3, 7), (20, 65), (15, 45)),
    (6, (0.5, 15), (28, 85), (20, 52)),
    (12, (1.5, 20), (40, 100), (28, 56)),
    (24, (3, 28), (50, 115), (33, 60)),
    (48, (4, 50), (60, 135), (36, 62)),
    (72, (6, 75), (70, 155), (38, 64)),
    (120, (8, 120), (80, 190), (40, 66)),
    (216, (10, 300), (85, 230), (42, 70)),
)
_WIDEST: Final = ((0.3, 300.0), (20.0, 230.0), (15.0, 70.0))


@dataclass(frozen=True, slots=True)
class _Measure:
    """One measure; `spoken` when the note says it."""

    sign: VitalSign
    value: float
    spoken: bool


def measures_of(request: BuildRequest) -> tuple[_Measure, ...]:
    """Weight, height, head, those that are known. Raises ContextError with the field's path (`extra.weight_kg`)."""
    found = [measure for key in _FIELDS if (measure := _measure(request, key))]
    if not found:
        refuse("extra.weight_kg", "poids, taille (extra.height_cm) ou périmètre crânien (extra.head_cm) attendu")
    return tuple(found)


def _measure(request: BuildRequest, key: str) -> _Measure | None:
    sign, path = vital_signs()[key], f"extra.{_FIELDS[key]}"
    typed = request.context.extra.get(_FIELDS[key])
    if typed is not None and (isinstance(typed, bool) or not isinstance(typed, int | float)):
        refuse(path, f"nombre attendu, en {sign.unit}")
    said = _said(request, sign) if typed is None else set()
    if len(said) > 1:
        refuse(path, "une seule valeur attendue, la note en a plusieurs de cochées")
    value = next(iter(said), None) if typed is None else typed
    if value is None:
        return None
    low, high = _range(request, key)
    if not low <= value <= high:
        refuse(path, f"valeur entre {_shown(low)} et {_shown(high)} {sign.unit} attendue à cet âge")
    return _Measure(sign, float(value), typed is None)  # within the range: a whole number may be too big to be a float


def _shown(value: float) -> str:
    return number(value).replace(".", ",")


def _said(request: BuildRequest, sign: VitalSign) -> set[float]:
    """What was ticked in the note or in the record for this sign, each value once."""
    day = _day(request)
    ticked = (item for proposal in request.proposals if proposal.accepted for item in items_of(proposal, day))
    return {
        float(item.value)
        for item in (*ticked, *request.items)
        if item.kind is ItemKind.VITAL
        and item.status is ProposalStatus.PRESENT
        and item.code == sign.code
        and item.unit == sign.unit
        and item.start == day
        and isinstance(item.value, int | float)
    }


def _day(request: BuildRequest) -> date:
    return request.local(request.context.encounter.start).date()


def _range(request: BuildRequest, key: str) -> _Range:
    """Plausible values at the patient's age on the day of the consultation."""
    born, day = request.context.patient.birth_date, _day(request)
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    ranges = next((line[1:] for line in _RANGES if months < line[0]), _WIDEST)
    return ranges[list(_FIELDS).index(key)]


def _frame(request: BuildRequest) -> Frame:
    del request
    return Frame(frame_of_type(_TYPE).type, _TITLE, _TEMPLATES)


def _sections(draft: Draft) -> list[Markup]:
    request = draft.request
    if request.context.patient.age(_day(request)) >= _ADULT:
        draft.warnings.append(_ADULT_WARNING)
    facts = [_fact(draft, measure, rank) for rank, measure in enumerate(measures_of(request), start=1)]
    parts = [topic_section(Topic.VITALS, Coded(facts={Topic.VITALS: facts}), draft.new_id)]
    if draft.note.strip():
        parts.append(note_section(draft.note, draft.coded, draft.note_warning, draft.new_id))
    return parts


def _fact(draft: Draft, measure: _Measure, rank: int) -> Fact:
    """The words of the note that say it, if they do; else its line alone."""
    sign, row = measure.sign, f"{Topic.VITALS}-{rank}"
    said = (fact for fact in draft.coded.of(Topic.VITALS) if fact.item.code == sign.code and measure.spoken)
    words = next((fact.words for fact in said if fact.words.startswith("note-")), row)
    item = ClinicalItem(
        ItemKind.VITAL,
        sign.code.display,
        code=sign.code,
        start=_day(draft.request),
        value=measure.value,
        unit=sign.unit,
    )
    return Fact(item, row, words, ts(draft.request.local(draft.request.context.encounter.start)))


def _page_lines(request: BuildRequest) -> tuple[str, ...]:
    return tuple(
        f"{measure.sign.code.display} : {_shown(measure.value)} {measure.sign.unit}" for measure in measures_of(request)
    )


CHILD_MEASURES = DocumentPlan(
    DocumentKind.CHILD_MEASURES,
    _frame,
    _sections,
    require=measures_of,
    extra=tuple(_FIELDS.values()),
    page_lines=_page_lines,
    note_optional=True,
)
