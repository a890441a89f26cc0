"""The results that a CDA codes, in the form of every received file."""

from __future__ import annotations

from datetime import date
from typing import Any

from dmp_desktop.domain.received import ReceivedResult
from dmp_desktop.terminology.oids import LOINC


def results_of(data: dict[str, Any]) -> tuple[ReceivedResult, ...]:
    """Those of `cda.read.data_from_cda`, in their order."""
    return tuple(map(_result, data["results"]))


def _result(told: dict[str, Any]) -> ReceivedResult:
    day = (told["date"] or "")[:10]
    return ReceivedResult(
        _told(told["label"]),
        _told(told["written"] or told["value"]),
        _told(told["loinc"] or told["code"]),
        LOINC if told["loinc"] else _told(told["system"]),
        unit=_told(told["unit"]),
        low=_told(told["low"]),
        high=_told(told["high"]),
        flag=_told(told["flag"]),
        date=date.fromisoformat(day) if len(day) == 10 else None,
    )


def _told(value: object) -> str:
    return "" if value is None else str(value)
