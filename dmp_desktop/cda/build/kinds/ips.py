"""International patient summary, 60591-5: volet IPS-FR 2024.01. The note stands word for word in "points de vigilance"."""

from __future__ import annotations

from dmp_desktop.cda.build.coded import Topic
from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.kinds.synthesis import require_content
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.sections import note_text, section
from dmp_desktop.cda.build.template import EMPTY, Markup
from dmp_desktop.cda.build.topics import topic_sections
from dmp_desktop.domain.documents import DocumentKind

_TYPE = "60591-5"  # JDV_J07: synthèse médicale (IPS)
_IPS = "2.16.840.1.113883.10.22.1.1"  # HL7 IPS
_VOLET = "1.2.250.1.213.1.1.1.51 2024.01"
_REQUIRED = (Topic.PROBLEMS, Topic.PROCEDURES, Topic.ALLERGIES, Topic.TREATMENTS, Topic.DEVICES)
_FIRST = (Topic.PROBLEMS, Topic.HISTORY, Topic.PROCEDURES, Topic.ALLERGIES, Topic.TREATMENTS, Topic.DEVICES)
_LAST = (Topic.VITALS, Topic.LIFESTYLE, Topic.FAMILY, Topic.VACCINATIONS, Topic.RESULTS)
_VIGILANCE = section("44944-7", "Autres alertes", "Points de vigilance", "1.2.250.1.213.1.1.2.245")


def _frame(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_TYPE, _IPS, _VOLET, attending="Médecin Traitant")  # the volet's own spelling


def _sections(draft: Draft) -> list[Markup]:
    coded, new_id = draft.coded, draft.new_id
    parts = topic_sections(_FIRST, coded, new_id)
    if draft.note.strip():
        text = note_text(draft.note, coded, draft.note_warning)
        parts.append(_VIGILANCE.fill(id=new_id(), text=text, entries=EMPTY))
    return parts + topic_sections(_LAST, coded, new_id)


IPS = DocumentPlan(
    DocumentKind.IPS,
    _frame,
    _sections,
    require=require_content,
    topics=(*_FIRST, *_LAST),
    required=_REQUIRED,
    note_optional=True,
)
