"""How a document looks on paper, as a French general practitioner's letter: who writes, for whom, when, then the text.

Sizes in mm and points. The text is never under 11 points, so that it reads at arm's length; only the footer is smaller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dmp_desktop.cda.build.pdf import Page

FONT: Final = "dejavu"
MARGIN: Final = 20.0
BODY_POINTS: Final = 11.0
SMALL_POINTS: Final = 8.5  # footer only
_NAME_POINTS = 12.5
_HEADING_POINTS = 11.5
_TITLE_POINTS = 15.0
_LINE = 5.6  # of body text
_TITLE_LINE = 7.0
_GAP = 2.8  # between paragraphs
_PADDING = 3.0  # inside the patient's frame
_MATRIX = 24.0  # side of the datamatrix
_SIGNATURE = 70.0  # width of its block
_DATE_WIDTH = 62.0
_FRAME_GREY = 140

# A line of a list: its mark, then the text that hangs after it.
_ITEM = re.compile(r"(\s*(?:[-–—•*·]|\d{1,2}[.)])\s+)(?=\S)")
_LONGEST_MARK = 24  # characters, indentation included; beyond, nothing would be left of the line
_LABEL = re.compile(r"([^:\n]{2,40} : )(?=\S)")


def draw(pdf: Any, page: Page) -> None:
    """Everything but the footer, from the top of the first page."""
    _letterhead(pdf, page)
    _patient(pdf, page)
    _title(pdf, page)
    _paragraphs(pdf, page.body)
    for heading, lines in page.sections:
        _section(pdf, heading, lines, marked=page.marked)
    _signature(pdf, page.signature)


def _write(
    pdf: Any, text: str, points: float = BODY_POINTS, style: str = "", width: float = 0, line: float = _LINE
) -> None:
    pdf.set_font(FONT, style, points)
    pdf.multi_cell(width, line, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _letterhead(pdf: Any, page: Page) -> None:
    """The doctor on the left; the date on the right, level with the name."""
    top = pdf.get_y()
    if page.date:
        pdf.set_font(FONT, size=BODY_POINTS)
        pdf.set_x(pdf.w - MARGIN - _DATE_WIDTH)
        pdf.multi_cell(_DATE_WIDTH, 6, page.date, align="R", new_x="LMARGIN", new_y="NEXT")
        pdf.set_y(top)
    width = pdf.epw - _DATE_WIDTH - 4
    for rank, text in enumerate(page.letterhead):
        _write(pdf, text, _NAME_POINTS if rank == 0 else BODY_POINTS, "" if rank else "B", width, _LINE if rank else 6)
    pdf.ln(4)


def _patient(pdf: Any, page: Page) -> None:
    """The identity in a frame, its datamatrix on the right."""
    top = pdf.get_y()
    width = pdf.epw - 2 * _PADDING - (_MATRIX + _PADDING if page.matrix else 0)
    pdf.set_y(top + _PADDING)
    for rank, text in enumerate(page.patient):
        pdf.set_x(MARGIN + _PADDING)
        pdf.set_font(FONT, "" if rank else "B", BODY_POINTS if rank else _NAME_POINTS)
        pdf.multi_cell(width, _LINE if rank else 6, text, align="L", new_x="LMARGIN", new_y="NEXT")
    bottom = max(pdf.get_y(), top + _MATRIX if page.matrix else 0) + _PADDING
    if page.matrix:
        _matrix(pdf, page.matrix, pdf.w - MARGIN - _PADDING - _MATRIX, top + (bottom - top - _MATRIX) / 2)
    pdf.set_draw_color(_FRAME_GREY)
    pdf.rect(MARGIN, top, pdf.epw, bottom - top)
    pdf.set_y(bottom + 7)


def _title(pdf: Any, page: Page) -> None:
    _write(pdf, page.title, _TITLE_POINTS, "B", line=_TITLE_LINE)
    pdf.ln(1.5)
    for fact in page.facts:
        _fact(pdf, fact)
    pdf.ln(2)
    pdf.set_draw_color(_FRAME_GREY)
    pdf.line(MARGIN, pdf.get_y(), pdf.w - MARGIN, pdf.get_y())
    pdf.ln(4)


def _fact(pdf: Any, text: str) -> None:
    """`Objet : …`, what is before the colon in bold, the rest hanging after it."""
    label = _LABEL.match(text)
    if label is None:
        _write(pdf, text)
        return
    _hang(pdf, label[0], text[label.end() :], "B")


def _paragraphs(pdf: Any, text: str) -> None:
    """The note line by line: its own line ends, a gap for empty lines however many, lists hanging after their marks."""
    gap = False
    for line in text.split("\n"):
        if not line.strip():
            gap = True
            continue
        if gap:
            pdf.ln(_GAP)
            gap = False
        mark = _ITEM.match(line)
        if mark and mark.end() <= _LONGEST_MARK:
            _hang(pdf, mark[0], line[mark.end() :], "")
        else:
            _write(pdf, line)


def _hang(pdf: Any, mark: str, text: str, style: str) -> None:
    """`mark` in `style`, then `text` in lines that all begin where the mark ends."""
    pdf.set_font(FONT, style, BODY_POINTS)
    width = pdf.get_string_width(mark)
    if pdf.will_page_break(_LINE):
        pdf.add_page()
    pdf.cell(width, _LINE, mark)
    pdf.set_font(FONT, "", BODY_POINTS)
    pdf.set_left_margin(MARGIN + width)
    pdf.multi_cell(0, _LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_left_margin(MARGIN)
    pdf.set_x(MARGIN)


def _section(pdf: Any, heading: str, lines: tuple[str, ...], *, marked: bool) -> None:
    """A heading, never left alone at the foot of a page."""
    pdf.ln(_GAP + 1)
    if pdf.will_page_break(3 * _LINE):
        pdf.add_page()
    _write(pdf, heading, _HEADING_POINTS, "B", line=6)
    for line in lines:
        if marked:
            _hang(pdf, "• ", line, "")
        else:
            _write(pdf, line)


def _signature(pdf: Any, name: str) -> None:
    """The name under which one signs, on the right; not parted from the page before."""
    if not name:
        return
    if pdf.will_page_break(14):
        pdf.add_page()
    pdf.ln(8)
    pdf.set_x(pdf.w - MARGIN - _SIGNATURE)
    pdf.set_font(FONT, "", BODY_POINTS)
    pdf.multi_cell(_SIGNATURE, _LINE, name, align="R", new_x="LMARGIN", new_y="NEXT")


def _matrix(pdf: Any, modules: tuple[tuple[bool, ...], ...], left: float, top: float) -> None:
    """Draw the datamatrix in its square, quiet zone included (ISO/IEC 16022), from runs of black modules."""
    side = _MATRIX / (len(modules) + 2)
    pdf.set_fill_color(0)
    for row, line in enumerate(modules, start=1):
        column = 0
        while column < len(line):
            run = 0
            while column + run < len(line) and line[column + run]:
                run += 1
            if run:
                pdf.rect(left + (column + 1) * side, top + row * side, run * side, side, style="F")
            column += run or 1
