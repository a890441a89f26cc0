"""Is what the note names denied? An absence read wrongly hides a disease: a doubt is told, never coded as an absence.

The rule of lists: a negation (`pas de`, `sans`, `0` …) denies the name beside it. It goes on through commas only while every
item, the first included, is the bare name of a known problem, and the list holds at least three of them or is closed by
`ni`, `ou`, `et` (`pas de céphalées, vertiges, acouphènes`). An item that says more than its name (`HTA traitée`, `toux depuis
3 jours`), an item we do not know, or a single item after a comma (`pas de fièvre, otite`) ends it: what follows keeps the status
it would have alone, with a warning.
"""

from __future__ import annotations

import re
from enum import StrEnum

from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import lexicon


class Denial(StrEnum):
    """`LISTED`: denied through an enumeration; `DOUBTFUL`: a negation stands before, and may not reach."""

    NO = "no"
    YES = "yes"
    LISTED = "listed"
    DOUBTFUL = "doubtful"


_NEGATION = re.compile(
    r"(?<![a-z0-9])(?:pas (?:d'|de |du |d )?|absence (?:d'|de |d )?|sans |aucune? |ni |nie |jamais (?:d'|de )|(?<![.,/-])0 "
    r"|(?<!en )(?<!de )plus (?:d'|de (?!\d|en))|disparition (?:d'|de )|indemne (?:d'|de ))"
)
_NOT_NEGATION = re.compile(
    r"pas d'amelioration|pas (?:que|seulement|uniquement|juste)\b|sans doute|pas de doute|pas exclu|ne peut pas exclure"
    r"|pas mieux|pas (?:tres|bien|encore|toujours|totalement|completement)\b"
)
_RESTART = re.compile(
    r"\b(?:mais|avec|je|j'ai|on|il|elle|donc|soit|alors"
    r"|(?<!element )(?<!elements )(?<!argument )(?<!arguments )(?<!signe )en faveur|evoqu\w+|puis|par contre|sauf"
    r"|en revanche|hormis"
    r"|excepte\w{0,2})\b|[>=→]|:(?! ?0)"
)
# What is denied is then something about the problem: `pas de traitement pour l'HTA`, `sans suivi de son diabète`.
_ABOUT = re.compile(
    r"\b(?:traite\w*|suivi\w*|observan\w*|controle\w*|pris\w?|prends?|son|sa|ses|mon|ma|mes|bilan|consult\w*|v[ue]ue?"
    r"|equilibr\w*|stab\w*|particul\w*|plaintes?|problemes?|soucis?|anomalies?|efficac\w*|effet|compliqu\w*|aggrav\w*)\b"
)
# Then `0` answers what stands before it: `allergie : 0 HTA`, `fièvre 0 toux ++`.
_ANSWERED = re.compile(r"(?:[:=]|[a-z)]) {0,2}$")
_SEPARATOR = re.compile(r", (?:ni|ou|et) (?:d'|de )?|,| [-+/] |/| (?:ni|ou|et) (?:d'|de |du |la |le |l')?")
# Around a bare name: an article, the complement of a noun, an adjective of place (`dyspnée d'effort`, `douleur thoracique`).
_AROUND = re.compile(
    r"\s*(?:(?:de|du|des|la|le|les|l'|d')\s*)*"
    r"(?:(?:(?:d'|du |des |de l'|de la |de |a l'|aux? )[a-z]{3,20}"
    r"|(?!chron|normal|bilat|unilat|later)[a-z]{3,20}(?:ique|aire|ale?)s?)\s*)?"
)
_END = r"(?=\s*(?:$|[,.;)/\n]))"
_ALREADY = r"(?: (?!chron)[a-z]{2,20}(?:ique|aire|ale?)s?)?(?: (?:est|a ete|etait|formellement|desormais))?"
_RIGHT = re.compile(
    rf"\s?[:=]?\s?(?:0(?![.,]?\d|-\d)|neg(?:atif\w*|ative\w*)?\b|\(-\)|-{_END}|non{_END}"
    r"|non (?:retrouve|connu|confirme|objective|decele)e?s?\b)"
    rf"|{_ALREADY}[ :]{{1,2}}(?:absente?s?|eliminee?s?|ecartee?s?|infirmee?s?|exclue?s?|niees?|refusee?s?)\b|{_ALREADY} nie{_END}"
)
# `VIH, TPHA et VHC négatifs`: one answer for every test of the list.
_TESTS_RIGHT = re.compile(
    r"(?:,? ?(?:/|\+|et)? ?(?:ag )?(?:vih|hiv|vhb|vhc|hcv|hbs|hbc|tpha|vdrl|syphilis|chlamydia\w*|gono\w*"
    r"|toxo\w*|rubeole|cmv)){1,6}"
    r" ?:? ?neg(?:ati\w+)?\b"
)
_JUST_NOT = re.compile(r"(?<![a-z])non[ -]$")
_NE = re.compile(r"(?<![a-z])(?:ne |n')(?:se |s'|le |la |l')?$")
_PAS = re.compile(r" (?:pas|plus|jamais)\b")
_LONGEST = 60  # characters between a negation and what it denies


def denial(left: str, name: str, right: str) -> Denial:
    """How `name` is denied by what stands before and after it in its clause (folded text)."""
    if (
        _RIGHT.match(right)
        or _TESTS_RIGHT.match(right)
        or _JUST_NOT.search(left)
        or (_NE.search(left) and _PAS.match(right))
    ):
        return Denial.YES
    cut = 0
    for match in _RESTART.finditer(left):
        cut = match.end() - 1  # its last sign stays in sight: `= 0` answers
    scope = _NOT_NEGATION.sub(lambda match: "." * len(match[0]), left[cut:])
    cue = None
    for cue in _NEGATION.finditer(scope):  # noqa: B007 - the last one is wanted
        pass
    if cue is None:
        return Denial.NO
    between = scope[cue.end() :]
    if cue[0] == "0 " and _ANSWERED.search(scope, 0, cue.start()):
        return Denial.DOUBTFUL
    if not _SEPARATOR.search(between):
        if lexicon("problems").find(between, words(between)):
            return Denial.DOUBTFUL  # dictation without commas: another name already stands there
        if _ABOUT.search(between):
            return Denial.DOUBTFUL
        return Denial.YES if len(between) < _LONGEST else Denial.NO
    return _in_list(between, between + name + right)


def _in_list(before: str, tail: str) -> Denial:
    """`tail` is the list from the negation on; `before` is its part left of the name asked about."""
    names, closed, at = 0, False, 0
    for separator in [*_SEPARATOR.finditer(tail), None]:
        stop = separator.start() if separator else len(tail)
        if not _bare(tail[at:stop].rstrip(" .)")):
            break
        names += 1
        closed = closed or (stop > len(before) and _closes(tail, at))
        at = separator.end() if separator else len(tail) + 1
    reached = at > len(before)
    return Denial.LISTED if reached and (names > 2 or closed) else Denial.DOUBTFUL


def _closes(tail: str, at: int) -> bool:
    """Does the item that begins at `at` follow `ni`, `ou`, `et`?"""
    return bool(re.search(r" (?:ni|ou|et) (?:d'|de |du |la |le |l')?$", tail[max(0, at - 10) : at]))


def _bare(item: str) -> bool:
    """The name of one known problem and nothing that says it is there."""
    hits = lexicon("problems").find(item, words(item))
    return len(hits) == 1 and all(_AROUND.fullmatch(part) for part in (item[: hits[0].start], item[hits[0].end :]))
