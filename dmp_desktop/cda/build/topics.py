"""Sections of coded facts: a table to read, one entry a line that points at it.

templateIds: CI-SIS "modèles de contenus CDA" (reference cda.md, "Sections").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dmp_desktop.cda.build.coded import Coded, Fact, Topic
from dmp_desktop.cda.build.entries import entries
from dmp_desktop.cda.build.narrative import TITLES, UNKNOWN, table
from dmp_desktop.cda.build.sections import section
from dmp_desktop.cda.build.template import Markup, NewId, Template
from dmp_desktop.cda.build.vaccinations import vaccinations_section
from dmp_desktop.domain.clinical import ClinicalItem, ItemKind
from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ABSENT_OR_UNKNOWN

_PCC = "1.3.6.1.4.1.19376.1.5.3.1.3."  # IHE PCC sections
_CISIS = "1.2.250.1.213.1.1.2."


def _topic(topic: Topic, code: str, label: str, *templates: str) -> Template:
    return section(code, label, TITLES[topic], *templates)


_SECTIONS = {
    Topic.VITALS: _topic(
        Topic.VITALS,
        "8716-3",
        "Signes vitaux",
        "2.16.840.1.113883.10.20.1.16",
        f"{_PCC}25",
        "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2",
        f"{_CISIS}75",
    ),
    Topic.PROBLEMS: _topic(
        Topic.PROBLEMS,
        "11450-4",
        "Liste des problèmes actifs",
        "2.16.840.1.113883.10.20.1.11",
        f"{_PCC}6",
        f"{_CISIS}132",
    ),
    Topic.HISTORY: _topic(Topic.HISTORY, "11348-0", "Antécédents médicaux", f"{_PCC}8", f"{_CISIS}134"),
    Topic.FAMILY: _topic(
        Topic.FAMILY,
        "10157-6",
        "Historique des pathologies familiales",
        "2.16.840.1.113883.10.20.1.4",
        f"{_PCC}14",
        f"{_PCC}15",
        f"{_CISIS}139",
    ),
    Topic.PROCEDURES: _topic(
        Topic.PROCEDURES,
        "47519-4",
        "Historique des actes",
        "2.16.840.1.113883.10.20.1.12",
        f"{_PCC}11",
        f"{_PCC}12",
        f"{_CISIS}136",
    ),
    Topic.ALLERGIES: _topic(
        Topic.ALLERGIES,
        "48765-2",
        "Allergies et hypersensibilités",
        "2.16.840.1.113883.10.20.1.2",
        f"{_PCC}13",
        f"{_CISIS}137",
    ),
    Topic.TREATMENTS: _topic(
        Topic.TREATMENTS, "10160-0", "Traitements", "2.16.840.1.113883.10.20.1.8", f"{_PCC}19", f"{_CISIS}143"
    ),
    Topic.RESULTS: _topic(Topic.RESULTS, "30954-2", "Résultats d'examens", f"{_CISIS}244"),
    Topic.LIFESTYLE: _topic(
        Topic.LIFESTYLE,
        "29762-2",
        "Habitus, Mode de vie",
        "2.16.840.1.113883.10.20.1.15",
        f"{_PCC}16",
        f"{_PCC}16.1",
        f"{_CISIS}141",
    ),
    Topic.DEVICES: _topic(
        Topic.DEVICES,
        "46264-8",
        "Dispositifs médicaux",
        "2.16.840.1.11383.10.20.1.7",  # without the 8 of 883: so does CI-SIS
        "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5",
        f"{_CISIS}1",
    ),
}
ADMISSION_TREATMENTS = section(
    "42346-7", "Traitements à l'admission", "Traitements à l'admission", f"{_PCC}20", f"{_CISIS}144"
)

# JDV AbsentOrUnknown… CI-SIS: that nothing is said, which is no absence.
_NOT_KNOWN = {
    Topic.PROBLEMS: (ItemKind.PROBLEM, "no-problem-info", "Pas d'information sur les problèmes"),
    Topic.HISTORY: (ItemKind.PROBLEM, "no-problem-info", "Pas d'information sur les problèmes"),
    Topic.PROCEDURES: (ItemKind.PROCEDURE, "no-procedure-info", "Pas d'information sur les actes et interventions"),
    Topic.ALLERGIES: (ItemKind.ALLERGY, "no-allergy-info", "Pas d'information sur les allergies/hypersensibilités"),
    Topic.TREATMENTS: (
        ItemKind.TREATMENT,
        "no-medication-info",
        "Pas d'information sur les traitements médicamenteux",
    ),
    Topic.DEVICES: (ItemKind.DEVICE, "no-device-info", "Pas d'information sur les dispositifs médicaux"),
}


def fill_unknown(coded: Coded, required: Iterable[Topic]) -> None:
    """Give each required section without facts the one that nothing is known. Raises KeyError where no code says so."""
    for topic in required:
        if not coded.of(topic):
            kind, code, label = _NOT_KNOWN[topic]
            item = ClinicalItem(kind, UNKNOWN, code=Code(code, ABSENT_OR_UNKNOWN, label))
            coded.facts[topic] = [Fact(item, f"{topic}-1", f"{topic}-1-name", "")]


def topic_section(topic: Topic, coded: Coded, new_id: NewId, template: Template | None = None) -> Markup:
    """The section of one topic's facts, of which there must be one."""
    facts: Sequence[Fact] = coded.of(topic)
    if topic is Topic.VACCINATIONS:
        return vaccinations_section([fact.item for fact in facts], new_id)
    filled = template or _SECTIONS[topic]
    return filled.fill(id=new_id(), text=table(topic, facts), entries=entries(topic, facts, new_id))


def topic_sections(topics: Iterable[Topic], coded: Coded, new_id: NewId) -> list[Markup]:
    """Those that have facts, in the order of `topics`."""
    return [topic_section(topic, coded, new_id) for topic in topics if coded.of(topic)]
