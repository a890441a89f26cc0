"""A result in words: its value, its limits, how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.services.lab_series import ABNORMAL_FLAGS, CRITICAL_FLAGS, DOWN_FLAGS, FOUND, UP_FLAGS, LabPoint
from dmp_desktop.terminology.units import unit_label
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_reading_fr as fr
from dmp_desktop.ui.widgets.chart import Sign

CONVERTED_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Flag:
    """How a result stands: a word, its sign, the tone of the palette, the shape of its point."""

    word: str
    sign: str
    tone: str
    shape: Sign = Sign.PLAIN


def flag_of(point: LabPoint) -> Flag:
    """By the laboratory's flag; by its limits where no flag judges it, the flag then told as written; without either, nothing is
    said. A flag that names no side takes the side of the limits."""
    if point.status not in FOUND:
        return Flag(fr.STATUS[point.status], "", "muted")
    tone = "danger" if point.critical else "warning" if point.abnormal else "muted"
    word = _flag_word(point)
    high = bool(point.codes & UP_FLAGS) or (not point.judged and point.above)
    low = bool(point.codes & DOWN_FLAGS) or (not point.judged and point.below)
    if high or low:
        side = fr.HIGH if high else fr.LOW
        told = word if point.judged else f"{side} ({word})" if word else side
        return Flag(told, _side(point, high=high), tone, Sign.HIGH if high else Sign.LOW)
    if point.abnormal:
        beyond = point.above or point.below
        sign = _side(point, high=point.above) if beyond else fr.SIGNS["abnormal"]
        return Flag(word, sign, tone, Sign.ODD)
    if not word and point.value is not None and (point.low, point.high) != (None, None):
        word = fr.NORMAL
    return Flag(word, "", tone)


def _flag_word(point: LabPoint) -> str:
    """The worst of its flags in words; what is no flag we know, as it is written."""
    known = [code for code in point.codes if code in fr.FLAGS]
    judging = [code for code in known if code in CRITICAL_FLAGS] or [code for code in known if code in ABNORMAL_FLAGS]
    return fr.FLAGS[min(judging or known)] if judging or len(known) == len(point.codes) != 0 else point.flag.strip()


def _side(point: LabPoint, *, high: bool) -> str:
    side = "high" if high else "low"
    return fr.SIGNS[f"critical_{side}" if point.critical else side]


def value_words(point: LabPoint, unit: str) -> str:
    """The value in the unit of the series; what was written where that is no number."""
    if point.value is not None and point.conversion:
        return point.conversion.rpartition(" = ")[2]  # as many digits as were written
    if point.value is not None:
        return f"{point.value:.10g} {unit_label(unit)}".strip().replace(".", ",", 1)
    if point.bound is not None:
        sign = point.text[: len(point.text) - len(point.text.lstrip("<>="))]
        return f"{sign} {point.bound:.10g} {unit_label(unit)}".strip().replace(".", ",", 1)
    return f"{point.text} {unit_label(point.unit)}".strip()


def limits_words(low: float | None, high: float | None, digits: int = 10) -> str:
    numbers = [None if limit is None else f"{limit:.{digits}g}".replace(".", ",") for limit in (low, high)]
    if numbers[0] and numbers[1]:
        return fr.LIMITS.format(low=numbers[0], high=numbers[1])
    if numbers[0]:
        return fr.LIMIT_LOW.format(numbers[0])
    return fr.LIMIT_HIGH.format(numbers[1]) if numbers[1] else ""


def own_limits(point: LabPoint) -> str:
    """Those of its own report; converted, with no more digits than a laboratory gives."""
    return limits_words(point.low, point.high, CONVERTED_DIGITS if point.conversion else 10)


def written_words(point: LabPoint) -> str:
    """What the laboratory wrote, with how it was converted."""
    parts = [point.conversion or f"{point.text} {unit_label(point.unit)}".strip().replace(".", ",", 1)]
    parts += [fr.ALSO.format(other) for other in point.also]
    parts += [fr.QUOTED] if point.quoted else []
    return " · ".join(parts)


def point_words(point: LabPoint, unit: str) -> str:
    """All that is known of a result, on one line."""
    flag = flag_of(point)
    day = formats.day(point.when) if point.dated else f"{formats.day(point.when)} ({fr.UNDATED})"
    parts = [day, value_words(point, unit), f"{flag.sign} {flag.word}".strip(), own_limits(point)]
    parts += [fr.CONVERTED.format(point.conversion)] if point.conversion else []
    parts += [fr.BY_LABEL] if point.by_label else []
    parts += [fr.FUTURE] if point.future else []
    return " · ".join(part for part in (*parts, point.laboratory) if part)
