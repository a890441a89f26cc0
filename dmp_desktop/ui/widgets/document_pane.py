"""A document as its reader sees it: notices, narrative or PDF pages, contents, words looked for, zoom.

Used by the list and by the composer's preview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.document_finding import Finding
from dmp_desktop.ui.widgets.document_heading import DocumentHeading
from dmp_desktop.ui.widgets.document_parts import DocumentParts
from dmp_desktop.ui.widgets.document_tools import DocumentTools
from dmp_desktop.ui.widgets.find_bar import FindBar
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.link_bar import LinkBar
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.ready_html import FOLD_SCHEME, ReadyDocument, ReadyHtml
from dmp_desktop.ui.widgets.sections_panel import SectionsPanel

if TYPE_CHECKING:
    from dmp_desktop.ui.habits import HabitsKeeper
    from dmp_desktop.ui.widgets.pdf_pane import PdfPane


class DocumentPane(QWidget):
    """Shows one ReadyDocument; `forget` leaves nothing of it behind. With `habits` it is read as its reader is used to."""

    shown = Signal()
    act_asked = Signal(object)  # DocumentAct

    def __init__(
        self, name: str = fr.VIEWER_NAME, habits: HabitsKeeper | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.ready: ReadyDocument | None = None
        self.heading = DocumentHeading()
        self.acts = Flow(self)
        self.parts = DocumentParts(name, self.acts, lambda: self.narrative)
        self.browser = self.parts.browser
        self.bar = DocumentTools(files=habits is not None)
        self.original = self.bar.original
        self.finder = FindBar()
        self.links = LinkBar()
        self.sections = SectionsPanel(habits)
        self._lay_out()
        self.finding = Finding(self.finder, self.parts, self.sections, self)
        self._connect()
        self.forget()
        self.refresh()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        self.tools = QHBoxLayout()
        self.tools.addWidget(self.bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 3)
        column.addLayout(self.tools)
        column.addWidget(self.acts)
        self.acts.show()
        for widget in (self.heading, self.finder, self.sections, self.links):
            column.addWidget(widget)
        column.addWidget(self.parts, 1)

    def _connect(self) -> None:
        self.original.toggled.connect(lambda: self.parts.show_text())
        self.bar.header.toggled.connect(lambda: self.parts.show_text())
        self.bar.contents.toggled.connect(self._show_contents)
        self.bar.find_asked.connect(self.look_for)
        self.bar.zoomed.connect(self.zoom)
        self.bar.act_asked.connect(self.act_asked)
        self.parts.turned.connect(self._turned)
        self.sections.changed.connect(lambda: self.parts.show_text(stay=True))
        self.sections.chosen.connect(self.browser.go_to_section)
        self.browser.anchorClicked.connect(self._clicked)

    @property
    def narrative(self) -> ReadyHtml | None:
        """What is laid out now, in its order."""
        if self.ready is None:
            return None
        if self.bar.header.isChecked() and self.ready.details:
            return self.ready.details
        return self.sections.html(original=self.original.isChecked())

    @property
    def pdf(self) -> PdfPane | None:
        """Made when the first PDF is shown."""
        return self.parts.pdf

    @property
    def pdf_shown(self) -> bytes:
        """Of the pages before the eyes; empty for a text."""
        return self.parts.file

    def show_document(self, ready: ReadyDocument, at: Place | None = None) -> None:
        """`at`: where to open it, the words lit."""
        again = (
            self.ready is not None and at is None and self.ready.opened.entry.unique_id == ready.opened.entry.unique_id
        )
        kept = self.bar.checked if again else ()
        words, scroll = self.finder.line.text() if again else "", self.browser.verticalScrollBar().value()
        hit, standing = self.finder.at, self.sections.standing if again else None
        self.forget()
        self.ready = ready
        self.heading.show_document(ready.opened)
        self.sections.show_document(ready, standing)
        self.finding.open_at(at, words)
        if self.parts.show_document(ready):
            self.bar.offer(ready, contents=self.sections.useful)
        for button in kept:
            button.setChecked(True)
        if again:
            self.browser.stay_at(scroll)
            self.finding.stay_on(hit)
        self.shown.emit()

    def show_message(self, text: str) -> None:
        """Instead of a document: nothing chosen, loading, failed."""
        self.forget()
        self.parts.say(text)

    def forget(self) -> None:
        self.ready = None
        self.heading.forget()
        self.parts.forget()
        self.finding.forget()
        self.links.forget()
        self.sections.forget()
        self.bar.forget()

    def look_for(self) -> None:
        """The line that looks for words in this document."""
        if self.ready:
            self.finding.ask()

    def zoom(self, steps: int) -> None:
        self.parts.zoom(steps)

    def refresh(self) -> None:
        self.bar.refresh()
        self.finder.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handled here and not by shortcuts: this pane stands twice in the window."""
        if not (self.ready and self.bar.key(event)):
            if event.key() == Qt.Key.Key_F3 and self.finder.isVisible():
                self.finder.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            else:
                super().keyPressEvent(event)

    def _turned(self, text: bool) -> None:
        """What only a text has goes with it."""
        self.bar.text_shown(text)
        if not text:
            self._show_contents(False)

    def _show_contents(self, wanted: bool) -> None:
        self.sections.setVisible(wanted and self.bar.contents.isChecked())

    def _clicked(self, url: QUrl) -> None:
        if url.scheme() == FOLD_SCHEME:
            self.sections.toggle(url.path())
        else:
            self.links.ask(url)
