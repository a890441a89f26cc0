"""Does a drug named in a note start, go on, change or stop? The nearest word decides; a stop is looked for first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.notes.family import RELATIVE
from dmp_desktop.notes.structure import Clause, Section
from dmp_desktop.notes.treatment_intent import not_taken, put_off, thought_of

_THE = (
    r"(?: (?:de|du|des|d'|le|la|les|l'|son|sa|ses|progressi\w*|definiti\w*|temporaire\w*|immediat\w*|ce jour"
    r"|traitement|ttt|par))*[ :]{0,3}"
)
_STOP = (
    r"arret(?:er|e|ee|es|ees|ons|ez)?|stop(?:per|pe|pee)?|suspen\w{1,6}|sevrage|interrompre|interruption|ne plus prendre"
    r"|ne prend plus|retirer"
    r"|retrait|cess(?:er|e|ee)|remplac\w{1,5}|relais|on (?:enleve|retire)|enlever|supprim\w{1,4}|switch"
    r"|deprescription|deprescrire"
)
_STOP_LEFT = re.compile(rf"(?<![a-z])(?:{_STOP})(?![a-z]){_THE}[^,.;:\n+>]{{0,20}}$")
_BY = re.compile(r"(?:\b(?:par|vers|pour|avec|a)|[>]) (?:du |de la |le |la |l')?$")
_REPLACED = re.compile(r"(?<![a-z])(?:relais|remplac\w{1,5}|switch|relay\w+)(?![a-z])[^;.\n]{0,60}$")
_STOP_RIGHT = re.compile(
    r"(?:[^,;.\n>]|[.,]\d){0,22}?[ :,(-]{1,3}(?:que |a |est |on |etait |qu'on |l'avons |ete |deja |j'|non "
    r"|a ete ){0,3}(?:arret(?:ee?s?"
    r"|er|ons)?|stop(?:pe|pee|per)?|suspendue?"
    r"|remplacee?|relayee?|finie?|terminee?|interrompue?|supprimee?|sevree?|cessee?)(?![a-z])(?! (?:de travail|si|tabac"
    r"|10|\d))"
    # not `Lovenox 0,6 x2 relais AVK`: what has days or intakes is taken first
    r"| (?:echec|l'an dernier|l'annee derniere|autrefois|par le passe|dans le passe|auparavant)\b"
    r"|(?:(?!\d ?j|x ?\d|/ ?j|matin|soir)[^,;.\n>]){0,30}? relais (?:par|pour|vers) "
)
# `sa fille prend la Ventoline`; but `la mère a donné Doliprane` is of the patient.
_OF_KIN = re.compile(
    rf"(?<![a-z-]){RELATIVE}(?: \w+){{0,1}} (?:sous|prend|prennent|traitee?s? par)"
    r" (?:(?:la|le|les|du|des|de|son|sa|ses|une?) |de l'|l'|d'){0,2}$"
)
# `relais amlodipine` begins it; `relais Eliquis par Xarelto` stops it.
_RELAY = re.compile(r"(?<![a-z])(?:relais|switch) $")
_TO_ANOTHER = re.compile(r"[^,;.\n]{3,40}? (?:par|vers|pour) ")
_FAILED = re.compile(
    r"[^,;.\n>]{3,40}? (?:mal toler\w+|inefficaces?|echec|intoler\w+|insuffisante?)"
    r"[^;.\n]{0,20}(?:relais|remplac\w+|changee?) (?:par|pour) "
)
_FORMER = re.compile(
    r"(?<![a-z])(?:anciens? (?:traitements?|ttt|medicaments?)|ex[- ]traitement|avant sous|prenait avant)[ :]{1,3}$"
)
_ABSENT_LEFT = re.compile(
    r"(?<![a-z])(?:pas d'|pas de |sans |jamais (?:pris |eu |recu )?(?:de |d')|ni |eviter "
    r"|(?:ne pas|jamais) (?:prendre|donner|prescrire) "
    r"|contre[- ]indi(?:qu|cat)\w{0,6} (?:aux? |a la |a l'|de la |du )?|ci (?:aux? |a l')?"
    r"|proscrire |refus\w{0,3} "
    r"|ne (?:supporte|tolere|veut|souhaite) (?:pas|plus) (?:de |d'|prendre (?:de |d')?)?)"
    r"(?:(?!sous|avec|par |malgre)[^,.;:\n]){0,15}$"
)
_ABSENT_RIGHT = re.compile(
    r"[ :]{1,3}(?:non|contre[- ]indique\w*|evitee?s?|a eviter|proscrite?s?|interdite?s?"
    r"|deconseillee?s?|ci)\b(?! (?:fait|pris|observ|trouv))"
)
_REFUSED_RIGHT = re.compile(r"[^.;\n]{0,20}?\brefuse")
_CONTINUE = re.compile(
    r"(?<![a-z])(?:poursui\w{2,4}|continu\w{1,4}|sous|renouv\w{0,9}|idem|maintien|maintenir|reconduc\w*|reconduit\w*"
    r"|reprend\w*|reprise|prend|prenait|pris|prise"
    r"|traitee? par|deja|ne change rien|rien de change|sans changement|meme traitement|automedication|a eu|habituel\w*"
    r"|en cours|garder|on garde|tolere|toler\w+|traitement actuel"
    r"|ttt actuel|ttt en cours|au long cours"
    r"|utilise|utilisait|besoin de|recours|consomm\w+|observance|stable avec|equilibree? (?:par|avec)"
    r"|depuis)(?![a-z])[^.;:\n]{0,40}$"
)
_CONTINUE_LIST = re.compile(
    r"(?<![a-z])(?:idem|inchange\w*|habituel\w*|renouv\w*|poursui\w*|reste|ne change rien|rien de change"
    r"|meme (?:traitement|ordonnance))(?![a-z])"
    r"[^.;\n]{0,60}$"
)
_CONTINUE_RIGHT = re.compile(
    r"[^,;.\n]{0,30}?[ :,(-](?:idem|inchange\w*|a poursuivre|poursuivi\w*|continue\w*|a continuer|au long cours|deja pris"
    r"|renouvel\w*|depuis|bien tolere\w*|habituel\w*"
    r"|en cours|reconduit\w*|maintenue?|a maintenir|a garder|renouvelee?)(?![a-z])"
)
_START = re.compile(
    r"(?<![a-z])(?:prescri\w*|debut\w{0,4}|instaur\w{1,6}|introdu\w{1,6}|ajout\w{0,3}|rajout\w{0,3}|mise? sous|mettre"
    r"|on met|je mets|on rajoute|start\w*|rx|ordo\w*"
    r"|initi\w{1,6}|essai|essayer|je donne|donner|on donne|associ\w{1,5}|couvert\w*|antibiotherapie|=)(?![a-z])[^.;\n]{0,40}$"
)
_START_RIGHT = re.compile(
    r"[^,;.\n]{0,20}?[ :,(-](?:introduite?|debutee?|instauree?|ajoutee?|initiee?|a debuter|ce jour)(?![a-z])"
)
_CHANGE = re.compile(
    r"(?<![a-z])(?:augment\w{1,6}|diminu\w{1,6}|major\w{1,6}|passer|passage|on passe|baiss\w{1,5}|redui\w{1,4}|reduction"
    r"|adapt\w{1,6}|ajust\w{1,6}"
    r"|(?:re)?monter|on (?:re)?monte|abaiss\w{1,4}|doubl\w{1,4}|titr\w{1,6}|modif\w{0,9})(?![a-z])[^,.;:\n]{0,25}$|[↑↓↗↘] ?$"
)
# `on passe à candésartan` begins it; `passer ramipril à 10` changes it.
_SWITCHED = re.compile(r"(?<![a-z])(?:passe|passer|passage|switch|relais) (?:a|vers|pour|par) (?:la |le |l'|du )?$")
_CHANGE_RIGHT = re.compile(
    r" ?\d[\d.,]* ?(?:mg|g|ug|ui)?(?: (?:\d ?/ ?j|x ?\d|matin|soir))? ?(?:->|=>|→|>) ?\d|[^;.\n]{0,40}\(?au lieu de|"
    r"[^;.\n]{0,25}?[ :,(-](?:a |on |est |dose |je |a ete |poso\w* )?(?:divise|augment|diminu|major|a?baiss|redui|remont"
    r"|(?:on |je |a )(?:monte|passe)\b|passee? a|passer a|doubl|a adapter)"
    r"|[^,;.\n]{0,15}[↑↓↗↘]"
)
_CURRENT = re.compile(r"habituel|en cours|actuel|renouv|au long cours|de fond|idem|inchange|meme")
_PLAN = re.compile(r"[ \-*]*(?:cat|plan|p ?[:/]|ccl|conclusion|au total|ordo|rx|prescription)")
_RENEWAL = re.compile(r"(?<![a-z])(?:renouv\w{0,9}|ro\b(?=[ :]))(?![a-z])")
_EXAMINED = re.compile(
    r"(?<![a-z])(?:examen|exam|auscult\w*|ta ?:? ?\d|tension|tympans?|ccl|conclusion|diag\w*|o ?:|o/|a ?:|t° ?:? ?\d"
    r"|abdomen|lasegue|palpation|clinique\w*)(?![a-z])"
)
_LIST = re.compile(r"[ ,+/&-]*(?:et|ou|ni)?[ ]?(?:le |la |les |l'|du |de |d')?$")
_REPEATED = 60  # characters before the drug in which a verb is looked for


@dataclass(frozen=True, slots=True)
class Frame:
    """What the whole note says of its treatments; offsets in the folded note, its length when never said."""

    renewal: int
    examined: int


def frame_of(folded: str) -> Frame:
    """Is the consultation a renewal, and where does the examination begin?"""
    renewal, examined = _RENEWAL.search(folded), _EXAMINED.search(folded)
    size = len(folded)
    return Frame(renewal.start() if renewal else size, examined.start() if examined else size)


@dataclass(frozen=True, slots=True)
class Action:
    """`word`: start, continue, stop or change (design/cli.md). `said`: a verb says it."""

    status: ProposalStatus
    word: str
    said: bool = True
    warnings: tuple[str, ...] = ()


_STOPPED = Action(ProposalStatus.STOPPED, "stop")
_THOUGHT_OF = Action(ProposalStatus.PLANNED, "start", said=False, warnings=("Envisagé seulement, d'après la note.",))


def find_action(
    folded: str,
    clause: Clause,
    start: int,
    segment: str,
    previous: tuple[int, Action] | None,
    frame: Frame,
    heading: str,
    last: bool,
) -> Action:
    """What happens to the drug whose name begins at `start`; `segment` follows it; `previous` is (end, action) of the last.

    `heading` announces the list it is in; `last`: no other drug follows in its clause.
    """
    begin = max(clause.start, start - _REPEATED, previous[0] if previous else 0)
    left = folded[begin:start]
    wide = folded[max(clause.start, start - _REPEATED) : start]
    if _BY.search(left) and _REPLACED.search(wide):
        return Action(ProposalStatus.PRESENT, "start")
    if _OF_KIN.search(left):
        return Action(ProposalStatus.FAMILY, "continue")
    if _RELAY.search(left) and not _TO_ANOTHER.match(folded, start, clause.end):
        return Action(ProposalStatus.PRESENT, "start")
    if (
        _STOP_LEFT.search(left)
        or _FORMER.search(left)
        or _STOP_RIGHT.match(segment)
        or _FAILED.match(folded, start, clause.end)
    ):
        return _STOPPED
    if _REFUSED_RIGHT.match(segment) or re.search(r"\brefus\w{0,3} (?:du |de |le |la )?$", left):
        return Action(ProposalStatus.REFUSED, "stop")
    if _ABSENT_LEFT.search(left) or _ABSENT_RIGHT.match(segment) or not_taken(left, segment, heading):
        return Action(ProposalStatus.ABSENT, "stop")
    if thought_of(wide, heading) or put_off(segment, last):
        return _THOUGHT_OF
    if previous and _same_list(folded[previous[0] : start], segment, previous[1]):
        return previous[1]
    for pattern, right, word in (
        (_SWITCHED, _START_RIGHT, "start"),
        (_CHANGE, _CHANGE_RIGHT, "change"),
        (_START, _START_RIGHT, "start"),
        (_CONTINUE, _CONTINUE_RIGHT, "continue"),
        (_CONTINUE_LIST, _CONTINUE_RIGHT, "continue"),
    ):
        if pattern.search(left) or right.match(segment):
            return Action(ProposalStatus.PRESENT, word)
    if previous and previous[1].said and previous[1].word in {"continue", "start"} and previous[0] >= clause.start:
        return previous[1]
    return Action(ProposalStatus.PRESENT, _unsaid(folded, clause, start, frame), said=False)


def _same_list(between: str, segment: str, before: Action) -> bool:
    """`arrêt ibuprofène et kétoprofène`: names joined by `et`, `ni`, `/`, and no posology of its own."""
    joined = _LIST.fullmatch(between) is not None and "," not in between
    return joined and before.word == "stop" and not re.match(r"[^,;]{0,12}\d", segment)


def _unsaid(folded: str, clause: Clause, start: int, frame: Frame) -> str:
    """No verb: the heading says it, or the reason of the consultation."""
    if clause.section is Section.TREATMENT:
        lead = folded[clause.line_start : clause.line_start + 45]
        heading = folded[max(0, clause.heading) : clause.heading + 45]
        if _CURRENT.search(lead) or _CURRENT.search(heading):
            return "continue"
        if re.match(r"[ \-*]*(?:ttt|traitements?)", heading) and clause.heading < frame.examined:
            return "continue"
        return "continue" if frame.renewal < start else "start"
    if clause.section is Section.HISTORY:
        return "continue"
    if clause.heading > frame.examined and _PLAN.match(folded, clause.heading, clause.heading + 20):
        return "start"
    return "continue" if frame.renewal < start else "start"
