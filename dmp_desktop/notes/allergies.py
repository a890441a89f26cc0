"""Allergies, and their absence. Never ticked beforehand, one way or the other: a false negative kills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.allergy_after_name import substance_before
from dmp_desktop.notes.family import RELATIVE, Kin, kinship
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
_SEPARATOR = re.compile(r",|\bet\b|\+|/")
_ARTICLE = re.compile(
    r"(?:aux? |a la |a l'|la |les |le |l'|du |des |de |d'|dite ?a? |anciennes? |medicamenteuses? ?:? ?)[ ]*"
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
_REACTION = re.compile(
    r"(?<![a-z])(?:urticaire|eruption|rash|oedeme|odeme|quincke|choc|anaphyla\w+|lyell|dress|prurit|toux|diarrhees?"
    r"|vomissements?|nausees?|malaise|dyspnee|bronchospasme"
    r"|troubles? digestifs?|myalgies|gastralgies?|exantheme|boutons?|plaques|gonflement|reaction|dans l'enfance"
    r"|dans l'adolescence|enfance|en (?:19|20)\d\d|(?:19|20)\d\d"
    r"|il y a|depuis|a \d+ (?:ans|mois)|vers|confirmee?s?(?![a-z])|testee?s?"
    r"|severe|grave|mineure?|cutane\w*|respiratoire|digestive?)"
)
# The allergy was looked for and is not one; `non confirmée` still counts as one.
_EXCLUDED = re.compile(
    r"(?<![a-z])(?:(?:non|pas) (?:retenue?s?|retrouvee?s?)"
    r"|ecartee?s?|eliminee?s?|exclue?s?|infirmee?s?|levee?s?)(?![a-z])|: ?non$|(?<=[a-z]) non$"
)
_UNSURE = re.compile(
    r"\?|(?<![a-z])(?:suspect\w*|possibles?|probables?|douteu\w*|non confirmee?s?|a confirmer)(?![a-z])"
)
# `allergie aux bêtalactamines donc pas d'Augmentin, Pyostacine 1 g x3`: what follows is the treatment.
_THEREFORE = re.compile(r" (?:donc|alors|d'ou|je|on)(?= )| ?[-=]> ?(?=\w)(?<!: )")
_POSOLOGY = re.compile(r"\d ?(?:mg|g)(?![a-z])|(?<![a-z])x ?\d|\d ?/ ?j")
# An item of the list that names no substance.
_NO_SUBSTANCE = re.compile(
    r"(?:allergi\w*|intoleran\w*|jamais|non|pas|teste\w*|explor\w*|bilan|anapen|epipen|jext|trousse|stylo|adresse\w*|avis|rdv|prick|suivi|carte"
    r"|a (?:voir|explorer|revoir|confirmer|eviter|pris|repris|recu|eu|deja|bien|tolere|supporte)|(?:re)?prend|prenait|tolere\w*"
    r"|contre|eviction|ttt|traitement|sous|vu|aucune?|ras|tension|ta\b|poids|atcd|antecedents?|tabac|mode|hdm|examen|je"
    r"|on|il|elle|donc|mais)(?![a-z])|\d"
)
_ONLY_DOUBT = re.compile(r"[ ?]*(?:(?:a confirmer|suspect\w*|possible|probable|douteu\w*|(?:non )?confirmee?s?)[ ?]*)?")
# What is told of an allergy after its word.
_TOLD = re.compile(r"[^.;\n()+]{0,60}(?:\([^)\n]{0,80}\)?)?")
_NOT_THE_NAME = re.compile(rf" (?:chez |(?:du )?cote |(?:de (?:la |sa |son )?)?{RELATIVE}(?![a-z])|non$)")
_AT_THEIRS = re.compile(r" ?\(?(?:chez|du cote|cote) ")
_CONFIRM = "À confirmer avec le patient."
_UNCLEAR = "« 0 » ou « aucune » suivi d'une substance : allergie ou non ?"
_CONTRADICTED = "La note cite aussi une allergie."
# An uncertain allergy counts as one until it is excluded.
_DOUBTED = "Allergie incertaine dans la note."
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
            items, covered = _told_after(note, folded, named, match.start(), end)
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
        items, covered = _substances(note, folded, start, start, min(clause.end, start + 120))
        found += items
        spans += [(start, covered)] if covered else []
    return _consistent(found), spans


def _told_after(note: str, folded: str, named: tuple[int, int], cue: int, end: int) -> tuple[list[Proposal], int]:
    """`Amoxicilline : allergie (choc)`: the allergy, unless it is excluded, and where its words stop."""
    tail = _TOLD.match(folded, cue, end)
    stop = tail.end() if tail else end
    said = folded[cue:stop]
    if _EXCLUDED.search(said):
        return [], stop
    doubted = _UNSURE.search(said)
    bracket = re.search(r"\(([^)]{1,80})", note[cue:stop])
    plain = _REACTION.search(folded, cue + len("allergi"), stop)
    reaction = bracket[1] if bracket else note[plain.start() : stop].strip(" ?)") if plain else None
    name = note[named[0] : named[1]]
    word = re.compile(r"[a-z]+").match(folded, cue)
    finish = word.end() if word else stop
    return [_allergy(note, name, (named[0], finish), reaction, bool(doubted))], stop


def _allergy(note: str, substance: str, span: tuple[int, int], reaction: str | None, doubted: bool) -> Proposal:
    """An uncertain allergy is suspected, and what tells the doubt is no reaction."""
    reaction = None if reaction and _ONLY_DOUBT.fullmatch(fold(reaction)) else reaction
    return Proposal(
        kind=ProposalKind.ALLERGY,
        label=substance,
        start=span[0],
        end=span[1],
        text=note[span[0] : span[1]],
        status=ProposalStatus.SUSPECTED if doubted else ProposalStatus.PRESENT,
        value={"substance": substance, "reaction": reaction},
        confidence=Confidence.LOW if doubted else Confidence.MEDIUM,
        warnings=(_CONFIRM, _DOUBTED) if doubted else (_CONFIRM,),
    )


def _listed(clause: Clause) -> bool:
    """A line under the heading `Allergies :`."""
    return clause.section is Section.ALLERGY and clause.heading < clause.line_start


def _read(note: str, folded: str, match: re.Match[str], end: int) -> tuple[list[Proposal], int]:
    """What one mention says, and where it stops (0: it says nothing). `aucune sauf l'iode` is the iode, never "none known"."""
    none = _NONE.match(folded, match.end(), end)
    denied = bool(match[1] or none)
    exception = _EXCEPT.search(folded, match.start(2) if match[2] else match.end(), end) if denied else None
    if exception:
        return _substances(note, folded, match.start(), exception.end(), end)
    if none and "?" in (match[2] or ""):
        return [], 0  # `Augmentin, allergie ? non` answers of one substance
    if none:
        stop = none.end()
        if _NOTHING_MORE.match(folded, stop, end) or _is_problem(folded[stop:end]):
            return [_none_known(note, match.start(), match.end())], match.end()
        items, covered = _substances(note, folded, match.start(), stop, end)
        return [_doubtful(item) for item in items], covered
    if denied and match[2] and match[2].startswith("a"):
        return [], end  # `pas d'allergie à la pénicilline` tells of one substance only: nothing to code
    if denied:
        return [_none_known(note, match.start(), match.end())], match.end()
    if match[2] is None or (not match[2].strip("(?) ") and not _names_allergen(folded[match.end() : end])):
        return [], 0
    return _substances(note, folded, match.start(), match.end(), end)


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
        warnings=(_CONFIRM,),
    )


def _substances(note: str, folded: str, cue: int, start: int, end: int) -> tuple[list[Proposal], int]:
    """One proposal a substance, and where the list stops; what stands in brackets, or after the substance, is the reaction."""
    found: list[Proposal] = []
    covered = 0
    therefore = _THEREFORE.search(folded, start, end)
    end = therefore.start() if therefore else end
    reaction = re.search(r"\(([^)]{1,80})\)", note[start:end])
    plain = re.sub(r"\([^)]{0,80}\)?", lambda match: " " * len(match[0]), folded[start:end])
    for left, right in _pieces(plain):
        piece = plain[left:right]
        said = _REACTION.search(piece)
        excluded = _EXCLUDED.search(piece)
        if excluded:
            found = found if excluded.start() else found[:-1]
            covered = start + right
            continue
        if found and _POSOLOGY.search(piece):
            break
        if _NO_SUBSTANCE.match(piece) or (said and not said.start()) or (found and _is_another_matter(piece)):
            if said and not said.start() and found:
                covered = start + right
                continue
            if not found and not (said and not said.start()):
                continue
            break
        own = re.compile(r"\s*\(([^)]{1,80})\)").match(note, start + right, end)  # of this substance, not of the next
        aside = fold(own[1]) if own else ""
        if _EXCLUDED.search(aside):
            covered = own.end() if own else covered
            continue
        name = piece[: said.start()] if said else piece
        doubted = _UNSURE.search(piece) or _UNSURE.search(aside) or _UNSURE.search(folded, cue, start)
        name = _NOT_THE_NAME.split(name.split("?", 1)[0].rstrip(), 1)[0].rstrip(" .:-")
        if not name:
            continue
        stop = start + left + len(name)
        label = note[start + left : stop]
        begin = cue if not found else start + left
        inline = note[start + left + said.start() : start + right].strip(" ?") if said else None
        found.append(_allergy(note, label, (begin, stop), own[1] if own else inline, bool(doubted)))
        covered = start + right
    if (
        reaction
        and found
        and start + reaction.end() > covered
        and not plain[covered - start : reaction.start()].strip()
    ):
        covered = start + reaction.end()
    return found, covered


def _pieces(plain: str) -> Iterator[tuple[int, int]]:
    """Items of a list without their article."""
    at = 0
    for separator in [*_SEPARATOR.finditer(plain), None]:
        stop = separator.start() if separator else len(plain)
        left = at + len(plain[at:stop]) - len(plain[at:stop].lstrip())
        while article := _ARTICLE.match(plain, left, stop):
            left = article.end()
        right = left + len(plain[left:stop].rstrip(" .:-"))
        if right > left:
            yield left, right
        at = separator.end() if separator else stop


def _is_another_matter(piece: str) -> bool:
    """`Allergie : pénicilline, HTA`: a disease that is no reaction ends the list."""
    hits = lexicon("problems").find(piece, words(piece))
    return bool(hits) and hits[0].start == 0
