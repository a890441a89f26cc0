"""One analysis told by several documents is one point: with all of them, the worst of what they say of it, and any limits."""

from __future__ import annotations

from dataclasses import replace

from dmp_desktop.services.lab_place import ucum
from dmp_desktop.services.lab_series import LabPoint
from dmp_desktop.terminology.units import unit_label

_SAME_RESULT = 0.02
"""Two numbers of one tube in two units are rounded apart by less than this part of them."""

_MINUTE = 60.0


def merged(points: list[LabPoint]) -> tuple[LabPoint, ...]:
    """Each result once, in time order, with all the documents that tell it: the laboratory's own report first."""
    kept: list[LabPoint] = []
    for point in sorted(points, key=lambda item: (item.when, item.quoted)):
        twin = _twin(kept, point)
        if twin is None:
            kept.append(point)
        else:
            kept[twin] = _both(kept[twin], point)
    return tuple(kept)


def _both(first: LabPoint, point: LabPoint) -> LabPoint:
    """Whatever the order of the documents: the flag and the limits that say the most, else those that are known."""
    worst, other = (point, first) if point.grade > first.grade else (first, point)
    limits = worst if (worst.low, worst.high) != (None, None) else other
    written = f"{point.text.replace('.', ',')} {unit_label(ucum(point.unit))}".strip()
    new = tuple(entry for entry in point.sources if entry not in first.sources)
    return replace(
        first,
        sources=(*first.sources, *new),
        also=(*first.also, written) if point.unit != first.unit and written not in first.also else first.also,
        quoted=first.quoted and point.quoted,
        flag=worst.flag or ("" if worst.grade else other.flag),
        low=limits.low,
        high=limits.high,
        tellings=(*first.told, *point.told),
    )


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
