"""Posology: how much, when, how long. What is not simple is not guessed: null, and a warning.

Forms: `1-0-1` (morning, noon, evening; a fourth figure for the night), `3/j`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = (
    r"(?:cps?|comprimes?|gel(?:ules?)?|sachets?|bouffees?|gouttes?|gttes|ui|unites?|amp(?:oules?)?|doses?(?:-poids)?|suppos?"
    r"|patchs?|inh\w{0,9}|prises?|fois)"
)
_QUANTITY = rf"(?:(\d{{1,3}}/\d|\d{{1,3}}(?:[.,]\d{{1,2}})?|½)[ ]?(?:{_UNITS}\b)?[ ]?)"
_PART = r"(\d(?:[.,]5|/2)?)"
_DASHES = re.compile(rf"(?<![\d/.,-]){_PART} ?- ?{_PART} ?- ?{_PART}(?: ?- ?{_PART})?(?![\d/-])")
_MOMENT = re.compile(
    rf"(?<![\w/.,]){_QUANTITY}?(?:/ ?j )?(?:le |au |a |et |, ?)?(?:le |au )?\b(matin|midi|soir|coucher|nuit)\b"
)
_PER_DAY = re.compile(
    rf"(?<![\d.,/-])(?:{_QUANTITY}?(?:x ?)(\d{{1,2}})|(\d{{1,2}}) ?{_UNITS}?) ?"
    r"(?:/ ?j(?:our)?s?\b|par jour\b|fois par jour\b|en 24 ?h)"
)
_IN_INTAKES = re.compile(r"\ben (\d) prises?\b")
_EVERY = re.compile(r"\btoutes les (\d{1,2}) ?h(?:eures?)?\b")
_COMPLEX = re.compile(
    r"\bpuis\b|\b1 ?j(?:our)? sur 2\b|un jour sur deux|par semaine|/ ?sem\b|dose unique|prise unique|monodose"
    r"|decroissan\w*|progressi\w*|\bpaliers?\b"
)
_AS_NEEDED = re.compile(r"\bsi (?:besoin|douleurs?|fievre|t°|temperature|nausees?|crise|anxiete)\b|\ba la demande\b")
_DURATION = re.compile(
    r"(?<![\d,./-])(?<!j)(\d{1,3}) ?(jours?|j|semaines?|sem|mois|ans?)(?![a-z0-9])(?! ?(?:avant|apres|sur|/))"
)
_NOT_DURATION = re.compile(r"(?:dans|depuis|il y a|toutes les|apres|avant|/|par|max(?:imum)? \d{1,2} ?/)[ ]{0,2}$")
_DAYS = {"j": 1, "s": 7, "m": 30, "a": 365}
_SLOTS = {"matin": 0, "midi": 1, "soir": 2, "coucher": 2, "nuit": 2}


@dataclass(frozen=True, slots=True)
class Posology:
    schedule: str | None
    duration_days: int | None
    warnings: tuple[str, ...]


def read_posology(folded: str) -> Posology:
    """From the words that follow a drug and its strength."""
    text = folded[:300]
    warnings: list[str] = []
    schedule = None
    if _COMPLEX.search(text):
        warnings.append("Posologie complexe : laissée dans le texte.")
    else:
        schedules = _schedules(text)
        if len(schedules) == 1:
            schedule = schedules.pop()
        elif schedules:
            warnings.append("Plusieurs posologies lues : laissées dans le texte.")
        elif re.search(r"\d|matin|soir|midi", _DURATION.sub("", text)):
            warnings.append("Posologie non reconnue : laissée dans le texte.")
    if _AS_NEEDED.search(text):
        warnings.append("À prendre si besoin.")
    durations = _durations(text)
    if len(durations) > 1:
        warnings.append("Plusieurs durées lues.")
    return Posology(schedule, durations[0] if len(durations) == 1 else None, tuple(warnings))


def _schedules(text: str) -> set[str]:
    """Every way the text tells a schedule; more than one different is a contradiction."""
    found = {"-".join(_amount(group) for group in match.groups() if group) for match in _DASHES.finditer(text)}
    if not found:
        moments = _moments(text)
        if moments:
            return {moments}
    for match in _PER_DAY.finditer(text):
        quantity, times = match[1], match[2] or match[3]
        if quantity and _amount(quantity) != "1":
            found.add(f"{_amount(quantity)}x{times}")  # several units an intake: not simple
        else:
            found.add(f"{int(times)}/j")
    found |= {f"{int(match[1])}/j" for match in _IN_INTAKES.finditer(text)}
    found |= {
        f"{24 // int(match[1])}/j" for match in _EVERY.finditer(text) if int(match[1]) and 24 % int(match[1]) == 0
    }
    simple = {item for item in found if "x" not in item}
    return simple if simple == found else found | {""}


def _moments(text: str) -> str:
    """`1 matin 1 soir` -> 1-0-1; a quantity holds for the moments that follow it (`2 matin et soir` -> 2-0-2)."""
    slots: list[str] = ["0", "0", "0"]
    quantity, last_end = "1", -1
    for match in _MOMENT.finditer(text):
        own = match[1]
        slot = _SLOTS[match[2]]
        if own:
            quantity = _amount(own)
        elif slot == 2 and slots[2] != "0":
            continue  # "le soir au coucher" is one intake
        slots[slot] = quantity
        last_end = match.end()
    return "-".join(slots) if last_end >= 0 else ""


def _amount(text: str) -> str:
    return {"½": "1/2", "0.5": "1/2", "0,5": "1/2"}.get(text, text.replace(",", "."))


def _durations(text: str) -> list[int]:
    found = [
        int(match[1]) * _DAYS[match[2][0]]
        for match in _DURATION.finditer(text)
        if not _NOT_DURATION.search(text, max(0, match.start() - 16), match.start())
    ]
    return list(dict.fromkeys(found))
