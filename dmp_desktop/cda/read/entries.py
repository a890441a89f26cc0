"""Coded entries -> plain dicts (design/cli.md, `cda data`). What an entry means is told by its templateIds, never by its place.

templateIds: IHE PCC TF-2, CI-SIS "modèles de contenus CDA" (reference cda.md, "Entries"), and C-CDA R2.1 for foreign documents.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from dmp_desktop.cda.read.labels import Labels, author_of
from dmp_desktop.cda.read.once import once, reading
from dmp_desktop.cda.read.products import REIMBURSED_DOCUMENT, YES_NO, dispensation, treatment, vaccination
from dmp_desktop.cda.read.results import quantity, quoted_results, result, value_of, vital
from dmp_desktop.cda.read.standing import (
    INTENDED,
    clinical_status,
    interrupted,
    negated,
    standing,
    unanswered,
    withdrawn,
)
from dmp_desktop.cda.read.values import interval, iso
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, template_ids, text
from dmp_desktop.domain.notes import NOT_FACTS, ProposalStatus
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN
from dmp_desktop.terminology.wording import plain

_PCC = "1.3.6.1.4.1.19376.1.5.3.1.4"
_CCD = "2.16.840.1.113883.10.20.1"
_CCDA = "2.16.840.1.113883.10.20.22.4"
PROBLEM = f"{_PCC}.5"
ALLERGY = f"{_PCC}.6"
TREATMENT = f"{_PCC}.7"
VACCINATION = f"{_PCC}.12"
VITAL_SIGN = f"{_PCC}.13.2"
LIFESTYLE = f"{_PCC}.13.4"
SIMPLE = f"{_PCC}.13"
FAMILY = f"{_PCC}.13.3"
PROCEDURE = f"{_PCC}.19"
LAB_RESULT = "1.3.6.1.4.1.19376.1.3.1.6"  # IHE PaLM
_RESULT = "1.2.250.1.213.1.1.3.209"  # FR-Resultat: of any examination, as IPS and our reports hold them
DISPENSATION = "1.3.6.1.4.1.19376.1.9.1.3.4"  # IHE Pharmacy DIS
DEVICE = "1.2.250.1.213.1.1.3.20"  # FR-Dispositif-medical
_REACTION = f"{_CCD}.54"
_ALERT = f"{_CCD}.18"
# SNOMED CT: no known allergy, no known drug allergy, no known food allergy, no known environmental allergy, no current problems.
_NONE_KNOWN = frozenset({"716186003", "409137002", "429625007", "428607008", "160245001"})
_CERTAINTY = "66455-7"  # LOINC, FR-Certitude; its values are those of FHIR condition-ver-status
_DOUBTS = {"unconfirmed": "suspected", "provisional": "suspected", "differential": "suspected", "refuted": "absent"}
_CONCERNS = {"completed": "history", "aborted": "history"}
_ALLERGIES = "Allergies"  # what nobody asked for: "non recherché" names nothing

Item = dict[str, Any]
Reader = Callable[[Element, Labels], Item | None]

KINDS: Final = ("problems", "allergies", "treatments", "vaccinations", "results", "vitals", "procedures")
"""Those `cda data` has always had, in its order."""
MORE_KINDS: Final = ("dispensations", "lifestyle", "family", "devices", "quoted_results")


@reading()
def read_entries(document: Element) -> dict[str, list[Item]]:
    """Lists by kind. Each item also tells the LOINC code of its `section` and the `author` of the entry, where there is one."""
    labels = Labels(document)
    readers = _readers(reimbursed=REIMBURSED_DOCUMENT in template_ids(document))
    found: dict[str, list[Item]] = {name: [] for name in (*KINDS, *MORE_KINDS)}
    tags = [f"{Q}{name}" for name in ("observation", "substanceAdministration", "procedure", "supply", "act")]
    for element in document.iter(*tags):
        ids = set(template_ids(element))
        if not ids or not ids.isdisjoint(_LEFT_OUT):
            continue
        for template, kind, reader in readers:
            if template not in ids:
                continue
            item = reader(element, labels)
            if item is not None:
                found[kind].append(item | _place(element))
            if kind == "results":
                found["quoted_results"] += [earlier | _place(element) for earlier in quoted_results(element, labels)]
            break
    return found


def _place(element: Element) -> Item:
    section = next(element.iterancestors(f"{Q}section"), None)
    return {"section": _code_of(section, "code"), "author": author_of(element) or None}


@once
def _code_of(around: Element | None, name: str) -> str:
    return attribute(child(around, name), "code")


def _coded(element: Element | None) -> Item:
    return {"code": attribute(element, "code") or None, "system": attribute(element, "codeSystem") or None}


def _period(element: Element) -> Item:
    low, high = interval(child(element, "effectiveTime"))
    return {"start": iso(low), "end": iso(high)}


def _concern_status(element: Element) -> str:
    """statusCode of the concern act around an observation, or ''."""
    parent = element.getparent()
    act = None if parent is None else parent.getparent()
    return _code_of(act, "statusCode")


def _status(element: Element, words: str, *coded: Element | None) -> str:
    """`absent` also where the code says "none known"; `unknown` where it says that nothing is said, or that nobody asked."""
    if withdrawn(element):
        return ProposalStatus.CANCELLED
    if element.get("moodCode") in {*INTENDED, "GOL"}:
        return standing(element) or ProposalStatus.PLANNED
    denied = _denied(element, *coded)
    if denied:
        return denied
    if unanswered(child(element, "value"), words):
        return ProposalStatus.UNKNOWN
    doubt, current = _certainty(element), clinical_status(element)
    if doubt == "absent" or current is None:
        over = "history" if interrupted(element) else _CONCERNS.get(_concern_status(element), "present")
        return doubt or over
    return current if current is ProposalStatus.HISTORY else doubt or current


def _denied(element: Element, *coded: Element | None) -> str:
    """`absent` or `unknown` by the negation or by a code that says so, else ''."""
    if negated(element):
        return "absent"
    for place in coded:
        value = attribute(place, "code")
        if attribute(place, "codeSystem") == ABSENT_OR_UNKNOWN:
            return "unknown" if value.endswith("-info") else "absent"
        if value in _NONE_KNOWN:
            return "absent"
    return ""


def _certainty(element: Element) -> str:
    """`suspected` or `absent` where the author says how sure he is of it; '' where he is, or says nothing."""
    for link in children(element, "entryRelationship"):
        said = child(link, "observation")
        if attribute(child(said, "code"), "code") == _CERTAINTY:
            return _DOUBTS.get(attribute(child(said, "value"), "code"), "")
    return ""


def _problem(element: Element, labels: Labels) -> Item | None:
    value = child(element, "value")
    label = labels.of(value, child(element, "text"), value)
    if not label:
        return None
    return {
        "label": _with_site(element, labels, label),
        **_coded(value),
        "status": _status(element, _words(element, labels), value),
        **_period(element),
    }


def _with_site(element: Element, labels: Labels, label: str) -> str:
    """The words of a problem or an act, with the place and the side that only a code tells: two eyes are two problems."""
    places = []
    for site in children(element, "targetSiteCode"):
        sides = [labels.of(child(qualifier, "value")) for qualifier in children(site, "qualifier")]
        places += [words for words in (labels.of(site), *sides) if words and plain(words) not in plain(label)]
    return f"{label} ({', '.join(places)})" if places else label


def _words(element: Element, labels: Labels) -> str:
    """The author's own words for the value, beside any code."""
    return labels.words(child(element, "value", "originalText"), child(element, "text"))


def _allergy(element: Element, labels: Labels) -> Item | None:
    value = child(element, "value")
    agent = child(element, "participant", "participantRole", "playingEntity")
    agent_code = child(agent, "code")
    name = labels.of(agent_code) or text(child(agent, "name"))
    label = labels.of(value, child(element, "text")) or name
    if plain(label) in YES_NO:  # a form's box: what it asks stands in the code
        label = labels.of(child(element, "code"))
    words = name or _words(element, labels)
    if unanswered(value, words) and not (name or attribute(value, "displayName")):
        label = _ALLERGIES
    if not label:
        return None
    return {
        "label": label,
        **_coded(value),
        "agent": name or None,
        "agent_code": attribute(agent_code, "code") or None,
        "agent_system": attribute(agent_code, "codeSystem") or None,
        "status": _status(element, words, value, agent_code),
        **_period(element),
        "reactions": _reactions(element, labels, denied=False),
        "absent_reactions": _reactions(element, labels, denied=True),
    }


def _reactions(element: Element, labels: Labels, *, denied: bool) -> list[str]:
    """What the allergy showed itself by (MFST), and only of this allergy; or what it is said not to have shown."""
    found = []
    for link in children(element, "entryRelationship"):
        reaction = child(link, "observation")
        if link.get("typeCode") == "MFST" and reaction is not None and negated(reaction) is denied:
            words = labels.of(child(reaction, "value"), child(reaction, "text"))
            found += [words] if words else []
    return found


def _procedure(element: Element, labels: Labels) -> Item | None:
    coded = child(element, "code")
    label = labels.of(coded, child(element, "text"))
    low, high = interval(child(element, "effectiveTime"))
    if not label:
        return None
    return {
        "label": _with_site(element, labels, label),
        **_coded(coded),
        "date": iso(low or high),
        "status": _act_status(element, coded),
    }


def _act_status(element: Element, coded: Element | None) -> str:
    """`absent` and `unknown` are said of acts of any kind, by a code; one act that was denied is not done."""
    said = _denied(element, coded)
    if negated(element):
        return "absent" if attribute(coded, "code") in _NONE_KNOWN else ProposalStatus.NOT_DONE
    return standing(element) or said or ProposalStatus.DONE


def _lifestyle(element: Element, labels: Labels) -> Item | None:
    """Tobacco, alcohol …: the habit, and what is said of it."""
    coded = child(element, "code")
    value, unit, _ = value_of(element, labels)
    label = labels.of(coded)
    if not label:
        return None
    said = value if value is not None else labels.words(child(element, "text")) or None
    asked = "unknown" if value is None and unanswered(child(element, "value"), said or "") else "present"
    status = standing(element) or ("absent" if negated(element) else asked)
    return {"label": label, **_coded(coded), "value": said, "unit": unit, "status": status, **_period(element)}


def _family(element: Element, labels: Labels) -> Item | None:
    """A disease of a relative, who is told by the organizer around."""
    value = child(element, "value")
    label = labels.of(value, child(element, "text"), value)
    if not label:
        return None
    relative = _relative(next(element.iterancestors(f"{Q}organizer"), None), labels)
    status = _status(element, _words(element, labels), value)
    return {
        "label": label,
        **_coded(value),
        "relative": relative or None,
        "status": status if status in {"absent", *NOT_FACTS} else "family",
        **_period(element),
    }


@once
def _relative(organizer: Element | None, labels: Labels) -> str:
    return labels.of(child(organizer, "subject", "relatedSubject", "code"))


def _device(element: Element, labels: Labels) -> Item | None:
    device = child(element, "participant", "participantRole", "playingDevice")
    coded = child(device, "code")
    label = labels.of(coded) or labels.words(child(element, "text"))
    if not label:
        return None
    status = standing(element) or _denied(element, coded) or "present"
    period = _period(element)
    handed = iso(attribute(child(element, "performer", "time"), "value"))
    return {"label": label, **_coded(coded), "status": status, **period, "start": period["start"] or handed}


# A reaction is told with its allergy or its vaccination: it is no problem by itself.
_LEFT_OUT = frozenset({_REACTION, f"{_CCDA}.9"})


def _readers(*, reimbursed: bool) -> tuple[tuple[str, str, Reader], ...]:
    """The most precise template first: an allergy is also a problem, a vital sign also a simple observation."""
    treated = partial(treatment, reimbursed=reimbursed)
    vaccinated = partial(vaccination, reimbursed=reimbursed)
    return (
        (ALLERGY, "allergies", _allergy),
        (_ALERT, "allergies", _allergy),
        (FAMILY, "family", _family),
        (PROBLEM, "problems", _problem),
        (VITAL_SIGN, "vitals", vital),
        (LIFESTYLE, "lifestyle", _lifestyle),
        (LAB_RESULT, "results", result),
        (_RESULT, "results", result),
        (VACCINATION, "vaccinations", vaccinated),
        (TREATMENT, "treatments", treated),
        (DISPENSATION, "dispensations", dispensation),
        (DEVICE, "devices", _device),
        (PROCEDURE, "procedures", _procedure),
        (f"{_CCDA}.7", "allergies", _allergy),
        (f"{_CCDA}.46", "family", _family),
        (f"{_CCDA}.4", "problems", _problem),
        (f"{_CCDA}.27", "vitals", vital),
        (f"{_CCDA}.2", "results", result),
        (f"{_CCDA}.78", "lifestyle", _lifestyle),
        (f"{_CCDA}.38", "lifestyle", _lifestyle),
        (f"{_CCDA}.52", "vaccinations", vaccinated),
        (f"{_CCDA}.16", "treatments", treated),
        (f"{_CCDA}.18", "dispensations", dispensation),
        (f"{_CCDA}.12", "procedures", _procedure),
        (f"{_CCDA}.13", "procedures", _procedure),
        (f"{_CCDA}.14", "procedures", _procedure),
        (SIMPLE, "results", quantity),
    )
