"""What a new document changes: abnormal results, treatments begun or ended, new diagnoses and allergies, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.facts import ReadDocument
from dmp_desktop.services.lab_series import DOWN_FLAGS, UP_FLAGS, Grade, LabPoint, LabSeries
from dmp_desktop.services.medication_marks import BOX, DELIVERIES, ORDERS, RESTART_GAP
from dmp_desktop.services.synthesis import key_of
from dmp_desktop.services.synthesis_parts import strength_of
from dmp_desktop.services.trends import trends_of
from dmp_desktop.terminology.units import unit_label

MAX_RESULTS = 4
"""Abnormal results named in one line; the others are counted."""

MAX_GIVEN = 4
"""Medicines named of those a document says delivered or reimbursed again; the others are counted."""

_DOSE = re.compile(r"[0-9.,]+ [a-zµ%]+")
_PROBLEMS = (ProposalStatus.PRESENT, ProposalStatus.SUSPECTED)
_DENIED = (ProposalStatus.ABSENT, ProposalStatus.REFUSED, ProposalStatus.FAMILY)

Key = tuple[str, ...]


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
    known = _Known()
    for read in sorted(before, key=_made):
        known.add(read)
    found: list[Change] = []
    for read in sorted(new, key=_made):
        found += _facts(read, known)
        known.add(read)
    return found


def _made(read: ReadDocument) -> datetime:
    return read.entry.creation_time


class _Known:
    """What earlier documents state, in time order. A denied or refused thing is not known: stated later, it is new."""

    def __init__(self) -> None:
        self._stated: dict[Key, set[ProposalStatus]] = {}
        self._ends: dict[Key, date] = {}  # of treatments; date.max: none told
        self._stopped: set[Key] = set()
        self._stopped_doses: set[tuple[Key, str]] = set()  # of treatments that go on in another strength
        self._doses: dict[Key, dict[str, None]] = {}  # strengths in the last document that orders or lists it

    def add(self, read: ReadDocument) -> None:
        self._doses |= _doses(read, ORDERS)
        self._doses = _doses(read, DELIVERIES) | self._doses
        for item in read.facts.items:
            key = key_of(item) if item.kind in (ItemKind.TREATMENT, ItemKind.PROBLEM, ItemKind.ALLERGY) else None
            if key is None or not item.is_fact or item.status in _DENIED:
                continue
            self._stated.setdefault(key, set()).add(item.status)
            if item.kind is ItemKind.TREATMENT and item.status is ProposalStatus.STOPPED:
                self._stop(key, strength_of(item), _day(read))
            elif item.kind is ItemKind.TREATMENT:
                self._ends[key] = max(self._ends.get(key, date.min), _end(item, read))
                self._stopped.discard(key)
                self._stopped_doses.discard((key, strength_of(item)))

    def _stop(self, key: Key, dose: str, day: date) -> None:
        """The whole treatment, unless another strength of it goes on."""
        kept = {one: None for one in self._doses.get(key, {}) if one != dose}
        if dose and kept:
            self._doses[key] = kept
            self._stopped_doses.add((key, dose))
        else:
            self._ends[key] = day
            self._stopped.add(key)

    def states(self, item: ClinicalItem) -> bool:
        """A diagnosis or an allergy already stated: a doubt that is confirmed is not."""
        stated = self._stated.get(key_of(item), set())
        return bool(stated - {ProposalStatus.SUSPECTED} if item.status is ProposalStatus.PRESENT else stated)

    def runs(self, item: ClinicalItem, day: date) -> bool:
        """A treatment already under way on `day`, or that this one renews."""
        end = self._ends.get(key_of(item))
        return end is not None and key_of(item) not in self._stopped and (end == date.max or end + RESTART_GAP >= day)

    def doses(self, key: Key) -> dict[str, None]:
        """Strengths it was last ordered or listed in, else delivered in; in the order told."""
        return self._doses.get(key, {})

    def treats(self, item: ClinicalItem) -> bool:
        return key_of(item) in self._ends and key_of(item) not in self._stopped

    def stopped(self, item: ClinicalItem) -> bool:
        key = key_of(item)
        return key in self._stopped or (key, strength_of(item)) in self._stopped_doses


def _doses(read: ReadDocument, origins: Sequence[Origin]) -> dict[Key, dict[str, None]]:
    """Strengths of the treatments under way, where a document of these origins tells them."""
    found: dict[Key, dict[str, None]] = {}
    for item in read.facts.of(ItemKind.TREATMENT):
        origin = item.product.origin if item.product else Origin.LISTED
        if item.status is ProposalStatus.PRESENT and origin in origins and (dose := strength_of(item)):
            found.setdefault(key_of(item), {})[dose] = None
    return found


def _end(item: ClinicalItem, read: ReadDocument) -> date:
    """Where it ends; a delivery without an end lasts a box."""
    delivered = item.product is not None and item.product.origin in DELIVERIES
    return item.end or ((item.start or _day(read)) + BOX if delivered else date.max)


def _day(read: ReadDocument) -> date:
    return (read.entry.service_start or read.entry.creation_time).astimezone().date()


def results(new: Sequence[ReadDocument], before: Sequence[ReadDocument]) -> list[Change]:
    """One line a report: its abnormal results, the critical ones first, then those that were normal before."""
    return list(_results(new, before))


def _results(new: Sequence[ReadDocument], before: Sequence[ReadDocument]) -> Iterator[Change]:
    fresh = {read.entry.unique_id for read in new}
    by_report: dict[str, list[tuple[LabSeries, int]]] = {}
    for series in trends_of([*before, *new]).series:
        for rank, point in enumerate(series.points):
            teller = _news(point, fresh)
            if teller:
                by_report.setdefault(teller, []).append((series, rank))
    for unique_id, found in by_report.items():
        found.sort(key=lambda one: (not one[0].points[one[1]].critical, _already(*one)))
        named = [_result_words(series, rank) for series, rank in found[:MAX_RESULTS]]
        rest = len(found) - len(named)
        words = " · ".join(named) + (f" · et {rest} autre{'s' if rest > 1 else ''}" if rest else "")
        critical = any(series.points[rank].critical for series, rank in found)
        yield Change(unique_id, "lab", words, Severity.CRITICAL if critical else Severity.WARNING)


def _news(point: LabPoint, fresh: set[str]) -> str:
    """The new document that tells a result abnormal, or worse than the documents before did; '' when none does."""
    new = [one for one in point.told if one.unique_id in fresh and not one.quoted]
    known = max((one.grade for one in point.told if one.unique_id not in fresh), default=Grade.UNREMARKABLE)
    worst = max(new, key=lambda one: one.grade, default=None)
    return worst.unique_id if worst and worst.grade > known else ""


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
    high, low = point.codes & UP_FLAGS, point.codes & DOWN_FLAGS
    if high or low:
        return "▲" if high else "▼"
    return "▲" if point.above else "▼" if point.below else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}".replace(".", ",")


def _facts(read: ReadDocument, known: _Known) -> Iterator[Change]:
    items, day = read.facts.items, _day(read)
    unique_id = read.entry.unique_id
    treatments = [item for item in items if item.kind is ItemKind.TREATMENT and item.is_fact]
    present = [item for item in treatments if item.status is ProposalStatus.PRESENT]
    begun = [_treatment_words(item) for item in present if not known.runs(item, item.start or day)]
    renewed = [item for item in present if known.runs(item, item.start or day)]
    ended = [item for item in treatments if _ends(item, day, known)]
    if begun:
        yield Change(unique_id, "pill", "+ " + " ; + ".join(_once(begun)), Severity.WARNING)
    doses = list(_dose_changes(read, renewed, known))
    if doses:
        yield Change(unique_id, "pill", " ; ".join(_once(doses)), Severity.WARNING)
    if ended:
        yield Change(unique_id, "pill", "− " + " ; − ".join(_once(item.label for item in ended)), Severity.WARNING)
    for origin, head in ((Origin.DISPENSED, "Délivré"), (Origin.REIMBURSED, "Remboursé")):
        given = [item.label for item in renewed if item.product and item.product.origin is origin]
        if given:
            yield Change(unique_id, "pill", f"{head} : {_some(_once(given))}", Severity.INFO)
    for kind, icon, head, severity in (
        (ItemKind.PROBLEM, "report", "Nouveau diagnostic", Severity.INFO),
        (ItemKind.ALLERGY, "warning", "Allergie", Severity.WARNING),
    ):
        fresh = [item for item in items if item.kind is kind and item.status in _PROBLEMS and not known.states(item)]
        if fresh:
            words = " ; ".join(_once(_name(item) for item in fresh))
            yield Change(unique_id, icon, f"{head} : {words}", severity)


def _dose_changes(read: ReadDocument, renewed: Sequence[ClinicalItem], known: _Known) -> Iterator[str]:
    """Another strength of a treatment under way: beside the one known, it is added; instead of it, the dose is changed."""
    ordered = _doses(read, ORDERS)
    for item in renewed:
        now, before, dose = ordered.get(key_of(item), {}), known.doses(key_of(item)), strength_of(item)
        if not before or dose not in now or dose in before:
            continue
        was = " + ".join(map(_dose_words, before))
        if now.keys() & before.keys():
            yield f"+ {item.label} (ajouté, déjà {was})"
        else:
            yield f"{item.label} (dose changée : {was} → {_dose_words(dose)})"


def _dose_words(dose: str) -> str:
    """`0.1 mg` -> `100 µg`, `2.5 mg` -> `2,5 mg`."""
    parts = [part.split(" ") for part in _DOSE.findall(dose)] or [[dose]]
    told = [
        f"{float(one[0]) * 1000:g} µg" if one[1:] == ["mg"] and float(one[0]) < 1 else " ".join(one) for one in parts
    ]
    return "/".join(told).replace(".", ",")


def _ends(item: ClinicalItem, day: date, known: _Known) -> bool:
    """Said stopped for the first time; or under way before, with an end that is past on the day of the document."""
    if item.status is ProposalStatus.STOPPED:
        return not known.stopped(item)
    return item.end is not None and item.end <= day and known.treats(item)


def _treatment_words(item: ClinicalItem) -> str:
    dosage = item.dosage.text if item.dosage else ""
    return f"{item.label} ({dosage})" if dosage and len(dosage) <= len(item.label) + 40 else item.label


def _name(item: ClinicalItem) -> str:
    doubt = "suspicion de " if item.status is ProposalStatus.SUSPECTED else ""
    return f"{doubt}{item.label}"


def _some(labels: list[str]) -> str:
    """The first ones, and how many more."""
    rest = len(labels) - MAX_GIVEN
    return " ; ".join(labels[:MAX_GIVEN]) + (f" ; et {rest} autre{'s' if rest > 1 else ''}" if rest > 0 else "")


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
