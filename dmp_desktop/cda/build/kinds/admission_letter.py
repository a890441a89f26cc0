"""Letter to the hospital that will admit the patient, 18761-7: volet LDL-EES 2022.01 (lettre de liaison, entrée)."""

from __future__ import annotations

from dmp_desktop.cda.build.coded import Topic
from dmp_desktop.cda.build.header import Frame, frame_of_type
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.sections import note_section, section
from dmp_desktop.cda.build.template import EMPTY, Markup, Template
from dmp_desktop.cda.build.topics import ADMISSION_TREATMENTS, topic_section, topic_sections
from dmp_desktop.domain.documents import Code, DocumentKind
from dmp_desktop.domain.fields import Fields
from dmp_desktop.terminology.oids import ACT_CODE

_TYPE = "18761-7"  # JDV_J07: note de transfert, lettre de liaison
_VOLET = "1.2.250.1.213.1.1.1.21 2022.01"
_ACT = Code("IMP", ACT_CODE, "Hospitalisation (établissement, y compris HAD)")  # fixed by the volet
_BEFORE = (Topic.ALLERGIES, Topic.PROBLEMS, Topic.HISTORY, Topic.PROCEDURES, Topic.FAMILY)
_AFTER = (Topic.VITALS, Topic.RESULTS, Topic.VACCINATIONS, Topic.LIFESTYLE, Topic.DEVICES)
_REASON = section(
    "42349-1",
    "Raison de la recommandation",
    "Motif d'hospitalisation",
    "1.3.6.1.4.1.19376.1.5.3.1.3.1",
    "1.2.250.1.213.1.1.2.127",
)
_LINES = Template("<paragraph>{reason}</paragraph><paragraph>Destination : {destination}</paragraph>")


def _frame(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_TYPE, _VOLET, service=_ACT)


def _extra(request: BuildRequest) -> tuple[str, str]:
    """`extra.reason` and `extra.destination`. Raises ContextError."""
    fields = Fields(request.context.extra, "extra")
    return fields.text("reason", "motif d'hospitalisation"), fields.text("destination", "établissement ou service")


def _require(request: BuildRequest) -> None:
    _extra(request)


def _page_lines(request: BuildRequest) -> tuple[str, ...]:
    reason, destination = _extra(request)
    return f"Motif d'hospitalisation : {reason}", f"Destination : {destination}"


def _sections(draft: Draft) -> list[Markup]:
    coded, new_id = draft.coded, draft.new_id
    reason, destination = _extra(draft.request)
    return [
        _REASON.fill(id=new_id(), text=_LINES.fill(reason=reason, destination=destination), entries=EMPTY),
        topic_section(Topic.TREATMENTS, coded, new_id, ADMISSION_TREATMENTS),
        *topic_sections(_BEFORE, coded, new_id),
        note_section(draft.note, coded, draft.note_warning, new_id),
        *topic_sections(_AFTER, coded, new_id),
    ]


ADMISSION_LETTER = DocumentPlan(
    DocumentKind.ADMISSION_LETTER,
    _frame,
    _sections,
    require=_require,
    extra=("reason", "destination"),
    page_lines=_page_lines,
    topics=(Topic.TREATMENTS, *_BEFORE, *_AFTER),
    required=(Topic.TREATMENTS, Topic.ALLERGIES),
)
