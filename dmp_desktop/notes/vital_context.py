"""What the words around a number say of it: a change of weight is not a weight, yesterday's measure is not today's."""

from __future__ import annotations

import re

_LOST = (
    r"pertes?|perdus?|perd|gain|gagnes?|prises?|pris|repris\w?|amaigri\w*|maigri|grossi|diminu\w*|augment\w*|baisses?|variation"
    r"|exces|surpoids|surcharge|charges?|souleve\w*|porte"
)
_CHANGE_LEFT = re.compile(
    rf"(?<![a-z])(?:{_LOST})(?![a-z])(?: (?:de|du|d'|en))?(?: (?:poids|taille|imc|environ|presque|plus))?"
    r"(?: (?:de|d'|du|en|environ|plus|presque)){0,3}[ :]{0,3}$|poids ?:? ?[+-] ?$"
)
_CHANGE_RIGHT = re.compile(
    r" {0,2}(?:(?:perdus?|pris|repris|gagnes?)(?![a-z])|(?:de|en) (?:moins|plus|pertes?|prise|trop)(?![a-z]))"
)
_CAN_CHANGE = frozenset({"weight", "height", "bmi"})
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:(?<!depuis )(?:avant[- ])?hier|la veille|cette nuit|nuit derniere|ce matin|au (?:reveil|lever|coucher)"
    r"|derni(?:er|ere)s?|precedente?s?|il y a|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|en (?:19|20)\d\d"
    r"|le \d{1,2}/\d{1,2}|(?<!visite a )(?<!consultation a )(?<!vue a )(?<!vu a )domicile|maison(?! de| medicale)"
    r"|pharmacien?s?|pharmacie"
    r"|automesures?|auto-mesures?|auto-tension|autotension\w*|mapa|holter|urgences|hopital|samu|smur|pompiers"
    r"|infirmi\w*|ide|creche|ecole|ehpad|entree|sortie|initiale?|habituel\w*|anterieure?s?|chez (?:le |la )?"
    r"(?:cardio|kine|specialiste)"
    r"\w*|(?:selon|d'apres|par) (?:le |la |sa |son |ses )?(?:patiente?|mere|pere|maman|parents|fille|fils|mari|femme))(?![a-z])"
)
_TODAY = re.compile(
    r"(?<![a-z])(?:ce jour|aujourd'hui|auj|ajd|au cabinet|en consultation|maintenant|actuel\w*)(?![a-z])"
)
_LEADING = re.compile(r"[ \-*•>]{0,4}(?:a (?:la |l')?|au |en )?")
_BREAK = re.compile(r",(?=[ ])")
_BEFORE, _AFTER = 60, 50  # characters looked at around a number
NOT_TODAY = "Pas une mesure du jour, à ce qu'il semble : à vérifier."


def is_change(folded: str, key: str, start: int, end: int) -> bool:
    """`perte de poids 8 kg`, `prise de 12 kg`, `12 kg perdus`: a difference, not a measure."""
    if key not in _CAN_CHANGE:
        return False
    return bool(_CHANGE_LEFT.search(folded, max(0, start - 45), start) or _CHANGE_RIGHT.match(folded, end))


def is_elsewhere(folded: str, clause: tuple[int, int], start: int, end: int) -> bool:
    """Was `folded[start:end]` measured another day or away from the practice?

    Read between the commas around it, just after the next comma, or at the head of its sentence; the nearest word decides.
    """
    left, right = max(clause[0], start - _BEFORE), min(clause[1], end + _AFTER)
    for comma in _BREAK.finditer(folded, left, start):
        left = comma.end()
    comma_after = _BREAK.search(folded, end, right)
    if comma_after:
        follows = _ELSEWHERE.match(folded, comma_after.end() + 1, right)
        right = follows.end() if follows else comma_after.start()
    away = _distance(_ELSEWHERE, folded, left, right, start, end)
    if away is not None:
        here = _distance(_TODAY, folded, left, right, start, end)
        return here is None or away <= here
    head = _LEADING.match(folded, clause[0], start)
    led = head and _ELSEWHERE.match(folded, head.end(), start)
    return bool(led and not _TODAY.search(folded, led.end(), min(start, led.end() + 200)))


def _distance(pattern: re.Pattern[str], folded: str, left: int, right: int, start: int, end: int) -> int | None:
    """From the number to the nearest match, in characters."""
    return min((max(start - m.end(), m.start() - end, 0) for m in pattern.finditer(folded, left, right)), default=None)
