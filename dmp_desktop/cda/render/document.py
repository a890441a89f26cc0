"""A whole document as safe HTML: who, for whom, when; then every section, in order."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.data import media_text
from dmp_desktop.cda.read.header import DocumentPatient, entry_from_document, read_patient
from dmp_desktop.cda.read.values import legal_time
from dmp_desktop.cda.render.identity import identity_notices
from dmp_desktop.cda.render.media import MediaShelf
from dmp_desktop.cda.render.narrative import Narrative
from dmp_desktop.cda.render.palette import Palette, stylesheet
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, parse, sections, text
from dmp_desktop.domain.people import Patient

_SEXES = {"F": "Féminin", "M": "Masculin", "UN": "Sexe inconnu"}
_BORN = {"F": "née", "M": "né"}


@dataclass(frozen=True, slots=True, repr=False)
class RenderedDocument:
    """`html` holds no URL but `cda-media:NAME`, whose (media type, bytes) are in `media`. `pdfs` are (media type, bytes, name).

    `pdf_only`: the body is a PDF, `html` only says whose and by whom. `notices` are French sentences to show above.
    """

    html: str
    media: dict[str, tuple[str, bytes]]
    pdfs: tuple[tuple[str, bytes, str], ...]
    notices: tuple[str, ...]
    pdf_only: bool = False


def render(
    cda: bytes, *, palette: Palette, expected_patient: Patient | None = None, original: bool = False
) -> RenderedDocument:
    """Render anyone's document. `original`: wide tables as authored. Raises CdaError when it cannot be read at all."""
    document = parse(cda)
    shelf = MediaShelf()
    body = unstructured_body(document)
    if body is not None:
        content = _file(body, shelf)
    else:
        titles = _media_titles(document)
        for media in embedded_media(document):
            shelf.add(media, titles.get(media.id) or "Document joint")
        narrative = Narrative(shelf, original=original)
        content = "".join(_section(section, narrative, 2) for section in sections(document))
    notices = identity_notices(read_patient(document), expected_patient) + shelf.notices
    head = f'<head><meta charset="utf-8"><style>{stylesheet(palette)}</style></head>'
    return RenderedDocument(
        html=f'<html lang="fr">{head}<body>{_summary(document, cda)}{content}</body></html>',
        media=shelf.images,
        pdfs=tuple(shelf.pdfs),
        notices=tuple(dict.fromkeys(notices)),
        pdf_only=body is not None and body.mime == "application/pdf",
    )


def _file(body: Media, shelf: MediaShelf) -> str:
    """An unstructured body: words of a text or RTF, an image, or the mention of a PDF."""
    if body.mime in {"text/plain", "text/rtf"}:
        lines = escape(media_text(body)).splitlines()
        return f"<p>{'<br>'.join(lines)}</p>"
    shelf.add(Media("body", body.mime, body.content), body.name or "Document")
    if shelf.image("body"):
        return f'<p><img src="cda-media:{shelf.image("body")}"></p>'
    return '<p class="meta">Ce document est un fichier PDF.</p>' if shelf.pdfs else ""


def _media_titles(document: Element) -> dict[str, str]:
    """XML ID of each file -> title of the section it stands in."""
    return {
        element.get("ID", ""): text(child(section, "title"))
        for section in document.iter(f"{Q}section")
        for entry in children(section, "entry")
        for element in entry.iter(f"{Q}observationMedia")
    }


def _section(section: Element, narrative: Narrative, level: int) -> str:
    title, content = text(child(section, "title")), child(section, "text")
    html = [f"<h{level}>{escape(title)}</h{level}>"] if title else []
    if content is not None:
        html.append(f"<div>{narrative.inside(content)}</div>")
    for component in children(section, "component"):
        html += [_section(inner, narrative, min(level + 1, 4)) for inner in children(component, "section")]
    return "".join(html)


def _summary(document: Element, cda: bytes) -> str:
    """Title, patient, author, dates."""
    entry = entry_from_document(document, cda)
    made = entry.creation_time.astimezone(legal_time())
    lines = [_patient_line(read_patient(document))]
    for author in entry.authors:
        details = [author.specialty.display if author.specialty else "", author.institution]
        lines.append(" — ".join(escape(part) for part in (author.display_name, *details) if part))
    dates = [f"Document du {made:%d/%m/%Y à %H:%M}"] if attribute(child(document, "effectiveTime"), "value") else []
    if entry.service_start:
        dates.append(f"acte du {entry.service_start.astimezone(legal_time()):%d/%m/%Y}")
    if entry.replaces:
        dates.append(f"version {entry.version}, remplace un document précédent")
    lines.append(", ".join(dates))
    metas = "".join(f'<p class="meta">{line}</p>' for line in lines if line)
    return f"<h1>{escape(entry.title)}</h1>{metas}"


def _patient_line(patient: DocumentPatient) -> str:
    name = f"<b>{escape(patient.birth_family)}</b> {escape(patient.first_given or patient.birth_given)}"
    used = " ".join(part for part in (patient.used_family, patient.used_given) if part)
    parts = [name, f"nom utilisé {escape(used)}" if used else "", escape(_SEXES.get(patient.sex, ""))]
    if patient.birth_date:
        place = patient.birth_place or patient.birth_place_cog
        born = f"{_BORN.get(patient.sex, 'né(e)')} le {patient.birth_date:%d/%m/%Y}"
        parts.append(born + (f" à {escape(place)}" if place else ""))
    if patient.ins:
        parts.append(f"INS {escape(patient.ins.value)}")
    return ", ".join(part for part in parts if part)
