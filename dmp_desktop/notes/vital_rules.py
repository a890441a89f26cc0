"""Patterns of the vital signs on folded text, and how a match becomes a number. Written with re.VERBOSE: blanks do not count."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Reading = tuple[float, str | None, bool] | None
"""(value, why it is doubtful, was it labelled?), or None when the rule does not apply after all."""
UNIT_ASSUMED = "unit"


@dataclass(frozen=True, slots=True)
class VitalRule:
    """`key` is one of terminology.vital_signs."""

    key: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Reading]


def decimal(text: str) -> float:
    return float(text.replace(",", ".").replace(" ", "."))


def _plain(match: re.Match[str]) -> Reading:
    return decimal(match[1]), None, True


def _guess(match: re.Match[str]) -> Reading:
    return decimal(match[1]), None, False


def _weight(match: re.Match[str]) -> Reading:
    """Grams of a newborn become kilograms, `3kg450` too; `P 82` without a unit is a guess."""
    label, whole, grams, number, unit = match[1], match[2], match[3], match[4], match[5]
    if grams:
        return float(whole) + _kilo_part(grams), None, True
    value = decimal(number.replace(" ", ""))
    if unit == "g" or (not unit and value >= _GRAMS):
        return value / 1000, None if unit else UNIT_ASSUMED, True
    alone = label == "p" and not unit
    if alone and value < 10 and value == int(value):
        return None  # `P2`: a stage of puberty, a parity
    return value, UNIT_ASSUMED if alone else None, True


def _kilo_part(grams: str) -> float:
    """`3kg450` is 3.450 kg, `12kg5` is 12.5."""
    return float(f"0.{grams}")


def _bare_weight(match: re.Match[str]) -> Reading:
    if match[1]:
        return float(match[1]) + _kilo_part(match[2]), None, False
    return decimal(match[3]), None, False


def _degrees(match: re.Match[str]) -> Reading:
    """`38,5°`, `36°8`."""
    return float(f"{match[1]}.{match[2] or match[3]}"), None, False


def _bare_degrees(match: re.Match[str]) -> Reading:
    """A sentence that begins with `37.6`."""
    return decimal(match["v"]), None, False


def _said_here(match: re.Match[str]) -> Reading:
    """`ici 38,2`, after what was measured at home."""
    return decimal(match["v"]), UNIT_ASSUMED, True


def _grams(match: re.Match[str]) -> Reading:
    """`4850 g` of an infant."""
    return decimal(match[1].replace(" ", "")) / 1000, None, False


def _centimetres(match: re.Match[str]) -> Reading:
    """A length that follows a weight: `4850 g, 56,5 cm`."""
    return decimal(match["v"]), None, False


def _height(match: re.Match[str]) -> Reading:
    """`1m72`, `1,72`, `172 cm`; `T 172` without a unit is a guess."""
    if match[2]:
        doubt = UNIT_ASSUMED if len(match[3]) == 1 else None  # `1m7`: 1,70 or 1,07
        return round(100 * float(f"{match[2]}.{match[3]}"), 1), doubt, True
    value, alone = decimal(match[4]), match[1] == "t" and not match[5]
    if match[1] == "mesure" and value < _SHORTEST:
        return None  # a plaque, a nodule
    return None if alone and value < _SHORTEST else (value, UNIT_ASSUMED if alone else None, True)


def _bare_height(match: re.Match[str]) -> Reading:
    metres, rest = match[1] or match[3], match[2] or match[4]
    return round(100 * float(f"{metres}.{rest}"), 1), None, False


def _temperature(match: re.Match[str]) -> Reading:
    """A bare `T` is a temperature when decimals or a degree sign say so."""
    label, whole, decimals, sign = match[1], match[2], match[3] or match[4] or match[5], match[6] or match[4]
    alone = label == "t" and not sign and not decimals
    return (
        float(f"{whole}.{decimals or 0}"),
        UNIT_ASSUMED if alone else None,
        not label.startswith(("f", "sub", "hyper")),
    )


# The sign that a rule's number begins there when words stand before it.
VALUE = "v"
_SHORTEST = 45  # cm: below, a bare `T` is a temperature
_GRAMS = 400  # a weight without unit from here on is in grams
# Where, how and when it was measured may stand between the label and the number; vital_context judges these words.
PLACE = (
    r"(?:[ ]?\(?(?:(?:a[ ](?:la[ ])?|au[ ])?(?:maison|domicile|pharmacie|cabinet)|aux[ ]urgences"
    r"|(?:avant-)?hier(?:[ ](?:soir|matin))?"
    r"|en[ ]automesures?|ce[ ](?:matin|jour|soir)|cette[ ]nuit|aujourd'hui|du[ ]jour|debout|assise?|couchee?|allongee?"
    r"|au[ ]repos|repos"
    r"|(?:(?:au[ ]|a[ ])?bras[ ])?(?:droite?|gauche)|(?<=[ (])b?[dg]|(?:aux[ ])?(?:2|deux)[ ]bras|actuel(?:le)?|mesuree?"
    r"|prise?|controlee?|initiale?"
    r"|auj|stable|inchangee?|idem|nue?"
    r"|aa|air[ ]ambiant|sous[ ]air|auriculaire|rectale|axillaire|de[ ]ce[ ]jour|reguliere?s?|tympanique"
    r"|habillee?)\)?(?![a-z])){0,3}"
)
SEP = (
    rf"{PLACE}[ ]?(?:[:=~]|(?:est[ ]|etait[ ]|mesuree?[ ])?(?:a|de|environ)[ ](?=\d)|est[ ](?=\d)"
    rf"|\((?=\d))?[ ]?(?:a[ ](?=\d))?"
)


# Any words may stand between a full label and its number (`pouls bien frappé à 72`): vital_context reads them.
_OTHER_LABEL = r"(?:poids?|pds|taille|tension|ta|temp\w*|sat\w*|sp[o0]2|pouls|fc|fr|imc|pc|t)(?![a-z0-9'-])"
_WORDS = rf"(?:[ ](?!(?:a|de|le|du|au|depuis|avant|apres|des|sous|vers|x)[ ]\d|est[ ]|\d|{_OTHER_LABEL})[a-z'-]{{1,14}}){{0,3}}"
WIDE = _WORDS + SEP


def _rule(key: str, label: str, value: str, read: Callable[[re.Match[str]], Reading]) -> VitalRule:
    return VitalRule(key, re.compile(rf"(?<![a-z0-9]){label}{SEP}{value}", re.VERBOSE), read)


# What follows a number that counts something else.
_NOT_COUNTED = r"(?![ ]?(?:mg|ug|ml|ans?\b|jours?\b|j\b|mois\b|sem|fois|cps?\b|/[ ]?j\b|%))"
RULES = (
    _rule(
        "waist",
        r"(?:tour[ ](?:de[ ])?taille|perim(?:etre)?[ ](?:abdominal|ombilical)|pabdo?\.?|p[ ]abdo?|tt)",
        r"(\d{2,3}(?:[.,]\d)?)(?![\d/]|[.,]\d|[ ]?(?:mg|ug|g\b))(?:[ ]?cm)?",
        _plain,
    ),
    _rule("waist", r"pa", r"(\d{2,3}(?:[.,]\d)?)[ ]?cm\b(?![ ]?(?:de[ ])?hg)", _plain),
    _rule(
        "heart_rate",
        rf"(?:fc|pouls?|pous|pls|puls(?:ations)?|frequence[ ]cardiaque|freq[ ]card\w*|rythme(?:[ ]cardiaque)?){_WORDS}",
        rf"(\d{{2,3}})(?!\d|[ ]?/(?![ ]?m)|[.,]\d|[ ]?-[ ]?\d){_NOT_COUNTED}(?:[ ]?(?:/[ ]?mi?n(?:ute)?|bpm"
        rf"|batt?ements?(?:[ ]par[ ]minute)?))?",
        _plain,
    ),
    VitalRule(
        "heart_rate",
        re.compile(r"(?<![a-z])(?:rcr|rythme|co?eur|cour|bdc (?:reg|irreg))[^\n,.;:\d]{0,30}(\d{2,3}) ?(?:/ ?min|bpm)"),
        _plain,
    ),
    VitalRule(
        "heart_rate",
        re.compile(r"(?<![a-z])(?:co?eur|cour|rcr|bdc) (?:reg\w*|irreg\w*|rapide)\.? (?:a )?(\d{2,3})(?![\d/]|[.,]\d)"),
        _plain,
    ),
    VitalRule("heart_rate", re.compile(r"(?<![\d.,/-])(\d{2,3}) (?:de |au )pouls"), _plain),
    VitalRule("spo2", re.compile(r"(?<![\d.,/-])(\d{2,3}) ?%? (?:de |en )sat\w*"), _plain),
    VitalRule(
        "temperature",
        re.compile(r"(?<![\d.,/-])(3[4-9](?:[.,]\d)?|4[01](?:[.,]\d)?) ?°? de (?:temperature|temp|fievre)"),
        _guess,
    ),
    VitalRule("heart_rate", re.compile(r"(?<![\d.,/-])(\d{2,3}) ?(?:bpm|battements|puls\w*)"), _guess),
    _rule(
        "respiratory_rate",
        r"(?:fr|frequence[ ]respi\w*|freq[ ]resp\w*|(?:poly|tachy|eu)pnee(?=[ ]a[ ]\d))",
        rf"(\d{{1,2}})(?!\d|[.,]\d|/\d|[ ]?-[ ]?\d){_NOT_COUNTED}(?:[ ]?(?:(?:c(?:ycles?)?|mvts?"
        rf"|resp\w*)?(?:[ ]?/[ ]?mi?n(?:ute)?|[ ]par[ ]minute|pm\b)))?",
        _plain,
    ),
    _rule(
        "spo2",
        rf"(?:sp[o0][2²]|sp[ ]o2|sa[o0][2²]|so2|sa[ ]o2|sat(?:u[a-z]*)?\.?)(?:[ ]?(?:(?:en[ ]|d'|a[ ]l')?(?:oxygene"
        rf"|o2)))?{_WORDS}",
        r"(\d{2,3})(?![\d/]|[.,]\d|[ ]?-[ ]?\d)[ ]?%?",
        _plain,
    ),
    _rule(
        "weight",
        r"(?<!dose-)(?<!dose[ ])(poids?(?:[ ](?:corporel|de[ ]ce[ ]jour))?(?:[ ]?\(kg\)|[ ]en[ ]kg)?|pds|pese|p)",
        r"(?:(\d{1,3})[ ]?kgs?[ ]?(?:et[ ])?(\d{3}(?![ ]?(?:cm|m\b|mg|/|[.,]\d))|(?<=kg)\d{1,3})(?![\d/])(?:[ ]?g(?:r"
        r"|rammes)?\b)?"
        r"|(\d[ ]\d{3}(?=[ ]?g)|\d{1,5}(?:[.,]\d{1,3})?)(?![\d/%]|[ ]?(?:pa\b|lbs?\b|livres|mg|j\b|mois|ans?\b|fois|sem|jours?)"
        r"|[ ]?/[ ]?(?:j|\d))"
        r"[ ]?(?:(kg|g)(?:r|s|rs)?)?(?![a-z\d]))",
        _weight,
    ),
    _rule(
        "height",
        r"(taille|toise|mesure|t)",
        r"(?:([12])[ ]?[m,.][ ]?(\d{1,3})(?!\d)[ ]?m?|(\d{2,3}(?:[.,]\d)?)[ ]?(cm)?)(?![a-z\d/°²]|[.,]\d|[ ]?(?:mm|ans?\b"
        r"|mois|j\b|kg|%|sa\b))",
        _height,
    ),
    _rule(
        "temperature",
        r"(t[ ]?°(?:[ ]?c\b)?|temp(?!s\b|o)[a-z]*\.?|thermo(?:metre)?|t|(?:apyre\w*"
        r"|afebrile)(?=[ ]?\(?(?:a[ ])?\d\d[.,°]\d)"
        r"|febrile|fievre|febricule|subfebrile|hyperthermie)",
        r"\(?(3[3-9]|4[0-4])(?:[.,](\d)\d?|[ ]?°[ ]?c?[ ]?(\d)(?!\d)|[ ](\d)(?![\d/]|[.,]\d|[ ]?(?:jours?|j\b|ans?\b|mois"
        r"|fois"
        r"|sem|h\b|heures|cps?\b)))?(?![\d/]|[.,]\d|[ ]?(?:cm|m\b|kg|sa\b|ans?\b))[ ]?(°[ ]?c?|c\b)?",
        _temperature,
    ),
    _rule(
        "bmi",
        r"(?:imc|bmi|indice[ ]de[ ]masse[ ]corporelle)",
        r"(\d{1,2}(?:[.,]\d{1,2})?)(?!\d)(?:[ ]?kg/m[2²])?",
        _plain,
    ),
    _rule(
        "head",
        r"(?:pc|p\.c\.|perim(?:etre)?[ ]cran[a-z]*|p\.?[ ]?cranien|peri[ ]cranien|tour[ ]de[ ]tete)",
        r"(\d{2}(?:[.,]\d)?)(?![\d/]|[ ]?(?:min|s\b|j\b|h\b|%))(?:[ ]?cm)?",
        _plain,
    ),
    VitalRule(
        "weight",
        re.compile(
            r"(?<![\d,.+/-])(?<!de )(?<!dose )(?<!doses )(?<!perdu )(?<!pris )(?:(\d{1,3}) ?kg ?(\d{3}"
            r"|(?<=kg)\d{1,3})(?![\d/])(?! ?(?:cm|m\b|[.,]\d))"
            r"|(\d{1,3}(?:[.,]\d{1,3})?) ?kgs?(?![a-z\d]| ?/ ?(?:j|m\b|m2|mois|sem|h\b)))"
        ),
        _bare_weight,
    ),
    VitalRule(
        "height",
        re.compile(r"(?<![\d,.])(?:([12]) ?m ?(\d{1,2})(?![\d/])(?! ?(?:mm|jours|j\b))|([12])[.,](\d{2,3}) ?m\b)"),
        _bare_height,
    ),
    VitalRule("weight", re.compile(r"(?<![\d,./-])([2-9] ?\d{3}) ?g(?:r|rammes)?\b"), _grams),
    VitalRule(
        "height",
        re.compile(r"(?:\d ?g|kg)\)?[ ,/;-]{1,3}(?P<v>\d{2,3}(?:[.,]\d)?) ?cm\b"),
        _centimetres,
    ),
    VitalRule("temperature", re.compile(r"(?<![\d,./-])(3[4-9]|4[01])(?:[.,](\d) ?°| ?° ?c? ?(\d)(?!\d))"), _degrees),
    VitalRule(
        "temperature",
        re.compile(
            r"(?:^|[.\n] ?)(?P<v>(3[5-9]|4[01])[.,](\d))(?=[ .,;\n]|$)(?! ?(?:kg|cm|%|m\b|g\b|sa\b|mg"
            r"|mmol))(?![.,]\d)"
        ),
        _bare_degrees,
    ),
    VitalRule(
        "temperature", re.compile(r"(?<![a-z])ici ?:?(?: a)? (?P<v>(3[5-9]|4[01])[.,](\d))(?![\d/])"), _said_here
    ),
    VitalRule(
        "temperature", re.compile(r"(?<![a-z0-9] )(?<![a-z0-9])(?P<v>3[6-9]|4[01]) ?°(?=[.,;]|$)(?! ?\d)"), _guess
    ),
    VitalRule("temperature", re.compile(r"(?<=, )((?:3[5-9]|4[01])[.,]\d)(?=,|\.(?!\d)|;|\n|$)"), _guess),
    VitalRule(
        "temperature",
        re.compile(
            r"(?<![\d,./-])((?:3[5-9]|4[01])[.,]\d) (?:au cabinet|ce jour|en consultation|en rectal|axillaire|tympanique)"
        ),
        _guess,
    ),
    VitalRule("heart_rate", re.compile(r"(?<![\d.,/-])((?:4[5-9]|[5-9]\d|1\d\d)) ?/ ?mi?n\b"), _guess),
    VitalRule("height", re.compile(r"(?<![\d,./-])(1[3-9]\d|20\d) ?cm\b"), _guess),
    VitalRule(
        "height", re.compile(r"(?<![\d,./-])(\d{2,3}(?:[.,]\d)?) ?cm(?=[ ,/;-]{1,3}\d{1,3}(?:[.,]\d+)? ?kg)"), _guess
    ),
    VitalRule("spo2", re.compile(r"(?<![\d,./-])((?:8|9)\d) ?% ?(?:en )?(?:aa|air ambiant|sous air)\b"), _guess),
)
