"""Is a drug that the note names really taken? Not when it is avoided, not taken, only thought of; not always, on a condition."""

from __future__ import annotations

import re

from dmp_desktop.notes.structure import Clause

_ART = r"(?:(?:du tout|encore|de|du|des|d'|le|la|les|l'|son|sa|ses|cet?|cette|traitement|par) ?){0,3}"
_NOT_TAKEN_LEFT = re.compile(
    r"(?<![a-z])(?:(?:pren\w{1,4}|suit|met|utilise) (?:pas|jamais)"
    rf"|(?:pas|jamais) (?:encore )?(?:pris|commence|debute|achete|suivi)) {_ART}$"
)
_UP_TO = r"(?:[^,;.\n>]|[.,]\d){0,35}?"  # a strength, a schedule
_NOT_TAKEN_RIGHT = re.compile(
    rf"{_UP_TO}[ ,:(-]{{1,3}}(?:(?:non|pas|jamais) (?:encore )?(?:prise?s?|commence\w{{0,2}}|debute\w{{0,2}}|achete\w{{0,2}}"
    r"|suivie?s?|delivre\w{0,2})|contre[- ]indique\w*|a eviter|proscrite?s?|interdite?s?|deconseille\w*)(?![a-z])"
)
_AVOID = re.compile(
    r"(?<![a-z])(?:eviter|contre[- ]indi\w+|interdi\w+|proscri\w+|deconseill\w+|non (?:prise?s?|suivis?)"
    r"|ne (?:pas|jamais|plus) (?:prendre|donner|prescrire|utiliser))[^:,]{0,30}$"
)
_NONE = re.compile(r"(?<![a-z])(?:pas|sans|absence|aucune?s?)(?![a-z])[^,]{0,12}(?:contre|interdi)")
_FALLBACK = (
    r"(?<![a-z])(?:si|en cas d(?:e |')) ?(?:echec|inefficac\w+|pas (?:d'|de )?(?:amelior|mieux|effet|reponse)\w*|persist\w*"
    r"|non[- ]?(?:amelior|repons)\w*|insuffisan\w*|intoleran\w*)"
)
_IDEA = re.compile(
    rf"(?<![a-z])(?:(?:re)?discuter|envisager?|envisagee?s?|on pourrait|projet|{_FALLBACK})(?![a-z])[^,:]{{0,30}}$"
)
_IDEA_LEFT = re.compile(
    r"(?<![a-z])(?:(?:re)?discuter|on discute|envisager?|on pourrait|projet d(?:e|'))(?![a-z])[^,.;:\n]{0,25}$"
    rf"|{_FALLBACK}[^,.;:\n]{{0,20}}[,:]?[^,.;:\n\d]{{0,15}}$"
)
_IDEA_RIGHT = re.compile(
    r"(?:[^;.\n]|[.]\d){0,40}?(?<![a-z])(?:a (?:(?:re)?discuter|envisager)|envisagee?s?"
    r"|a (?:debuter|commencer|introduire|instaurer|mettre|prevoir) (?:dans|ds|si|apres|a partir|au prochain|lors))(?![a-z])"
)
_FALLBACK_RIGHT = re.compile(rf"(?:[^,;.\n]|[.,]\d){{0,25}}?{_FALLBACK}")
# `revoir si fièvre, amoxicilline`: the condition is of the visit.
_VISIT = re.compile(
    r"(?<![a-z])(?:re)?(?:voir|consult|rappel|appel|venir|contact)\w*|(?<![a-z])(?:urgences|samu|hospit\w+|rdv)"
)
_IF = re.compile(r"(?<![a-z])(?:si|en cas d(?:e|')|quand|lors de)(?![a-z])[^.;]{2,60}$")
_IF_LEFT = re.compile(
    r"(?:^|[,;:(.\n-] ?|(?<![a-z])(?:et|puis|mais) )(?:si|en cas d(?:e |')) ?[^,:.;\n]{2,40}[,:]?[^,.;:\n\d]{0,25}$"
)
# Another matter than what the heading told.
_RESTART = re.compile(
    r"(?<![a-z])(?:je|on|prescri\w+|prefer\w+|plutot|donner|donne|mettre|sinon|relais|ordonnance|poursui\w+|sous)(?![a-z])|[>→]"
)
_BULLET = re.compile(r"\s*[-*•>]")
_LINES = 10  # of a list under its heading


def not_taken(left: str, segment: str, heading: str) -> bool:
    """`ne prend pas son …`, `… non pris`, `À éviter : …`."""
    avoided = _AVOID.search(heading) and not _NONE.search(heading)
    return bool(avoided or _NOT_TAKEN_LEFT.search(left) or _NOT_TAKEN_RIGHT.match(segment))


def thought_of(wide: str, heading: str) -> bool:
    """`envisager …`, `à discuter : …`, `si échec, …`; `wide` is what stands before the name in its clause."""
    return bool(_IDEA_LEFT.search(wide) or _IDEA.search(heading))


def put_off(segment: str, last: bool) -> bool:
    """`… à débuter dans 3 mois`, `… à discuter`. `last`: no other drug follows, `si échec` may not lead it in."""
    fallback = _FALLBACK_RIGHT.match(segment) if last else None
    return bool(_IDEA_RIGHT.match(segment) or (fallback and not _VISIT.search(fallback[0])))


def conditional(left: str, heading: str) -> bool:
    """`si douleur, …`, `Si fièvre : …`; `left` begins after the drug before."""
    found = _IF_LEFT.search(left)
    told = _IF.search(heading)
    return bool((found and not _VISIT.search(found[0])) or (told and not _VISIT.search(heading)))


def heading_of(folded: str, clause: Clause, start: int) -> str:
    """The words before the colon that announces the list in which `start` is: on its line, or alone on a line above."""
    left = folded[max(clause.start, start - 200) : start]
    said, colon, items = left.rpartition(":")
    if colon:
        return "" if _RESTART.search(items) else said.rstrip()
    if clause.start != clause.line_start or _RESTART.search(left):
        return ""
    bullet, end = _BULLET.match(left) is not None, clause.line_start - 1
    for _ in range(_LINES):
        begin = folded.rfind("\n", max(0, end - 200), end) + 1
        line = folded[begin:end].strip() if end > begin else ""
        if line.endswith(":"):
            return line[:-1].rstrip()
        if not line or (_BULLET.match(line) is not None) is not bullet:
            return ""
        end = begin - 1
    return ""
