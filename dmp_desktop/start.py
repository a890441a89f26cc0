"""`dmp-desktop`, and what a packaged program begins with: nothing of Qt is loaded before it is known that a window is wanted."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

PDF_HELPER = "--pdf-helper"
"""`cda.pdf_helper.FLAG`, said again: that module loads PDFium."""
SCAN_HELPER = "--scan-helper"
"""`cda.scan_helper.FLAG`, said again: what the window is started by imports nothing of `cda`."""
VITALE_HELPER = "--vitale-helper"
"""`card.api_lec_helper.FLAG`, said again: its package loads the card readers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The window on the real readers; `arguments` begin with the program's name. Exit status as the command line's."""
    leave_no_core_file()
    given = list(sys.argv if arguments is None else arguments)
    if be_a_helper(given[1:]):
        return 0
    from dmp_desktop.opening import run

    return run(given)


def leave_no_core_file() -> None:
    """From now on a crash of this process, or of one it starts, writes no PIN, key or patient in a core file (not on Windows).

    The helpers hold themselves to the same: they are also run alone, and import nothing of the application.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def be_a_helper(arguments: Sequence[str]) -> bool:
    """Be the process that reads PDFs, scans or cartes Vitale until its master leaves, if this was started as such; False at
    once if not."""
    match list(arguments[:1]):
        case [flag] if flag == PDF_HELPER:
            from dmp_desktop.cda import pdf_helper

            pdf_helper.main()
        case [flag] if flag == SCAN_HELPER:
            from dmp_desktop.cda import scan_helper

            scan_helper.main()
        case [flag] if flag == VITALE_HELPER:
            from dmp_desktop.card import api_lec_helper

            api_lec_helper.main()
        case _:
            return False
    return True
