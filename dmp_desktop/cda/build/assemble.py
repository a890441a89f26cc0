"""Puts a document together: header, then a structured body (narrative and entries) or one file in `nonXMLBody` (CDA N1)."""

from __future__ import annotations

import base64
import itertools
import uuid
from collections.abc import Callable
from dataclasses import replace

from dmp_desktop.cda.build import sections
from dmp_desktop.cda.build.header import Frame, document, ts
from dmp_desktop.cda.build.kinds import plan_of
from dmp_desktop.cda.build.page import page_pdf
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.proposed import REPLACED_IN_FACTS, clean_item, cleaned
from dmp_desktop.cda.build.request import BuildRequest, validate, validate_file, validate_type
from dmp_desktop.cda.build.sorting import sort_facts
from dmp_desktop.cda.build.template import Markup, NewId, Template, join
from dmp_desktop.cda.build.text import xml_safe
from dmp_desktop.cda.build.topics import fill_unknown
from dmp_desktop.cda.media import PDF
from dmp_desktop.domain.documents import Attachment, BuiltDocument, DocumentFormat

_STRUCTURED_BODY = Template("<structuredBody>{!sections}</structuredBody>")
_FILE_BODY = Template('<nonXMLBody><text mediaType="{mime}" representation="B64">{!content}</text></nonXMLBody>')

# ISO 19005-1 §6.7.2 and §6.7.11: the metadata stream is not filtered, so that this can be seen.
_PDFA_MARK = b"pdfaid:part"

PdfWriter = Callable[[Draft, str], tuple[bytes, tuple[str, ...]]]
"""Draft and title -> PDF/A and the warnings on characters it could not draw."""


def build(request: BuildRequest) -> BuiltDocument:
    """The document and the warnings to show before it is sent.

    Raises CdaError when the request cannot become a document (identity not qualified, empty note, file of another type than it
    says), ContextError when `extra` lacks what the kind needs.
    """
    return assemble(request, page_pdf)


def assemble(request: BuildRequest, write_pdf: PdfWriter | None) -> BuiltDocument:
    """As `build`; without `write_pdf` the structured form has no PDF copy (benchmarks)."""
    plan = plan_of(request.kind)
    validate(request, plan.formats, note_optional=plan.note_optional)
    plan.check_extra(request)
    note, warning = xml_safe(request.note)
    items = tuple(clean_item(item) for item in request.items)
    start = request.local(request.context.encounter.start)
    proposals = tuple(map(cleaned, request.proposals)) if warning else request.proposals
    told = []
    if items != request.items:
        request, told = replace(request, items=items), [REPLACED_IN_FACTS]
    coded = sort_facts(proposals, items, len(note), start, ts(start))
    warnings = ([warning] if warning else []) + told + coded.warnings
    draft = Draft(request, note, warning, coded, part_ids(request.unique_id), warnings)
    frame = plan.frame(request)
    validate_type(request, frame.type.code)
    validate_file(request, has_lines=bool(coded.facts or plan.page_lines(request)), structured=bool(plan.sections))
    fill_unknown(coded, plan.required)
    if request.format is DocumentFormat.PDF:
        cda = document(request, frame.unstructured(), _file_body(draft, frame, write_pdf))
    else:
        cda = document(request, frame, _structured_body(draft, plan, frame, write_pdf))
    return BuiltDocument(
        unique_id=request.unique_id,
        cda=cda.encode("utf-8"),
        kind=request.kind,
        format=request.format,
        title=frame.title,
        warnings=tuple(draft.warnings),
    )


def declares_pdfa(pdf: bytes) -> bool:
    """Whether it says so itself."""
    return _PDFA_MARK in pdf


def part_ids(unique_id: str) -> NewId:
    """Numbers the parts of a document: UUIDs of version 8 (RFC 9562 §5.8), from its UUID version 5 and a count of 48 bits."""
    text = uuid.uuid5(uuid.NAMESPACE_OID, unique_id).hex.upper()
    prefix = f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{text[16:20]}-"
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers):012X}"


def _file_body(draft: Draft, frame: Frame, write_pdf: PdfWriter | None) -> Markup:
    file = draft.request.attachment
    if file is None:
        file = Attachment(PDF, _page(draft, frame, write_pdf) or b"")
    else:
        told = plan_of(draft.request.kind).page_lines(draft.request)
        draft.warnings += [f"« {line} » : vérifiez que le fichier le dit, lui seul sera lu." for line in told]
        if file.mime == PDF and not declares_pdfa(file.content):
            draft.warnings.append("Le PDF joint ne se déclare pas PDF/A-1 : le DMP peut le refuser.")
    return _FILE_BODY.fill(mime=file.mime, content=_base64(file.content))


def _structured_body(draft: Draft, plan: DocumentPlan, frame: Frame, write_pdf: PdfWriter | None) -> Markup:
    if plan.sections is None:
        raise ValueError(f"no structured form of {plan.kind}")  # `validate` refuses it first
    parts = plan.sections(draft)
    if draft.request.attachment is not None:
        parts.append(_added(draft, draft.request.attachment))
    copy = _page(draft, frame, write_pdf) if plan.page_copy else None
    if copy is not None:
        parts.append(sections.pdf_copy_section(_base64(copy), draft.new_id))
    return _STRUCTURED_BODY.fill(sections=join(parts))


def _added(draft: Draft, file: Attachment) -> Markup:
    label = xml_safe(file.name)[0] or "Document joint"
    return sections.added_section(label, file.mime, _base64(file.content), draft.new_id)


def _page(draft: Draft, frame: Frame, write_pdf: PdfWriter | None) -> bytes | None:
    if write_pdf is None:
        return None
    pdf, warnings = write_pdf(draft, frame.title)
    draft.warnings += warnings
    return pdf


def _base64(content: bytes) -> Markup:
    return Markup(base64.b64encode(content).decode("ascii"))
