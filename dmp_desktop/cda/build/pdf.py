"""PDF/A-1b of a note (ISO 19005-1 level B): embedded fonts, sRGB OutputIntent, text layer, pages numbered.

Deterministic: the date and the identifier are passed in, nothing else is read but the fonts.
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
from dmp_desktop.cda.build.text import page_safe
from dmp_desktop.terminology import resource_path

BODY_POINTS = 11.5  # read at arm's length
SMALL_POINTS = 9.0  # footer only
_FONT = "dejavu"
_MARGIN = 18.0  # mm
_FOOTER_LINE = 4.0  # mm
_LINE = 5.8  # mm, body line
_MATRIX = 24.0  # mm, side of the datamatrix
_TOTAL = "\ue000\ue001"  # private use: no note holds it once cleaned
_CREATOR = "DMP Desktop"

# XMP of ISO 19005-1 §6.7: must say the same as the Info dictionary.
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
    """What a document shows: a title, lines on its author and its patient, the text, and the footer of every page.

    `identifier` makes the file's /ID; `matrix` is the INS datamatrix, black modules True; `created` is aware.
    """

    title: str
    author_lines: tuple[str, ...]
    patient_lines: tuple[str, ...]
    body: str
    footer: str
    identifier: str
    created: datetime
    matrix: tuple[tuple[bool, ...], ...] = ()


class _Document(FPDF):
    """A4 portrait with our footer and a fixed file identifier."""

    def __init__(self, page: Page) -> None:
        super().__init__(enforce_compliance="PDF/A-1B")
        self._identifier = hashlib.sha256(page.identifier.encode()).hexdigest()[:32].upper()
        self.footer_text = ""
        self.footer_height = 0.0
        self.add_font(_FONT, "", resource_path("fonts", "DejaVuSans.ttf"))
        self.add_font(_FONT, "B", resource_path("fonts", "DejaVuSans-Bold.ttf"))

    def file_id(self) -> str:
        return f"<{self._identifier}><{self._identifier}>"

    def footer(self) -> None:
        self.set_y(3 - self.footer_height)
        self.set_font(_FONT, size=SMALL_POINTS)
        self.set_draw_color(120)
        self.line(_MARGIN, self.get_y() - 1, self.w - _MARGIN, self.get_y() - 1)
        if self.footer_text:
            self.multi_cell(0, _FOOTER_LINE, self.footer_text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.set_y(-8)
        self.cell(0, 4, f"page {self.page_no()}/{_TOTAL}", align="R")


def _drawable(pdf: Any) -> frozenset[int]:
    """Code points that both faces can draw."""
    return frozenset(pdf.fonts[_FONT].cmap) & frozenset(pdf.fonts[f"{_FONT}B"].cmap)


def make_pdf(page: Page) -> tuple[bytes, tuple[str, ...]]:
    """The file and the warnings on characters it could not draw."""
    warnings: dict[str, None] = {}
    pdf: Any = _Document(page)
    drawable = _drawable(pdf)

    def clean(text: str) -> str:
        safe, warning = page_safe(text, drawable)
        if warning:
            warnings[warning] = None
        return safe

    pdf.footer_text = clean(page.footer)
    title = clean(page.title)
    _prepare(pdf, page.created, title)
    _matrix(pdf, page.matrix)
    width = pdf.epw - (_MATRIX + 4 if page.matrix else 0)
    _write(pdf, title, 15, "B", width)
    for line in page.author_lines:
        _write(pdf, clean(line), BODY_POINTS, "", width)
    pdf.ln(2)
    for index, line in enumerate(page.patient_lines):
        _write(pdf, clean(line), BODY_POINTS, "" if index else "B", width)
    pdf.set_y(max(pdf.get_y(), _MARGIN + _MATRIX) + 2)
    pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
    pdf.ln(3)
    _write(pdf, clean(page.body), BODY_POINTS, "", 0)
    return bytes(pdf.output()), tuple(warnings)


def _prepare(pdf: Any, created: datetime, title: str) -> None:
    """Metadata, margins and the first page."""
    created = created.astimezone(UTC).replace(microsecond=0)
    pdf.set_creation_date(created)
    pdf.set_title(title)
    pdf.set_creator(_CREATOR)
    pdf.set_producer(_CREATOR)
    pdf.set_lang("fr-FR")
    pdf.set_xmp_metadata(
        _XMP.format(title=escape(title), creator=_CREATOR, date=created.strftime("%Y-%m-%dT%H:%M:%SZ"))
    )
    profile = PDFICCProfile(contents=srgb_profile(), n=3, alternate="DeviceRGB")
    pdf.add_output_intent(OutputIntentSubType.PDFA, "sRGB", "IEC 61966-2-1", None, profile, "sRGB")
    pdf.alias_nb_pages(_TOTAL)
    pdf.set_margin(_MARGIN)
    pdf.add_page()
    pdf.set_font(_FONT, size=SMALL_POINTS)
    lines = pdf.multi_cell(0, _FOOTER_LINE, pdf.footer_text, align="L", dry_run=True, output="LINES")
    pdf.footer_height = 14 + _FOOTER_LINE * len(lines)
    pdf.set_auto_page_break(True, margin=pdf.footer_height)


def _write(pdf: Any, text: str, points: float, style: str, width: float) -> None:
    pdf.set_font(_FONT, style, points)
    pdf.multi_cell(width, _LINE if points < 13 else 7, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _matrix(pdf: Any, modules: tuple[tuple[bool, ...], ...]) -> None:
    """Draw the datamatrix at the top right, with its quiet zone, from runs of black modules."""
    if not modules:
        return
    side = _MATRIX / (len(modules) + 2)
    left, top = pdf.w - _MARGIN - _MATRIX + side, _MARGIN + side
    pdf.set_fill_color(0)
    for row, line in enumerate(modules):
        column = 0
        while column < len(line):
            run = 0
            while column + run < len(line) and line[column + run]:
                run += 1
            if run:
                pdf.rect(left + column * side, top + row * side, run * side, side, style="F")
            column += run or 1
