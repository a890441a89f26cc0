"""The parts of a document, one shown at a time: its text, its PDF files, or words in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QStackedWidget, QToolButton, QWidget

from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.ready_html import ReadyDocument, ReadyHtml
from dmp_desktop.ui.widgets.safe_browser import SafeBrowser

if TYPE_CHECKING:
    from dmp_desktop.ui.widgets.pdf_pane import PdfPane

PDF_LIMIT_BYTES = 100_000_000
TEXT = -1
"""The number of the text; the PDF files are counted from 0."""


class DocumentParts(QStackedWidget):
    """`narrative` gives the text as it is to be laid out now. One button a part stands in `acts` where there are several.

    `turned` tells whether the part asked for is the text, `pdf_shown` that a PDF stands before the eyes, `pdf_found` how many
    places of it hold the words looked for.
    """

    turned = Signal(bool)
    pdf_shown = Signal()
    pdf_found = Signal(int)

    def __init__(
        self, name: str, acts: Flow, narrative: Callable[[], ReadyHtml | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._acts, self._narrative = acts, narrative
        self._ready: ReadyDocument | None = None
        self._shown = TEXT
        self.message = PlainLabel(fr.VIEWER_EMPTY, role="muted", wrap=True)
        self.browser = SafeBrowser()
        self.browser.setAccessibleName(name)
        self.pdf: PdfPane | None = None
        self.addWidget(self.message)
        self.addWidget(self.browser)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(lambda button: self.show_part(button - 1))

    def buttons(self) -> list[QAbstractButton]:
        return self._group.buttons()

    @property
    def file(self) -> bytes:
        """Of the PDF before the eyes; empty for a text."""
        return self._ready.opened.pdfs[self._shown].content if self._ready and self._shown != TEXT else b""

    @property
    def has_pdf(self) -> bool:
        return self._ready is not None and bool(self._ready.opened.pdfs)

    @property
    def pages(self) -> PdfPane | None:
        """The PDF before the eyes; None for a text."""
        return self.pdf if self._shown != TEXT else None

    @property
    def view(self) -> QWidget:
        """What the keyboard is led to."""
        return self.pages or self.browser

    def show_document(self, ready: ReadyDocument) -> bool:
        """The first part is shown; False where there is none."""
        self._ready = ready
        pdfs = ready.opened.pdfs
        names = [(TEXT, fr.TEXT_PART)] if ready.html else []
        names += [(i, fr.PDF_NUMBERED.format(i + 1) if len(pdfs) > 1 else fr.PDF_PART) for i in range(len(pdfs))]
        if not names:
            self.message.setText(fr.EMPTY_DOCUMENT)
            return False
        for part, name in names if len(names) > 1 else []:
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            self._group.addButton(button, part + 1)
            self._acts.add(button)
            button.show()
        self.show_part(names[0][0])
        return True

    def show_part(self, number: int) -> None:
        self._tick(number)
        self._shown = number
        self.turned.emit(number == TEXT)
        if number == TEXT:
            self.show_text()
        else:
            self._show_pdf(number)

    def show_text(self, *, stay: bool = False) -> None:
        """As it is to be laid out now; `stay`: where it stands."""
        html = self._narrative()
        if html:
            self._tick(TEXT)
            self._shown = TEXT
            self.setCurrentWidget(self.browser)
            self.browser.show_ready(html, stay=stay)

    def say(self, text: str) -> None:
        """In the place of a part."""
        self.message.setText(text)
        self.setCurrentWidget(self.message)

    def zoom(self, steps: int) -> None:
        view = self.currentWidget()
        if view is self.browser:
            self.browser.zoom(steps)
        elif self.pdf and view is self.pdf:
            self.pdf.zoom(steps)

    def go(self, number: int) -> None:
        """Shows the hit of that number."""
        if self.pages:
            self.pages.go(number)
        else:
            self.browser.go(number)

    def forget(self) -> None:
        self._ready = None
        self._shown = TEXT
        self.browser.forget()
        if self.pdf:
            self.pdf.forget()
        self.say(fr.VIEWER_EMPTY)
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._acts.drop(button)

    def _tick(self, number: int) -> None:
        button = self._group.button(number + 1)
        if button:
            button.setChecked(True)

    def _show_pdf(self, number: int) -> None:
        from dmp_desktop.ui.widgets.pdf_pane import PdfPane

        if self._ready is None:
            return
        content = self._ready.opened.pdfs[number].content
        if len(content) > PDF_LIMIT_BYTES:
            self.say(fr.PDF_TOO_BIG)
            return
        if self.pdf is None:
            self.pdf = PdfPane(self)
            self.pdf.found.connect(self.pdf_found)
            self.addWidget(self.pdf)
        if self.pdf.show_pdf(content):
            self.setCurrentWidget(self.pdf)
            self.pdf_shown.emit()
        else:
            self.say(fr.PDF_BROKEN)
