"""Consultation report, 11488-4: structured (narrative and entries) or CDA N1 (a PDF/A-1 in `nonXMLBody`)."""

from __future__ import annotations

import base64
import itertools
import uuid
from collections.abc import Callable

from dmp_desktop.cda.build import sections
from dmp_desktop.cda.build.coded import Coded, sort_proposals
from dmp_desktop.cda.build.header import (
    CONSULTATION_TYPE,
    TEMPLATE_STRUCTURED,
    TEMPLATE_UNSTRUCTURED,
    document,
    patient_lines,
    ts,
)
from dmp_desktop.cda.build.request import BuildRequest, validate
from dmp_desktop.cda.build.template import Markup, Template, join
from dmp_desktop.cda.build.text import xml_safe
from dmp_desktop.domain.documents import BuiltDocument, DocumentFormat, DocumentKind
from dmp_desktop.terminology import document_type

_STRUCTURED_BODY = Template("<structuredBody>{!sections}</structuredBody>")
_PDF_BODY = Template('<nonXMLBody><text mediaType="application/pdf" representation="B64">{!content}</text></nonXMLBody>')

# ISO 19005-1 §6.7.2 and §6.7.11: the metadata stream is not filtered, so that this can be seen.
_PDFA_MARK = b"pdfaid:part"

PdfWriter = Callable[[BuildRequest, str], tuple[bytes, tuple[str, ...]]]
"""Request and cleaned note -> PDF/A and the warnings on characters it could not draw."""


def build_consultation(request: BuildRequest) -> BuiltDocument:
    """The document and the warnings to show before it is sent.

    Raises CdaError when the request cannot become a document (identity not qualified, empty note, file that is not a PDF).
    """
    return assemble(request, consultation_pdf)


def assemble(request: BuildRequest, write_pdf: PdfWriter | None) -> BuiltDocument:
    """As `build_consultation`; without `write_pdf` the structured form has no PDF copy (benchmarks)."""
    validate(request)
    note, warning = xml_safe(request.note)
    coded = sort_proposals(request.proposals, len(note))
    warnings = ([warning] if warning else []) + coded.warnings
    title = _title()
    pdf: bytes | None = None
    if request.format is DocumentFormat.PDF and request.pdf is not None:
        pdf = request.pdf
        if _PDFA_MARK not in pdf:
            warnings.append("Le PDF joint ne se déclare pas PDF/A-1 : le DMP peut le refuser.")
    elif write_pdf is not None:
        pdf, page_warnings = write_pdf(request, note)
        warnings += page_warnings
    content = base64.b64encode(pdf).decode("ascii") if pdf else ""
    if request.format is DocumentFormat.PDF:
        cda = document(request, TEMPLATE_UNSTRUCTURED, title, _PDF_BODY.fill(content=Markup(content)))
    else:
        cda = document(request, TEMPLATE_STRUCTURED, title, _structured(request, note, warning, coded, content))
    return BuiltDocument(
        unique_id=request.unique_id,
        cda=cda.encode("utf-8"),
        kind=DocumentKind.CONSULTATION,
        format=request.format,
        title=title,
        warnings=tuple(warnings),
    )


def part_ids(unique_id: str) -> sections.NewId:
    """Numbers the parts of a document: UUIDs of version 8 (RFC 9562 §5.8), the document's UUID version 5 and a count of 48 bits."""
    text = uuid.uuid5(uuid.NAMESPACE_OID, unique_id).hex.upper()
    prefix = f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{text[16:20]}-"
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers):012X}"


def _title() -> str:
    kind = document_type(CONSULTATION_TYPE)
    return kind.display if kind else CONSULTATION_TYPE


def _structured(request: BuildRequest, note: str, warning: str, coded: Coded, pdf_copy: str) -> Markup:
    new_id = part_ids(request.unique_id)
    start = request.local(request.context.encounter.start)
    parts = [sections.note_section(note, coded, warning, new_id)]
    if coded.measures:
        parts.append(sections.vitals_section(coded, ts(start), f"{start:%d/%m/%Y}", new_id))
    if coded.problems:
        parts.append(sections.problems_section(coded.problems, coded, new_id))
    if coded.history:
        parts.append(sections.history_section(coded.history, coded, new_id))
    if request.pdf is not None:
        label = xml_safe(request.pdf_name)[0] or "Document joint"
        parts.append(sections.added_section(label, base64.b64encode(request.pdf).decode("ascii"), new_id))
    if pdf_copy:
        parts.append(sections.pdf_copy_section(pdf_copy, new_id))
    return _STRUCTURED_BODY.fill(sections=join(parts))


def consultation_pdf(request: BuildRequest, note: str) -> tuple[bytes, tuple[str, ...]]:
    """The page to print: who, for whom, the note, the INS datamatrix."""
    # fpdf2 and fontTools take 100 ms to import: not before the first document is made.
    from dmp_desktop.cda.build.datamatrix import ins_matrix
    from dmp_desktop.cda.build.pdf import Page, make_pdf

    context = request.context
    return make_pdf(
        Page(
            title=_title(),
            author_lines=tuple(_author_lines(request)),
            patient_lines=tuple(patient_lines(context.patient)),
            body=note,
            footer=request.footer,
            identifier=request.unique_id,
            created=request.now,
            matrix=ins_matrix(context.patient),
        )
    )


def _author_lines(request: BuildRequest) -> list[str]:
    context = request.context
    author, start = context.professional, request.local(context.encounter.start)
    contact = f", tél. {author.phone.removeprefix('tel:')}" if author.phone else ""
    lines = [
        f"{author.display_name} (RPPS {author.rpps}){contact}",
        context.facility.name,
        f"Consultation du {start:%d/%m/%Y à %H:%M}, rédigée le {request.now.astimezone(start.tzinfo):%d/%m/%Y à %H:%M}",
    ]
    if context.attending:
        lines.append(f"Médecin traitant : {context.attending.display_name}")
    if context.recipients:
        lines.append("Destinataires : " + ", ".join(person.display_name for person in context.recipients))
    return lines
