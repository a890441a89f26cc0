"""Words of a PDF: its text layer, by PDFium, in a process of its own with limits on time and memory (`cda.pdf_helper`)."""

from __future__ import annotations

import atexit
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from enum import Enum, auto
from typing import IO, NamedTuple

from dmp_desktop.cda import pdf_helper
from dmp_desktop.cda.pdf_helper import OPEN, PAGE, READ, SHOW, receive, send

MAX_SECONDS = 10.0
"""For one document. 500 pages of text take about one."""
_START_SECONDS = 20.0  # measured 0.2 s
_MAX_PAGE_BYTES = 4 * pdf_helper.MAX_CHARACTERS + 1


class Trial(Enum):
    """What PDFium did with a PDF in the other process. `UNTRIED`: that process does not start on this workstation."""

    PASSED = auto()
    FAILED = auto()
    UNTRIED = auto()


class _Answer(NamedTuple):
    """`pages` answered before the end; `ended`: all went well; `ready`: there was a process to ask."""

    pages: list[bytes]
    ended: bool
    ready: bool = True


class _Helper:
    """The process, started when first needed and again after it had to be stopped. One document at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def pages(self, request: bytes, seconds: float) -> _Answer:
        """In at most `seconds`, once it is started."""
        with self._lock:
            process = self._running()
            if process is None:
                return _Answer([], ended=False, ready=False)
            pages, ended = [], False
            with _deadline(process, seconds), contextlib.suppress(OSError):
                requests, answers = _streams(process)
                send(requests, request)
                while (untrusted_answer := receive(answers, _MAX_PAGE_BYTES)).startswith(PAGE):
                    pages.append(untrusted_answer[1:])
                ended = bool(untrusted_answer)
            if not ended:
                self._stop()
            return _Answer(pages, ended)

    def stop(self) -> None:
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes] | None:
        """None where it does not start, or never says that it is ready: blocked, or not installed whole."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        try:
            self._process = process = subprocess.Popen(  # noqa: S603 — our own program
                _command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            with _deadline(process, _START_SECONDS):
                ready = bool(receive(_streams(process)[1], _MAX_PAGE_BYTES))
        except OSError:
            ready = False
        if not ready:
            self._stop()
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(OSError):  # what was never sent
                self._process.__exit__(None, None, None)
        self._process = None


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """(its input, its output)."""
    if process.stdin is None or process.stdout is None:
        raise OSError("the PDF helper has no pipes")
    return process.stdin, process.stdout


@contextlib.contextmanager
def _deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kills the process after `seconds`: whoever reads from it then meets the end."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _command() -> list[str]:
    """The helper alone, isolated from the user's settings; a packaged program has no other Python than itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, pdf_helper.FLAG]
    return [sys.executable, "-I", pdf_helper.__file__]


_HELPER = _Helper()
atexit.register(_HELPER.stop)


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


def _trial(answer: _Answer, *, passed: bool) -> Trial:
    if not answer.ready:
        return Trial.UNTRIED
    return Trial.PASSED if passed else Trial.FAILED
