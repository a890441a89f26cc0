"""What a document holds, for programs: `dmp cda data` and `dmp cda text` (design/cli.md)."""

from __future__ import annotations

from typing import Any

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.entries import read_entries
from dmp_desktop.cda.read.header import DocumentPatient, entry_from_document, read_patient
from dmp_desktop.cda.read.narrative import section_text, section_title
from dmp_desktop.cda.read.rtf import rtf_text
from dmp_desktop.cda.read.values import iso
from dmp_desktop.cda.xml import Element, attribute, child, children, parse_damaged, sections, text
from dmp_desktop.domain.documents import DocumentKind

_KINDS = {"11488-4": DocumentKind.CONSULTATION}
# The first eight: design/cli.md. `code` and `system`: what names a quantity that has no LOINC code.
_RESULT = (
    "loinc",
    "label",
    "value",
    "unit",
    "low",
    "high",
    "flag",
    "date",
    "status",
    "code",
    "system",
    "material",
    "written",
)


def data_from_cda(cda: bytes) -> dict[str, Any]:
    """Header and entries as JSON values; of a damaged document, what is left, `damaged` and with `notices` of what may be
    missing. Raises CdaError when the document cannot be read."""
    document, notices = parse_damaged(cda)
    entry = entry_from_document(document, cda)
    body = unstructured_body(document)
    attachments = [body] if body else embedded_media(document)
    found = read_entries(document)
    for name in ("results", "quoted_results"):
        found[name] = [{key: item[key] for key in _RESULT} for item in found[name]]
    return {
        "kind": _KINDS.get(entry.type_code.code, entry.type_code.code),
        "title": entry.title,
        "date": iso(attribute(child(document, "effectiveTime"), "value")),
        "author": entry.authors[0].display_name if entry.authors else None,
        "patient": _patient(read_patient(document)),
        **found,
        "attachments": [{"mime": media.mime, "bytes": len(media.content)} for media in attachments],
        "damaged": bool(notices),
        "notices": list(notices),
    }


def _patient(patient: DocumentPatient) -> dict[str, Any]:
    return {
        "ins": patient.ins.value if patient.ins else None,
        "ins_oid": patient.ins.oid if patient.ins else None,
        "birth_family": patient.birth_family or None,
        "birth_given": patient.birth_given or None,
        "first_given": patient.first_given or None,
        "used_family": patient.used_family or None,
        "used_given": patient.used_given or None,
        "sex": patient.sex or None,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "birth_place_cog": patient.birth_place_cog or None,
        "birth_place": patient.birth_place or None,
    }


def text_from_cda(cda: bytes) -> str:
    """All the words a reader sees: titles and narrative, or an unstructured body's text; of a damaged document, what is left.

    Raises CdaError.
    """
    document, _ = parse_damaged(cda)
    title = text(child(document, "title"))
    body = unstructured_body(document)
    lines = [title] if body is None else [title, "", media_text(body)]
    for section in sections(document):
        lines += _section_lines(section)
    return "\n".join(lines).strip() + "\n"


def damage_notices(cda: bytes) -> tuple[str, ...]:
    """French notices on what may be missing of a damaged document, none for a sound one. Raises CdaError."""
    return parse_damaged(cda)[1]


def _section_lines(section: Element) -> list[str]:
    lines = ["", section_title(section)]
    words = section_text(section, deletions=True)
    if words:
        lines.append(words)
    for component in children(section, "component"):
        for inner in children(component, "section"):
            lines += _section_lines(inner)
    return lines


def media_text(media: Media) -> str:
    """Words of a body: those of a PDF's text layer, a text file, the readable part of an RTF; '' for an image."""
    if media.mime == "application/pdf":
        # PDFium takes 30 ms to load: only when a PDF's words are asked for.
        from dmp_desktop.cda.read.pdftext import pdf_text

        return pdf_text(media.content)
    if media.mime in {"text/plain", ""}:
        return decoded(media.content)
    if media.mime == "text/rtf":
        return rtf_text(media.content)
    return ""


def decoded(content: bytes) -> str:
    """Text of unknown encoding: UTF-8, else Windows-1252."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
