"""Consultation report, 11488-4: there is no CI-SIS volet for it, so an IHE PCC medical document with CI-SIS sections."""

from __future__ import annotations

import base64

from dmp_desktop.cda.build import sections
from dmp_desktop.cda.build.header import Frame, frame_of_type, ts
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.template import Markup
from dmp_desktop.cda.build.text import xml_safe
from dmp_desktop.domain.documents import DocumentKind

_TYPE = "11488-4"  # JDV_J07: CR ou fiche de consultation ou de visite
_MEDICAL_DOCUMENT = "1.3.6.1.4.1.19376.1.5.3.1.1.1"  # IHE PCC Medical Document


def _frame(request: BuildRequest) -> Frame:
    del request
    return frame_of_type(_TYPE, _MEDICAL_DOCUMENT)


def _sections(draft: Draft) -> list[Markup]:
    request, coded, new_id = draft.request, draft.coded, draft.new_id
    start = request.local(request.context.encounter.start)
    parts = [sections.note_section(draft.note, coded, draft.note_warning, new_id)]
    if coded.measures:
        parts.append(sections.vitals_section(coded, ts(start), f"{start:%d/%m/%Y}", new_id))
    if coded.problems:
        parts.append(sections.problems_section(coded.problems, coded, new_id))
    if coded.history:
        parts.append(sections.history_section(coded.history, coded, new_id))
    if request.attachment is not None:
        label = xml_safe(request.attachment.name)[0] or "Document joint"
        content = base64.b64encode(request.attachment.content).decode("ascii")
        parts.append(sections.added_section(label, content, new_id))
    return parts


CONSULTATION = DocumentPlan(DocumentKind.CONSULTATION, _frame, _sections)
