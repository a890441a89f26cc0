"""Consultation report, 11488-4: there is no CI-SIS volet for it, so an IHE PCC medical document with CI-SIS sections."""

from __future__ import annotations

from dmp_desktop.cda.build.coded import Topic
from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.sections import note_section
from dmp_desktop.cda.build.template import Markup
from dmp_desktop.cda.build.topics import topic_sections
from dmp_desktop.domain.documents import DocumentKind

_TYPE = "11488-4"  # JDV_J07: CR ou fiche de consultation ou de visite
_MEDICAL_DOCUMENT = "1.3.6.1.4.1.19376.1.5.3.1.1.1"  # IHE PCC Medical Document
_TOPICS = (
    Topic.VITALS,
    Topic.PROBLEMS,
    Topic.HISTORY,
    Topic.FAMILY,
    Topic.ALLERGIES,
    Topic.TREATMENTS,
    Topic.PROCEDURES,
    Topic.VACCINATIONS,
    Topic.RESULTS,
    Topic.LIFESTYLE,
    Topic.DEVICES,
)


def _frame(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_TYPE, _MEDICAL_DOCUMENT)


def _sections(draft: Draft) -> list[Markup]:
    note = note_section(draft.note, draft.coded, draft.note_warning, draft.new_id)
    return [note, *topic_sections(_TOPICS, draft.coded, draft.new_id)]


CONSULTATION = DocumentPlan(DocumentKind.CONSULTATION, _frame, _sections, topics=_TOPICS)
