"""Posology: how much, when, how long. What is not simple is not guessed: null, and a warning.

Forms: `1-0-1` (morning, noon, evening; a fourth figure for the night), `3/j` (one unit each time).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = (
    r"(?:c(?:pr?s?|omp)\b\.?|comprimes?|gel(?:ules?)?\b|sach(?:ets?)?\b|ui\b|u\b|unites?|amp(?:oules?)?\b|doses?"
    r"|dosettes?|suppos?(?:itoires?)?\b"
    r"|patchs?|caps?(?:ules?)?\b|inh\w{0,9}|prises?|applications?|appl\b|injections?|lavages?|mesures?|pipettes?"
    r"|pastilles?|lyocs?"
    r"|tab\b|ovules?|lavements?)"
)
_AMOUNT = r"(\d{1,3} ?/ ?\d(?!\d|/)|\d{1,3}(?:[.,]\d{1,2})?)"
_DAY = r"(?:/ ?(?:j(?:ours?|rs?)?\b|24 ?h)|par j(?:our)?\b|quotidien\w*|tous les jours|chaque jour|en 24 ?h)"
_PART = r"(\d{1,2}(?:[.,]5|/2)?)"
_DASHES = re.compile(rf"(?<![\d/.,-]){_PART} ?- ?{_PART} ?- ?{_PART}(?: ?- ?{_PART})?(?![\d/-]|\.\d)")
_SLASHES = re.compile(
    r"(?<![\d/.,-])([0-4])/([0-4])/([0-4])(?:/([0-4]))?(?![\d/])|(?<!\d )\b([0-4]) ([0-4]) ([0-4])\b(?! ?\w)"
    r"|(?<![\d.,])([0-4])\.([0-4])\.([0-4])(?![\d.,]\d)"
)
_MOMENT = re.compile(
    rf"(?<![\w/.,-])(?:{_AMOUNT} ?(?:{_UNITS} ?)?)?(?:/ ?j(?:our)? )?(?:par jour )?(?:(?:le|au|a|et|,|puis|chaque"
    rf"|tous les|/|\+|-|en|de|du) ?){{0,3}}"
    r"\b(?<!ce )(?<!hier )(?<!ce soir )(matins?|midis?|soirs?|coucher|nuits?|lever|reveil|petit[ -]dej\w*|diner|dejeuner)\b"
)
_MEALS = re.compile(
    r"(?:(?:a|avant|apres) chaque repas|aux (?:3|trois) repas|aux repas|3 repas|avant les repas|matin,? midi,? soir)"
)
_TIMES = re.compile(
    rf"(?<![\d.,/-])(?:{_AMOUNT} ?(?:{_UNITS} ?,? ?)?)?[x*] ?(\d{{1,2}})(?!\d|[.,]\d|/\d)(?: ?(?:fois ?)?{_DAY})?(?! ?(?:cm"
    rf"|j\b|jours|sem|mois|/ ?sem))"
)
_FOLD = re.compile(rf"(?<![\d.,/-])(?:{_AMOUNT} ?{_UNITS} ?,? ?)?(?<![\d.,/-])(\d{{1,2}}) ?(?:x|fois|prises?) ?{_DAY}")
_PER_DAY = re.compile(rf"(?<![\d.,/-]){_AMOUNT} ?(?:{_UNITS} ?)?{_DAY}")
_IN_INTAKES = re.compile(r"\ben (\d) (?:prises?|fois)\b")
_EVERY = re.compile(r"(?:\b(?:toutes|ttes|chaque|tte) (?:les )?|(?<=[a-z0-9 ])/ ?|\bq ?)(\d{1,2}) ?h(?:eures?)?\b")
_COMPLEX = re.compile(
    r"\d ?(?:a|ou|-) ?\d ?(?:c(?:pr?s?|omp)\b|comprimes?|gel\w*|sachets?|fois|x|/ ?j\b|par j|prises?)|jusqu'a \d|"
    r"\bpuis\b|\b1 ?j(?:our)? (?:sur|/) ?2\b|un jour sur (?:2|deux)|jours? alternes?|(?:par|/|x ?\d ?/) ?(?:semaine"
    r"|sem)\b|/ ?s\b|hebdo\w*"
    r"|tou(?:s|tes) les (?:\d+|deux|trois) (?:jours|j\b|sem\w*|mois)|(?:par|/) ?mois|(?:1 )?(?:dose|prise) unique"
    r"|monodose|en (?:une|1) (?:seule )?prise(?! par)"
    r"|decroissan\w*|progressi\w*|\bpaliers?\b|(?<![a-z])j1\b|selon (?:inr|dextro|glycemie|schema|protocole|tolerance)"
    r"|et demi|a adapter"
    r"|chaque (?:semaine|mois)|(?:le|tous les|chaque) (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?|(?:lundi"
    r"|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
)
_BY_WEIGHT = re.compile(r"/ ?kg\b|dose[ -]poids|doses? (?:de )?\d+ ?kg|\bdose kg\b")
_COUNTED = re.compile(r"\b(?:bouff\w*|gouttes?|gttes?|gtts?|pulv\w*|puffs?|pressions?|cuilleres?|cac\b|cas\b|c\.a\.)")
_AS_NEEDED = re.compile(
    r"\bsi (?:besoin|douleurs?|fievre|t°|t\b|temperature|temp\b|nausees?|crises?|anxiete|angoisses?|insomnie|gene"
    r"|diarrhees?|envie|toux|vomissements?"
    r"|constipation|dyspnee|sb\b|maux|cephalees?|migraines?|reflux|allergie|prurit|demangeaisons?|[a-z]{4,})\b"
    r"|\ba la demande\b|\bsb\b"
)
_MAXIMUM = re.compile(
    rf"\b(?:sans depasser|max(?:i(?:mum)?)?\.?) ?:? ?{_AMOUNT} ?(?:{_UNITS})? ?(?:mg|g)? ?(?:{_DAY})?"
    rf"|{_AMOUNT} ?(?:{_UNITS} ?)?{_DAY} ?\(?max\w*"
)
_DURATION = re.compile(
    r"(?<![\d,.-])(?<!j)(?<!\d/)(?<!\d /)(\d{1,3}) ?(jours?|jrs?|j|semaines?|sem|mois|ans?)(?![a-z0-9])"
    r"(?! ?(?:avant|apres|sur|/|plus tard|renouv\w* [2-9]))"
)
_NOT_DURATION = re.compile(
    r"(?:\bdans|\bds|depuis|il y a|toutes les|tous les|apres|avant|/|par|max(?:imum)? \d{1,2} ?/|revoir|rdv|rv|controle"
    r"|suivi|bilan|bio|consultation|cs"
    r"|delivrance|fractionnee?|delivre\w*|age|enfant de|jusqu'a|a|x ?\d{1,2} ?/)[ ]{0,2}(?:a |de |dans |ds |: ?|tous les )?$"
)
_YEARS = re.compile(r"(?:pdt|pendant|durant|pour|qsp)[ ]{0,2}$")
_DAYS = {"j": 1, "s": 7, "m": 30, "a": 365}
_SLOTS = {"mat": 0, "lev": 0, "rev": 0, "pet": 0, "mid": 1, "dej": 1, "soi": 2, "cou": 2, "nui": 2, "din": 2}
AS_NEEDED = "À prendre si besoin."
_COMPLEX_WARNING = "Posologie complexe : laissée dans le texte."


@dataclass(frozen=True, slots=True)
class Posology:
    """`end`: how many characters of the words read belong to it."""

    schedule: str | None
    duration_days: int | None
    warnings: tuple[str, ...]
    end: int = 0


def read_posology(folded: str) -> Posology:
    """From the words that follow a drug and its strength."""
    text = folded[:300]
    warnings: list[str] = []
    schedule, end = None, 0
    plain = _MAXIMUM.sub(lambda match: "#" * len(match[0]), text)
    schedules, end = _schedules(plain)
    doubt = next((said for pattern, said in _DOUBTS if pattern.search(text)), None)
    if doubt:
        warnings.append(doubt)
    elif len(schedules) == 1 and "" not in schedules:
        schedule = schedules.pop()
    elif schedules:
        warnings.append("Plusieurs posologies lues : laissées dans le texte." if len(schedules) > 1 else _NOT_SIMPLE)
    elif re.search(r"\d|matin|soir|midi", _DURATION.sub("", plain)):
        warnings.append("Posologie non reconnue : laissée dans le texte.")
    needed = _AS_NEEDED.search(text)
    if needed:
        warnings.append(AS_NEEDED)
        end = max(end, needed.end() if needed.start() < end + 12 else 0)
    durations, last = _durations(text)
    if len(durations) > 1:
        warnings.append("Plusieurs durées lues.")
    return Posology(schedule, durations[0] if len(durations) == 1 else None, tuple(warnings), max(end, last))


_NOT_SIMPLE = "Plusieurs unités par prise : posologie laissée dans le texte."
_DOUBTS = (
    (_COMPLEX, _COMPLEX_WARNING),
    (_BY_WEIGHT, "Dose au poids : laissée dans le texte."),
    (_COUNTED, "Bouffées, gouttes ou mesures : posologie laissée dans le texte."),
)


def _schedules(text: str) -> tuple[set[str], int]:
    """Every way the text tells a schedule, and where the last one stops; more than one contradict, an empty one is not simple."""
    dashes = [(match.end(), [group for group in match.groups() if group]) for match in _DASHES.finditer(text)]
    dashes = dashes or [
        (match.end(), groups)
        for match in _SLASHES.finditer(text)
        if "0" in (groups := [group for group in match.groups() if group])
    ]
    if dashes:
        return {"-".join(_amount(group) for group in groups) for _, groups in dashes}, dashes[-1][0]
    moments, several, moments_end = _moments(text)
    found: set[str] = set()
    left, end = text, moments_end
    for pattern in (_TIMES, _FOLD):
        for match in pattern.finditer(left):
            simple = match[1] is None or _amount(match[1]) == "1"
            found.add(f"{int(match[2])}/j" if simple else "")
            end = max(end, match.end())
        left = pattern.sub(lambda match: "#" * len(match[0]), left)
    for match in [*_PER_DAY.finditer(left), *_IN_INTAKES.finditer(left)]:
        amount = _amount(match[1])
        found.add(f"{int(amount)}/j" if amount.isdigit() and 0 < int(amount) <= 24 else "")
        end = max(end, match.end())
    for match in _EVERY.finditer(left):
        hours = int(match[1])
        found.add(f"{24 // hours}/j" if hours and 24 % hours == 0 else "")
        end = max(end, match.end())
    if not moments:
        meals = _MEALS.search(text)
        return (found or {"1-1-1"}, max(end, meals.end())) if meals and found <= {"3/j"} else (found, end)
    daily = {int(item[:-2]) for item in found if item}
    agree = daily <= {1, several} if "" not in found else False
    return ({moments} if agree else {moments, *found}), end


def _moments(text: str) -> tuple[str, int, int]:
    """`1 matin 1 soir` -> 1-0-1, 2 intakes, where it stops; a quantity holds for the moments after it (`2 matin et soir`)."""
    slots = ["0", "0", "0"]
    quantity, last_end, intakes = "1", 0, 0
    for match in _MOMENT.finditer(text):
        own = match[1]
        slot = _SLOTS[match[2][:3]]
        if own:
            quantity = _amount(own)
        elif slot == 2 and slots[2] != "0":
            continue  # "le soir au coucher" is one intake
        slots[slot] = quantity
        last_end = match.end()
        intakes += 1
    return "-".join(slots) if last_end else "", intakes, last_end


def _amount(text: str) -> str:
    plain = text.replace(" ", "").replace(",", ".")
    return {"0.5": "1/2", "1.0": "1"}.get(plain, plain)


def _durations(text: str) -> tuple[list[int], int]:
    """In days, each once, and where the last one stops."""
    found: list[int] = []
    end = 0
    for match in _DURATION.finditer(text):
        before = text[max(0, match.start() - 22) : match.start()]
        if _NOT_DURATION.search(before) or (match[2].startswith("an") and not _YEARS.search(before)):
            continue
        days = int(match[1]) * _DAYS[match[2][0]]
        if days and days not in found:
            found.append(days)
        end = match.end()
    return found, end
