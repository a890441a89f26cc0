"""The line that searches in the whole record, always there under the tabs, and its results."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.search import Hit
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.dossier_ports import SearchPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.search.results import SearchResults
from dmp_desktop.ui.views.search.searching import Found, Searching
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.place import Place


class SearchLine(QLineEdit):
    """Up and Down go through the results while one types, Enter opens, Escape leaves; a click comes back to it."""

    stepped = Signal(int)
    left = Signal()
    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key is Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class RecordSearch(QWidget):
    """The line; `results` is put by the owner where it is to be seen. `chosen`: a document, and where to open it."""

    shown = Signal(bool)
    chosen = Signal(object, object)  # DocumentEntry, Place

    def __init__(
        self,
        record: RecordController,
        port: SearchPort,
        pool: TaskRunner,
        clock: Clock,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.searching = Searching(record, port, pool, self)
        self.results = SearchResults(self.searching, clock)
        self.line = SearchLine()
        self.line.setPlaceholderText(fr.SEARCH_SHORT)
        self.line.setAccessibleName(fr.SEARCH)
        self.line.setToolTip(fr.SEARCH)
        self.line.setClearButtonEnabled(True)
        self.open = False
        self._last = ""
        self._writing = False
        self._entered = False
        self._before: QWidget | None = None
        gap = self.fontMetrics().averageCharWidth()
        row = QHBoxLayout(self)
        row.setContentsMargins(gap, gap // 2, gap, gap // 2)
        row.addWidget(self.line, 1)
        row.addWidget(PlainLabel(fr.SEARCH_KEY, role="muted"))
        self._connect(record)

    def _connect(self, record: RecordController) -> None:
        self.line.textChanged.connect(lambda _words: None if self._writing else self._ask())
        self.line.stepped.connect(self.results.step)
        self.line.returnPressed.connect(self._choose_current)
        self.line.left.connect(self.leave)
        self.line.clicked.connect(self._come_back)
        self.results.filtered.connect(self._ask)
        self.results.chosen.connect(self._choose)
        self.results.left.connect(self.leave)
        self.searching.found.connect(self._show_found)
        self.searching.failed.connect(self.results.show_failure)
        record.list_complete.connect(self._listed)
        record.closed.connect(self.forget)

    def focus(self) -> None:
        """Ctrl+F: the words of before are there, selected, with what they found."""
        focused = QApplication.focusWidget()
        if focused is not self.line and not self.results.isAncestorOf(focused or self.line):
            self._before = focused
        self.line.setFocus()
        self._come_back()
        self.line.selectAll()

    def close_results(self) -> None:
        """The tab comes back, and does not look filtered by words it knows nothing of: they are one click or Ctrl+F away."""
        words = self.line.text().strip()
        if words:
            self._last = words
            self.line.setPlaceholderText(fr.SEARCH_AGAIN.format(words))
            self._write("")
        self._entered = False
        self._show(False)
        self.searching.leave()

    def leave(self) -> None:
        """Escape: the tab comes back, and the focus where it was."""
        self.close_results()
        if self._before and self._before.isVisible():
            self._before.setFocus()
        else:
            self.line.clearFocus()

    def forget(self) -> None:
        """The record closes: no word and no passage stays."""
        self._before, self._last, self._entered = None, "", False
        self._write("")
        self.line.setPlaceholderText(fr.SEARCH_SHORT)
        self.results.forget()
        self._show(False)

    def _come_back(self) -> None:
        """The words of the last search, selected, and what they find; nothing while others are typed."""
        if not self.line.text() and self._last:
            self._write(self._last)
            self.line.selectAll()
        if self.line.text().strip() and not self.open:
            self._ask()

    def _write(self, words: str) -> None:
        """Not as if it were typed. Signals are not blocked: the button that clears the line lives on them."""
        self._writing = True
        self.line.setText(words)
        self._writing = False

    def _listed(self, entries: list[DocumentEntry]) -> None:
        self.results.offer(entries)

    def _ask(self) -> None:
        words = self.line.text()
        self._entered = False
        self.searching.ask(words, self.results.filters)
        if words.strip():
            self.results.wait()
        else:
            self._last = ""
            self.line.setPlaceholderText(fr.SEARCH_SHORT)
            self.results.model.show((), {})
        self._show(bool(words.strip()))

    def _show(self, shown: bool) -> None:
        if shown != self.open:
            self.open = shown
            self.shown.emit(shown)

    def _show_found(self, found: Found) -> None:
        self.results.show_found(found)
        if self._entered:
            self._entered = False
            self._choose_current()

    def _choose_current(self) -> None:
        """Enter comes before the answer: what is still shown was found for words typed before, what comes opens."""
        if not self.searching.is_answered:
            self._entered = bool(self.line.text().strip())
            return
        row = self.results.list.currentIndex().row()
        if 0 <= row < len(self.results.model.hits):
            self._choose(row)

    def _choose(self, row: int) -> None:
        hit, entry = self.results.model.hits[row], self.results.model.entry(row)
        self.close_results()
        self.chosen.emit(entry, place_of(hit))


def place_of(hit: Hit) -> Place:
    codes = (hit.section_code,) if hit.section_code else ()
    return Place(hit.anchor, hit.occurrence, codes, hit.section_title)
