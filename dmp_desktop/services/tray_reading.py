"""What a file from the scanner is: how many pages, whose datamatrix, and the PDF/A it is shown and sent as."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.cda.build.assemble import declares_pdfa
from dmp_desktop.cda.build.pdf_scan import scan_pdf
from dmp_desktop.cda.media import JPEG, PDF, TIFF, is_pdf_begun_late, media_type
from dmp_desktop.cda.read.pdftext import Trial, pdf_text, try_to_show
from dmp_desktop.cda.read.scanned import Fault, ScannedPage, read_pages
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.domain.tray import Origin
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.files import MAX_BYTES, judged

KINDS = (PDF, JPEG, TIFF)
MAX_TEXT = 100_000
"""Characters of text layer kept: a name and a day of birth stand on the first pages."""

_FAULTS = {
    Fault.UNREADABLE: (
        "scan-unreadable",
        "Ce fichier ne s'ouvre pas : il est abîmé, protégé, ou a plus de 100 pages.",
        "Ouvrez-le pour le vérifier, puis numérisez le papier de nouveau.",
    ),
    Fault.NO_HELPER: (
        "scan-helper",
        "Le programme qui lit les numérisations ne démarre pas sur ce poste.",
        "Vérifiez que l'antivirus ne le bloque pas, puis relancez DMP Desktop.",
    ),
}


@dataclass(frozen=True, slots=True, repr=False)
class Examined:
    """`digest` is SHA-256 in hexadecimal, `pdf` the PDF/A made of the file, `text` the words of its text layer."""

    digest: str
    pages: int
    codes: tuple[ScannedIdentity, ...]
    pdf: bytes
    text: str
    origin: Origin | None = None
    file: bytes | None = None
    """What is kept as the file, where that is not the whole of it."""
    type_code: str = ""
    act_date: date | None = None


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def examine(untrusted: bytes, now: datetime) -> Examined:
    """Up to a minute, on a worker thread. A PDF that declares itself PDF/A stays as it is; whatever else is drawn anew, page by
    page, in pictures: what is shown is what is sent, whatever the reader. Raises ContextError for what cannot be taken."""
    kind = media_type(untrusted)
    if kind not in KINDS and not is_pdf_begun_late(untrusted):
        raise ContextError(
            "scan-kind",
            "Ce fichier n'est ni un PDF, ni une image JPEG ou TIFF.",
            "Réglez le scanner sur PDF, ou retirez ce fichier du dossier.",
        )
    kind = judged(untrusted, "").mime
    pages = read_pages(untrusted)
    if isinstance(pages, Fault):
        raise ContextError(*_FAULTS[pages])
    digest = digest_of(untrusted)
    as_it_is = kind == PDF and declares_pdfa(untrusted) and try_to_show(untrusted) is Trial.PASSED
    pdf = untrusted if as_it_is else scan_pdf(pages, digest, now)
    if len(pdf) > MAX_BYTES:
        raise ContextError(
            "scan-heavy",
            "Cette numérisation dépasse 20 Mo une fois mise en PDF.",
            "Numérisez-la en plusieurs fichiers, en 200 points par pouce et en niveaux de gris.",
        )
    text = pdf_text(untrusted)[:MAX_TEXT] if kind == PDF else ""
    return Examined(digest, len(pages), tuple(_codes(pages)), pdf, text)


def _codes(pages: Iterable[ScannedPage]) -> list[ScannedIdentity]:
    """Each person once: a paper has the same code on several pages."""
    found: list[ScannedIdentity] = []
    for text in (code for page in pages for code in page.codes):
        with suppress(CardError):  # another datamatrix, or a damaged one: nobody is told by it
            told = read_scanned(text)
            if told not in found:
                found.append(told)
    return found
