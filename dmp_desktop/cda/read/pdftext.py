"""Words of a PDF: its text layer, by PDFium."""

from __future__ import annotations

import threading

import pypdfium2

MAX_PDF_PAGES = 500
_PDFIUM = threading.Lock()  # PDFium is not thread-safe, and documents are indexed while others are read


def pdf_text(content: bytes) -> str:
    """Text layer of a PDF, '' when it has none or cannot be read."""
    with _PDFIUM:
        return _text(content)


def _text(content: bytes) -> str:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return ""
    try:
        pages = []
        for index in range(min(len(document), MAX_PDF_PAGES)):
            page = document[index]
            layer = page.get_textpage()
            pages.append(layer.get_text_range())
            layer.close()
            page.close()
        return "\n".join(pages).replace("\r\n", "\n")
    except pypdfium2.PdfiumError:
        return ""
    finally:
        document.close()
