"""Treatments quoted in a note: drug, strength, schedule, duration, and whether they start or stop.

Never ticked, never turned into a prescription. Names are those of the lexicon, letter for letter: no misspelled one is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind
from dmp_desktop.notes.lexicon import OWN_WARNING, Hit
from dmp_desktop.notes.schedule import Posology, read_posology
from dmp_desktop.notes.structure import Structure
from dmp_desktop.notes.treatment_action import Action, Frame, find_action, frame_of
from dmp_desktop.terminology.oids import ATC

_NUMBER = r"\d{1,3}(?: \d{3})+|\d{1,5}(?:[.,]\d{1,3})?"
_STRENGTH = re.compile(
    rf"(?<![\d/.,])((?:{_NUMBER})(?: ?(?:mg|g|ug)? ?[/+] ?(?:{_NUMBER}))?) ?"
    r"(mg/ ?\d{0,2} ?ml|mg/kg/j|mg/kg|mg/ ?24 ?h|mg/j|mg|mcg|microg|ug/h|ug|g/j|gr?|ui/j|ui/kg|ui|ml|%|m)(?![a-z0-9/])"
)
_COMPOSITE = re.compile(rf" ?((?:{_NUMBER}) ?(?:mg|g) ?/ ?(?:{_NUMBER})(?: ?(?:mg|g))?)(?![\d/]| ?ml| ?h)")
_PER_KILO = re.compile(r"/kg")
_FORM = (
    r"(?: (?:lyocs?|caps|lp|lm|xr|od|susp\w*|sol\w*|sirop|cp|gel(?:ules?)?|inj\w*|buvable|orodisp\w*|flash|ge"
    r"|nourrisson|enfants?|adultes?|gouttes|creme|pde|pommade|gel|po|iv|im|sc))*"
)
_BARE = re.compile(
    rf"{_FORM}[ ]{{1,2}}:? ?((?:\d{{1,3}} \d{{3}}|\d{{1,4}}(?:[.,]\d{{1,3}})?)(?:[/+]\d{{1,4}}(?:[.,]\d{{1,2}})?)?)"
    r"(?=[ ,:;.()=x>-]|$)(?!-\d|[.,]\d| ?(?:j|jours?|mois|sem\w*|semaines?|ans?|fois|x ?/|x\d? ?/|h|heures?|bouff\w*"
    r"|gouttes?|gttes?|doses?|amp\w*|cps?|gel\w*"
    r"|sach\w*|comp\w*|prises?|appli\w*|inj\w*|patchs?|suppos?|unites?|kg|cm|boites?|lavements?|%|/)\b| ?x ?\d ?x| - ?\d)"
)
# A small number is a quantity when a moment follows it, a strength when another quantity does.
_QUANTITY_NEXT = re.compile(
    r" ?(?:le |au |a |par |et |avant |apres |chaque |aux )?(?:matin|midi|soir|coucher|jour|repas|lever)|x ?\d| x ?\d"
)
_FRACTIONS = frozenset({"1/2", "1/4", "3/4", "1/3", "2/3"})  # of a tablet
_TOO_MANY = 3  # tablets at once: `Bisoprolol 5 le matin` is one of 5 mg
_POSOLOGY_NEXT = re.compile(r" ?[:,]? ?(?:\d|x ?\d|1/2|le |matin|midi|soir|au |si |$|[,;:.)=-])")
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
# A laboratory value or a food, not a drug.
# `Lantus 20 le soir`: twenty units once, which no strength nor schedule of tablets says.
_INSULINS = "A10A"
_UNITS_OF_INSULIN = "Unités d'insuline : posologie laissée dans le texte."
_NOT_A_DRUG = re.compile(r" ?[:=]? ?\d+(?:[.,]\d+)? ?(?:mmol|meq|umol|g/l|mg/l|ng/ml|ug/l)| sanguin|emie\b")
_LEVEL_LEFT = re.compile(
    r"(?:dosage|taux|bilan|carence en|deficit en|reserves? en|alimentation|riche en|apports? en|pauvre en) (?:de |d'|du )?$"
)


def find_treatments(note: str, folded: str, structure: Structure, drugs: Sequence[Hit]) -> list[Proposal]:
    """In the order of the note. `drugs` are the names found in it."""
    hits = [hit for hit in drugs if not _NOT_A_DRUG.match(folded, hit.end) and not _level(folded, hit.start)]
    frame = frame_of(folded)
    found: list[Proposal] = []
    previous: tuple[int, Action] | None = None
    for index, hit in enumerate(hits):
        following = hits[index + 1].start if index + 1 < len(hits) else len(folded)
        proposal, action = _proposal(note, folded, structure, hit, following, previous, frame)
        found.append(proposal)
        previous = (proposal.end, action)
    return found


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
    action = find_action(folded, clause, hit.start, segment, known, frame)
    strength, rest, skipped, used = _strength(segment, note[hit.end : end])
    going = action.word != "stop"
    posology = read_posology(rest)
    if strength and strength.isdigit() and hit.row and hit.row[1].startswith(_INSULINS):
        strength, posology = None, replace(posology, schedule=None, warnings=(_UNITS_OF_INSULIN,))
    if not going:
        posology = Posology(
            posology.schedule if "puis" not in rest else None, None, (), posology.end if posology.schedule else 0
        )
    if posology.end:
        used = max(used, posology.end + skipped)
    finish = hit.end + len(segment[:used].rstrip(" ,;:.-+\t\n("))
    days = posology.duration_days
    days = days if days is not None or not going else _header_days(folded, clause.heading, hit.start)
    status = action.status
    name = note[hit.start : hit.end]
    exact = bool(strength and posology.schedule)
    warnings = (*posology.warnings, OWN_WARNING) if hit.own else posology.warnings
    confidence = Confidence.HIGH if exact else Confidence.MEDIUM if strength or not going else Confidence.LOW
    proposal = Proposal(
        kind=ProposalKind.TREATMENT,
        label=hit.own.label if hit.own else name.capitalize(),
        start=hit.start,
        end=finish,
        text=note[hit.start : finish],
        status=status,
        value={
            "drug": name,
            "strength": strength,
            "schedule": posology.schedule,
            "duration_days": days,
            "action": action.word,
        },
        code=hit.own.code if hit.own else hit.row[1] or None,
        system=hit.own.system if hit.own else ATC,
        confidence=Confidence.MEDIUM if hit.own else confidence,
        warnings=warnings,
    )
    return proposal, action


def _header_days(folded: str, heading: int, start: int) -> int | None:
    """`Renouvellement 3 mois :` says it for the list below."""
    match = _HEADER.search(folded, heading, min(start, heading + 80)) if heading >= 0 else None
    return int(match[1]) * _DAYS[match[2][0]] if match else None


def _strength(segment: str, original: str) -> tuple[str | None, str, int, int]:
    """(strength, what is left to read, how many characters were cut, how many are used). Looked for near the drug's name."""
    composite = _COMPOSITE.match(segment)
    if composite:
        said = original[composite.start(1) : composite.end(1)].replace(" ", "")
        return said, segment[composite.end() :], composite.end(), composite.end()
    match = _STRENGTH.search(segment, 0, 60)
    if match and match.start() <= 25 and not re.search(r"[,;>]|\bpuis\b|\bmax", segment[: match.start()]):
        if _PER_KILO.search(match[2]):
            return None, segment, 0, match.end()
        number = re.sub(r" ?(/|\+) ?", r"\1", original[match.start(1) : match.end(1)])
        unit = original[match.start(2) : match.end(2)].replace(" ", "")
        rest = f"{segment[: match.start()]} {segment[match.end() :]}"
        return f"{number}{unit}", rest, match.end() - match.start() - 1, match.end()
    bare = _BARE.match(segment)
    if bare and _is_strength(bare[1], segment[bare.end() :]):
        return original[bare.start(1) : bare.end(1)], segment[bare.end() :], bare.end(), bare.end()
    return None, segment, 0, 0


def _is_strength(number: str, after: str) -> bool:
    """`Périndopril 2 1-0-0`, `Eliquis 2,5 …`, `Eliquis 5 x2`; but `Doliprane 1 matin et soir` tells a quantity."""
    if number in _FRACTIONS:
        return False
    if not number.isdigit() or int(number) >= 10:
        return True
    if re.match(r" ?x ?\d", after):
        return int(number) > 2
    if int(number) >= _TOO_MANY and _QUANTITY_NEXT.match(after):
        return True
    return (
        not _QUANTITY_NEXT.match(after)
        and bool(_POSOLOGY_NEXT.match(after))
        and not re.match(r" ?[0-4] [0-4]\b", after)
    )
