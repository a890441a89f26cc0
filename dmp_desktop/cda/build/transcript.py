"""A document as a PDF to read beside it: the one it carries, body or copy, else its header and all its words.

What a message of MSSanté joins to the archive (référentiel socle MSSanté n° 2, ECO.2.1.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.data import media_text
from dmp_desktop.cda.read.header import DocumentPatient, entry_from_document, read_patient
from dmp_desktop.cda.read.narrative import narrative_text, section_text, section_title
from dmp_desktop.cda.read.scanned import Fault, read_pages
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, local, parse, sections, text
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ins import NATURES
from dmp_desktop.errors import CdaError

_PDF = "application/pdf"
_COPY = "55108-5"  # LOINC, the section of a PDF of the whole document
_IMAGES = ("image/jpeg", "image/tiff")
_SEXES = {"F": "féminin", "M": "masculin"}
_EMPTY = "·"  # an empty cell: those after it stay in their columns
FILES_LEFT = "Un document contient des fichiers ou des images qui ne sont pas dans son PDF : ils sont dans l'archive."


def transcript(cda: bytes, footer: str, zone: tzinfo | None) -> tuple[bytes, tuple[str, ...]]:
    """The file, and French warnings on what it does not show. Hours are those of `zone`. On a worker thread: a picture is decoded
    in another process.

    Raises CdaError when the document or the file it carries cannot be read.
    """
    document = parse(cda)
    entry = entry_from_document(document, cda)
    body = unstructured_body(document)
    if body is None:
        files = embedded_media(document)
        copy = next((one for section in _copies(document) for one in embedded_media(section) if _is_pdf(one)), None)
        left = (FILES_LEFT,) if len(files) > (copy is not None) else ()
        if copy:
            return copy.content, left
        made, said = _page(document, entry, _sections(document), "", footer, zone)
        return made, (*left, *said)
    if body.problem or not body.content:
        raise _unreadable()
    if _is_pdf(body):
        return body.content, ()
    if body.mime in _IMAGES:
        return _pictures(body.content, entry), ()
    return _page(document, entry, [], media_text(body), footer, zone)


def _copies(document: Element) -> list[Element]:
    """The sections in which its author copied the document as a file (« Copie du document », CI-SIS)."""
    return [section for section in document.iter(f"{Q}section") if attribute(child(section, "code"), "code") == _COPY]


def _is_pdf(media: Media) -> bool:
    return media.mime == _PDF and bool(media.content) and not media.problem


def _pictures(content: bytes, entry: DocumentEntry) -> bytes:
    from dmp_desktop.cda.build.pdf_scan import scan_pdf  # fpdf2, see `page`

    pages = read_pages(content)
    if isinstance(pages, Fault):
        raise _unreadable()
    return scan_pdf(pages, entry.unique_id, entry.creation_time)


def _page(
    document: Element,
    entry: DocumentEntry,
    parts: list[tuple[str, tuple[str, ...]]],
    words: str,
    footer: str,
    zone: tzinfo | None,
) -> tuple[bytes, tuple[str, ...]]:
    from dmp_desktop.cda.build.pdf import Page, make_pdf  # fpdf2, see `page`

    author = entry.authors[0] if entry.authors else None
    patient = read_patient(document)
    keeper = text(child(document, "custodian", "assignedCustodian", "representedCustodianOrganization", "name"))
    facts = [
        f"Type : {entry.type_code.display or entry.type_code.code}",
        f"Créé le : {entry.creation_time.astimezone(zone):%d/%m/%Y à %H:%M}",
        *([f"Conservé par : {keeper}"] if keeper else []),
        *(["Version : annule et remplace une version précédente"] if entry.replaces else []),
    ]
    return make_pdf(
        Page(
            title=entry.title,
            letterhead=tuple(filter(None, (author.display_name, author.institution))) if author else (),
            patient=tuple(_identity(patient)),
            facts=tuple(facts),
            body=words,
            sections=tuple(parts),
            signature=entry.legal_authenticator.display_name if entry.legal_authenticator else "",
            footer=footer,
            reminder=" ".join(part for part in (patient.birth_family, patient.first_given or patient.birth_given) if part),
            identifier=entry.unique_id,
            created=entry.creation_time,
            marked=False,
        )
    )


def _identity(patient: DocumentPatient) -> Iterator[str]:
    """As `people.patient_lines` prints it, of what the document tells."""
    told = (
        ("Nom de naissance", patient.birth_family),
        ("Premier prénom de naissance", patient.first_given),
        ("Prénoms de naissance", patient.birth_given if patient.birth_given != patient.first_given else ""),
        ("Nom utilisé", patient.used_family),
        ("Prénom utilisé", patient.used_given),
        ("Date de naissance", f"{patient.birth_date:%d/%m/%Y}" if patient.birth_date else ""),
        ("Sexe", _SEXES.get(patient.sex, "")),
        ("Lieu de naissance (code INSEE)", patient.birth_place_cog),
    )
    yield from (f"{label} : {value}" for label, value in told if value)
    if patient.ins:
        yield f"Matricule INS : {patient.ins.value} ({NATURES[patient.ins.oid]})"


def _sections(document: Element) -> list[tuple[str, tuple[str, ...]]]:
    for row in document.iter(f"{Q}tr"):
        for cell in row:
            if local(cell) in {"td", "th"}:
                _flatten(cell)
    found: list[tuple[str, tuple[str, ...]]] = []
    for section in sections(document):
        _add(section, found)
    return found


def _add(section: Element, found: list[tuple[str, tuple[str, ...]]]) -> None:
    lines = (line.replace("\t", " | ") for line in section_text(section, deletions=True).split("\n"))
    found.append((section_title(section), tuple(line for line in lines if line.strip())))
    for component in children(section, "component"):
        for inner in children(component, "section"):
            _add(inner, found)


def _flatten(cell: Element) -> None:
    """What stands in a cell in several lines, in one: a row of a table is a line, or a result would stand beside another's unit."""
    lines = narrative_text(cell, deletions=True).split("\n")
    words = " ; ".join(" ".join(line.split()) for line in lines if line.strip()) or _EMPTY
    tail = cell.tail
    cell.clear()
    cell.text, cell.tail = words, tail


def _unreadable() -> CdaError:
    return CdaError(
        "transcript", "Le fichier que contient ce document est illisible : son PDF ne peut pas être joint.", "Refaites le document."
    )
