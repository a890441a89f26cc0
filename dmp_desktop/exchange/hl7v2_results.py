"""A line of results of HL7 v2 (OBX, v2.5 §7.4.2), as the laboratory wrote it."""

from __future__ import annotations

import re
from datetime import date

from dmp_desktop.domain.received import ReceivedResult, result_line
from dmp_desktop.exchange.hl7v2_segments import Segment
from dmp_desktop.exchange.hl7v2_times import day
from dmp_desktop.terminology.oids import LOINC

SEVERAL_DAYS = (
    "Ce message réunit des résultats de plusieurs jours : le jour est écrit après ceux qui ne sont pas du premier."
)
UNDATED = "Une partie des résultats ne dit pas son jour : ce n'est pas forcément celui du message."
_FLAGS = {"H": "H", "HH": "HH", ">": "HH", "L": "L", "LL": "LL", "<": "LL", "N": "N", "A": "A", "AA": "A"}
_BETWEEN = re.compile(r"\s*(-?[\d.,]+)\s*(?:-|à|a|;|\.\.)\s*(-?[\d.,]+)\s*")
_BOUND = re.compile(r"\s*(<=?|>=?|inf\.? ?à?|sup\.? ?à?)\s*([\d.,]+)\s*", re.IGNORECASE)


def read_result(segment: Segment, taken: date | None) -> ReceivedResult | None:
    """None for a line that says nothing. `taken`: the day of its OBR, where it tells none itself."""
    label = segment.text(3, 2) or segment.text(3, 5) or segment.text(3)
    value = _value(segment)
    if not label and not value:
        return None
    code, system = _code(segment)
    low, high = bounds_of(segment.whole(7))
    return ReceivedResult(
        label,
        value,
        code,
        system,
        unit=_unit(segment),
        low=low,
        high=high,
        flag=_flag(segment),
        status=segment.text(11),
        date=day(segment.text(14)) or taken,
    )


def line_of(result: ReceivedResult, segment: Segment, told_day: date | None) -> str:
    """As a person reads it: also a range and a flag that are not what we know, and another day than the one told."""
    return result_line(result, usual=segment.whole(7), flags=segment.whole(8), day=told_day)


def _unit(segment: Segment) -> str:
    """« 10^9/L », whose sign nobody escaped, is one unit and not two components."""
    first, second = segment.text(6), segment.text(6, 2)
    if first[-1:].isdigit() and re.match(r"[-+]?\d", second):
        return f"{first}{segment.marks.component}{second}"
    return segment.whole(6) if first.isdigit() else first or second


def _code(segment: Segment) -> tuple[str, str]:
    """The LOINC one of the two OBX-3 may hold, else the laboratory's."""
    for first in (1, 4):
        if segment.text(3, first + 2).upper() == "LN" and segment.text(3, first):
            return segment.text(3, first), LOINC
    return segment.text(3), ""


def _value(segment: Segment) -> str:
    kind = segment.text(2).upper()
    found = segment.repetitions(5)
    if kind in ("CE", "CWE", "CNE"):
        return "\n".join(segment.component(one, 2) or segment.component(one, 1) for one in found)
    if kind == "SN":
        return "\n".join(" ".join(filter(None, (segment.component(one, n) for n in range(1, 5)))) for one in found)
    return "\n".join(segment.plain(one) for one in found)


def _flag(segment: Segment) -> str:
    told = (segment.component(one, 1).upper() for one in segment.repetitions(8))
    return next((_FLAGS[one] for one in told if one in _FLAGS), "")


def bounds_of(told: str) -> tuple[str, str]:
    """Low and high of a range in figures; what is written otherwise stays in the text."""
    if between := _BETWEEN.fullmatch(told):
        return between[1], between[2]
    if bound := _BOUND.fullmatch(told):
        return ("", bound[2]) if bound[1].lower().startswith(("<", "inf")) else (bound[2], "")
    return "", ""
