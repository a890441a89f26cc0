"""PDF/A-1b of a document (ISO 19005-1 level B): embedded fonts, sRGB OutputIntent, text layer, pages numbered.

Deterministic: the date and the identifier are passed in, nothing else is read but the fonts. How it looks: `pdf_layout`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from fpdf import FPDF
from fpdf.enums import OutputIntentSubType
from fpdf.output import PDFICCProfile

from dmp_desktop.cda.build.icc import srgb_profile
from dmp_desktop.cda.build.pdf_layout import FONT, MARGIN, SMALL_POINTS, draw
from dmp_desktop.cda.build.text import page_safe
from dmp_desktop.resources import resource_path

_FOOTER_LINE = 4.2  # mm
_FOOTER_BASE = 14.0  # mm: paper edge, page number, rule and gap above it
_TOTAL = "\ue000\ue001"  # private use: no note holds it once cleaned
_CREATOR = "DMP Desktop"

# XMP of ISO 19005-1 §6.7. fpdf2 writes no Info dictionary beside it, which would have to say the same.
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<xmp:CreatorTool>{creator}</xmp:CreatorTool><xmp:CreateDate>{date}</xmp:CreateDate><pdf:Producer>{creator}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """What a document shows, from top to bottom.

    `letterhead`: who writes, name first; `date`: in words; `patient`: the identity, names first; `facts`: lines such as
    `Objet : …` under the title; `body`: the note; `sections`: headings and lines after it, each a point of a list where they are
    `marked`; `signature`: who answers for it;
    `footer` and `reminder` (whose document this is): at the foot of every page. `identifier` makes the file's /ID; `matrix` is
    the INS datamatrix, black modules True; `created` is aware.
    """

    title: str
    letterhead: tuple[str, ...]
    patient: tuple[str, ...]
    body: str
    identifier: str
    created: datetime
    date: str = ""
    facts: tuple[str, ...] = ()
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    signature: str = ""
    footer: str = ""
    reminder: str = ""
    matrix: tuple[tuple[bool, ...], ...] = ()
    marked: bool = True


def file_identifier(identifier: str) -> str:
    """The /ID of a file that is made anew with the same bytes (ISO 32000-1 §14.4)."""
    digest = hashlib.sha256(identifier.encode()).hexdigest()[:32].upper()
    return f"<{digest}><{digest}>"


def declare(pdf: Any, title: str, created: datetime) -> None:
    """Language, metadata and colours of PDF/A-1b. `created` is aware."""
    moment = created.astimezone(UTC).replace(microsecond=0)
    pdf.set_lang("fr-FR")
    pdf.set_xmp_metadata(_XMP.format(title=escape(title), creator=_CREATOR, date=moment.strftime("%Y-%m-%dT%H:%M:%SZ")))
    profile = PDFICCProfile(contents=srgb_profile(), n=3, alternate="DeviceRGB")
    pdf.add_output_intent(OutputIntentSubType.PDFA, "sRGB", "IEC 61966-2-1", None, profile, "sRGB")


class _Document(FPDF):
    """A4 portrait with our footer and a fixed file identifier."""

    def __init__(self, identifier: str) -> None:
        super().__init__(enforce_compliance="PDF/A-1B")
        self.c_margin = 0  # text and rules begin on one line
        self._identifier = identifier
        self.footer_text = self.reminder = ""
        self.footer_height = 0.0
        self.add_font(FONT, "", resource_path("fonts", "DejaVuSans.ttf"))
        self.add_font(FONT, "B", resource_path("fonts", "DejaVuSans-Bold.ttf"))

    def file_id(self) -> str:
        return file_identifier(self._identifier)

    def footer(self) -> None:
        self.set_y(3 - self.footer_height)
        self.set_font(FONT, size=SMALL_POINTS)
        self.set_draw_color(120)
        self.line(MARGIN, self.get_y() - 1, self.w - MARGIN, self.get_y() - 1)
        if self.footer_text:
            self.multi_cell(0, _FOOTER_LINE, self.footer_text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_y(-8)
        self.cell(self.epw - 25, 4, self.reminder, align="L")
        self.cell(25, 4, f"page {self.page_no()}/{_TOTAL}", align="R")


def make_pdf(page: Page) -> tuple[bytes, tuple[str, ...]]:
    """The file and the warnings on characters it could not draw."""
    pdf: Any = _Document(page.identifier)
    drawable = frozenset(pdf.fonts[FONT].cmap) & frozenset(pdf.fonts[f"{FONT}B"].cmap)
    warnings: dict[str, None] = {}

    def clean(text: str) -> str:
        safe, warning = page_safe(text, drawable)
        if warning:
            warnings[warning] = None
        return safe

    clean_page = Page(
        title=clean(page.title),
        letterhead=tuple(map(clean, page.letterhead)),
        patient=tuple(map(clean, page.patient)),
        body=clean(page.body),
        identifier=page.identifier,
        created=page.created,
        date=clean(page.date),
        facts=tuple(map(clean, page.facts)),
        sections=tuple((clean(heading), tuple(map(clean, lines))) for heading, lines in page.sections),
        signature=clean(page.signature),
        footer=clean(page.footer),
        reminder=clean(page.reminder),
        matrix=page.matrix,
        marked=page.marked,
    )
    _prepare(pdf, clean_page)
    draw(pdf, clean_page)
    return bytes(pdf.output()), tuple(warnings)


def _prepare(pdf: Any, page: Page) -> None:
    """Metadata, margins and the first page."""
    declare(pdf, page.title, page.created)
    pdf.alias_nb_pages(_TOTAL)
    pdf.set_margin(MARGIN)
    pdf.footer_text, pdf.reminder = page.footer, page.reminder
    pdf.add_page()
    pdf.set_font(FONT, size=SMALL_POINTS)
    lines = pdf.multi_cell(0, _FOOTER_LINE, page.footer, align="L", dry_run=True, output="LINES") if page.footer else []
    pdf.footer_height = _FOOTER_BASE + _FOOTER_LINE * len(lines)
    pdf.set_auto_page_break(True, margin=pdf.footer_height)
