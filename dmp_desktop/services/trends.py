"""Laboratory results over time: one series an analyte across laboratories, every conversion told, every point with its report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from dmp_desktop.domain.clinical import ClinicalItem, ItemKind, Measure
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.facts import ReadDocument, read_all
from dmp_desktop.services.lab_series import LabPoint, LabSeries, Trends
from dmp_desktop.terminology.analytes import Analyte, analyte_by_code, analyte_by_label, analytes
from dmp_desktop.terminology.conversion import Conversion, conversion, parse
from dmp_desktop.terminology.units import unit_from_text, unit_label
from dmp_desktop.terminology.vocabulary import measure as known_measure
from dmp_desktop.terminology.wording import plain

BIOLOGY_TYPES = frozenset({"11502-2", "DOCPAT05"})
"""typeCode of laboratory reports (JDV_J07), those a patient deposited included."""

_BOUND = re.compile(r"([<>]=?) *(-?[0-9]+(?:\.[0-9]+)?)")
_SAME_RESULT = 0.02
"""Two numbers of one tube in two units are rounded apart by less than this part of them."""

_MINUTE = 60.0
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class _Result:
    """One result on its way into a series: its key, its analyte when we know one, the point as written."""

    key: str
    analyte: Analyte | None
    point: LabPoint
    specimen: str


def trends(documents: Iterable[tuple[DocumentEntry, bytes]]) -> Trends:
    """From documents whose bytes are at hand."""
    return trends_of(read_all(documents))


def trends_of(documents: Iterable[ReadDocument]) -> Trends:
    """From facts already read. The same facts give the same series."""
    read = list(documents)
    groups: dict[str, list[_Result]] = {}
    for document in read:
        for item in (one for one in document.facts.of(ItemKind.RESULT) if one.is_fact):
            result = _result(document.entry, item)
            groups.setdefault(result.key, []).append(result)
    series = [one for results in groups.values() for one in _series(results)]
    order = {analyte.key: rank for rank, analyte in enumerate(analytes())}
    series.sort(key=lambda one: (order.get(one.key.partition("|")[0], len(order)), plain(one.label), one.key))
    return Trends(tuple(series), tuple(_unexploitable(read)))


def units_of(series: LabSeries) -> tuple[str, ...]:
    """UCUM units its results were written in and that it may be shown in, its own first."""
    analyte = _analyte_of(series)
    written = (_ucum(point.unit) for point in series.points if point.value is not None)
    return tuple(unit for unit in dict.fromkeys((series.unit, *written)) if _factor(series.unit, unit, analyte))


def in_unit(series: LabSeries, unit: str) -> LabSeries:
    """The same results in another of `units_of`; every conversion is told from what was written."""
    analyte = _analyte_of(series)
    change = _factor(series.unit, unit, analyte)
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
    written, direct = _number_in(point.text), _factor(_ucum(point.unit), unit, analyte)
    same = direct is not None and direct.factor == 1.0 and not direct.offset
    if same and written is not None:
        into["value" if point.value is not None else "bound"] = written
    told = "" if same or direct is None or written is None else _told(written, _ucum(point.unit), direct, unit, digits)
    return replace(point, **into, conversion=told)  # type: ignore[arg-type]


def _number_in(text: str) -> float | None:
    found = re.fullmatch(r"[<>=\s]*(-?[0-9]+(?:[.,][0-9]+)?)", text)
    return float(found[1].replace(",", ".")) if found else None


def _unexploitable(documents: list[ReadDocument]) -> list[DocumentEntry]:
    """Reports without a result, the latest first; not the PDF twin of a report that was read."""
    told = {_act(read.entry) for read in documents if read.facts.of(ItemKind.RESULT)}
    reports = [read for read in documents if read.entry.type_code.code in BIOLOGY_TYPES]
    empty = [read.entry for read in reports if not read.facts.of(ItemKind.RESULT) and _act(read.entry) not in told]
    return sorted(empty, key=lambda entry: entry.creation_time, reverse=True)


def _act(entry: DocumentEntry) -> tuple[object, ...]:
    """What the two forms of one report share: the type, the act's time, the laboratory. Unknown times share nothing."""
    author = entry.authors[0] if entry.authors else None
    place = (author.institution_id or author.person_id) if author else ""
    return (entry.type_code.code, entry.service_start, place) if entry.service_start and place else (entry.unique_id,)


def _result(entry: DocumentEntry, item: ClinicalItem) -> _Result:
    told = item.measure or Measure()
    loinc = item.code.code if item.code else ""
    analyte = analyte_by_code(loinc) if loinc else analyte_by_label(item.label)
    key = analyte.key if analyte else f"loinc:{loinc}" if loinc else f"label:{plain(item.label)}"
    if told.specimen:
        key = f"{key}|{plain(told.specimen)}"
    moment = _moment(item.when)
    number = float(item.value) if isinstance(item.value, int | float) and not isinstance(item.value, bool) else None
    point = LabPoint(
        moment or entry.service_start or entry.creation_time,
        told.text or ("" if item.value is None else str(item.value)),
        item.unit,
        entry,
        number,
        _bound(told.text),
        low=told.low,
        high=told.high,
        flag=told.flag,
        label=item.label,
        loinc=loinc,
        laboratory=told.laboratory or _laboratory(entry),
        sources=(entry,),
        dated=moment is not None,
        quoted=told.quoted,
        by_label=not loinc,
    )
    return _Result(key, analyte, point, told.specimen)


def _laboratory(entry: DocumentEntry) -> str:
    return (entry.authors[0].institution or entry.authors[0].display_name) if entry.authors else ""


def _bound(text: str) -> float | None:
    found = _BOUND.fullmatch(text)
    return float(found[2]) if found else None


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
    analyte, specimen = results[0].analyte, results[0].specimen
    rest = sorted((result.point for result in results), key=lambda point: point.when)
    unit = _unit_of(rest, analyte)
    first = True
    while rest:
        kept = [(point, _into(point, unit, analyte)) for point in rest]
        points = [point for _, point in kept if point is not None]
        key = results[0].key if first else f"{results[0].key}|{unit}"
        yield _one(key, analyte, specimen, unit, points)
        rest = [point for point, converted in kept if converted is None]
        unit, first = (_ucum(rest[-1].unit) if rest else ""), False


def _one(key: str, analyte: Analyte | None, specimen: str, unit: str, points: list[LabPoint]) -> LabSeries:
    merged = _merged(points)
    codes = tuple(dict.fromkeys(point.loinc for point in merged if point.loinc))
    known = known_measure(codes[0]) if codes and not analyte else None
    label = analyte.label if analyte else known.code.display if known else merged[-1].label
    return LabSeries(key, label, unit, merged, codes, any(point.by_label for point in merged), specimen)


def _unit_of(points: list[LabPoint], analyte: Analyte | None) -> str:
    """That of all the results where they agree; else the analyte's; else the last result's."""
    written = [_ucum(point.unit) for point in points if point.value is not None or point.bound is not None]
    if not written:
        return ""
    if len({parse(unit) or unit for unit in written}) == 1 and (parse(written[-1]) or not analyte):
        return written[-1]
    return analyte.unit if analyte and any(_factor(unit, analyte.unit, analyte) for unit in written) else written[-1]


def _ucum(unit: str) -> str:
    """A unit as written -> UCUM: laboratories also write `UI/L`, `G/L`, `µmol/l`."""
    if unit and parse(unit) is None:
        return unit_from_text(unit) or unit
    return unit


def _factor(source: str, target: str, analyte: Analyte | None) -> Conversion | None:
    """A result without a unit is no percentage, and nothing else than a plain number."""
    if source == target:
        return Conversion(1.0)
    if not source or not target:
        bare = parse(source or target)
        return Conversion(1.0) if bare is not None and not bare.dimensions and bare.scale == 1.0 else None
    return analyte.conversion(source, target) if analyte else conversion(source, target)


def _into(point: LabPoint, unit: str, analyte: Analyte | None) -> LabPoint | None:
    """The point in the unit of the series; None when that cannot be."""
    if point.value is None and point.bound is None:
        return point
    written = _ucum(point.unit)
    change = _factor(written, unit, analyte)
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


def _merged(points: list[LabPoint]) -> tuple[LabPoint, ...]:
    """Each result once, with all the documents that tell it: the laboratory's own report first."""
    kept: list[LabPoint] = []
    for point in sorted(points, key=lambda item: (item.when, item.quoted)):
        twin = _twin(kept, point)
        if twin is None:
            kept.append(point)
            continue
        first = kept[twin]
        new = tuple(entry for entry in point.sources if entry not in first.sources)
        written = f"{point.text.replace('.', ',')} {unit_label(_ucum(point.unit))}".strip()
        also = (*first.also, written) if point.unit != first.unit and written not in first.also else first.also
        kept[twin] = replace(first, sources=(*first.sources, *new), also=also, quoted=first.quoted and point.quoted)
    return tuple(kept)


def _twin(kept: list[LabPoint], point: LabPoint) -> int | None:
    """The place of the same result among the last ones of the same minute."""
    for rank in range(len(kept) - 1, -1, -1):
        if (point.when - kept[rank].when).total_seconds() >= _MINUTE:
            break
        if _same(kept[rank], point):
            return rank
    return None


def _same(one: LabPoint, other: LabPoint) -> bool:
    """One analysis of one tube, in one minute: the same value, which another unit may have rounded."""
    if one.dated != other.dated:
        return False
    if one.value is None or other.value is None:
        return one.text == other.text and one.unit == other.unit
    if one.unit == other.unit:
        return one.value == other.value
    return abs(one.value - other.value) <= _SAME_RESULT * max(abs(one.value), abs(other.value))
