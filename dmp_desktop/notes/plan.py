"""Reason, sick leave, follow-up: mentions, never acts (the legal notice of sick leave is made elsewhere)."""

from __future__ import annotations

import re
from itertools import islice

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.domain.said_dates import MONTH
from dmp_desktop.notes.structure import Section, Structure

MAX_ITEMS = 300  # of a kind in one note
_UNIT = r"(jours?|jrs?|j|semaines?|sem|s|mois|m|ans?|heures?|h)(?![a-z0-9])"
_DATE = rf"\d{{1,2}}(?:/\d{{1,2}}(?:/\d{{2,4}})?| {MONTH})"
_LEAVE = (
    r"at|aat|itt|(?:prolongation|prol\.?|renouvellement) (?:de l'|d'|de )?(?:at|arret(?: de travail)?)|prolongation"
    r"|arret(?: de travail| maladie| pathologique)?"
)
_SICK_LEAVE = re.compile(
    rf"(?<![a-z/])({_LEAVE})[ ]?(?:initiale?|prolongation|prol|maladie)?[ ]?(?:(?:de|pour|:"
    rf"|x) ?){{0,2}}(\d{{1,3}})[ ]?(jours?|jrs?|j|semaines?|sem|mois)(?![a-z])"
)
_LEAVE_UNTIL = re.compile(
    rf"(?<![a-z/])({_LEAVE})[ ]?(?:initiale?"
    rf"|maladie)?[ ]?(?:du (\d{{1,2}})(?:/(\d{{1,2}}))?(?:/\d{{2,4}})? (?:inclus )?au|jusqu'au|jusqu'a|jusque) ?(?:le )?"
    r"(\d{1,2})(?:/(\d{1,2}))?(?:/\d{2,4})?"
    rf"(?: {MONTH})?(?: inclus)?"
)
_NOT_A_LEAVE = re.compile(r"(?:pas d'|sans |fin d'|fin de l'|refus\w* )$")
_DRUG_STOP = re.compile(r"[ ]?(?:avant|apres)\b")
_AGAIN = (
    r"(?:(?:prochaine?|nouveau|nouvelle) )?(?:rdv|rv|rendez[- ]vous|cs de controle|(?:a )?revoire?|revue?|reverr\w+"
    r"|revoi[st]|controler?|reconsult\w*|consulter"
    r"|reevaluation|reevaluer|repass\w+|passage|rappel(?:er| tel)|prochaine (?:consultation|visite|cs)|reviendra|revient"
    r"|retour|moi|suivi|consult\w* (?=si|au|dans|en cas))"
)
_BETWEEN = r"(?:[ :]{1,3}(?!dans|ds|a \d|si|en|le|demain)(?:[a-z+']{1,14}|[a-z]{1,4}\.)){0,3}"
_FOLLOW_UP = re.compile(
    rf"(?<![a-z]){_AGAIN}{_BETWEEN}[ :]{{1,3}}(?:(?:dans|ds|a|de|sous|d'ici|vers|prevu)[ ]?(?:environ )?|:[ ]?)?"
    rf"(?:([jsm])\+?(\d{{1,2}})|(\d{{1,3}})(?: ?(?:-|a|ou) ?(\d{{1,3}}))?[ ]?{_UNIT})(?![a-z0-9])"
)
_WHEN = re.compile(
    rf"(?<![a-z]){_AGAIN}(?:{_BETWEEN}[ :]{{1,3}}(?:le |en |pour |des |a |la )?(?:apres-demain|demain|(?:lundi|mardi"
    rf"|mercredi|jeudi|vendredi|samedi|dimanche)"
    rf"(?: prochain)?|(?:la )?semaine prochaine|(?:le )?mois prochain|{_DATE}|{MONTH}|ce moment|la fin"
    rf"|toutes les semaines)"
    r"|[ :]{1,3}(?:sb\b|si besoin|(?:avec|apres|pour|des) (?:les? |l'|la )?[a-z]{3,20}|resultats?|toutes les [a-z]+)"
    r"|(?: [a-z]{1,12}){0,3} si (?!besoin)[^.;\n]{3,60})"
)
_CUES_OF_WHEN_ONLY = re.compile(r"(?:retour|moi|suivi|consult\w*|passage|controler?) (?!au cabinet|si)")
_REASON = re.compile(
    r"(?<![a-z])(?:(?:consulte|consult(?:ation)?|vient|venue?s?|vue?s?|cs|adressee?|amenee?|se presente|recue?"
    r"|patiente?)(?: (?!pour|pr\b)[a-z']{1,12}){0,4}"
    r" (?:pour|pr)|(?<!a )demande d(?:e|')(?! (?:consult|avis|irm|scanner|radio|echo|prise|rdv|bilan"
    r"|transp)))[ :]{1,3}([^.,;:\n(]{3,80})"
)
_REASON_END = re.compile(r" (?:depuis|apres|evolu\w+|tension|ta \d|pouls|avec|examen|sans)\b")
_DAYS = {"j": 1.0, "s": 7.0, "m": 30.0, "a": 365.0, "h": 1 / 24}
_AMBIGUOUS = "« AT » : arrêt de travail ou accident du travail ?"
_ELSEWHERE = "L'avis d'arrêt de travail se fait dans amelipro ou votre logiciel."


def find_plan(note: str, folded: str, structure: Structure) -> list[Proposal]:
    return [*_sick_leaves(note, folded), *_follow_ups(note, folded), *_reasons(note, folded, structure)]


def _sick_leaves(note: str, folded: str) -> list[Proposal]:
    found = []
    for match in islice(_SICK_LEAVE.finditer(folded), MAX_ITEMS):
        if _DRUG_STOP.match(folded, match.end()) or _denied(folded, match.start()):
            continue
        found.append(_leave(note, match, round(int(match[2]) * _DAYS[match[3][0]])))
    for match in islice(_LEAVE_UNTIL.finditer(folded), MAX_ITEMS):
        if not _denied(folded, match.start()):
            same_month = match[2] and (match[3] is None or match[3] == match[5])
            days = int(match[4]) - int(match[2]) + 1 if same_month else 0
            found.append(_leave(note, match, days if days > 0 else None))
    return found


def _denied(folded: str, start: int) -> bool:
    return _NOT_A_LEAVE.search(folded, max(0, start - 15), start) is not None


def _leave(note: str, match: re.Match[str], days: int | None) -> Proposal:
    ambiguous = match[1] == "at"
    return Proposal(
        kind=ProposalKind.SICK_LEAVE,
        label="Arrêt de travail",
        start=match.start(),
        end=match.end(),
        text=note[match.start() : match.end()],
        value=days,
        unit="d" if days else None,
        confidence=Confidence.LOW if ambiguous else Confidence.MEDIUM,
        warnings=(_AMBIGUOUS, _ELSEWHERE) if ambiguous else (_ELSEWHERE,),
    )


def _follow_ups(note: str, folded: str) -> list[Proposal]:
    found: list[Proposal] = []
    last = 0
    timed = [(match, _days(match)) for match in islice(_FOLLOW_UP.finditer(folded), MAX_ITEMS)]
    dated = [(match, None) for match in islice(_WHEN.finditer(folded), MAX_ITEMS) if not _vague(match)]
    for match, days in sorted([*timed, *dated], key=lambda item: (item[0].start(), item[1] is None)):
        if match.start() < last or _report(folded, match):
            continue
        last = match.end()
        found.append(
            Proposal(
                kind=ProposalKind.FOLLOW_UP,
                label="Prochain rendez-vous",
                start=match.start(),
                end=match.end(),
                text=note[match.start() : match.end()],
                status=ProposalStatus.PLANNED,
                value=days,
                unit="d" if days else None,
                confidence=Confidence.MEDIUM if days else Confidence.LOW,
            )
        )
    return found


def _days(match: re.Match[str]) -> int:
    """The nearer end of `16-18 mois`; a day at least."""
    return max(1, round(int(match[2] or match[3]) * _DAYS[(match[1] or match[5])[0]]))


def _vague(match: re.Match[str]) -> bool:
    return _CUES_OF_WHEN_ONLY.match(match[0]) is not None and " si " not in match[0]


def _report(folded: str, match: re.Match[str]) -> bool:
    """`Revue à 3 semaines` at the head of a note tells why the patient is there; `pas de contrôle` nothing."""
    head, before = folded[: match.start()].strip(), folded[max(0, match.start() - 16) : match.start()]
    return (not head and re.match(r"revue? ", match[0]) is not None) or bool(
        re.search(r"(?:pas de|pas de nouveau|sans|vue? en|du|au|le|au dernier) $", before)
    )


def _reasons(note: str, folded: str, structure: Structure) -> list[Proposal]:
    """What follows `Motif :` or `consulte pour`; the first one only."""
    spans = [(clause.body, clause.end) for clause in structure.clauses if clause.section is Section.REASON]
    match = None if spans else _REASON.search(folded)
    if match:
        stop = _REASON_END.search(folded, match.start(1), match.end(1))
        spans = [(match.start(1), stop.start() if stop else match.end(1))]
    for start, end in spans:
        text = note[start:end]
        left, right = start + len(text) - len(text.lstrip()), start + len(text.rstrip(" ,-\t\n\r"))
        if right > left + 3:
            return [
                Proposal(
                    kind=ProposalKind.REASON,
                    label=note[left:right],
                    start=left,
                    end=right,
                    text=note[left:right],
                    confidence=Confidence.MEDIUM,
                )
            ]
    return []
