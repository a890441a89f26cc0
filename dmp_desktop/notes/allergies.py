"""Allergies, and their absence. Never ticked beforehand, one way or the other: a false negative kills."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.allergens import CONFIRM, substances, told_after
from dmp_desktop.notes.allergy_after_name import substance_before
from dmp_desktop.notes.family import Kin, kinship
from dmp_desktop.notes.folding import fold, words
from dmp_desktop.notes.lexicon import lexicon
from dmp_desktop.notes.structure import Clause, Section, Structure
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN

NO_KNOWN_ALLERGY = "no-known-allergies"
# Same value set: `pas d'allergie médicamenteuse` says nothing of food.
_NO_KNOWN = {
    "med": ("no-known-medication-allergies", "Pas d'allergie médicamenteuse connue"),
    "alim": ("no-known-food-allergies", "Pas d'allergie alimentaire connue"),
}
MAX_MENTIONS = 300  # in one note: bounds the work on absurd ones
_CUE = re.compile(
    r"(?<![a-z])((?:pas|absence|sans|ni|nie|non)(?: d'| de | d | toute | )|aucune |0 |o )?"
    r"(?:allergi(?:es?)?(?![a-z])|allergiques?(?![a-z])|all\.?(?= ?:)|anaphyla\w+(?= (?:aux?|a) )|intolerances?"
    r"|intolerante?s?(?= (?:aux?|a) ))"
    r"(?:\(s\))?(?:[ ]\(?(?:med(?:ic\w*)?\.?|alim\w*|connues?|anciennes?|notables?|suspectees?|possibles?|probables?"
    r"|prouvees?|documentees?|averees?|severes?|graves?|(?:et"
    r"|ou) intolerances?)\)?(?![a-z])){0,3}[ ]{0,2}(\(?\?\)? ?[:=]?|[:=]|[->]+ ?(?=[a-z])|aux? |a la |a l'|a |dite |declaree "
    r"|(?=[a-z(?]))?[ ]{0,2}"
)
_NONE = re.compile(r"(?:0|neant|ras|non|aucune?|sans|nc|pas)\b")
# What follows is an allergy after all.
_EXCEPT = re.compile(
    r"(?<![a-z])(?:sauf|hormis|excepte\w{0,2}|en dehors d(?:es?|u|')|(?:mis )?a part|a l'exception d(?:es?|u|')"
    r"|autres? qu(?:e|')"
    r"|si ce n'est|uniquement|seulement)[ :]{0,3}(?:a |au |aux )?"
)
# What may follow `0` or `aucune` without naming a substance.
_NOTHING_MORE = re.compile(
    r"[ ]{0,3}(?:connue?s?|a ce jour|a (?:ma|sa|notre) connaissance|medicamenteuses?|alimentaires?|declaree?s?|signalee?s?"
    r"|notables?|particulieres?|rapportee?s?|retrouvee?s?|notee?s?|allergies?|intolerances?|ni|et|ou|de|d'|contact"
    r"|respiratoires?"
    r"|selon \w{1,20}| )*[ ]{0,3}(?=[,.;()\-/+\n]|$)"
)
# `rhinite allergique aux pollens` is a disease; `réaction allergique à l'amoxicilline` is an allergy.
_A_DISEASE = re.compile(
    r"(?:rhinites?|conjonctivites?|asthme|eczema|dermatite|dermite|toux|urticaire|odeme|oedeme|bronchite|sinusite|terrain"
    r"|alveolite"
    r"|purpura|origine|cause|bilan|test|tests) (?:d'origine )?$"
)
_ALLERGEN = re.compile(
    r"(?:aux? |a l'|a la |la |les? |l'|des |du )?(?:acariens?|pollens?|graminees?|bouleau|ambroisie|cypres|moisissures?"
    r"|chats?|chiens?|poils?|animaux"
    r"|arachides?|cacahuetes?|fruits?|noix|noisettes?|amandes?|kiwi|sesame|laits?|lactose|proteines?|oufs?|oeufs?|ble"
    r"|gluten|soja|crustaces?|poissons?|moutarde"
    r"|latex|nickel|parfums?|pansements?|sparadrap|adhesifs?|guepes?|abeilles?|hymenopteres?|venins?|iode"
    r"|produits? (?:de contraste|iodes?)|anesthesi\w+"
    r"|peni\w*|pnc|betalactam\w*|cephalosporines?|c[123]g|quinolones?|macrolides?|cyclines?|sulfamides?|ains|aspirine"
    r"|codeine|morphin\w*|opiaces?|statines?|iec"
    r"|corticoides?|vaccins?|peni g)(?![a-z])"
)
_AT_THEIRS = re.compile(r" ?\(?(?:chez|du cote|cote) ")
_UNCLEAR = "« 0 » ou « aucune » suivi d'une substance : allergie ou non ?"
_CONTRADICTED = "La note cite aussi une allergie."
_KIN = "Allergie d'un proche ? À vérifier."


def find_allergies(note: str, folded: str, structure: Structure) -> tuple[list[Proposal], list[tuple[int, int]]]:
    """Proposals, and the spans in which no problem and no drug must be read."""
    found: list[Proposal] = []
    spans: list[tuple[int, int]] = []
    last = 0
    for match in islice(_CUE.finditer(folded), MAX_MENTIONS):
        if match.start() < last or _A_DISEASE.search(folded, max(0, match.start() - 25), match.start()):
            continue
        clause = structure.at(match.start())
        end = min(clause.end, match.end() + 120)
        named = None if match[1] else substance_before(folded, max(clause.start, last), match.start())
        if named:
            items, covered = told_after(note, folded, named, match.start(), end)
            found += _whose(items, folded, clause, named[0])
            spans.append((named[0], covered))
            last = covered
            continue
        items, covered = _read(note, folded, match, end)
        found += _whose(items, folded, clause, match.start())
        spans += [(match.start(), covered)] if covered else []
        last = max(last, covered)
    for clause in islice((one for one in structure.clauses if _listed(one)), MAX_MENTIONS):
        start = clause.end - len(folded[clause.start : clause.end].lstrip(" -*•>"))
        if (
            start >= clause.end
            or any(left <= start < right for left, right in spans)
            or _NONE.match(folded, start, clause.end)
        ):
            continue
        items, covered = substances(note, folded, start, start, min(clause.end, start + 120))
        found += items
        spans += [(start, covered)] if covered else []
    return _consistent(found), spans


def _listed(clause: Clause) -> bool:
    """A line under the heading `Allergies :`."""
    return clause.section is Section.ALLERGY and clause.heading < clause.line_start


def _read(note: str, folded: str, match: re.Match[str], end: int) -> tuple[list[Proposal], int]:
    """What one mention says, and where it stops (0: it says nothing). `aucune sauf l'iode` is the iode, never "none known"."""
    none = _NONE.match(folded, match.end(), end)
    denied = bool(match[1] or none)
    exception = _EXCEPT.search(folded, match.start(2) if match[2] else match.end(), end) if denied else None
    if exception:
        return substances(note, folded, match.start(), exception.end(), end)
    if none and "?" in (match[2] or ""):
        return [], 0  # `Augmentin, allergie ? non` answers of one substance
    if none:
        stop = none.end()
        if _NOTHING_MORE.match(folded, stop, end) or _is_problem(folded[stop:end]):
            return [_none_known(note, match.start(), match.end())], match.end()
        items, covered = substances(note, folded, match.start(), stop, end)
        return [_doubtful(item) for item in items], covered
    if denied and match[2] and match[2].startswith("a"):
        return [], end  # `pas d'allergie à la pénicilline` tells of one substance only: nothing to code
    if denied:
        return [_none_known(note, match.start(), match.end())], match.end()
    if match[2] is None or (not match[2].strip("(?) ") and not _names_allergen(folded[match.end() : end])):
        return [], 0
    return substances(note, folded, match.start(), match.end(), end)


def _whose(items: list[Proposal], folded: str, clause: Clause, start: int) -> list[Proposal]:
    """A relative's allergy is not the patient's, and a relative without one tells nothing; a doubt leaves it to the patient."""
    right = folded[items[-1].end : min(clause.end, items[-1].end + 40)] if items else ""
    kin = Kin.YES if clause.section is Section.FAMILY else kinship(folded[clause.start : start], "")
    if kin is Kin.NO and kinship("", right) is Kin.YES:
        kin = Kin.YES if _AT_THEIRS.match(right) else Kin.LISTED  # `(mère)` may be who says it
    if kin is Kin.UNRELATED:
        return []
    if kin is Kin.YES:
        return [
            replace(item, status=ProposalStatus.FAMILY) for item in items if item.status is not ProposalStatus.ABSENT
        ]
    if kin is Kin.LISTED:
        return [replace(item, confidence=Confidence.LOW, warnings=(*item.warnings, _KIN)) for item in items]
    return items


def _names_allergen(words_after: str) -> bool:
    """Without `à` or a colon, only what is known to cause allergies is one: `bilan allergie demandé` tells nothing."""
    following = words_after.lstrip(" (")
    if _ALLERGEN.match(following):
        return True
    hits = lexicon("drugs").find(following[:60], words(following[:60]))
    return bool(hits) and hits[0].start == 0


def _is_problem(words_after: str) -> bool:
    """Does another matter begin there (`Allergie : 0 HTA`)?"""
    first = words_after.split(",", 1)[0]
    return bool(lexicon("problems").find(first, words(first)))


def _doubtful(item: Proposal) -> Proposal:
    return replace(item, confidence=Confidence.LOW, warnings=(*item.warnings, _UNCLEAR))


def _consistent(found: list[Proposal]) -> list[Proposal]:
    """A note that names a substance somewhere does not say that none is known."""
    named = any(item.status in {ProposalStatus.PRESENT, ProposalStatus.SUSPECTED} for item in found)
    if not named:
        return found
    return [
        replace(item, confidence=Confidence.LOW, warnings=(*item.warnings, _CONTRADICTED))
        if item.status is ProposalStatus.ABSENT
        else item
        for item in found
    ]


def _none_known(note: str, start: int, end: int) -> Proposal:
    end -= len(note[start:end]) - len(note[start:end].rstrip(" :=(?\n"))
    kinds = [kind for kind in _NO_KNOWN if f" {kind}" in fold(note[start:end])]
    code, label = _NO_KNOWN[kinds[0]] if len(kinds) == 1 else (NO_KNOWN_ALLERGY, "Pas d'allergie connue")
    return Proposal(
        kind=ProposalKind.ALLERGY,
        label=label,
        start=start,
        end=end,
        text=note[start:end],
        status=ProposalStatus.ABSENT,
        code=code,
        system=ABSENT_OR_UNKNOWN,
        warnings=(CONFIRM,),
    )
