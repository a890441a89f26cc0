"""A patient and results as `cda data` tells them, in the form of what is received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dmp_desktop.domain.ins import InsIdentity, is_ins
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.received import ReceivedPatient, ReceivedResult
from dmp_desktop.terminology.oids import LOINC

_SEX = {"M": Sex.MALE, "F": Sex.FEMALE, "UN": Sex.UNKNOWN, "U": Sex.UNKNOWN}


def patient_told(told: Mapping[str, Any], warnings: list[str]) -> ReceivedPatient:
    """A number that is no INS is left out, and told in `warnings`. Raises ValueError for a day that is none."""
    number, oid = told["ins"] or "", told["ins_oid"] or ""
    if number and not is_ins(number):
        warnings.append("L'INS de ce document est mal formée : elle n'est pas lue.")
    born = told["birth_date"]
    return ReceivedPatient(
        family=told["birth_family"] or told["used_family"] or "",
        given=told["first_given"] or told["birth_given"] or "",
        birth_family=told["birth_family"] or "",
        used_family=told["used_family"] or "",
        birth_date=date.fromisoformat(born) if born else None,
        sex=_SEX.get(told["sex"] or ""),
        ins=InsIdentity(number, oid) if is_ins(number) else None,
    )


def result_told(told: Mapping[str, Any]) -> ReceivedResult:
    """Values stay text. Raises ValueError for a day that is none."""
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
