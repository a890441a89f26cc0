"""Vaccinations: done, planned or refused, with lot, site, rank and date.

Their words never make a disease: `Vaccin Covid` is not COVID-19.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.domain.said_dates import NOT_PLAINLY
from dmp_desktop.notes.lexicon import OWN_WARNING, Hit, OwnHits, Word, lexicon, with_own
from dmp_desktop.notes.mask import Mask
from dmp_desktop.notes.structure import Clause, Section, Structure
from dmp_desktop.notes.vaccine_dates import injection_date, no_date
from dmp_desktop.terminology.oids import ATC

_TRIGGER = re.compile(
    r"(?<![a-z])(?:anti[- ]?|vaccin\w{0,8}|vacc|vax|rappels?|injections?|[1-4](?:re|e|eme|nde?) dose|dose [1-4]|lot)(?![a-z])"
)
_REFUSED = re.compile(
    r"[^,;.\n]{0,15}?(?<!non )\b(?:refus\w{0,3}|ne (?:souhaite|veut) pas|n'en veut pas|decline\w?)\b"
    r"|[ ]{0,2}:?[ ]?non\b(?! (?:fait|refus|realis|effectu|a jour))"
)
_REFUSED_LEFT = re.compile(r"(?:refus\w{0,3}|decline)[^.;\n]{0,35}$|\b(?:ne (?:souhaite|veut) pas)[^.;\n]{0,30}$")
_NOT_DONE = re.compile(r"(?:pas de|jamais|non vaccin\w+|pas vaccin\w+|pas a jour)[^.;\n]{0,25}$")
_IS_VACCINATED = re.compile(
    r"(?<!non )(?<!pas )(?<!etre )(?<![a-z])vaccinee?s? (?:contre |pour )?(?:la |le |les )?[^.;,\n]{0,20}$"
)
_NOT_YET = re.compile(r"[^,;.\n]{0,15}?\b(?:non|pas(?: encore)?|jamais) (?:faite?s?|realisee?s?|effectuee?s?|a jour)\b")
_PLANNED_WORDS = (
    r"a (?:prevoir|faire|programmer|rattraper|completer|proposer|realiser|reprendre|discuter|venir)|prevue?s?"
    r"|propose\w{0,2}|programme\w{0,2}|prescri\w{0,3}|ordonnance"
    r"|prochaine? (?:fois|consultation|rdv|dose|injection)|au prochain|(?:dans|ds) \d+ (?:mois|sem\w*|an)|a la rentree"
    r"|en pharmacie|conseille\w{0,2}|recommande\w{0,2}|indique\w{0,2}"
    r"|reviendra|lors du prochain|cet automne|cet hiver|eligible"
)
_PLANNED = re.compile(rf"[^,;\n]{{0,25}}?\b(?:{_PLANNED_WORDS})\b")
_PLANNED_LEFT = re.compile(
    rf"(?<![a-z])(?:{_PLANNED_WORDS}|prevoir|faire|prescription|rdv|rappel a)(?![a-z])[^.;\n]{{0,45}}$"
)
_DONE = re.compile(
    r"(?<![a-z])(?:ce jour|aujourd'hui|faits?|faites?|realise\w{0,2}|effectue\w{0,2}|injecte\w{0,2}|injection|lot|a jour"
    r"|ok|recue?s?|administr\w{1,3}|dose [1-4]|janv|fev"
    r"|oct|nov|dec|sept|(?:19|20)\d\d|deja|[dr][1-4]|po\b|bien tolere\w*)(?![a-z])"
)
_LOT = re.compile(
    r"\b(?:n° ?(?:de )?)?lot ?(?:n°|no?\b\.?|num\w*)? ?:? ?(?=[a-z0-9-]{0,12}\d)([a-z0-9][a-z0-9-]{1,13})"
)
_SITE = re.compile(
    r"\b(?:deltoide|delt|cuisse|bras|fesse|epaule|quadriceps|vaste externe)(?:[ ](?:gauche|droite?|[gd]))?(?![a-z])"
    r"|\b(?:bras|cuisse)?[ ]?(?:im|sc) (?:gauche|droite?|[gd])\b"
)
_RANK = re.compile(
    r"\b([1-5])(?:re|ere|er|e|eme|nde?) (?:dose|injection|rappel|vaccin)|\bdose (?:n°)?([1-5])\b|\b[dr]([1-4])\b"
    r"|\b([1-4])/[2-4]\b"
)
_IMMUNISING = ("J07", "J06BD08")  # ATC: vaccines, nirsevimab
# `Covid à faire`, `grippe refusée`: only a vaccine is done, planned or refused; a test is done too.
_DECIDED = re.compile(
    r" ?:? ?(?:\d doses?|(?:non |pas )?faite?s?|a faire|refus\w+|a prevoir|a jour|proposee?|prevue?|ne veut pas|vaccinee?)\b"
)
_TEST = re.compile(r"(?:test|tdr|pcr|serologie|sero|depistage|bilan)\b[^.,;\n]{0,20}$")
_JOINED = frozenset({"et", "+", "&", ":"})
_BARRED_LEFT = re.compile(
    r"(?<!pas de )(?<!sans )(?<!aucune )(?<![a-z])(?:contre[- ]indi\w+|ci (?=aux? ))[^.,;\n]{0,30}$"
)
_BARRED = re.compile(r"[^.,;\n]{0,15}?(?<!non )(?<!pas )(?<![a-z])contre[- ]indique")
_CONTRAINDICATED = "Contre-indiqué d'après la note, non refusé : à vérifier."
_ASK = "Complétez lot et site."
_UNCLEAR = "Fait, prévu ou refusé ? À préciser."


def find_vaccinations(
    note: str, folded: str, structure: Structure, note_words: Sequence[Word], drugs: Sequence[Hit], own: OwnHits
) -> list[Proposal]:
    """In the order of the note. `drugs` are the names of the other lexicon: some of them immunise."""
    listed = lexicon("vaccines").find(folded, note_words)
    named = Mask(len(folded), [(hit.start, hit.end) for hit in listed])
    listed += [
        Hit(hit.start, hit.end, (*hit.row[:2], "brand"))
        for hit in drugs
        if hit.row and hit.row[1].startswith(_IMMUNISING) and named.free(hit.start, hit.end)
    ]
    hits: list[Hit] = []
    for hit in reversed(with_own(sorted(listed, key=lambda hit: hit.start), own, ProposalKind.VACCINATION)):
        joined = hits and folded[hit.end : hits[0].start].strip() in _JOINED  # `grippe et covid faits`
        if hit.own or hit.row[2] != "disease" or joined or _announced(folded, structure, hit):
            hits.insert(0, hit)
    found: list[Proposal] = []
    for index, hit in enumerate(hits):
        following = hits[index + 1].start if index + 1 < len(hits) else len(folded)
        before = found[-1] if found and found[-1].start >= structure.at(hit.start).start else None
        found.append(_proposal(note, folded, structure.at(hit.start), hit, following, before))
    return _shared(found, folded)


def _shared(found: list[Proposal], folded: str) -> list[Proposal]:
    """`Prevenar et Infanrix ce jour`, `Zona : Shingrix à prévoir`: what is said of the second holds for the first."""
    for index in range(len(found) - 2, -1, -1):
        item, after = found[index], found[index + 1]
        joined = folded[item.end : after.start].strip() in _JOINED
        if joined and _UNCLEAR in item.warnings and _UNCLEAR not in after.warnings:
            value = {**item.value, "date": after.value["date"]} if item.value["date"] is None else item.value
            warnings = (_ASK, *no_date(value["date"])) if after.status is ProposalStatus.DONE else ()
            found[index] = replace(
                item, value=value, status=after.status, confidence=after.confidence, warnings=warnings
            )
    return found


def _announced(folded: str, structure: Structure, hit: Hit) -> bool:
    """A disease's name is a vaccine beside `vaccin` in its clause, or refused or planned on a line of vaccines."""
    clause = structure.at(hit.start)
    left, right = max(clause.start, hit.start - 120), min(clause.end, hit.end + 40)
    if clause.section is Section.VACCINE or _TRIGGER.search(folded, left, right):
        return True
    tail = folded[hit.end : min(clause.end, hit.end + 30)]
    if _DECIDED.match(tail) and not _TEST.search(folded, left, hit.start):
        return True
    decided = _REFUSED.match(tail) or _PLANNED.match(tail)
    return bool(decided and _TRIGGER.search(folded, max(clause.line_start, clause.start - 200), clause.start))


def _proposal(note: str, folded: str, clause: Clause, hit: Hit, following: int, before: Proposal | None) -> Proposal:
    reach = min(clause.end, following, hit.end + 90)
    tail = folded[hit.end : reach]
    lot, site = _LOT.search(tail), _SITE.search(tail)
    rank = _RANK.search(folded, max(clause.start, hit.start - 30, before.end if before else 0), reach)
    left = folded[max(clause.start, hit.start - 90) : hit.start]
    status = _status(left, tail, folded[max(0, clause.line_start) : reach][-250:], before)
    name = note[hit.start : hit.end]
    head = folded[max(clause.start, hit.start - 200) : hit.start]
    said = injection_date(tail, lot, head, head[-(hit.start - before.end) :] if before else head)
    if said is None and clause.section is Section.HISTORY:
        said = NOT_PLAINLY
    value = {
        "lot": lot[1].upper() if lot else None,
        "site": note[hit.end + site.start() : hit.end + site.end()] if site else None,
        "rank": int(next(group for group in rank.groups() if group)) if rank else None,
        "date": said,
    }
    barred = _BARRED_LEFT.search(left) or _BARRED.match(tail)
    status = ProposalStatus.REFUSED if barred else status
    warnings: tuple[str, ...] = (_CONTRAINDICATED,) if barred else (_UNCLEAR,) if status is None else ()
    status = status or ProposalStatus.DONE
    warnings += (_ASK,) if status is ProposalStatus.DONE and not (lot and site) else ()
    warnings += no_date(said) if status is ProposalStatus.DONE else ()
    warnings += (OWN_WARNING,) if hit.own else ()
    label = hit.own.label if hit.own else f"Vaccin {name}" if hit.row[2] == "disease" else name
    return Proposal(
        kind=ProposalKind.VACCINATION,
        label=label,
        start=hit.start,
        end=hit.end,
        text=name,
        status=status,
        value=value,
        code=hit.own.code if hit.own else hit.row[1] or None,
        system=hit.own.system if hit.own else ATC,
        confidence=Confidence.LOW if barred or _UNCLEAR in warnings else Confidence.MEDIUM,
        warnings=warnings,
    )


def _status(left: str, tail: str, line: str, before: Proposal | None) -> ProposalStatus | None:
    """None: the note does not say."""
    if _REFUSED.match(tail) or (_REFUSED_LEFT.search(left) and before is None):
        return ProposalStatus.REFUSED
    if _PLANNED.match(tail) and not re.match(r"[^,;\n]{0,12}(?:faite?s?|realisee?|lot)\b", tail):
        return ProposalStatus.PLANNED
    if _NOT_YET.match(tail):
        return ProposalStatus.PLANNED
    if _LOT.search(tail):
        return ProposalStatus.DONE
    if _NOT_DONE.search(left):
        return ProposalStatus.PLANNED
    if _DONE.search(tail[:30]):
        return ProposalStatus.DONE
    if before is not None and len(left) > 0 and _UNCLEAR not in before.warnings:
        return before.status
    if _IS_VACCINATED.search(left):
        return ProposalStatus.DONE
    if _PLANNED_LEFT.search(left):
        return ProposalStatus.PLANNED
    if _REFUSED_LEFT.search(left):
        return ProposalStatus.REFUSED
    return ProposalStatus.DONE if _DONE.search(line) else None
