"""Whether an entry tells of something that happened: its mood, its state, its negation, the absence of an answer.

Vocabularies: HL7 V3 ActMood, ActStatus, NullFlavor; LOINC 33999-4 (FR-Statut-du-probleme, PCC .4.1.1); values of
HL7 condition-clinical and allergyintolerance-clinical (JDV CI-SIS of those names) and of SNOMED CT.
"""

from __future__ import annotations

from dmp_desktop.cda.read.once import once
from dmp_desktop.cda.xml import Element, attribute, child, children, local, text
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.wording import plain

INTENDED = frozenset({"INT", "RQO", "PRP", "ARQ", "PRMS", "APT"})
_WITHDRAWN = frozenset({"cancelled", "nullified", "obsolete"})
_WAITING = frozenset({"new", "held"})
_NOT_ANSWERED = frozenset({"ASKU", "NASK"})
_CLINICAL_STATUS = "33999-4"
# HL7 condition-clinical and allergyintolerance-clinical; SNOMED CT: resolved (two concepts), inactive, past; active.
_OVER = frozenset({"inactive", "remission", "resolved", "413322009", "723506003", "73425007", "70753007"})
_CURRENT = frozenset({"active", "recurrence", "relapse", "55561003"})
_OVER_WORDS = ("resolu", "inacti", "en remission", "gueri")
_NO_ANSWER_WORDS = (
    "non recherche",
    "non renseigne",
    "non demande",
    "non precise",
    "non evalue",
    "inconnu",
    "ne sait pas",
)


def standing(element: Element) -> ProposalStatus | None:
    """Why the entry tells of nothing that happened; None where it may. Its negation is another matter: see `negated`."""
    if element.get("moodCode") == "GOL":
        return ProposalStatus.GOAL
    if withdrawn(element):
        return ProposalStatus.CANCELLED
    state = _state(element)
    if element.get("moodCode") in INTENDED or state in _WAITING:
        return ProposalStatus.PLANNED
    return ProposalStatus.CANCELLED if state == "aborted" else None


def withdrawn(element: Element) -> bool:
    """Cancelled, entered by error or replaced: the entry, or the act or organizer that it is a part of."""
    node: Element | None = element
    while node is not None:
        if _state(node) in _WITHDRAWN:
            return True
        node = _whole(node)
    return False


def _whole(element: Element) -> Element | None:
    """What the entry is a component or the subject of: what only refers to it does not withdraw it."""
    link = element.getparent()
    if link is None or local(link) not in {"component", "entryRelationship"}:
        return None
    whole = link.getparent()
    if whole is None or local(whole) not in {"organizer", "act"}:
        return None
    part = local(link) == "component" or link.get("typeCode") in {"SUBJ", "COMP"}
    return whole if part else None


@once
def _state(element: Element) -> str:
    return attribute(child(element, "statusCode"), "code")


def interrupted(element: Element) -> bool:
    """Begun, and not going on."""
    return _state(element) in {"aborted", "suspended"}


def on_hold(element: Element) -> bool:
    """Told to wait, begun or not."""
    return _state(element) == "held"


def negated(element: Element | None) -> bool:
    """`negationInd` is a boolean of XML Schema."""
    return element is not None and element.get("negationInd") in {"true", "1"}


def clinical_status(element: Element) -> ProposalStatus | None:
    """HISTORY or PRESENT where a problem or an allergy says whether it is over; None where it does not."""
    for link in children(element, "entryRelationship"):
        said = child(link, "observation")
        if attribute(child(said, "code"), "code") == _CLINICAL_STATUS and not negated(said):
            value = child(said, "value")
            words = plain(attribute(value, "displayName") or text(value))
            if attribute(value, "code") in _OVER or words.startswith(_OVER_WORDS):
                return ProposalStatus.HISTORY
            return ProposalStatus.PRESENT if attribute(value, "code") in _CURRENT else None
    return None


def unanswered(value: Element | None, words: str) -> bool:
    """Not asked, or asked without an answer. Others are also what an uncoded answer is written with:
    its words decide."""
    flavor = attribute(value, "nullFlavor")
    if not flavor or attribute(value, "code"):
        return False
    return (
        flavor in _NOT_ANSWERED
        or plain(words).startswith(_NO_ANSWER_WORDS)
        or (not words and flavor in {"UNK", "NI", "NAV"})
    )
