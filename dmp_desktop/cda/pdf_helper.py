"""The other process that reads the text layer of PDFs: what hangs, swells or crashes PDFium there harms nobody.

Measured: two kilobytes of nested forms, or 100 kB of compressed operators, keep PDFium busy for minutes and take gigabytes.
Imports nothing of the application, to start fast.
"""

from __future__ import annotations

import contextlib
import signal
from multiprocessing.connection import Connection

import pypdfium2

PAGE, END = b"+", b"."
MAX_PAGES = 500
MAX_CHARACTERS = 5_000_000
MAX_MEMORY = 1 << 30
"""Bytes of address space, where the system can hold a process to it (not on Windows: there the deadline alone contains it)."""
_IDLE_SECONDS = 60


def serve(requests: Connection) -> None:
    """Says END when ready. To a PDF, answers PAGE and the words of each page, then END. Leaves when nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    with contextlib.suppress(EOFError, OSError):
        requests.send_bytes(END)
        while requests.poll(_IDLE_SECONDS):
            content = requests.recv_bytes()
            with contextlib.suppress(pypdfium2.PdfiumError, MemoryError):
                _send_pages(content, requests)
            requests.send_bytes(END)


def _send_pages(content: bytes, requests: Connection) -> None:
    left = MAX_CHARACTERS
    with pypdfium2.PdfDocument(content) as document:
        for index in range(min(len(document), MAX_PAGES)):
            page = document[index]
            layer = page.get_textpage()
            words = layer.get_text_range()[:left]
            left -= len(words)
            requests.send_bytes(PAGE + words.encode("utf-8", "replace"))
            layer.close()
            page.close()
            if not left:
                break


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
