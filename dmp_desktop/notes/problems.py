"""Problems of the lexicon with their status; never ticked beforehand: coding a diagnosis is a choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.folding import fold, words
from dmp_desktop.notes.lexicon import OWN_WARNING, Hit, OwnHits, Word, lexicon, with_own
from dmp_desktop.notes.status import find_status
from dmp_desktop.notes.structure import Structure
from dmp_desktop.terminology.oids import ICD10

_NOT_SAID = re.compile(
    r"(?<![a-z])(?:si|en cas (?:de|d')|prevention|prevenir|info(?:rmation)?s?|conseils?|depistage|risques? (?:de|d')"
    r"|vaccin\w*|serologies?|test|pcr|immunis\w+|peur (?:de|du|d')|contage|contact (?:avec|de)|cas de|epidemie de|recherche de)"
    r"(?![a-z])(?!, )(?:(?!, |sinon|donc|mais|car )[^.;:\n]){0,40}$"
)
_ABBREVIATED = 3  # years: below, two letters are not read
# `IC à 82%` is a confidence interval, `TCA 1,2` a clotting time.
_MEASURED = re.compile(r"[ ]?(?:a |:|=)?[ ]?(?:\d{1,3}[ ]?%|\d+[.,]\d)")
# `1 goutte`, `goutte dans l'œil`: a drop.
_A_DROP = re.compile(r" (?:a goutte|dans|au nez|par|de)\b")
_COUNTED = re.compile(r"(?:\d|goutte a) ?$")
# `grippe à traiter` is no influenza A, `avis gastro` no gastroenteritis, `varicelle à la crèche` not the patient's.
_TYPE_A = re.compile(r" a$")
_NO_TYPE = re.compile(r" (?:la|l'|domicile|\w+er|\d|j\d)\b")
_A_DOCTOR = re.compile(
    r"(?<![a-z])(?:avis|rdv|rv|chez|par|dr|docteur|courrier|lettre|adress\w+|consult\w*|cs|suivi|vue?|hospit\w*)"
    r" (?:le |la |un |une |au |en |de |du |par |chez ){0,2}$"
)
_ELSEWHERE = re.compile(r" (?:a la (?:creche|maternelle)|a l'ecole|en classe|chez (?:la |sa )?(?:nounou|nourrice))\b")
_CONTAGIOUS = ("A", "B", "J0", "J1", "L01", "H10")  # CIM-10
_NO_PREGNANCY_NOW = re.compile(
    r"(?<![a-z])(?:avant|pendant|apres|hors|post|derniere|premiere|precedente|\d(?:re|e|eme)?)[- ](?:la |sa |une )?$"
)
_IMMUNE = re.compile(r" (?:immunise|vaccine|protege)")
_NOT_SO = re.compile(r"(?<![a-z])(?:pas|plus|non) (?:encore )?$")
_CONTRADICTED = "La note dit aussi le contraire : à vérifier."
_ABBREVIATION = "Abréviation de deux lettres : à vérifier."


def find_problems(
    note: str, folded: str, structure: Structure, note_words: Sequence[Word], own: OwnHits, age: int | None
) -> list[Proposal]:
    """In the order of the note. What is only feared (`revoir si fièvre`) or prevented is no problem. `age` is in whole years."""
    listed = [_typed(note, folded, hit) for hit in lexicon("problems").find(folded, note_words)]
    hits = with_own(listed, own, ProposalKind.PROBLEM)
    meant = (_proposal(note, folded, structure, hit) for hit in hits if _meant(note, folded, structure, hit, age))
    return _consistent([item for item in meant if item])


def _consistent(found: list[Proposal]) -> list[Proposal]:
    """`Pas de diabète. Diabète de type 2`: what is said absent and present is doubtful both times."""
    absent = [item for item in found if item.status is ProposalStatus.ABSENT]
    present = [item for item in found if item.status is ProposalStatus.PRESENT]
    doubtful = {
        place
        for one in absent
        for other in present
        if _stems(one.text) <= _stems(f"{other.text} {other.label}") or (one.code and one.code == other.code)
        for place in (one.start, other.start)
    }
    return [
        replace(item, confidence=Confidence.LOW, warnings=(*item.warnings, _CONTRADICTED))
        if item.start in doubtful
        else item
        for item in found
    ]


def _stems(text: str) -> set[str]:
    return {word.rstrip("sx") for _, _, word in words(fold(text))}


def _typed(note: str, folded: str, hit: Hit) -> Hit:
    """`Grippe à …` is `Grippe`: folding makes a type of the preposition."""
    if not _TYPE_A.search(folded, hit.start, hit.end) or not (
        note[hit.end - 1] == "à" or _NO_TYPE.match(folded, hit.end)
    ):
        return hit
    shorter = lexicon("problems").find(folded, words(folded[: hit.end - 2])[-(hit.row[0].count(" ")) :])
    return shorter[0] if shorter else hit


def _meant(note: str, folded: str, structure: Structure, hit: Hit, age: int | None) -> bool:
    """Two letters mean a problem only in capitals and not before a number; what is only feared or prevented is none."""
    if _NOT_SAID.search(folded, max(structure.at(hit.start).start, hit.start - 60), hit.start):
        return False
    if hit.own:
        return True
    term, code, _, flag = hit.row
    if flag == "exact":
        return note[hit.start : hit.end].lower() == term and not (
            _COUNTED.search(folded, max(0, hit.start - 10), hit.start) or _A_DROP.match(folded, hit.end)
        )
    if flag == "absent":
        return not _NOT_SO.search(folded, max(0, hit.start - 15), hit.start)
    if term == "gastro" and _A_DOCTOR.search(folded, max(0, hit.start - 40), hit.start):
        return False
    if code.startswith(_CONTAGIOUS) and (_ELSEWHERE.match(folded, hit.end) or _IMMUNE.match(folded, hit.end)):
        return False
    if term == "grossesse" and _NO_PREGNANCY_NOW.search(folded, max(0, hit.start - 20), hit.start):
        return False
    if flag != "context":
        return True
    if age is not None and age < _ABBREVIATED:
        return False  # `FA` of an infant is the fontanelle
    return note[hit.start : hit.end].isupper() and not _MEASURED.match(folded, hit.end)


def _proposal(note: str, folded: str, structure: Structure, hit: Hit) -> Proposal | None:
    _, code, label, flag = hit.row if hit.row else ("", "", "", "own")
    status, warnings = (
        (ProposalStatus.ABSENT, ())
        if flag == "absent"
        else find_status(folded, structure.at(hit.start), hit.start, hit.end)
    )
    if status is None:
        return None
    doubtful = bool(warnings) or flag == "context"
    if flag == "context":
        warnings = (*warnings, _ABBREVIATION)
    if hit.own:
        code, label, warnings = hit.own.code or "", hit.own.label, (*warnings, OWN_WARNING)
    return Proposal(
        kind=ProposalKind.PROBLEM,
        label=label,
        start=hit.start,
        end=hit.end,
        text=note[hit.start : hit.end],
        status=status,
        code=code or None,
        system=hit.own.system if hit.own else ICD10,
        confidence=Confidence.LOW if doubtful else Confidence.MEDIUM,
        warnings=warnings,
    )
