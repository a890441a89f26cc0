"""A document as its reader sees it: notices, narrative or PDF pages, zoom. Used by the list and by the composer's preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.ui import formats, icons
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.documents import author_label, state_label
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.ready_html import ReadyDocument
from dmp_desktop.ui.widgets.safe_browser import SafeBrowser

if TYPE_CHECKING:
    from dmp_desktop.ui.widgets.pdf_pane import PdfPane

PDF_LIMIT_BYTES = 100_000_000


class DocumentPane(QWidget):
    """Shows one ReadyDocument; `forget` leaves nothing of it behind."""

    shown = Signal()

    def __init__(self, name: str = fr.VIEWER_NAME, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ready: ReadyDocument | None = None
        self.title = PlainLabel(wrap=True)
        self.title.setProperty("strong", True)
        self.source = PlainLabel(role="muted", wrap=True)
        self.notices = PlainLabel(role="warning", wrap=True)
        self.message = PlainLabel(fr.VIEWER_EMPTY, role="muted", wrap=True)
        self.browser = SafeBrowser()
        self.browser.setAccessibleName(name)
        self.pdf: PdfPane | None = None
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.browser)
        self.parts = QButtonGroup(self)
        self.parts.idClicked.connect(self._show_part)
        self._parts_row = QHBoxLayout()
        self.original = QToolButton()
        self.original.setText(fr.ORIGINAL)
        self.original.setToolTip(fr.ORIGINAL_TIP)
        self.original.setCheckable(True)
        self.original.toggled.connect(self._show_text)
        self.zoom_out, self.zoom_in = self._zoom_button(fr.ZOOM_OUT, -1), self._zoom_button(fr.ZOOM_IN, 1)
        self._lay_out()
        self.forget()
        self.refresh()

    def _zoom_button(self, name: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self.zoom(step))
        return button

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        self.tools = QHBoxLayout()
        self.tools.addLayout(self._parts_row)
        self.tools.addWidget(self.original)
        self.tools.addStretch(1)
        self.tools.addWidget(self.zoom_out)
        self.tools.addWidget(self.zoom_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 3)
        column.addLayout(self.tools)
        for widget in (self.title, self.source, self.notices):
            column.addWidget(widget)
        column.addWidget(self.stack, 1)

    def show_document(self, ready: ReadyDocument) -> None:
        self.forget()
        self.ready = ready
        entry = ready.opened.entry
        self.title.setText(entry.title)
        source = [fr.BY.format(author=author_label(entry), day=formats.day(entry.creation_time)), state_label(entry)]
        self.source.setText(" · ".join(source))
        warnings = [fr.NOT_SEEN_BY[seen] for seen in sorted(entry.visibility) if seen in fr.NOT_SEEN_BY]
        self.notices.setText("\n".join((*warnings, *ready.opened.notices)))
        for widget in (self.title, self.source):
            widget.show()
        self.notices.setVisible(bool(self.notices.text()))
        self._offer_parts()
        self.shown.emit()

    def show_message(self, text: str) -> None:
        """Instead of a document: nothing chosen, loading, failed."""
        self.forget()
        self.message.setText(text)

    def forget(self) -> None:
        self.ready = None
        for label in (self.title, self.source, self.notices):
            label.clear()
            label.hide()
        self.browser.forget()
        if self.pdf:
            self.pdf.forget()
        self.message.setText(fr.VIEWER_EMPTY)
        self.stack.setCurrentWidget(self.message)
        for button in self.parts.buttons():
            self.parts.removeButton(button)
            self._parts_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.original.setChecked(False)
        for tool in (self.original, self.zoom_in, self.zoom_out):
            tool.hide()

    def zoom(self, steps: int) -> None:
        view = self.stack.currentWidget()
        if view is self.browser:
            self.browser.zoom(steps)
        elif self.pdf and view is self.pdf:
            self.pdf.zoom(steps)

    def refresh(self) -> None:
        self.zoom_in.setIcon(icons.role_icon("zoom_in"))
        self.zoom_out.setIcon(icons.role_icon("zoom_out"))

    def _offer_parts(self) -> None:
        """One button a part where there are several; the first part is shown."""
        ready = self.ready
        if ready is None:
            return
        pdfs = ready.opened.pdfs
        names = [(-1, fr.TEXT_PART)] if ready.html else []
        names += [(i, fr.PDF_NUMBERED.format(i + 1) if len(pdfs) > 1 else fr.PDF_PART) for i in range(len(pdfs))]
        if not names:
            self.message.setText(fr.EMPTY_DOCUMENT)
            return
        for part, name in names if len(names) > 1 else []:
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            self.parts.addButton(button, part + 1)
            self._parts_row.addWidget(button)
        self.original.setVisible(ready.original is not None)
        self.zoom_in.show()
        self.zoom_out.show()
        first = names[0][0] + 1
        if self.parts.button(first):
            self.parts.button(first).setChecked(True)
        self._show_part(first)

    def _show_part(self, button: int) -> None:
        if button == 0:
            self._show_text()
        else:
            self._show_pdf(button - 1)

    def _show_text(self) -> None:
        ready = self.ready
        html = (ready.original if self.original.isChecked() else ready.html) if ready else None
        if html:
            self.browser.show_ready(html)
            self.stack.setCurrentWidget(self.browser)

    def _show_pdf(self, number: int) -> None:
        from dmp_desktop.ui.widgets.pdf_pane import PdfPane

        if self.ready is None:
            return
        content = self.ready.opened.pdfs[number].content
        if len(content) > PDF_LIMIT_BYTES:
            self._instead(fr.PDF_TOO_BIG)
            return
        if self.pdf is None:
            self.pdf = PdfPane(self)
            self.stack.addWidget(self.pdf)
        if self.pdf.show_pdf(content):
            self.stack.setCurrentWidget(self.pdf)
        else:
            self._instead(fr.PDF_BROKEN)

    def _instead(self, text: str) -> None:
        self.message.setText(text)
        self.stack.setCurrentWidget(self.message)
