"""Treatments quoted in a note: drug, strength, schedule, duration, and whether they start or stop.

Never ticked, never turned into a prescription. Names are those of the lexicon, letter for letter: no misspelled one is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.dose_change import CHANGED, TWO_DOSES, Change, changed_later, find_change
from dmp_desktop.notes.folding import fold
from dmp_desktop.notes.lexicon import OWN_WARNING, Hit
from dmp_desktop.notes.schedule import AS_NEEDED, Posology, read_posology
from dmp_desktop.notes.strength import read_strength
from dmp_desktop.notes.structure import Structure
from dmp_desktop.notes.treatment_action import Action, Frame, find_action, frame_of
from dmp_desktop.notes.treatment_intent import conditional, heading_of
from dmp_desktop.terminology.oids import ATC

# Words between a separator and the next drug belong to that one (`…, arrêter ibuprofène`).
_NEXT_LEAD = re.compile(r"(?:[,+>]|\bet\b|\bpuis\b)(?:(?!\bet\b|\bpuis\b)[^,+\d>]){0,40}$")
# Another matter begins: what is counted from there on is not the drug's.
_TOPIC = re.compile(
    r"(?<![a-z])(?:tension|ta (?=\d)|pouls|poids|temperature|saturation|kine\w*|(?:pas d')?arret (?=de travail|\d"
    r"|pathologique|initial)"
    r"|prolongation|at (?=\d|du)|rdv|rv|revoir|a revoir|bilan|controle|contention|je (?:demande|la|le|les|revois)"
    r"|on (?:demande|se revoit|refait)"
    r"|pas de|pas d'|examen|irm|radio|echo\w*|scanner|conseils?|surveillance|certificat|eviction|vaccin\w*|iono|nfs|creat"
    r"|tsh|retour|prochaine?"
    r"|(?:hba1c|ldl|hdl|dfg\w?|glyc\w*|kaliemie|inr|crp|psa|uricemie|ferritine|hb|plaquettes|creatinine)(?= ?[:=]? ?\d)"
    r"|reprise|consult\w*|allergie\w*|toler\w+|poursuite (?:du|de la) (?:suivi|kine)|infirmi\w*|ide|preservatifs?)(?![a-z])"
)
_HEADER = re.compile(
    r"(?:renouv\w*|ttt|rx|ordo\w*|traitement|prescription)[^:\n\d]{0,25}(?:pour |qsp )?(\d{1,2}) ?(mois|sem\w*"
    r"|j(?:ours?)?)\b[^:\n]{0,15}:"
)
_DAYS = {"j": 1, "s": 7, "m": 30}
# `Lantus 20 le soir`: twenty units once, which no strength nor schedule of tablets says.
_INSULINS = "A10A"
_UNITS_OF_INSULIN = "Unités d'insuline : posologie non codée."
_INSULIN = "insuline"
_INSULIN_NAMED = re.compile(r"[ :(]{0,3}(?:(?:ultra[- ]?)?(?:lente|rapide|basale|prandiale|mixte)[ :(]{0,3})?")
_TOLD_TWICE = "La note arrête ou change aussi ce traitement : à vérifier."
# A laboratory value or a food, not a drug.
_NOT_A_DRUG = re.compile(r" ?[:=]? ?\d+(?:[.,]\d+)? ?(?:mmol|meq|umol|g/l|mg/l|ng/ml|ug/l)| sanguin|emie\b")
_LEVEL_LEFT = re.compile(
    r"(?:dosage|taux|bilan|carence en|deficit en|reserves? en|alimentation|riche en|apports? en|pauvre en) (?:de |d'|du )?$"
)


def find_treatments(note: str, folded: str, structure: Structure, drugs: Sequence[Hit]) -> list[Proposal]:
    """In the order of the note. `drugs` are the names found in it."""
    hits = [hit for hit in drugs if not _NOT_A_DRUG.match(folded, hit.end) and not _level(folded, hit.start)]
    hits = [hit for hit, after in zip_longest(hits, hits[1:]) if not (after and _names_insulin(folded, hit, after))]
    frame = frame_of(folded)
    found: list[Proposal] = []
    previous: tuple[int, Action] | None = None
    for index, hit in enumerate(hits):
        following = hits[index + 1].start if index + 1 < len(hits) else len(folded)
        proposal, action = _proposal(note, folded, structure, hit, following, previous, frame)
        found.append(proposal)
        previous = (proposal.end, action)
    return _consistent(found)


def _names_insulin(folded: str, hit: Hit, after: Hit) -> bool:
    """`insuline Lantus`, `insuline lente : Lantus` are one treatment."""
    if folded[hit.start : hit.end] != _INSULIN or not (after.row and after.row[1].startswith(_INSULINS)):
        return False
    return _INSULIN_NAMED.fullmatch(folded, hit.end, after.start) is not None


def _consistent(found: list[Proposal]) -> list[Proposal]:
    """A drug that is told to go on, and elsewhere to stop or to change: both say so."""
    by_drug: dict[str, list[Proposal]] = {}
    for item in found:
        by_drug.setdefault(_drug(item), []).append(item)
    doubtful = {drug for drug, items in by_drug.items() if _differ(items)}
    return [
        replace(item, warnings=(*item.warnings, _TOLD_TWICE))
        if _drug(item) in doubtful and item.status is not ProposalStatus.FAMILY
        else item
        for item in found
    ]


def _drug(item: Proposal) -> str:
    """Ramipril and Triatec are one."""
    return item.code or fold(item.label)


def _differ(items: list[Proposal]) -> bool:
    own = [item for item in items if item.status is not ProposalStatus.FAMILY]
    taken = [item for item in own if item.status is ProposalStatus.PRESENT]
    stopped = any(item.value["action"] == "stop" for item in own)
    strengths = {item.value["strength"] for item in taken if item.value["strength"]}
    return len(own) > 1 and bool(taken) and (stopped or len(strengths) > 1 or _changed(own))


def _changed(items: list[Proposal]) -> bool:
    """One of several mentions changes the dose."""
    return len({item.value["action"] == "change" for item in items}) > 1


def _level(folded: str, start: int) -> bool:
    return _LEVEL_LEFT.search(folded, max(0, start - 25), start) is not None


def _proposal(
    note: str,
    folded: str,
    structure: Structure,
    hit: Hit,
    following: int,
    previous: tuple[int, Action] | None,
    frame: Frame,
) -> tuple[Proposal, Action]:
    clause = structure.at(hit.start)
    end = min(clause.end, following, hit.end + 300)
    lead = _NEXT_LEAD.search(folded, max(hit.end, end - 60), end) if end == following < len(folded) else None
    end = lead.start() if lead else end
    topic = _TOPIC.search(folded, hit.end, end)
    segment = folded[hit.end : topic.start() if topic else end]
    known = previous if previous and previous[0] > clause.start else None
    heading = heading_of(folded, clause, hit.start)
    action = find_action(folded, clause, hit.start, segment, known, frame, heading, following >= clause.end)
    strength, posology, used = _dose(segment, note[hit.end : end], action)
    going = action.word != "stop"
    if going:
        change = find_change(segment, action.word == "change")
        if change is None and strength and changed_later(folded, hit.end + len(segment), following):
            change = Change(None)
        if change and change.dose:
            action = replace(action, word="change")
            strength, posology, used = _new_dose(segment, note[hit.end : end], change.dose, posology)
        elif change:
            strength, posology = None, replace(posology, schedule=None, warnings=(TWO_DOSES, *posology.warnings))
        left = folded[max(clause.start, known[0] if known else 0, hit.start - 90) : hit.start]
        if action.status is ProposalStatus.PRESENT and conditional(left, heading):
            others = tuple(one for one in posology.warnings if one != AS_NEEDED)
            posology = replace(posology, schedule=None, warnings=(*others, AS_NEEDED))
    if hit.row and hit.row[1].startswith(_INSULINS) and (strength or posology.schedule or posology.warnings):
        needed = tuple(one for one in posology.warnings if one == AS_NEEDED)
        strength, posology = None, replace(posology, schedule=None, warnings=(_UNITS_OF_INSULIN, *needed))
    finish = hit.end + len(segment[:used].rstrip(" ,;:.-+\t\n("))
    days = posology.duration_days
    days = days if days is not None or not going else _header_days(folded, clause.heading, hit.start)
    return _told(note, hit, finish, action, strength, replace(posology, duration_days=days)), action


def _told(note: str, hit: Hit, finish: int, action: Action, strength: str | None, posology: Posology) -> Proposal:
    """What was read from the name to `finish`, an offset in the note."""
    name = note[hit.start : hit.end]
    exact = bool(strength and posology.schedule)
    confidence = (
        Confidence.HIGH if exact else Confidence.MEDIUM if strength or action.word == "stop" else Confidence.LOW
    )
    confidence = Confidence.LOW if action.warnings else confidence
    return Proposal(
        kind=ProposalKind.TREATMENT,
        label=hit.own.label if hit.own else name.capitalize(),
        start=hit.start,
        end=finish,
        text=note[hit.start : finish],
        status=action.status,
        value={
            "drug": name,
            "strength": strength,
            "schedule": posology.schedule,
            "duration_days": posology.duration_days,
            "action": action.word,
        },
        code=hit.own.code if hit.own else hit.row[1] or None,
        system=hit.own.system if hit.own else ATC,
        confidence=Confidence.MEDIUM if hit.own and not action.warnings else confidence,
        warnings=(*action.warnings, *posology.warnings, *((OWN_WARNING,) if hit.own else ())),
    )


def _dose(segment: str, original: str, action: Action) -> tuple[str | None, Posology, int]:
    """(strength, posology, how many characters they take) of the words that follow a name; of what stops, only what is plain."""
    strength, rest, skipped, used = read_strength(segment, original)
    posology = read_posology(rest)
    if action.word == "stop":
        plain = posology.schedule if "puis" not in rest else None
        posology = Posology(plain, None, (), posology.end if posology.schedule else 0)
    return strength, posology, max(used, posology.end + skipped) if posology.end else used


def _new_dose(segment: str, original: str, dose: tuple[int, int], old: Posology) -> tuple[str, Posology, int]:
    """Of a dose that changes: what is said before it holds no more."""
    start, end = dose
    posology = read_posology(segment[end:])
    if posology.schedule is None and not posology.warnings and old.schedule:
        posology = replace(posology, warnings=(CHANGED,))
    return original[start:end].replace(" ", ""), posology, end + posology.end


def _header_days(folded: str, heading: int, start: int) -> int | None:
    """`Renouvellement 3 mois :` says it for the list below."""
    match = _HEADER.search(folded, heading, min(start, heading + 80)) if heading >= 0 else None
    return int(match[1]) * _DAYS[match[2][0]] if match else None
