"""The other process that reads PDFs: what hangs, swells or crashes PDFium there harms nobody.

Measured: two kilobytes of nested forms, or 100 kB of compressed operators, keep PDFium busy for minutes and take gigabytes.
Run by `helper_process`, with the messages and the limits of `helper_pipe`. Imports nothing else of the application.
"""

from __future__ import annotations

import contextlib
import sys
from time import process_time
from typing import IO, Final

import pypdfium2

from dmp_desktop.cda.helper_pipe import PAGE, READ, send, serve

FLAG: Final = "--pdf-helper"
"""What a packaged program is run with to become this one."""
SHOW: Final = b"S"
OPEN: Final = b"O"
MAX_PAGES: Final = 500
MAX_CHARACTERS: Final = 5_000_000
MAX_MEMORY: Final = 1 << 30
"""As `serve`'s."""
LOAD_SECONDS: Final = 0.05
"""Of processor, to parse a page: QtPdf does it on the thread of the window. A page of text takes 2 ms."""
DRAW_SECONDS: Final = 0.5
"""Of processor, to draw a page: a window that closes waits for the one under way. A page scanned in fine grain takes 0.16."""
MAX_SIDE_POINTS: Final = 14_400
"""The longest side of a page (ISO 32000-1, annex C.2)."""
MAX_HEIGHT: Final = 10
"""Times the width: a window fits the width, and draws the page whole."""
_WINDOW_PIXELS: Final = 1_000  # width of a page in a wide window
_DRAWN_PAGES: Final = 20
_DRAWING_SECONDS: Final = 5.0


def main() -> None:
    """To READ or SHOW and a PDF, PAGE for each page (with its words), then END; to OPEN, one PAGE."""
    serve(_handle, MAX_MEMORY)


def _handle(request: bytes, answers: IO[bytes]) -> None:
    handle = _HANDLERS[request[:1]]
    with contextlib.suppress(pypdfium2.PdfiumError), pypdfium2.PdfDocument(request[1:]) as document:
        handle(document, answers)


def _read(document: pypdfium2.PdfDocument, answers: IO[bytes]) -> None:
    left = MAX_CHARACTERS
    for index in range(min(len(document), MAX_PAGES)):
        page = document[index]
        layer = page.get_textpage()
        words = layer.get_text_range()[:left]
        left -= len(words)
        send(answers, PAGE + words.encode("utf-8", "replace"))
        layer.close()
        page.close()
        if not left:
            break


def _show(document: pypdfium2.PdfDocument, answers: IO[bytes]) -> None:
    """Does what a window would: parse every page, draw them as wide as it. Ends the process at the first it would not bear.

    All pages are drawn that can be in _DRAWING_SECONDS, at least the first _DRAWN_PAGES.
    """
    began = process_time()
    for index in range(min(len(document), MAX_PAGES)):
        width, height = document.get_page_size(index)
        if max(width, height) > MAX_SIDE_POINTS or height > width * MAX_HEIGHT:
            sys.exit()
        if (
            _seconds(document, index, draw=False) > LOAD_SECONDS
            and _seconds(document, index, draw=False) > LOAD_SECONDS
        ):
            sys.exit()  # twice: the first page that names a font makes PDFium look for it
        drawn = index < _DRAWN_PAGES or process_time() - began < _DRAWING_SECONDS
        if drawn and _seconds(document, index, draw=True) > DRAW_SECONDS:
            sys.exit()
        send(answers, PAGE)


def _seconds(document: pypdfium2.PdfDocument, index: int, *, draw: bool) -> float:
    """Of processor, to parse a page and, if asked, to draw it."""
    began = process_time()
    page = document[index]
    if draw:
        page.render(scale=_WINDOW_PIXELS / max(page.get_width(), 1.0)).close()
    page.close()
    return process_time() - began


def _open(document: pypdfium2.PdfDocument, answers: IO[bytes]) -> None:
    """The first page, when there is one."""
    if len(document):
        document[0].close()
        send(answers, PAGE)


_HANDLERS: Final = {READ: _read, SHOW: _show, OPEN: _open}
