"""Words of a PDF: its text layer, by PDFium, in a process of its own with limits on time and memory (`cda.pdf_helper`)."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from dmp_desktop.cda.pdf_helper import PAGE, serve

MAX_SECONDS = 10.0
"""For one document. 500 pages of text take about one."""
_START_SECONDS = 20.0  # measured 0.35 s on a busy machine
_MAX_PAGE_BYTES = 16_000_000


class _Helper:
    """The process, started when first needed and again after it had to be stopped. One document at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._requests: Connection | None = None

    def text(self, content: bytes) -> str:
        with self._lock:
            try:
                return self._answer(self._sent(content), MAX_SECONDS)
            except (EOFError, OSError):
                self._stop()
                return ""

    def _sent(self, content: bytes) -> Connection:
        """The way to the answer. An idle helper leaves: then another is started."""
        if self._requests is not None and self._process is not None and self._process.is_alive():
            with contextlib.suppress(OSError):
                self._requests.send_bytes(content)
                return self._requests
        self._stop()
        requests = self._start()
        requests.send_bytes(content)
        return requests

    def _start(self) -> Connection:
        # Spawned, not forked: the window has threads, and nothing of its memory may be in there.
        spawning = multiprocessing.get_context("spawn")
        self._requests, theirs = spawning.Pipe()
        self._process = spawning.Process(target=serve, args=(theirs,), name="pdf-text", daemon=True)
        self._process.start()
        theirs.close()
        if not self._requests.poll(_START_SECONDS):
            raise TimeoutError("the PDF helper did not start")
        self._requests.recv_bytes(_MAX_PAGE_BYTES)
        return self._requests

    def _answer(self, requests: Connection, seconds: float) -> str:
        """Pages until the end; those read so far when it dies or takes too long."""
        pages: list[str] = []
        deadline = time.monotonic() + seconds
        try:
            while requests.poll(max(0.0, deadline - time.monotonic())):
                untrusted_answer = requests.recv_bytes(_MAX_PAGE_BYTES)
                if not untrusted_answer.startswith(PAGE):
                    return _joined(pages)
                pages.append(untrusted_answer[1:].decode("utf-8", "replace"))
        except (EOFError, OSError):
            pass  # it died
        self._stop()
        return _joined(pages)

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._requests is not None:
            self._requests.close()
        self._process, self._requests = None, None


_HELPER = _Helper()


def pdf_text(content: bytes) -> str:
    """Text layer of a PDF, '' when it has none or cannot be read. A hostile one costs at most MAX_SECONDS and its own words."""
    return _HELPER.text(content) if content else ""


def _joined(pages: list[str]) -> str:
    return "\n".join(pages).replace("\r\n", "\n")
