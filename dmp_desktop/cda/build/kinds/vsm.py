"""Synthèse médicale, SYNTH: volet VSM 2023.01.

Its tree has no section for measures, results, vaccinations and devices, nor for a note: they stand word for word in "points de
vigilance", which takes no entry.
"""

from __future__ import annotations

from dmp_desktop.cda.build.coded import Coded, Topic
from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.kinds.synthesis import require_content
from dmp_desktop.cda.build.narrative import TITLES, UNKNOWN, table
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.sections import note_text, section
from dmp_desktop.cda.build.template import EMPTY, Markup, Template, join
from dmp_desktop.cda.build.topics import topic_section, topic_sections
from dmp_desktop.domain.documents import Code, DocumentKind
from dmp_desktop.terminology.oids import LOINC

_TYPE = "SYNTH"  # JDV_J07: synthèse
_VOLET = "1.2.250.1.213.1.1.1.13 2023.01"
_ACT = Code("34117-2", LOINC, "Historique et clinique")  # fixed by the volet, label included
_DISEASES = (Topic.PROBLEMS, Topic.HISTORY, Topic.PROCEDURES, Topic.ALLERGIES)
_RISKS = (Topic.LIFESTYLE, Topic.FAMILY)
_WORDS = (Topic.VITALS, Topic.RESULTS, Topic.VACCINATIONS, Topic.DEVICES)

_CISIS = "1.2.250.1.213.1.1.2."
_NESTED = "{!content}"
_SUMMARY = section(
    "46612-8",
    "Conclusions de synthèse",
    "Pathologies en cours, antécédents, allergies et facteurs de risque",
    f"{_CISIS}29",
    content=_NESTED,
)
_HISTORY = section(
    "34117-2",
    "Historique et physique",
    "Pathologies en cours, antécédents et allergies",
    f"{_CISIS}30",
    content=_NESTED,
)
_RISK = section(
    "57207-3",
    "Facteurs de risque présents ou passés affectant l'état de santé et/ou une circonstance",
    "Facteurs de risque",
    f"{_CISIS}31",
    content=_NESTED,
)
_TREATMENT = section("18776-5", "Plan de traitement", "Traitements au long cours", f"{_CISIS}32", content=_NESTED)
_VIGILANCE = section(
    "30954-2",
    "Résultats d'examens",
    "Points de vigilance",
    "1.3.6.1.4.1.19376.1.5.3.1.3.27",
    f"{_CISIS}150",
)
_TEXT = Template("<text>{text}</text>")
_HEADING = Template("<paragraph>{title}</paragraph>{!table}")


def _frame(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_TYPE, _VOLET, service=_ACT)


def _sections(draft: Draft) -> list[Markup]:
    coded, new_id = draft.coded, draft.new_id
    diseases = _HISTORY.fill(id=new_id(), content=join(topic_sections(_DISEASES, coded, new_id)))
    risks = join(topic_sections(_RISKS, coded, new_id)) or _TEXT.fill(text=UNKNOWN)
    summary = Markup(diseases + _RISK.fill(id=new_id(), content=risks))
    return [
        _SUMMARY.fill(id=new_id(), content=summary),
        _VIGILANCE.fill(id=new_id(), text=_vigilance(draft), entries=EMPTY),
        _TREATMENT.fill(id=new_id(), content=topic_section(Topic.TREATMENTS, coded, new_id)),
    ]


def _vigilance(draft: Draft) -> Markup:
    parts = [note_text(draft.note, draft.coded, draft.note_warning)] if draft.note.strip() else []
    parts += [_as_words(topic, draft.coded) for topic in _WORDS if draft.coded.of(topic)]
    return join(parts) or Markup(UNKNOWN)


def _as_words(topic: Topic, coded: Coded) -> Markup:
    return _HEADING.fill(title=TITLES[topic], table=table(topic, coded.of(topic)))


VSM = DocumentPlan(
    DocumentKind.VSM,
    _frame,
    _sections,
    require=require_content,
    topics=(*_DISEASES, *_RISKS, Topic.TREATMENTS, *_WORDS),
    required=(*_DISEASES, Topic.TREATMENTS),
    note_optional=True,
)
