"""Laboratory results over time: one series an analyte across laboratories, every conversion told, every point with its report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Measure
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.facts import ReadDocument, read_all
from dmp_desktop.services.lab_merge import merged
from dmp_desktop.services.lab_place import Place, alike, factor, place_of, ucum
from dmp_desktop.services.lab_series import FOUND, LabPoint, LabSeries, Trends
from dmp_desktop.terminology.analytes import Analyte, analyte_by_code, analyte_by_label, analytes
from dmp_desktop.terminology.conversion import Conversion, parse
from dmp_desktop.terminology.units import unit_label
from dmp_desktop.terminology.vocabulary import measure as known_measure
from dmp_desktop.terminology.wording import plain

BIOLOGY_TYPES = frozenset({"11502-2", "DOCPAT05"})
"""typeCode of laboratory reports (JDV_J07), those a patient deposited included."""

_BOUND = re.compile(r"([<>]=?) *(-?[0-9]+(?:\.[0-9]+)?)")
_BOUND_DIGITS = 4
"""Digits of a limit converted into the unit of its result."""

_A_DAY = timedelta(days=1)
"""A result cannot be later than its document; clocks and time zones differ by less than this. As for twins of one deposit."""

_MOST_DIGITS = 9
_FUTURE = "future"


@dataclass(frozen=True, slots=True)
class _Result:
    """One result on its way into a series: its place, the point as written."""

    key: str
    place: Place
    point: LabPoint


def trends(documents: Iterable[tuple[DocumentEntry, bytes]]) -> Trends:
    """From documents whose bytes are at hand."""
    return trends_of(read_all(documents))


def trends_of(documents: Iterable[ReadDocument]) -> Trends:
    """From facts already read. The same facts give the same series."""
    read = list(documents)
    groups: dict[str, list[_Result]] = {}
    others: list[LabPoint] = []
    for document in read:
        for item in document.facts.of(ItemKind.RESULT):
            result = _result(document.entry, item)
            if item.status in FOUND:
                groups.setdefault(result.key, []).append(result)
            else:
                others.append(result.point)
    series = [one for results in _joined(groups) for one in _series(results)]
    order = {analyte.key: rank for rank, analyte in enumerate(analytes())}
    series.sort(key=lambda one: (order.get(one.key.partition("|")[0], len(order)), plain(one.label), one.key))
    others.sort(key=lambda point: point.when, reverse=True)
    return Trends(tuple(series), tuple(_unexploitable(read)), tuple(others))


def _joined(groups: dict[str, list[_Result]]) -> list[list[_Result]]:
    """What only its name places joins a series whose results have codes where their limits say that it is the same."""
    for key, results in list(groups.items()):
        analyte = results[0].place.analyte
        if not results[0].place.guessed or analyte is None:
            continue
        coded = [one.point for one in groups.get(analyte.key, ()) if one.point.loinc]
        same = [one for one in results if any(alike(one.point, point, analyte) for point in coded)]
        groups[key] = [replace(one, place=Place(one.key)) for one in results if one not in same]
        if same:
            groups[analyte.key] = [*groups[analyte.key], *same]
    return [results for results in groups.values() if results]


def units_of(series: LabSeries) -> tuple[str, ...]:
    """UCUM units its results were written in and that it may be shown in, its own first."""
    analyte = _analyte_of(series)
    written = (ucum(point.unit) for point in series.points if point.value is not None)
    return tuple(unit for unit in dict.fromkeys((series.unit, *written)) if factor(series.unit, unit, analyte))


def in_unit(series: LabSeries, unit: str) -> LabSeries:
    """The same results in another of `units_of`; every conversion is told from what was written."""
    analyte = _analyte_of(series)
    change = factor(series.unit, unit, analyte)
    if change is None or unit == series.unit:
        return series
    return replace(series, unit=unit, points=tuple(_changed(point, change, unit, analyte) for point in series.points))


def _analyte_of(series: LabSeries) -> Analyte | None:
    return analyte_by_code(series.loinc[0]) if series.loinc else analyte_by_label(series.label)


def _changed(point: LabPoint, change: Conversion, unit: str, analyte: Analyte | None) -> LabPoint:
    """The limits come back through the unit of the series, as the laboratory rounded them."""
    number = point.value if point.value is not None else point.bound
    if number is None:
        return point
    digits = min(max(3, len(re.sub(r"[^0-9]", "", point.text).lstrip("0"))), _MOST_DIGITS)
    into = {
        name: None if value is None else _rounded(change.apply(value), digits)
        for name, value in (("value", point.value), ("bound", point.bound), ("low", point.low), ("high", point.high))
    }
    written, direct = _number_in(point.text), factor(ucum(point.unit), unit, analyte)
    same = direct is not None and direct.factor == 1.0 and not direct.offset
    if same and written is not None:
        into["value" if point.value is not None else "bound"] = written
    told = "" if same or direct is None or written is None else _told(written, ucum(point.unit), direct, unit, digits)
    return replace(point, **into, conversion=told)  # type: ignore[arg-type]


def _number_in(text: str) -> float | None:
    found = re.fullmatch(r"[<>=\s]*(-?[0-9]+(?:[.,][0-9]+)?)", text)
    return float(found[1].replace(",", ".")) if found else None


def _unexploitable(documents: list[ReadDocument]) -> list[DocumentEntry]:
    """Reports without a result, the latest first; not the PDF that is surely the twin of the one report that was read."""
    told = [read.entry for read in documents if read.facts.of(ItemKind.RESULT)]
    known = {entry.unique_id for entry in told}
    reports = [read.entry for read in documents if read.entry.type_code.code in BIOLOGY_TYPES]
    empty = [entry for entry in reports if entry.unique_id not in known]
    forms: dict[tuple[object, ...], tuple[list[DocumentEntry], list[DocumentEntry]]] = {}
    for side, entries in enumerate((told, empty)):
        for entry in entries:
            forms.setdefault(_act(entry), ([], []))[side].append(entry)
    twins = {
        flat[0].unique_id for read, flat in forms.values() if len(read) == len(flat) == 1 and _at_once(read[0], flat[0])
    }
    found = [entry for entry in empty if entry.unique_id not in twins]
    return sorted(found, key=lambda entry: entry.creation_time, reverse=True)


def _act(entry: DocumentEntry) -> tuple[object, ...]:
    """What the two forms of one report share: type, title, the act's time, laboratory. Unknown times share nothing."""
    author = entry.authors[0] if entry.authors else None
    place = (author.institution_id or author.person_id) if author else ""
    told = entry.service_start and place
    return (entry.type_code.code, plain(entry.title), entry.service_start, place) if told else (entry.unique_id,)


def _at_once(one: DocumentEntry, other: DocumentEntry) -> bool:
    """A report made days after another of the same sample tells something else: cultures, a late analysis."""
    return abs(one.creation_time - other.creation_time) < _A_DAY


def _result(entry: DocumentEntry, item: ClinicalItem) -> _Result:
    told, place = item.measure or Measure(), place_of(item)
    moment = _moment(item.when)
    number = float(item.value) if isinstance(item.value, int | float) and not isinstance(item.value, bool) else None
    found = item.status in FOUND
    operator, bound = (told.operator, told.bound) if told.operator else _bound(told.text)
    low, high = _limits(told, item.unit, place.analyte)
    point = LabPoint(
        moment or entry.service_start or entry.creation_time,
        told.text or ("" if item.value is None else str(item.value)),
        item.unit,
        entry,
        number if found else None,
        bound if found and number is None else None,
        low=low,
        high=high,
        flag=told.flag,
        label=item.label,
        loinc=item.code.code if item.code else "",
        laboratory=told.laboratory or _laboratory(entry),
        sources=(entry,),
        dated=moment is not None,
        quoted=told.quoted,
        by_label=not (item.code and item.code.code),
        operator=operator,
        status=item.status,
        future=moment is not None and moment > entry.creation_time + _A_DAY,
    )
    return _Result(f"{place.key}|{_FUTURE}" if point.future else place.key, place, point)


def _limits(told: Measure, unit: str, analyte: Analyte | None) -> tuple[float | None, float | None]:
    """In the unit of the value; none where they cannot be converted into it."""
    if not told.limits_unit or told.limits_unit == unit:
        return told.low, told.high
    change = factor(ucum(told.limits_unit), ucum(unit), analyte)
    if change is None:
        return None, None
    low, high = (None if end is None else _rounded(change.apply(end), _BOUND_DIGITS) for end in (told.low, told.high))
    return low, high


def _laboratory(entry: DocumentEntry) -> str:
    return (entry.authors[0].institution or entry.authors[0].display_name) if entry.authors else ""


def _bound(text: str) -> tuple[str, float | None]:
    """(sign, number) of a text that is one bound."""
    found = _BOUND.fullmatch(text)
    return (found[1], float(found[2])) if found else ("", None)


def _moment(when: str) -> datetime | None:
    """ISO 8601 with the precision it has -> its first moment, in French legal time where no zone is written."""
    padded = when if len(when) >= len("2024-01-01") else {4: f"{when}-01-01", 7: f"{when}-01"}.get(len(when), "")
    try:
        moment = datetime.fromisoformat(padded)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Paris"))


def _series(results: list[_Result]) -> Iterator[LabSeries]:
    """One series, and one more for each unit that cannot be converted into its own."""
    analyte, specimen = results[0].place.analyte, results[0].place.specimen
    rest = sorted((result.point for result in results), key=lambda point: point.when)
    unit = _unit_of(rest, analyte)
    first = True
    while rest:
        kept = [(point, _into(point, unit, analyte)) for point in rest]
        points = [point for _, point in kept if point is not None]
        key = results[0].key if first else f"{results[0].key}|{unit}"
        yield _one(key, analyte, specimen, unit, points)
        rest = [point for point, converted in kept if converted is None]
        unit, first = (ucum(rest[-1].unit) if rest else ""), False


def _one(key: str, analyte: Analyte | None, specimen: str, unit: str, points: list[LabPoint]) -> LabSeries:
    told = merged(points)
    codes = tuple(dict.fromkeys(point.loinc for point in told if point.loinc))
    known = known_measure(codes[0]) if codes and not analyte else None
    label = analyte.label if analyte else known.code.display if known else told[-1].label
    return LabSeries(key, label, unit, told, codes, any(point.by_label for point in told), specimen)


def _unit_of(points: list[LabPoint], analyte: Analyte | None) -> str:
    """That of all the results where they agree; else the analyte's; else the last result's."""
    written = [ucum(point.unit) for point in points if point.value is not None or point.bound is not None]
    if not written:
        return ""
    if len({parse(unit) or unit for unit in written}) == 1 and (parse(written[-1]) or not analyte):
        return written[-1]
    return analyte.unit if analyte and any(factor(unit, analyte.unit, analyte) for unit in written) else written[-1]


def _into(point: LabPoint, unit: str, analyte: Analyte | None) -> LabPoint | None:
    """The point in the unit of the series; None when that cannot be."""
    if point.value is None and point.bound is None:
        return point
    written = ucum(point.unit)
    change = factor(written, unit, analyte)
    if change is None:
        return None
    if change.factor == 1.0 and not change.offset:
        return point
    digits = min(max(3, len(re.sub(r"[^0-9]", "", point.text).lstrip("0"))), _MOST_DIGITS)
    number = point.value if point.value is not None else point.bound
    converted = {
        name: None if value is None else _rounded(change.apply(value), digits + 1)
        for name, value in (("value", point.value), ("bound", point.bound), ("low", point.low), ("high", point.high))
    }
    told = _told(number or 0.0, written, change, unit, digits)
    return replace(point, **converted, conversion=told)  # type: ignore[arg-type]


def _told(number: float, source: str, change: Conversion, target: str, digits: int) -> str:
    """`0,95 g/L × 5,551 = 5,27 mmol/L`."""
    result = _rounded(change.apply(number), digits)
    offset = f" {'+' if change.offset > 0 else '−'} {_french(abs(change.offset), 4)}" if change.offset else ""
    left = f"{_french(number, 10)} {unit_label(source)} × {_french(change.factor, 4)}{offset}"
    return f"{left} = {_french(result, digits)} {unit_label(target)}"


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _french(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    return (text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")).replace(".", ",")
