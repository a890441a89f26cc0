"""Blood pressure in every French spelling: `14/8`, `140/80`, `14-8`, `13,5/8`, `quatorze huit`, PAS and PAD apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dmp_desktop.notes.vital_rules import SEP, WIDE, decimal

# `9/6` is 90/60 in centimetres of mercury; `5/10` is a score.
_HIGH = r"(\d{2}[ ]\d(?=[ ]sur)|\d{2,3}|\d{1,2}[.,]\d|[6-9](?=[ ]?[/-][ ]?[3-7](?![\d/])))"
_LOW = r"(\d{1,3}(?:[.,]\d)?)(?![\d]|[.,]\d|[ ]?[/-][ ]?\d)"
_UNIT = r"(?:[ ]?(mm[ ]?(?:de[ ])?hg|cm[ ]?(?:de[ ])?hg))?"
_LABEL = (
    r"(?:pas/pad|tas/tad|ta|pa|tas?|tens[a-z]{0,2}ion(?:[ ]arterielle)?|tention|tensoin|pression(?:[ ]arterielle)?"
    r"|t\.a\.?|p\.a\.?|tensions"
    r"|automesures?(?:[ ][a-z]{1,10})?)"
)
_LABELLED = re.compile(rf"(?<![a-z0-9]){_LABEL}{WIDE}{_HIGH}[ ]?([/\\-]|sur)[ ]?{_LOW}{_UNIT}", re.VERBOSE)
# Dictated: two numbers side by side. What comes next must not be what the second one counts.
_DICTATED = re.compile(
    rf"""(?<![a-z0-9]){_LABEL}{SEP}(\d{{1,3}}(?:,\d)?)[ ](\d{{1,3}}(?:,\d)?)(?![\d/]|[.,]\d|[ ]?-[ ]?\d)
    (?![ ]?(?:jours?|j\b|ans?\b|mois|sem|fois|kg|mg|g\b|h\b|heures?|cps?\b|bpm|%|cm\b|m\b|°|/[ ]?min|sur[ ]\d)){_UNIT}""",
    re.VERBOSE,
)
_AFTER = (
    r"(?:[ ]?\(?(?:couchee?|allongee?|debout|assise?|(?:au[ ]|bras[ ])?(?:droit|gauche|repos)|(?:bras[ ]|b)?[dg]"
    r"|ce[ ]jour|cabinet)\)?"
    r"(?![a-z])){0,2}"
)
_BETWEEN = (
    r"(?:(?:puis|a|en|au|bras|controlee?|deuxieme|2e(?:me)?|mesure|soit|apres[ ]repos|couchee?|debout|assise?|droit"
    r"|gauche|b?[dg]"
    r"|repos|ce[ ]jour)[ :]+){0,3}"
)
_NEXT = re.compile(
    rf"{_AFTER}[ ]?(?:,|puis|et|→|[-=]?>|-|\(|;|/|ou|a|[ ])[ ]?{_BETWEEN}{_HIGH}[ ]?/[ ]?{_LOW}{_UNIT}"
    r"(?![ ]?(?:g/l|mmol|ans|[a-z]?ui))",
    re.VERBOSE,
)
_BY_UNIT = re.compile(r"(?<![\d/.,])(\d{2,3}|\d\d?[.,]\d) ?/ ?(\d{1,3}(?:[.,]\d)?) ?((?:mm|cm) ?(?:de )?hg)")
# `je trouve 12/8`: no label, a verb.
_FOUND = re.compile(
    rf"(?<![a-z])(?:(?:je|on)[ ](?:re)?trouve|ici|(?<!vu[ ])(?<!vue[ ])(?:aujourd'hui|ce[ ]jour)|au[ ]cabinet)"
    rf"[ ]?:?[ ](?:a[ ])?(?:{_HIGH}[ ]?/[ ]?{_LOW}"
    rf"|(\d{{2}})[ ](\d{{1,2}})(?![\d/]|[.,]\d|[ ]?[a-z]{{0,4}}\d)){_UNIT}",
    re.VERBOSE,
)
# `tension à 15`, `17 de tension`: one side only.
_ONE_SIDE = re.compile(
    rf"""(?<![a-z0-9])(?:ta|tension(?:[ ]arterielle)?|pression[ ]arterielle){SEP}((?:[89]|1\d|2[0-4])(?:[.,]5)?|1\d\d|2[0-3]\d)
    (?![\d/]|[.,]\d|[ ]?[-/a][ ]?\d|[ ]\d)
    (?![ ]?(?:jours?|j\b|ans?\b|mois|sem|fois|kg|mg|g\b|h\b|heures?|cps?\b|bpm|%|cm|m\b|°|min|x|et))
    |(?<![\d/.,])((?:[89]|1\d|2[0-4])(?:[.,]5)?)[ ]de[ ]tension\b""",
    re.VERBOSE,
)
# `14/8 de tension`, `14 8 de tension`; three figures over two or three need no label.
_REVERSED = re.compile(rf"(?<![\d/.,]){_HIGH}[ ]?(?:/|sur|[ ])[ ]?{_LOW}{_UNIT}[ ]de[ ](?:tension|ta)\b", re.VERBOSE)
_BARE = re.compile(r"(?<![\d/.,-])(9\d|1\d\d|2[0-3]\d)/([4-9]\d|1[0-3]\d)(?![\d/]|[.,]\d| ?(?:mg|ug|g\b|ml|%|ui))")
_EXAMINED = re.compile(
    r"(?:examen|clinique|constantes?|o) ?:? (\d{2})/(\d{1,2})(?![\d/])|(?<![\d/.,-])(\d{2})/(\d{1,2})(?=,? (?:pouls|fc"
    r"|sat|spo2|t°|poids) ?:? ?\d)"
)
_SIDES = re.compile(
    r"(?<![a-z0-9])(?:pas|tas|systolique|max(?:ima)?)(?: ?[:=]| a| est a)? ?(\d{2,3})(?![\d/]|[.,]\d)(?: ?(mm ?hg))?"
    r"(?:[ ,;/-]{1,3}(?:et |une )?(?:pad|tad|diastolique|min(?:ima)?)(?: ?[:=]| a| est a)? ?(\d{1,3})(?![\d/]"
    r"|[.,]\d)(?: ?mm ?hg)?)?"
)


@dataclass(frozen=True, slots=True)
class Pressure:
    """mmHg; `low` is None when only the systolic pressure is said."""

    start: int
    end: int
    high: float
    low: float | None
    labelled: bool = True


def find_pressures(note: str, folded: str) -> Iterator[Pressure]:
    """Every mention, in no order; they may overlap: the first given is right."""
    for match in _LABELLED.finditer(folded):
        yield from _labelled(folded, match)
    for pattern, dictated in ((_DICTATED, True), (_REVERSED, True), (_BY_UNIT, False)):
        for match in pattern.finditer(folded):
            yield from _pressure(match.start(), match.end(), match[1], match[2], match[3], dictated=dictated)
    for match in _SIDES.finditer(folded):
        yield from _sides(note, match)
    for match in _ONE_SIDE.finditer(folded):
        high = decimal(match[1] or match[2])
        yield Pressure(match.start(), match.end(), round(high * 10 if high <= 30 else high), None)
    for pattern in (_FOUND, _BARE, _EXAMINED):
        for match in pattern.finditer(folded):
            yield from _unlabelled(match)


def _labelled(folded: str, match: re.Match[str]) -> Iterator[Pressure]:
    """The first value, and those that follow it without a label."""
    found = list(_pressure(match.start(), match.end(), match[1], match[3], match[4]))
    yield from found
    following = _NEXT.match(folded, match.end()) if found else None
    while following:
        found = list(_pressure(following.start(1), following.end(), following[1], following[2], following[3]))
        yield from found
        following = _NEXT.match(folded, following.end()) if found else None


def _unlabelled(match: re.Match[str]) -> Iterator[Pressure]:
    """Two numbers that a verb or their size makes a pressure."""
    group = next(number for number in range(1, (match.lastindex or 0) + 1) if match[number])
    for item in _pressure(match.start(group), match.end(), match[group], match[group + 1], None, dictated=True):
        yield replace(item, labelled=False)


def _pressure(
    start: int, end: int, high: str, low: str, unit: str | None, *, dictated: bool = False
) -> Iterator[Pressure]:
    """`14/8` is in centimetres of mercury, as French doctors say it: 140/80 mmHg."""
    systolic, diastolic = decimal(high), decimal(low)
    centimetres = (unit or "").startswith("cm") or (not unit and systolic <= 30 and diastolic <= 20)
    if centimetres:
        systolic, diastolic = systolic * 10, diastolic * 10
    if dictated and not (60 <= systolic <= 260 and 40 <= diastolic <= 150 and systolic - diastolic >= 15):
        return
    yield Pressure(start, end, round(systolic), round(diastolic))


def _sides(note: str, match: re.Match[str]) -> Iterator[Pressure]:
    """`PAS 140 PAD 80`. `pas` in small letters denies, unless PAD follows."""
    upper = note[match.start() : match.start() + 3]
    if (
        upper not in {"PAS", "TAS", "tas"}
        and not (upper.lower() == "pas" and match[3])
        and not match[0].startswith(("s", "m"))
    ):
        return
    high, low = float(match[1]), float(match[3]) if match[3] else None
    if high <= 30:
        high, low = high * 10, low * 10 if low is not None else None
    if match[0].startswith("max") and low is None:
        return
    if 60 <= high <= 260:
        yield Pressure(match.start(), match.end(), round(high), round(low) if low is not None else None)
