"""The page that holds a practice's recovery code: to be printed and kept, on no disk."""

from __future__ import annotations

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from dmp_desktop.resources import resource_path

_FONT = "DejaVu"
_MARGIN = 25.0  # mm
_TITLE, _TEXT, _CODE = 18, 11, 17  # points
_A_LINE = 3
"""Groups of the code on one line, each after its number."""

TITLE = "Code de secours du cabinet"
PARAGRAPHS = (
    "Il sert quand une carte est perdue ou remplacée (il rouvre ce que son porteur avait gardé), et quand un autre ordinateur "
    "rejoint le cabinet. Il se saisit dans Réglages, « Code de secours du cabinet ».",
    "Personne d'autre ne l'a : ni l'éditeur, ni le DMP, ni ce poste une fois la page imprimée. Perdu, il ne se retrouve pas.",
    "Gardez cette page sous clé, avec les papiers du cabinet, pas à côté de l'ordinateur. Avec elle et l'un des ordinateurs, on "
    "lit ce qui y est gardé des dossiers. Ne la photographiez pas, ne l'envoyez pas par courriel.",
    "Les lettres I, L, O et U n'y sont pas : ce qui leur ressemble est un 1 ou un 0.",
)


def practice_sheet(code: str, place: str) -> bytes:
    """A PDF of one A4 page. `place` is the practice's name, or nothing."""
    page = FPDF()
    page.set_margins(_MARGIN, _MARGIN)
    page.add_font(_FONT, "", resource_path("fonts", "DejaVuSans.ttf"))
    page.add_font(_FONT, "B", resource_path("fonts", "DejaVuSans-Bold.ttf"))
    page.set_title(TITLE)
    page.add_page()
    page.set_font(_FONT, "B", _TITLE)
    _line(page, TITLE, 12)
    page.set_font(_FONT, "", _TEXT)
    if place:
        _line(page, f"{place} — DMP Desktop", 8)
    page.ln(6)
    width = page.epw / _A_LINE
    for number, group in enumerate(code.split("-"), 1):
        page.set_font(_FONT, "", _TEXT)
        page.cell(10, 12, f"{number}.")
        page.set_font(_FONT, "B", _CODE)
        page.cell(width - 10, 12, group)
        if number % _A_LINE == 0:
            page.ln(12)
    page.ln(18)
    page.set_font(_FONT, "", _TEXT)
    for paragraph in PARAGRAPHS:
        _line(page, paragraph, 6)
        page.ln(3)
    return bytes(page.output())


def _line(page: FPDF, text: str, height: float) -> None:
    page.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
