"""What a new document changes: abnormal results, treatments begun or ended, new diagnoses and allergies, in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.lab_series import LabPoint, LabSeries
from dmp_desktop.services.synthesis import key_of
from dmp_desktop.services.trends import trends_of
from dmp_desktop.terminology.units import unit_label

MAX_RESULTS = 4
"""Abnormal results named in one line; the others are counted."""

_UP = frozenset({"H", "HH", "HU", ">"})
_DOWN = frozenset({"L", "LL", "LU", "<"})
_PROBLEMS = (ProposalStatus.PRESENT, ProposalStatus.SUSPECTED)


class Severity(StrEnum):
    """How loudly a line speaks: abnormal results come first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """One thing a document changes. `icon` names a file of resources/icons."""

    unique_id: str
    icon: str
    text: str
    severity: Severity


def changes(new: Sequence[ReadDocument], before: Sequence[ReadDocument]) -> list[Change]:
    """Changes told by `new`, compared with what `before` tells: nothing is new that an earlier document said."""
    return [*results(new, before), *statements(new, before)]


def statements(new: Sequence[ReadDocument], before: Sequence[ReadDocument]) -> list[Change]:
    """Treatments, diagnoses and allergies: all changes but those of biology."""
    known = {key_of(item) for read in before for item in read.facts.items if _comparable(item)}
    found: list[Change] = []
    for read in sorted(new, key=lambda one: one.entry.creation_time):
        found += _facts(read, known)
        known |= {key_of(item) for item in read.facts.items if _comparable(item)}
    return found


def _comparable(item: ClinicalItem) -> bool:
    return item.kind in (ItemKind.TREATMENT, ItemKind.PROBLEM, ItemKind.ALLERGY)


def results(new: Sequence[ReadDocument], before: Sequence[ReadDocument]) -> list[Change]:
    """One line a report: its abnormal results, the critical ones first, then those that were normal before."""
    return list(_results(new, before))


def _results(new: Sequence[ReadDocument], before: Sequence[ReadDocument]) -> Iterator[Change]:
    fresh = {read.entry.unique_id for read in new}
    by_report: dict[str, list[tuple[LabSeries, int]]] = {}
    for series in trends_of([*before, *new]).series:
        for rank, point in enumerate(series.points):
            told = {source.unique_id for source in point.sources}
            if point.abnormal and not point.quoted and told <= fresh:
                by_report.setdefault(point.entry.unique_id, []).append((series, rank))
    for unique_id, found in by_report.items():
        found.sort(key=lambda one: (not one[0].points[one[1]].critical, _already(*one)))
        named = [_result_words(series, rank) for series, rank in found[:MAX_RESULTS]]
        rest = len(found) - len(named)
        words = " · ".join(named) + (f" · et {rest} autre{'s' if rest > 1 else ''}" if rest else "")
        critical = any(series.points[rank].critical for series, rank in found)
        yield Change(unique_id, "lab", words, Severity.CRITICAL if critical else Severity.WARNING)


def _already(series: LabSeries, rank: int) -> bool:
    """Whether the result before was abnormal too."""
    return rank > 0 and series.points[rank - 1].abnormal


def _result_words(series: LabSeries, rank: int) -> str:
    """`Potassium 5,9 mmol/L ▲ (3,5–5,1), avant 4,8`; in the unit of the series when the report's was converted."""
    point = series.points[rank]
    value, unit = (
        (_number(point.value), series.unit) if point.conversion else (point.text.replace(".", ","), point.unit)
    )
    limits = "–".join(_number(end) for end in (point.low, point.high) if end is not None)
    if limits and "–" not in limits:
        limits = f"{'≥' if point.high is None else '≤'} {limits}"
    words = " ".join(part for part in (series.label, value, unit_label(unit) if unit else "", _arrow(point)) if part)
    earlier = series.points[rank - 1].value if rank else None
    return f"{words}{f' ({limits})' if limits else ''}{f', avant {_number(earlier)}' if earlier is not None else ''}"


def _arrow(point: LabPoint) -> str:
    if point.flag in _UP or (point.value is not None and point.high is not None and point.value > point.high):
        return "▲"
    if point.flag in _DOWN or (point.value is not None and point.low is not None and point.value < point.low):
        return "▼"
    return ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}".replace(".", ",")


def _facts(read: ReadDocument, known: set[tuple[str, ...]]) -> Iterator[Change]:
    items = read.facts.items
    unique_id = read.entry.unique_id
    begun = [_treatment_words(item) for item in items if _begins(item) and key_of(item) not in known]
    ended = [item for item in items if item.kind is ItemKind.TREATMENT and _ends(item, read) and key_of(item) in known]
    if begun:
        yield Change(unique_id, "pill", "+ " + " ; + ".join(_once(begun)), Severity.WARNING)
    if ended:
        yield Change(unique_id, "pill", "− " + " ; − ".join(_once(item.label for item in ended)), Severity.WARNING)
    for kind, icon, head, severity in (
        (ItemKind.PROBLEM, "report", "Nouveau diagnostic", Severity.INFO),
        (ItemKind.ALLERGY, "warning", "Allergie", Severity.WARNING),
    ):
        fresh = [item for item in items if item.kind is kind and item.status in _PROBLEMS and key_of(item) not in known]
        if fresh:
            words = " ; ".join(_once(_name(item) for item in fresh))
            yield Change(unique_id, icon, f"{head} : {words}", severity)


def _begins(item: ClinicalItem) -> bool:
    return item.kind is ItemKind.TREATMENT and item.status is ProposalStatus.PRESENT


def _ends(item: ClinicalItem, read: ReadDocument) -> bool:
    """Said stopped, or with an end that is past on the day of the document."""
    day = (read.entry.service_start or read.entry.creation_time).astimezone().date()
    return item.status is ProposalStatus.STOPPED or (item.end is not None and item.end <= day)


def _treatment_words(item: ClinicalItem) -> str:
    dosage = item.dosage.text if item.dosage else ""
    return f"{item.label} ({dosage})" if dosage and len(dosage) <= len(item.label) + 40 else item.label


def _name(item: ClinicalItem) -> str:
    doubt = "suspicion de " if item.status is ProposalStatus.SUSPECTED else ""
    return f"{doubt}{item.label}"


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
