"""PDF/A-1b of scanned pages (ISO 19005-1 level B): each page is its picture, as large as the paper was. Deterministic."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fpdf import FPDF

from dmp_desktop.cda.build.pdf import declare, file_identifier
from dmp_desktop.cda.read.scanned import ScannedPage

TITLE = "Document numérisé"
"""In the metadata of the file: what it is of, and of whom, is said by the document around it."""


class _Pictures(FPDF):
    def __init__(self, identifier: str) -> None:
        super().__init__(unit="pt", enforce_compliance="PDF/A-1B")
        self._identifier = identifier

    def file_id(self) -> str:
        return file_identifier(self._identifier)


def scan_pdf(pages: Sequence[ScannedPage], identifier: str, created: datetime) -> bytes:
    """The file. `identifier` makes its /ID; `created` is aware."""
    pdf: Any = _Pictures(identifier)
    declare(pdf, TITLE, created)
    for page in pages:
        pdf.add_page(format=(page.width, page.height))
        pdf.image(io.BytesIO(page.jpeg), 0, 0, page.width, page.height)
    return bytes(pdf.output())
