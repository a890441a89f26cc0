"""Numbers and units said in words, as dictation writes them: `tension quatorze huit`, `trente-huit cinq`, `un comprimé`."""

from __future__ import annotations

import re

_UNITS = {
    "zero": 0,
    "un": 1,
    "une": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "sept": 7,
    "huit": 8,
    "neuf": 9,
    "dix": 10,
    "onze": 11,
    "douze": 12,
    "treize": 13,
    "quatorze": 14,
    "quinze": 15,
    "seize": 16,
}
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "nonante": 90}
_WORD = "|".join(sorted([*_UNITS, *_TENS, "vingts", "cents?", "mille"], key=len, reverse=True))
# `un`, `une` alone are articles; before these words they count.
_COUNTED = (
    r"(?= (?:comprimes?|cps?|gelules?|sachets?|bouffees?|gouttes?|ampoules?|doses?|dosettes?|suppositoires?|patchs?"
    r"|prises?|fois"
    r"|application|injection|inhalation|unites?|le (?:matin|midi|soir)|au (?:coucher|lever)|matin|midi|soir|jour|semaine"
    r"|mois|an(?:nee)?"
    r"|gramme|milligramme|metre|demi)\b)"
)
WORDS = re.compile(
    rf"(?<![a-z0-9'-])(?:(?:une?{_COUNTED}|(?!une? )(?:{_WORD}))(?![a-z0-9'])"
    rf"(?:[ -](?:et[ -](?=une?\b|onze\b))?(?:{_WORD})(?![a-z0-9'])){{0,12}}"
    rf"(?: virgule (?:{_WORD})(?![a-z0-9'])(?:[ -](?:{_WORD})(?![a-z0-9']))?)?)(?: et demie?(?![a-z]))?"
)
_MEASURES = {
    "milligrammes": "mg",
    "milligramme": "mg",
    "microgrammes": "ug",
    "microgramme": "ug",
    "grammes": "g",
    "gramme": "g",
    "kilogrammes": "kg",
    "kilogramme": "kg",
    "kilos": "kg",
    "kilo": "kg",
    "centimetres": "cm",
    "centimetre": "cm",
    "metres": "m",
    "metre": "m",
    "millilitres": "ml",
    "millilitre": "ml",
    "degres": "°",
    "degre": "°",
    "pour cent": "%",
    "pourcent": "%",
}
# `58 kilos et demi` is 58,5 kg.
HALF = re.compile(r"(?<=[a-z0-9]) (kilos?|kg|metres?|degres?) et demie?(?![a-z])|(?<=\d) et demie?(?![a-z])")
UNIT_WORDS = re.compile(rf"(?:(?<=[a-z0-9] )|(?<=\d))(?:{'|'.join(_MEASURES)})(?![a-z])")


def unit_sign(word: str) -> str:
    """`milligrammes` -> `mg` (folded text)."""
    return _MEASURES[word]


def half_sign(match: re.Match[str]) -> str:
    """` kilos et demi` -> `,5 kg`."""
    return f",5 {_MEASURES.get(match[1], match[1])}" if match[1] else ",5"


def in_figures(said: str) -> str:
    """`quatorze huit` -> `14 8`, `quatre-vingt-dix-sept` -> `97`, `trente-huit virgule cinq` -> `38,5` (folded text)."""
    whole, half = re.subn(r" et demie?$", "", said)
    return ",".join(_figures(part.split()) for part in whole.replace("-", " ").split(" virgule ")) + (
        ",5" if half else ""
    )


def _figures(said: list[str]) -> str:
    """Words that add up make one number; the next word that cannot be added begins another."""
    numbers: list[int] = []
    current: int | None = None
    room = 0  # what is still smaller than this adds up
    previous = ""
    for position, word in enumerate(said):
        if word == "et":
            continue
        following = said[position + 1] if position + 1 < len(said) else ""
        if word in {"vingt", "vingts"} and previous == "quatre" and current is not None and room == 0:
            value, room = 80, 20
            current = current - 4 + value if current >= 100 and current % 100 == 4 else value
        elif word in {"cent", "cents"}:
            if current is not None and 2 <= current <= 9:
                current *= 100
            else:
                numbers += [current] if current is not None else []
                current = 100
            room = 100
        elif word == "mille":
            current = (current or 1) * 1000
            room = 1000
        else:
            value = _TENS.get(word) or _UNITS.get(word, 20)
            starts_eighty = word == "quatre" and following in {"vingt", "vingts"}
            if current is not None and value and (80 if starts_eighty else value) < room:
                current += value
            else:
                numbers += [current] if current is not None else []
                current = value
            room = _room(word, current, starts_eighty)
        previous = word
    numbers += [current] if current is not None else []
    return " ".join(str(number) for number in numbers)


def _room(word: str, current: int, starts_eighty: bool) -> int:
    """Below what the next word still belongs to the same number: 10 after a ten, 20 after sixty (`soixante douze`)."""
    if starts_eighty or word not in {*_TENS, "dix"}:
        return 0
    if word == "dix":
        return 10 if current % 100 != 0 else 0
    return 20 if word == "soixante" else 10
