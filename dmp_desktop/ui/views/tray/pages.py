"""Which scan the sheet shows: its pages are asked for once, and shown while it is still the one before the eyes."""

from __future__ import annotations

from collections.abc import Callable

from dmp_desktop.domain.tray import Scan
from dmp_desktop.ui.views.tray.sheet import Sheet


class Pages:
    def __init__(self, sheet: Sheet, read: Callable[[Scan, Callable[[bytes], None]], None]) -> None:
        """`read` gives the PDF of a scan to what it is called with, later."""
        self._sheet, self._read = sheet, read
        self._asked: tuple[str, int] | None = None  # a scan and its revision
        self._shown: tuple[str, int] | None = None

    def show(self, scan: Scan, then: Callable[[], None]) -> None:
        """`then` once they are before the eyes, at once where they are."""
        wanted = scan.id, scan.revision
        if self._asked == wanted:
            if self._shown == wanted:
                then()
            return
        self.hide()
        self._asked = wanted

        def show(content: bytes) -> None:
            if self._asked == wanted and self._sheet.show_pdf(content):
                self._shown = wanted
                then()

        self._read(scan, show)

    def hide(self) -> None:
        self._asked = self._shown = None
        self._sheet.forget()
