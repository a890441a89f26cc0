"""Words of a PDF: its text layer, by PDFium, in a process of its own with limits on time and memory (`cda.pdf_helper`)."""

from __future__ import annotations

from enum import Enum, auto

from dmp_desktop.cda import pdf_helper
from dmp_desktop.cda.helper_pipe import READ
from dmp_desktop.cda.helper_process import Answer, HelperProcess, own_command
from dmp_desktop.cda.pdf_helper import OPEN, SHOW

MAX_SECONDS = 10.0
"""For one document. 500 pages of text take about one."""
_MAX_PAGE_BYTES = 4 * pdf_helper.MAX_CHARACTERS + 1


class Trial(Enum):
    """What PDFium did with a PDF in the other process. `UNTRIED`: that process does not start on this workstation."""

    PASSED = auto()
    FAILED = auto()
    UNTRIED = auto()


def _command() -> list[str]:
    return own_command(pdf_helper)


_HELPER = HelperProcess(lambda: _command(), _MAX_PAGE_BYTES)


def pdf_text(content: bytes) -> str:
    """Text layer of a PDF, '' when it has none or cannot be read. A hostile one costs at most MAX_SECONDS and its own words."""
    pages = _HELPER.pages(READ + content, MAX_SECONDS).pages if content else []
    return "\n".join(page.decode("utf-8", "replace") for page in pages).replace("\r\n", "\n")


def try_to_open(content: bytes) -> Trial:
    """PASSED when PDFium opens it without a password and reads its first page.

    Takes 2 ms, at most MAX_SECONDS: what takes longer does not open. To be called on a worker thread.
    """
    answer = _HELPER.pages(OPEN + content, MAX_SECONDS)
    return _trial(answer, passed=bool(answer.pages))


def try_to_show(content: bytes) -> Trial:
    """FAILED for a PDF that hangs, holds up or exhausts PDFium, which a window draws in its own process. A broken one passes.

    Takes 2 ms a page, 30 where it is drawn, at most MAX_SECONDS. To be called on a worker thread.
    """
    answer = _HELPER.pages(SHOW + content, MAX_SECONDS)
    return _trial(answer, passed=answer.ended)


def _trial(answer: Answer, *, passed: bool) -> Trial:
    if not answer.ready:
        return Trial.UNTRIED
    return Trial.PASSED if passed else Trial.FAILED
