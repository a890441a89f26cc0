"""A whole document as safe HTML: who, for whom, when; then every section, in order."""

from __future__ import annotations

from dataclasses import dataclass

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.render.header import details, summary
from dmp_desktop.cda.render.identity import identity_notices
from dmp_desktop.cda.render.media import MediaShelf
from dmp_desktop.cda.render.narrative import Narrative
from dmp_desktop.cda.render.palette import Palette, stylesheet
from dmp_desktop.cda.render.sections import Heading, SectionHtml, heading_html, section_pieces
from dmp_desktop.cda.xml import Element, Q, attribute, parse_damaged, structured_bodies
from dmp_desktop.domain.people import Patient

_BODY = "body"  # name of an unstructured body among the files
_PDF = '<p class="meta added">Ce document est un fichier PDF.</p>'
_NO_BODY = "Ce document n'a pas de contenu à montrer."
_CUT = "Ce document est trop long : seul son début est montré. Enregistrez l'original pour le lire en entier."


@dataclass(frozen=True, slots=True, repr=False)
class RenderedDocument:
    """`html` holds no URL but `cda-media:NAME`, whose (media type, bytes) are in `media`. `pdfs` are (media type, bytes, name).

    `html` is `summary` then `sections`, in a page whose style is `style`; a window may show these pieces folded or in another
    order. `details` is the whole header, to show on demand. `pdf_only`: the body is a PDF, `html` only says whose and by whom.
    `has_cards`: wide tables are laid out as cards, and `original=True` would give them as authored.
    `notices` are French sentences to show above; `mismatches` are those of them on whom the document is about.
    `links` are the web addresses the narrative names: to be opened, if ever, only after a click and a confirmation.
    """

    style: str
    summary: str
    sections: tuple[SectionHtml, ...]
    details: str
    media: dict[str, tuple[str, bytes]]
    pdfs: tuple[tuple[str, bytes, str], ...]
    notices: tuple[str, ...]
    pdf_only: bool = False
    has_cards: bool = False
    mismatches: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        return self.page(self.summary, *(section.html for section in self.sections))

    @property
    def contents(self) -> tuple[Heading, ...]:
        """Every titled section; its `anchor` is in the HTML."""
        return tuple(Heading(item.code, item.title, item.anchor, item.depth) for item in self.sections if item.title)

    def page(self, *pieces: str) -> str:
        """A page of these pieces, in the document's style."""
        head = f'<head><meta charset="utf-8"><style>{self.style}</style></head>'
        return f'<html lang="fr">{head}<body>{"".join(pieces)}</body></html>'


def render(
    cda: bytes, *, palette: Palette, expected_patient: Patient | None = None, original: bool = False
) -> RenderedDocument:
    """Render anyone's document, a damaged one as far as possible. `original`: wide tables as authored.

    Raises CdaError when it cannot be read at all, or is refused for safety.
    """
    document, notices = parse_damaged(cda)
    shelf = MediaShelf()
    narrative = Narrative(shelf, original=original)
    body, structured = unstructured_body(document), structured_bodies(document)
    if body is not None:
        shelf.add(Media(_BODY, body.mime, body.content, problem=body.problem), body.name or "Ce document")
    for part in structured:
        _keep_media(part, shelf)
    pieces = [SectionHtml("", "", "pdf", 0, _PDF)] if body is not None and shelf.pdfs else []
    pieces += section_pieces(document, structured, narrative)
    pieces += _files(shelf, narrative, "Pièce jointe" if structured else "")
    if body is None and not structured:
        shelf.notices.append(_NO_BODY)
    if narrative.cut:
        shelf.notices.append(_CUT)
    mismatches = identity_notices(document, expected_patient)
    told = [*mismatches, *notices, *shelf.notices]
    return RenderedDocument(
        style=stylesheet(palette),
        summary=summary(document),
        sections=tuple(pieces),
        details=details(document),
        media=shelf.images,
        pdfs=tuple(shelf.pdfs),
        notices=tuple(dict.fromkeys(told)),
        pdf_only=body is not None and bool(shelf.pdfs) and not structured,
        has_cards=narrative.has_cards,
        mismatches=tuple(mismatches),
        links=tuple(dict.fromkeys(narrative.links)),
    )


def _keep_media(body: Element, shelf: MediaShelf) -> None:
    """Every embedded file, and the regions of images, which the narrative may name instead of the image."""
    for media in embedded_media(body):
        shelf.add(media, media.name or "Document joint")
    for region in body.iter(f"{Q}regionOfInterest"):
        image = next(region.iter(f"{Q}observationMedia"), None)
        if image is None:
            image = next(region.iterancestors(f"{Q}observationMedia"), None)
        shelf.alias(attribute(region, "ID"), attribute(image, "ID"))


def _files(shelf: MediaShelf, narrative: Narrative, title: str) -> list[SectionHtml]:
    """Words of the text files, then the images that no narrative shows; `title` is '' for an unstructured body."""
    files = [(name, narrative.plain(words)) for name, words in shelf.texts]
    files += [(name, f'<p><img src="cda-media:{key}"></p>') for key, name in shelf.left()]
    pieces = []
    for number, (name, html) in enumerate(files, 1):
        anchor, heading = f"file-{number}", f"{title} : {name}" if title else ""
        html = f'{heading_html(heading, anchor, 0, ours=True)}<div class="file">{html}</div>'
        pieces.append(SectionHtml("", heading, anchor, 0, html))
    return pieces
