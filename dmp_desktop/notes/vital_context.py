"""What the words around a number say of it: a change of weight is not a weight, yesterday's measure is not today's."""

from __future__ import annotations

import re
from enum import Enum, auto

from dmp_desktop.domain.said_dates import MONTH
from dmp_desktop.notes.family import RELATIVE, Kin, kinship
from dmp_desktop.notes.structure import Clause, Section


class Context(Enum):
    """`ELSEWHERE`: another day or place; `RANGE`: two bounds or about; `KIN`: a relative's perhaps."""

    TODAY = auto()
    NOT_A_MEASURE = auto()
    ELSEWHERE = auto()
    RANGE = auto()
    KIN = auto()


NOT_TODAY = "Pas une mesure du jour, à ce qu'il semble : à vérifier."
WARNINGS = {
    Context.ELSEWHERE: NOT_TODAY,
    Context.RANGE: "Fourchette ou valeur approchée : à vérifier.",
    Context.KIN: "Mesure d'un proche ? À vérifier.",
}
_LOST = (
    r"pertes?|perdus?|perd|gain|gagnes?|prises?|pris|repris\w?|amaigri\w*|maigri|grossi|diminu\w*|augment\w*|baisses?"
    r"|variation"
    r"|exces|surpoids|surcharge|charges?|souleve\w*|porte"
)
_CHANGE_LEFT = re.compile(
    rf"(?<![a-z])(?:{_LOST})(?![a-z])(?: (?:de|du|d'|en))?(?: (?:poids|taille|imc|environ|presque|plus))?"
    r"(?: (?:de|d'|du|en|environ|plus|presque)){0,3}[ :]{0,3}$|poids ?:? ?[+-] ?$"
)
_CHANGE_RIGHT = re.compile(
    r" {0,2}(?:(?:perdus?|pris|repris|gagnes?)(?![a-z])|(?:de|en) (?:moins|plus|pertes?|prise|trop)(?![a-z])"
    r"|en \d+ (?:mois|sem|jours|j\b|ans?))"
)
_SIGNED = re.compile(r"(?:(?<!\n)[+-]|[(]) ?[+-]? ?$")
_CAN_CHANGE = frozenset({"weight", "height", "bmi"})
# What comes before a number that is a goal, a threshold, a birth weight: not a measure.
_NOT_MEASURED = re.compile(
    r"(?:(?<![-=])[<>≤≥]|\b(?:si|quand|lorsque|tant que|des que)\b(?: [a-z'°]{1,14}){0,3}"
    r"|objectifs?(?: (?:tensionnel|de|glycemique|poids|est))*|cibles?(?: (?:de|tensionnelle))*|seuil|fait"
    r"|(?:de )?(?:naissance|forme)"
    r"|\bpn|\bdn|ideale?|normale?|viser|visee?|souhaitee?|max(?:imum|imale?)?|maintenir|inferieure? (?:a|au)"
    r"|superieure? (?:a|au)"
    r"|au[- ]dess(?:us|ous) de|en dessous de|plus de|moins de|jusqu'a|depass\w{1,4}|sec)[ :(=]{0,3}$"
)
_THRESHOLD_INSIDE = re.compile(
    r"[<>≤≥]|\b(?:cible|objectif|max\w*|mini\w*|ideale?|forme|naissance|sec|perd\w*|pertes?|prise de|pris|gain|gagne"
    r"|foetale?|theorique|visee?|souhait\w*|si"
    r"|inferieure?|superieure?|depass\w*|seuil|plus de|moins de|arrive|descend\w*|remont\w*|baiss\w*|pedieux|capillaire"
    r"|femoraux|radial (?:abs|faible))\b"
)
_GOAL_RIGHT = re.compile(r" ?\(?(?:max\b|maxi\b|cible|a viser|souhaite|objectif|theorique|de naissance|a la naissance)")
_RANGE_RIGHT = re.compile(
    r" ?(?:-|a|ou|puis|/| (?=\d)) ?\d{1,3}(?:[.,]\d)?(?![\d/h]| ?(?:bpm|/ ?min|kg|m\b|°|jours?|j\b|mois|sem|ans?|h\b|mg|cm"
    r"|%? ?(?:aa|air)))"
)
# `78 -> 76 kg`: which one is of today is not said for sure.
_BECOMES = re.compile(r" ?(?:kg|cm|%|°)? ?(?:[-=]?>|→) ?\d")
_ABOUT = re.compile(
    r"(?:entre|environ|autour de|vers|~|presque|pres de|souvent|parfois|jusqu'a|pics? (?:a|de)|pour) ?(?:a |de )?$"
)
_ABOUT_INSIDE = re.compile(r"~|\b(?:environ|entre|autour|alentours|vers|presque|connue?)\b")
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:(?<!depuis )(?:avant[- ])?hier|la veille|cette nuit|nuit derniere|ce matin|au (?:reveil|lever|coucher)"
    rf"|derni(?:er|ere)s?|precedente?s?|il y a|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|en (?:19|20)\d\d"
    rf"|en {MONTH}"
    rf"|le \d{{1,2}}/\d{{1,2}}|du \d{{1,2}}/\d{{1,2}}|(?:le |du )\d{{1,2}} {MONTH}|contre|etait|avait|auparavant|avant"
    r"|semaine derniere|mois dernier|jusqu'(?:a|ici)"
    r"|(?<!visite a )(?<!consultation a )(?<!vue a )(?<!vu a )(?<!vad a )domicile"
    r"|maison(?! de| medicale)|pharmacien?s?|pharmacie|dit avoir|rapporte\w*|decrit|declare\w*|raconte|annonce\w*|signal\w*"
    r"|automesures?|auto-mesures?|auto-tension|autotension\w*|auto-?mes\w*|automes\w*|mapa|holter|urgences|hopital|samu"
    r"|smur|pompiers"
    r"|infirmi\w*|ide|creche|ecole|nounou|nourrice|garderie|assistante maternelle"
    r"|ehpad|entree|sortie|initiale?|habituel\w*|anterieure?s?|chez (?:le |la )?"
    r"(?:cardio|kine|specialiste)\w*|moyennes?|releves?|carnet|crh?|compte[- ]rendu|courrier|lettre|hospitalis\w+"
    r"|cardiologue|appel|appelle|nocturne|(?:a l'|apres |pendant l'|sous |si |en cas d')effort"
    r"|a la marche|test de marche|lors (?:de|du)|initialement|avant grossesse|\d{1,2}/\d{1,2}/(?:20)?\d\d"
    r"|\d{1,2}/\d{1,2} ?:|j-?\d{1,2} ?:|ecg|sinusale?|holter|a fait|faisait|est monte\w*|etait (?:montee?|descendue?)"
    r"|montee? a|descendue? a|atteint|pics?|souvent|parfois|d'habitude"
    r"|en general|oscill\w*|vari(?:e|ait|able)|chiffres|a pris|la nuit|a (?:l'|son )(?:arrivee|admission|entree)"
    r"|a \d{1,2} ans|dernierement|recemment"
    r"|ces (?:derniers )?jours|apres|post"
    r"|depuis \d+ (?:jours|j)"
    r"|(?:vient|venue?|consulte|adressee?|appelle) pour|telephone|tel|teleconsult\w*"
    r"|(?:selon|d'apres|par) (?:le |la |sa |son |ses |l')?(?:patiente?|mere|pere|maman|papa|parents|fille|fils|mari|femme"
    r"|epouse|epoux"
    r"|aidante?))(?![a-z])"
)
_TODAY = re.compile(
    r"(?<![a-z])(?:ce jour|aujourd'hui|auj|ajd|au cabinet|en consultation|maintenant|actuel\w*|a l'examen|ici|cs)(?![a-z])"
)
_LEADING = re.compile(r"[ \-*•>]{0,4}(?:a (?:la |l')?|au |en |aux |le |la |vue? |passee? )?")
_BREAK = re.compile(r",(?=[ ])")
# `58,2 (60,1 en août)`: the brackets tell of another value, this one is of today.
_OTHER_VALUE = re.compile(r" ?(?:kg|g|cm)? ?\((?=[^)\n]{0,40}(?<![/\d])\d{2,3}(?:[.,]\d)?(?![\d/]))")
_NEXT_PRESSURE = re.compile(
    r"[^.;\n]{0,45}?(?<![\d/.,])(?:(?:8|9|1\d|2[0-4])(?:[.,]\d)?/(?:[3-9]|1[0-4])(?:[.,]\d)?|(?:9\d|1\d\d"
    r"|2[0-3]\d)/(?:[3-9]\d|1[0-4]\d))(?![\d/])"
)
_NEXT_NUMBER = re.compile(
    r"[^.;\n,\d]{0,12}(?:puis|controlee?|recontrolee?|->|=>|→|ensuite|apres (?:repos|paracetamol|doliprane|effort"
    r"|ventoline)|et)[^.;\n\d]{0,14}\d{2,3}(?:[.,]\d)?"
    r"(?!\d|/\d| ?(?:jours?|j\b|mois|sem|ans?|h\b|cm|kg|mg|cps?|m\b))"
)
# Measured at birth, or told of it: everything in that sentence is of then.
_OF_OTHERS = re.compile(
    rf"(?<![a-z]){RELATIVE}(?![a-z])|(?<![a-z])(?:bebe|femme|conjointe?|voisine?|transferrine|compagne|compagnon|valise"
    rf"|sac|ganglions?"
    rf"|nodule|prostate|foie|rate|rein)(?![a-z])"
)
_AT_BIRTH = re.compile(
    r"(?<![a-z])(?:nee? (?:a|le|par|en)|naissance|accouch\w*|apgar|a la maternite|pn|tn|avb)(?![a-z])"
)
_BEFORE, _AFTER = 60, 50  # characters looked at around a number
_I_FIND = re.compile(r"\b(?:je|on) (?:re)?trouve (?:a )?$")
# What the patient tells, in the sections where the doctor writes it down.
_TOLD = frozenset({Section.HISTORY, Section.REASON})
_TOLD_LEAD = re.compile(r"[ \-*•]*(?:s ?[:/]|hdm|histoire|interrogatoire|motif|anamnese)")
_SINCE = re.compile(r" ?(?:kg|%|° ?c?)? ?depuis\b")
_CARRY = 60  # characters between two measures of one sentence
_KIN_NEAR = 25  # characters between a relative and a number that is surely theirs


def context_of(folded: str, key: str, clause: Clause, start: int, end: int) -> Context:
    """What `folded[start:end]`, read as a measure of `key`, is after all."""
    before = folded[max(clause.start, start - 40) : start]
    inside = folded[start:end]
    if _NOT_MEASURED.search(before) or _THRESHOLD_INSIDE.search(inside) or _GOAL_RIGHT.match(folded, end):
        return Context.NOT_A_MEASURE
    if key in _CAN_CHANGE and (_CHANGE_LEFT.search(folded, max(0, start - 45), start) or _changed(folded, start, end)):
        return Context.NOT_A_MEASURE
    kin = _of_kin(folded, clause, start, end)
    if kin is not Context.TODAY:
        return kin
    if _at_birth(folded, clause, start, end):
        return Context.ELSEWHERE
    if _is_elsewhere(folded, (clause.start, clause.end), start, end):
        return Context.ELSEWHERE
    lead = clause.heading if clause.heading >= 0 and not _past_reason(clause) else clause.start
    if (clause.section in _TOLD and not _past_reason(clause)) or _TOLD_LEAD.match(folded, lead):
        return Context.ELSEWHERE
    if _SINCE.match(folded, end):
        return Context.ELSEWHERE
    if _again(folded, key, clause, end):
        return Context.RANGE
    if (
        _RANGE_RIGHT.match(folded, end)
        or _BECOMES.match(folded, end)
        or _ABOUT.search(before)
        or _ABOUT_INSIDE.search(inside)
    ):
        return Context.RANGE
    return Context.TODAY


def _past_reason(clause: Clause) -> bool:
    """`Motif : renouvellement. TA 14/8`: the reason ends with its sentence."""
    return clause.section is Section.REASON and clause.start not in {clause.heading, clause.line_start}


def not_back(folded: str, start: int, end: int) -> bool:
    """Does nothing between two measures say that the second is of today, or of another place?"""
    return end - start < _CARRY and not _TODAY.search(folded, start, end) and ")" not in folded[start:end]


def _at_birth(folded: str, clause: Clause, start: int, end: int) -> bool:
    """`PN 3450 g, poids ce jour 3520 g`: the last of the two cues decides."""
    last = None
    for last in _AT_BIRTH.finditer(folded, max(clause.start, start - 120), start):  # noqa: B007 - the last one is wanted
        pass
    return last is not None and not _TODAY.search(folded, last.end(), end)


def _again(folded: str, key: str, clause: Clause, end: int) -> bool:
    """Does another value of the same kind follow, without its label (`TA 16/9, contrôlée à 14/8`)?"""
    pattern = _NEXT_PRESSURE if key == "pressure" else _NEXT_NUMBER
    return pattern.match(folded, end, min(clause.end, end + 70)) is not None


def _changed(folded: str, start: int, end: int) -> bool:
    """`12 kg perdus`, `4 kg en 2 mois`, `+ 3 kg`: a difference, not a measure."""
    signed = folded[start].isdigit() and _SIGNED.search(folded, max(0, start - 3), start)
    return bool(signed) or _CHANGE_RIGHT.match(folded, end) is not None


def _of_kin(folded: str, clause: Clause, start: int, end: int) -> Context:
    """`père : poids 95 kg`, `TA de sa femme 15/9`."""
    if clause.section is Section.FAMILY or _OF_OTHERS.search(folded, start, end):
        return Context.NOT_A_MEASURE
    left = folded[max(clause.start, start - 120) : start]
    if _I_FIND.search(left):
        return Context.TODAY
    kin = kinship(left, folded[end : min(clause.end, end + 40)])
    if kin is Kin.NO:
        other = _OF_OTHERS.search(left[-_KIN_NEAR:])
        return Context.KIN if other and "," not in left[-_KIN_NEAR:][other.end() :] else Context.TODAY
    near = left[-_KIN_NEAR:]
    return Context.NOT_A_MEASURE if kin in {Kin.YES, Kin.UNRELATED} and "," not in near else Context.KIN


def _is_elsewhere(folded: str, clause: tuple[int, int], start: int, end: int) -> bool:
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
    other = _OTHER_VALUE.match(folded, end, min(clause[1], end + _AFTER))
    right = other.start() if other else right
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
