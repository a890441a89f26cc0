"""The page a practice hands to its patients: what is done with their DMP, and what they decide. One A5 page, in large print."""

from __future__ import annotations

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from dmp_desktop.resources import resource_path

_FONT = "DejaVu"
_A5 = (148.0, 210.0)  # mm
_MARGIN = 11.0  # mm
_TITLE, _HEADING, _TEXT = 20, 12.5, 10.5  # points

TITLE = "Votre dossier médical partagé"
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Ce que c'est",
        ("Le dossier médical partagé (DMP) réunit vos documents de santé. Il fait partie de Mon espace santé, que "
         "vous consultez vous-même.",),
    ),
    (
        "Ce que nous y faisons",
        ("Votre médecin y lit ce qui sert à vos soins et y dépose les documents utiles à leur suite. Le secrétariat prépare "
         "votre dossier ; il n'y lit pas vos documents.",),
    ),
    (
        "Ce que vous décidez, à tout moment",
        (
            "• Vous pouvez vous opposer à ce que nous consultions votre DMP.",
            "• Vous pouvez vous opposer à ce que nous y déposions vos documents.",
            "• Dans Mon espace santé, vous pouvez masquer un document, fermer votre dossier, et voir qui l'a consulté.",
            "• En urgence, un médecin peut consulter votre dossier si vous ne pouvez pas répondre, sauf si vous l'avez refusé.",
            "• Vous êtes mineur et un soin doit rester entre vous et le médecin : dites-le-lui, il peut le cacher à vos parents.",
            "Dites-le simplement au secrétariat ou au médecin. Votre choix est noté avec sa date, et vous pouvez en changer.",
        ),
    ),
    (
        "Sur nos ordinateurs",
        ("Ce que le médecin a lu y reste chiffré, pour un temps limité, et lui seul peut le rouvrir. Le cabinet garde la trace "
         "de qui a fait quoi. Vous pouvez demander à voir ce que nous gardons sur vous et à le faire corriger.",),
    ),
)  # fmt: skip
CONTACT = "À qui vous adresser"
PRACTICE = "Au cabinet : {}"
BLANK = "." * 60
ELSEWHERE = (
    "Mon espace santé : monespacesante.fr ou, par téléphone, 34\N{NO-BREAK SPACE}22.",
    "Données personnelles : la CNIL, cnil.fr, reçoit vos réclamations.",
)


def patient_notice(practice: str) -> bytes:
    """A PDF of one A5 page. `practice` names it; empty, a line is left to write on."""
    page = FPDF(format=_A5)
    page.set_auto_page_break(auto=False)
    page.set_margins(_MARGIN, _MARGIN)
    page.add_font(_FONT, "", resource_path("fonts", "DejaVuSans.ttf"))
    page.add_font(_FONT, "B", resource_path("fonts", "DejaVuSans-Bold.ttf"))
    page.set_title(TITLE)
    page.set_lang("fr-FR")
    page.add_page()
    _write(page, TITLE, "B", _TITLE)
    contact = (PRACTICE.format(practice or BLANK), *ELSEWHERE)
    for heading, paragraphs in (*PARTS, (CONTACT, contact)):
        page.ln(2)
        _write(page, heading, "B", _HEADING)
        for paragraph in paragraphs:
            _write(page, paragraph, "", _TEXT)
    return bytes(page.output())


def _write(page: FPDF, text: str, style: str, points: float) -> None:
    page.set_font(_FONT, style, points)
    height = points * 0.3528 * 1.35  # mm of a line: 1 point is 0.3528 mm
    page.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
