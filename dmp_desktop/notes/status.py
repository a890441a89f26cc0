"""Is what the note names present, absent, past, of the family, or only suspected? Doubt is told, never guessed away."""

from __future__ import annotations

import re

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.domain.said_dates import MONTH
from dmp_desktop.notes.family import Kin, kinship
from dmp_desktop.notes.folding import words
from dmp_desktop.notes.lexicon import lexicon
from dmp_desktop.notes.negation import Denial, denial
from dmp_desktop.notes.structure import Clause, Section

_REACH = 200  # characters a cue may reach; bounds the work on very long lines
_SUSPECTED = re.compile(
    r"(?<![a-z])(?:suspicion|suspect\w{0,4}|probables?|possibles?|eventuel\w{0,4}|hypothese|a eliminer|eliminer|exclure"
    r"|ecarter|possibilite"
    r"|evoqu\w{1,4}|depistage|crainte|risque|rechercher?|sans doute|peut[- ]etre|vraisembl\w*|orient\w* vers"
    r"|suspicions|r/o|evocat\w*|pense a|penser a|en faveur|compatible|allure|craint|doute"
    r"|diff(?:erentiel)?|dd|vs)(?![a-z])[^,.;\n]{0,30}$"
)
# Words that may stand between a problem and what qualifies it: neither a link to another one, nor a date.
_QUALIFIERS = (
    r"(?: (?!(?:avec|et|ou|sur|par|puis|donc|depuis|sous|suivie?|traitee?|stable|connue?|rx|radio|irm|echo|efr|bilan"
    r"|dernier\w*|controle"
    r"|coloscopie|fogd|dmo|hba1c|decouvert\w*|diagnosti\w*|appar\w*|evolu\w*|debut\w*|connu\w*)\b)(?!\d)[a-z0-9'./-]{1,14})"
)
_RIGHT_SUSPECTED = re.compile(
    rf"{_QUALIFIERS}{{0,3}} ?\?|\s(?:non|pas) (?:elimine|ecarte|exclu|infirme)| (?:vs|ou) [a-z]{{4,20}} ?\?| vs\b"
    rf"|{_QUALIFIERS}{{0,3}}\s{{0,2}}\(?(?:probables?|possibles?|vraisemblables?|presumee?s?|suspectee?s?|suspect|eventuel\w*"
    r"|a confirmer|a eliminer|a discuter|a explorer|a rechercher|en cours d'exploration)\b"
)
_ASKED = re.compile(r"(?<![a-z])(?:plutot|semble|a priori|craint)(?: [a-z']{1,8})? ?$|(?:^|[,;:(\n] ?)\?\)? ?$")
_HYPOTHESES = re.compile(
    r"(?<![a-z])(?:hypotheses?|diagnostics? (?:evoques?|possibles?|differentiels?)|ddx?|discuter|evoquer?"
    r"|a eliminer)[ :]{1,3}[^.;\n]{0,90}$"
)
_OPERATION = re.compile(
    r"\w{4,}(?:ectomie|plastie|otomie)s?$|(?:prothese|pth|ptg|pontage|stents?|cesarienne|amputation|appendicectomie"
    r"|sleeve|by-?pass|anneau gastrique|arthrodese|pace-?maker|greffe|fausses? couches?"
    r"|operation)\b"
)
_PAST = re.compile(
    r"(?<![a-z])(?:atcd|antecedents?|operee? (?:de|d'une?|du)|remission|guerie? d|suites? d|deja (?:eu|fait|presente)"
    r"|sevree? (?:de|du|d')|sequelles? d|ancien(?:ne)?s?|notion)(?![a-z])[^,.;\n]{0,30}$|(?<![a-z])(?:ex|post)[- ]$"
    r"|(?<![a-z])arret (?:du |de l'|de )?$"
)
_RIGHT_PAST = re.compile(
    rf"{_QUALIFIERS}{{0,2}}\s{{0,2}}\(?(?:en |de |depuis |: ?)?(?:{MONTH}\.? "
    r"|\d{1,2}/)?(?:19|20)\d\d(?!\d)"
    rf"|{_QUALIFIERS}{{0,3}} \(?(?:il y a (?:\d+ ans|(?:[3-9]|\d\d) mois)|le mois dernier|a l'age de|a \d{{1,2}} ans"
    rf"|(?:dans|ds|pendant) (?:l'|la |son )?(?:petite )?(?:enfance"
    rf"|adolescence)|(?:petite )?enfance\b|enfant\b"
    r"|dans son enfance|l'an(?:nee)? (?:dernier|passe)|en remission|gueri\w{0,2}|operee?s?\b|traitee?s? en|resolue?|sevree?"
    r"|disparue?s?\b|tombee?\b|a cede\b|amendee?s?\b)"
    r"|\s{0,2}(?:sevree?|gueri\w{0,2}|operee?|opere|resolue?|stoppe|arrete)\b"
)
_NAMED_PAST = re.compile(
    r"^(?:ex|anciens?|anciennes?|antecedents?|atcd)[ -]|^ne fume plus|arrete de fumer|remission|sevree?|guerie?|opere"
)
# `Tabac 20 PA, sevré en 2010`
_SUBSTANCES = r"(?:tabac|tabagi|fume|alcool|ethyl|oh\b|cannabis|thc|toxico|hero|coca|opi|addict|dependance)"
_SUBSTANCE, _ANOTHER = re.compile(_SUBSTANCES), re.compile(rf"(?<![a-z]){_SUBSTANCES}")
_WEANED = re.compile(
    r"(?:[^.;\n]|[.]\d){0,30}?(?<![a-z])(?<!non )(?<!pas )(?:sevree?|arretee?(?! de travail)|stoppee?)(?![a-z])"
)
_COMING = re.compile(r"(?:prevue?|programme\w*|a prevoir|indication|propose\w*|avant|discut\w*|pre-?op)")
_LIST_WARNING = "Absence déduite d'une énumération : à vérifier."
_DOUBT = "Négation à vérifier."
_KIN_WARNING = "Antécédent familial déduit d'une énumération : à vérifier."


def find_status(folded: str, clause: Clause, start: int, end: int) -> tuple[ProposalStatus | None, tuple[str, ...]]:
    """Status of `folded[start:end]` within its clause, and the warnings on how it was read.

    None: of someone who is no blood relation, which tells nothing of the patient.
    """
    left = folded[max(clause.start, start - _REACH) : start]
    right = folded[end : min(clause.end, end + _REACH)]
    denied = denial(left, folded[start:end], right)
    if denied in {Denial.YES, Denial.LISTED}:
        return ProposalStatus.ABSENT, (_LIST_WARNING,) if denied is Denial.LISTED else ()
    doubt = (_DOUBT,) if denied is Denial.DOUBTFUL else ()
    kin = kinship(left, right)
    if kin is Kin.UNRELATED:
        return None, ()
    kin = Kin.YES if clause.section is Section.FAMILY else kin
    if kin is not Kin.NO:
        return ProposalStatus.FAMILY, (*doubt, _KIN_WARNING) if kin is Kin.LISTED else doubt
    if _SUSPECTED.search(left) or _ASKED.search(left) or _HYPOTHESES.search(left) or _right_suspected(right):
        return ProposalStatus.SUSPECTED, doubt
    if _OPERATION.match(folded[start:end]) and not _COMING.search(left[-25:] + " | " + right[:25]):
        return ProposalStatus.HISTORY, doubt
    if (
        clause.section is Section.HISTORY
        or _NAMED_PAST.search(folded[start:end])
        or _PAST.search(left)
        or _past(right, folded[start:end])
    ):
        return ProposalStatus.HISTORY, doubt
    return ProposalStatus.PRESENT, doubt


def _right_suspected(right: str) -> bool:
    """`phlébite du mollet ?`; in `toux grasse bronchite ?` it is the bronchitis that is asked about."""
    match = _RIGHT_SUSPECTED.match(right)
    if match and match[0].startswith((" ou ", " vs")):
        return True
    return match is not None and not lexicon("problems").find(match[0], words(match[0]))


def _past(right: str, name: str) -> bool:
    match = _RIGHT_PAST.match(right)
    if match is not None and "depuis" not in match[0]:
        return True
    weaned = _WEANED.match(right) if _SUBSTANCE.match(name) else None
    if weaned is None or _ANOTHER.search(weaned[0]):
        return False
    return not lexicon("problems").find(weaned[0], words(weaned[0]))
