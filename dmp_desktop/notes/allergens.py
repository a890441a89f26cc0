"""What a mention of allergy names: substances, the reaction to each, and whether the note doubts it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dmp_desktop.domain.notes import Confidence, Proposal, ProposalKind, ProposalStatus
from dmp_desktop.notes.family import RELATIVE
from dmp_desktop.notes.folding import fold, words
from dmp_desktop.notes.lexicon import lexicon

_SEPARATOR = re.compile(r",|\bet\b|\+|/")
_ARTICLE = re.compile(
    r"(?:aux? |a la |a l'|la |les |le |l'|du |des |de |d'|dite ?a? |anciennes? |medicamenteuses? ?:? ?)[ ]*"
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
CONFIRM = "À confirmer avec le patient."
# An uncertain allergy counts as one until it is excluded.
_DOUBTED = "Allergie incertaine dans la note."


def substances(note: str, folded: str, cue: int, start: int, end: int) -> tuple[list[Proposal], int]:
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


def told_after(note: str, folded: str, named: tuple[int, int], cue: int, end: int) -> tuple[list[Proposal], int]:
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
        warnings=(CONFIRM, _DOUBTED) if doubted else (CONFIRM,),
    )


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
