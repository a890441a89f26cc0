"""Patterns of the vital signs on folded text, and how a match becomes a number. Written with re.VERBOSE: blanks do not count."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Reading = tuple[float, bool, bool] | None
"""(value, was its unit assumed?, was it labelled?), or None when the rule does not apply after all."""


@dataclass(frozen=True, slots=True)
class VitalRule:
    """`key` is one of terminology.vital_signs."""

    key: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Reading]


def decimal(text: str) -> float:
    return float(text.replace(",", "."))


def _plain(match: re.Match[str]) -> Reading:
    return decimal(match[1]), False, True


def _guess(match: re.Match[str]) -> Reading:
    return decimal(match[1]), False, False


def _weight(match: re.Match[str]) -> Reading:
    """Grams of a newborn become kilograms; `P 82` without a unit is a guess."""
    value, unit = decimal(match[2]), match[3] or ""
    if unit == "g":
        return value / 1000, False, True
    return value, not unit and match[1] == "p", True


def _height(match: re.Match[str]) -> Reading:
    """`1m72`, `1,72`, `172 cm`; `T 172` without a unit is a guess."""
    if match[2]:
        return decimal(match[2]) * 100 + int(match[3].ljust(2, "0")), False, True
    value, alone = decimal(match[4]), match[1] == "t" and not match[5]
    return None if alone and value < _SHORTEST else (value, alone, True)


def _bare_height(match: re.Match[str]) -> Reading:
    return 100.0 + int(match[1]), False, False


def _temperature(match: re.Match[str]) -> Reading:
    """A bare `T` is a temperature when decimals or a degree sign say so."""
    alone = match[1] == "t" and not match[3] and "." not in match[2] and "," not in match[2]
    return decimal(match[2]), alone, True


_SHORTEST = 45  # cm: below, a bare `T` is a temperature
_PLACE = (
    r"(?:[ ](?:(?:a[ ](?:la[ ])?|au[ ])(?:maison|domicile|pharmacie|cabinet)|aux[ ]urgences|(?:avant-)?hier(?:[ ](?:soir|matin))?"
    r"|en[ ]automesures?|ce[ ](?:matin|jour)|cette[ ]nuit|aujourd'hui|debout|assise?|couchee?)){0,2}"
)
_SEP = rf"{_PLACE}[ ]{{0,3}}(?:[:=]|(?:est[ ])?a[ ](?=\d)|de[ ](?=\d))?[ ]{{0,3}}"


def _rule(key: str, label: str, value: str, read: Callable[[re.Match[str]], Reading]) -> VitalRule:
    return VitalRule(key, re.compile(rf"(?<![a-z0-9]){label}{_SEP}{value}", re.VERBOSE), read)


# `9/6` is 90/60 in centimetres of mercury; `5/10` is a score.
_SYSTOLIC = r"(\d{2,3}|\d{1,2}[.,]\d|[6-9](?=[ ]?/[ ]?[3-7](?![\d/])))"
PRESSURE = re.compile(
    rf"""(?<![a-z0-9])(?:ta|pa|tension(?:[ ]arterielle)?|t\.a\.?|automesures?(?:[ ][a-z]{{1,10}})?){_SEP}
    {_SYSTOLIC}[ ]?/[ ]?(\d{{1,3}}(?:[.,]\d)?)(?![\d/])(?:[ ]?(mm[ ]?hg|cm[ ]?hg))?""",
    re.VERBOSE,
)
NEXT_PRESSURE = re.compile(
    rf"""[ ]{{0,2}}(?:,|puis|et|>|-|\()[ ]{{0,2}}(?:puis[ ]|a[ ]|couche[ ]|debout[ ]|assis[ ])?
    {_SYSTOLIC}[ ]?/[ ]?(\d{{1,3}}(?:[.,]\d)?)(?![\d/])""",
    re.VERBOSE,
)
PRESSURE_BY_UNIT = re.compile(r"(?<![\d/.,])(\d{2,3})[ ]?/[ ]?(\d{2,3})[ ]?mm ?hg")

RULES = (
    _rule(
        "heart_rate",
        "(?:fc|pouls|frequence[ ]cardiaque)",
        r"(\d{2,3})(?!\d|[ ]?/(?![ ]?min)|[.,]\d|[ ]?(?:mg|%))(?:[ ]?(?:/[ ]?min|bpm))?",
        _plain,
    ),
    _rule(
        "respiratory_rate",
        "(?:fr|frequence[ ]respiratoire)",
        r"(\d{1,2})(?!\d|[.,]\d|/\d)(?:[ ]?(?:c?/[ ]?min))?",
        _plain,
    ),
    _rule("spo2", "(?:spo2|sao2|so2|sat(?:uration)?)(?:[ ]o2)?", r"(\d{2,3})(?![\d/]|[.,]\d)[ ]?%?", _plain),
    _rule(
        "weight",
        "(poids|pds|p)",
        r"(\d{1,4}(?:[.,]\d{1,3})?)(?![\d/%]|[ ]?(?:pa|mg|/))[ ]?(?:(kg|g)s?)?(?![a-z\d/])",
        _weight,
    ),
    _rule(
        "height",
        "(taille|t)",
        r"(?:([12])[ ]?[m,.][ ]?(\d{1,2})[ ]?m?|(\d{2,3})(?:[.,]5)?[ ]?(cm)?)(?![a-z\d/°]|[.,]\d)",
        _height,
    ),
    _rule(
        "temperature",
        r"(t[ ]?°(?:[ ]c)?|temp(?:erature)?\.?|t)",
        r"(3[3-9](?:[.,]\d)?|4[0-4](?:[.,]\d)?)(?![\d/]|[.,]\d|[ ]?(?:cm|m\b|kg))[ ]?(°[ ]?c?|c\b)?",
        _temperature,
    ),
    _rule("bmi", "(?:imc|bmi)", r"(\d{1,2}(?:[.,]\d{1,2})?)(?!\d)(?:[ ]?kg/m[2²])?", _plain),
    _rule("head", "(?:pc|perimetre[ ]cranien)", r"(\d{2}(?:[.,]\d)?)(?!\d|[ ]?(?:min|s\b|j|h))(?:[ ]?cm)?", _plain),
    VitalRule(
        "weight",
        re.compile(r"(?<![\d,.+/-])(?<!de )(?<!perdu )(?<!pris )(\d{2,3}(?:[.,]\d{1,2})?) ?kgs?(?![a-z/])"),
        _guess,
    ),
    VitalRule("height", re.compile(r"(?<![\d,.])1 ?m ?(\d{2})(?!\d)"), _bare_height),
    VitalRule(
        "temperature",
        re.compile(r"(?<![a-z])(?:fievre|febrile)(?: a| de|:)? (3[7-9](?:[.,]\d)?|4[01](?:[.,]\d)?)(?![\d/]|[.,]\d)"),
        _guess,
    ),
)
