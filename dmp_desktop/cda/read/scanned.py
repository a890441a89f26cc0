"""What a scanner left, page by page, decoded in a process of its own (`cda.scan_helper`): pictures, and the codes on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from dmp_desktop.cda import scan_helper
from dmp_desktop.cda.helper_pipe import READ
from dmp_desktop.cda.helper_process import HelperProcess, own_command
from dmp_desktop.cda.scan_helper import CODE, PICTURE, SIZE

MAX_SECONDS = 60.0
"""For one file. A page takes 0.3 s (300 dots per inch, colours)."""
_MAX_PAGE_BYTES = 20_000_000


class Fault(Enum):
    """Why there is nothing. `UNREADABLE`: broken, locked, more than 100 pages, or it takes more than MAX_SECONDS."""

    UNREADABLE = auto()
    NO_HELPER = auto()


@dataclass(frozen=True, slots=True, repr=False)
class ScannedPage:
    """`jpeg` at 200 dots per inch at most; `width` and `height` in points (1/72 inch). `codes`: texts of its datamatrix codes."""

    jpeg: bytes
    width: int
    height: int
    codes: tuple[str, ...] = ()


def read_pages(untrusted: bytes) -> tuple[ScannedPage, ...] | Fault:
    """The pages of a PDF, a JPEG or a TIFF. On a worker thread: at most MAX_SECONDS, once the process is started."""
    answer = _HELPER.pages(READ + untrusted, MAX_SECONDS)
    if not answer.ready:
        return Fault.NO_HELPER
    pages: list[ScannedPage] = []
    for told in answer.pages:
        kind, content = told[:1], told[1:]
        if kind == PICTURE:
            width, height = SIZE.unpack_from(content)
            pages.append(ScannedPage(content[SIZE.size :], width, height))
        elif kind == CODE and pages:
            last = pages[-1]
            pages[-1] = ScannedPage(
                last.jpeg, last.width, last.height, (*last.codes, content.decode("utf-8", "replace"))
            )
    return tuple(pages) if pages and answer.ended else Fault.UNREADABLE


_HELPER = HelperProcess(lambda: own_command(scan_helper), _MAX_PAGE_BYTES)
