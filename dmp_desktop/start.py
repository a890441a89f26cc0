"""`dmp-desktop`, and what a packaged program begins with: nothing of Qt is loaded before it is known that a window is wanted."""

from __future__ import annotations

import sys
from collections.abc import Sequence

PDF_HELPER = "--pdf-helper"
"""`cda.pdf_helper.FLAG`, said again: that module loads PDFium."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The window on the real readers; `arguments` begin with the program's name. Exit status as the command line's."""
    given = list(sys.argv if arguments is None else arguments)
    if read_pdfs(given[1:]):
        return 0
    from dmp_desktop.opening import run

    return run(given)


def read_pdfs(arguments: Sequence[str]) -> bool:
    """Be the process that reads PDFs until its master leaves, if this was started as such; False at once if not."""
    if list(arguments[:1]) != [PDF_HELPER]:
        return False
    from dmp_desktop.cda import pdf_helper

    pdf_helper.main()
    return True
