"""Words looked for in the document shown, in its text or its PDF pages, and the place it was asked to open at."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dmp_desktop.ui.widgets.document_parts import DocumentParts
from dmp_desktop.ui.widgets.find_bar import FindBar
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.sections_panel import SectionsPanel


class Finding(QObject):
    """`bar` is where the words are typed; it stands in `pane`, shown while something is looked for."""

    def __init__(self, bar: FindBar, parts: DocumentParts, sections: SectionsPanel, pane: QWidget) -> None:
        super().__init__(pane)
        self._bar, self._parts, self._sections, self._pane = bar, parts, sections, pane
        self._place: Place | None = None
        bar.asked.connect(self._find)
        bar.went.connect(parts.go)
        bar.left.connect(self.leave)
        parts.browser.complete.connect(self._laid_out)
        parts.pdf_shown.connect(self._opened_pdf)
        parts.pdf_found.connect(self._pdf_found)

    def ask(self) -> None:
        """The line to type in."""
        self._bar.show()
        self._bar.line.setFocus()
        self._bar.line.selectAll()

    def leave(self) -> None:
        self._bar.hide()
        self._find("")
        self._parts.view.setFocus()

    def open_at(self, place: Place | None, words: str) -> None:
        """Of the document that is going to be laid out: `place`, else the `words` that were looked for in it before."""
        self._place = place
        shown = place.text if place else words
        if shown:
            self._bar.show_words(shown)
            self._bar.show()
        if place:
            self._sections.unfold(place)

    def stay_on(self, hit: int) -> None:
        """The hit that was strong before the document was laid out again."""
        self._bar.at = hit
        if self._parts.pages is None and not self._parts.browser.loading:
            self._laid_out()

    def forget(self) -> None:
        self._place = None
        self._bar.show_words("")
        self._bar.show_found(0)
        self._bar.hide()

    @property
    def _words(self) -> str:
        return self._bar.line.text() if self._bar.isVisibleTo(self._pane) else ""

    def _find(self, words: str) -> None:
        if self._parts.pages:
            self._parts.pages.find_all(words)
            return
        found = self._parts.browser.find_all(words)
        self._bar.show_found(found)
        if found:
            self._parts.browser.go(0)

    def _laid_out(self) -> None:
        """The whole text is there: the words looked for are lit again, and the place asked for is shown."""
        place, self._place = self._place, None
        browser = self._parts.browser
        found = browser.find_all(self._words)
        if place is None:
            at = min(max(self._bar.at, 0), found - 1)
            self._bar.show_found(found, at)
            browser.mark(at)
            return
        anchor = self._sections.anchor_of(place)
        at = browser.hit_at(place, anchor)
        if at >= 0:
            self._bar.show_found(found, at)
            browser.go(at)
        elif place.text and self._parts.has_pdf:
            self._parts.show_part(0)
        else:
            self._bar.setVisible(bool(found))
            browser.go_to_section(anchor)

    def _opened_pdf(self) -> None:
        if self._parts.pages:
            self._parts.pages.find_all(self._words)

    def _pdf_found(self, count: int) -> None:
        """Told again as the pages are searched: the first hit, or the one that was strong before, is shown once."""
        at = max(self._bar.at, 0)
        first = self._bar.found <= at < count
        self._bar.show_found(count, at)
        if first:
            self._parts.go(at)
