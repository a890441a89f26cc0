"""Results of HPRIM Santé 2.x: an OBX as a line for people and as a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from dmp_desktop.domain.received import ReceivedResult, result_line
from dmp_desktop.exchange.hl7v2_results import bounds_of
from dmp_desktop.exchange.hl7v2_times import day
from dmp_desktop.exchange.hprim import FLAGS
from dmp_desktop.exchange.hprim_sante_segments import Segment
from dmp_desktop.terminology.oids import LOINC

OBR_TOLD: Final = {
    9: "Volume", 10: "Prélevé par", 12: "Risque", 13: "Renseignements cliniques", 15: "Prélèvement", 16: "Prescripteur",
    18: "Champ libre", 19: "Champ libre", 20: "Champ libre", 21: "Champ libre", 28: "Copie à", 31: "Motif",
    32: "Interprété par",
}  # fmt: skip
OBX_TOLD: Final = {13: "Droit d'accès", 16: "Validé par"}


@dataclass(slots=True, repr=False)
class Observation:
    """`lines` tell all of it to people. `file_apart`: its result is a file that is not in the message."""

    lines: list[str] = field(default_factory=list)
    results: list[ReceivedResult] = field(default_factory=list)
    file_apart: bool = False


def observation(segment: Segment, taken: date | None, told_day: date | None) -> Observation:
    """What an OBX tells. `taken` is when, where it does not say itself; `told_day` is the one the message is shown under."""
    kind, label, (code, system) = segment.component(2, 1).upper(), _label(segment), _code(segment)
    value, unit, norm, status = segment.words(5), segment.unit(6), segment.words(7), segment.component(11, 1)
    flags = [parts[0].strip().upper() for parts in segment.repetitions(8)]
    when = day(segment.component(14, 1)) or taken
    shown = ReceivedResult(label, value, unit=unit, status=status, date=when)
    told = [one for one in flags if one not in ("", "N")]
    lines = [result_line(shown, usual=norm, flags=" ".join(told), day=told_day)] if label or value else []
    if kind == "FIC":
        return Observation(lines, file_apart=bool(value))
    if kind == "TX" or not value or not label:
        return Observation(lines)
    low, high = bounds_of(norm)
    if kind == "CE":
        value = "\n".join(_meaning(parts) for parts in segment.repetitions(5))
    flag = next((one for one in flags if one in FLAGS and one), "")
    return Observation(lines, [ReceivedResult(label, value, code, system, unit, low, high, flag, status, when)])


def told_lines(segment: Segment, names: Mapping[int, str]) -> list[str]:
    """« Prescripteur : Dr … », of the fields that tell something."""
    return [f"{name} : {segment.words(number)}" for number, name in names.items() if segment.words(number)]


def _label(segment: Segment) -> str:
    return segment.component(3, 2) or segment.component(3, 1)


def _code(segment: Segment) -> tuple[str, str]:
    """LOINC where either of both codings is."""
    for first in (1, 4):
        if segment.component(3, first + 2).upper() in ("LN", "LOINC", LOINC):
            return segment.component(3, first), LOINC
    return segment.component(3, 1), ""


def _meaning(parts: list[str]) -> str:
    return (parts[1] if len(parts) > 1 and parts[1].strip() else parts[0]).strip()
