"""A document as its reader sees it: notices, narrative or PDF pages, contents, words looked for, zoom.

Used by the list and by the composer's preview.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.services.visibility import warnings
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.documents import author_label, state_label
from dmp_desktop.ui.widgets.document_tools import DocumentTools
from dmp_desktop.ui.widgets.find_bar import FindBar
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.link_bar import LinkBar
from dmp_desktop.ui.widgets.place import Place
from dmp_desktop.ui.widgets.ready_html import FOLD_SCHEME, ReadyDocument, ReadyHtml
from dmp_desktop.ui.widgets.safe_browser import SafeBrowser
from dmp_desktop.ui.widgets.sections_panel import SectionsPanel

if TYPE_CHECKING:
    from dmp_desktop.ui.habits import HabitsKeeper
    from dmp_desktop.ui.widgets.pdf_pane import PdfPane

PDF_LIMIT_BYTES = 100_000_000


def mismatch_words(mismatches: Sequence[str]) -> str:
    """Each trait that differs, the sentence they share said once."""
    said: dict[str, list[str]] = {}
    for sentence in mismatches:
        head, _colon, trait = sentence.rstrip(".").rpartition(" : ")
        said.setdefault(head or sentence, []).extend([trait] if head else [])
    lines = [f"{head} : {', '.join(traits)}." if traits else head for head, traits in said.items()]
    return "\n".join((viewer_fr.MISMATCH, *lines)) if lines else ""


class DocumentPane(QWidget):
    """Shows one ReadyDocument; `forget` leaves nothing of it behind. With `habits` it is read as its reader is used to."""

    shown = Signal()
    act_asked = Signal(object)  # DocumentAct

    def __init__(
        self, name: str = fr.VIEWER_NAME, habits: HabitsKeeper | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.ready: ReadyDocument | None = None
        self._place: Place | None = None
        self._pdf_shown = -1
        self.title = PlainLabel(wrap=True)
        self.title.setProperty("strong", True)
        self.source = PlainLabel(role="muted", wrap=True)
        self.mismatch = PlainLabel(wrap=True)
        self.mismatch.setProperty("strong", True)
        self.mismatch.setObjectName("mismatch")
        self.notices = PlainLabel(role="warning", wrap=True)
        self.message = PlainLabel(fr.VIEWER_EMPTY, role="muted", wrap=True)
        self.browser = SafeBrowser()
        self.browser.setAccessibleName(name)
        self.pdf: PdfPane | None = None
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.browser)
        self.parts = QButtonGroup(self)
        self.acts = Flow(self)
        self.bar = DocumentTools(files=habits is not None)
        self.original = self.bar.original
        self.finder = FindBar()
        self.links = LinkBar()
        self.sections = SectionsPanel(habits)
        self._lay_out()
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
        self.heading = QHBoxLayout()
        self.heading.addWidget(self.title, 1)
        column.addLayout(self.heading)
        for widget in (self.source, self.mismatch, self.notices, self.finder, self.sections, self.links):
            column.addWidget(widget)
        column.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.parts.idClicked.connect(self._show_part)
        self.original.toggled.connect(lambda: self._show_text())
        self.bar.header.toggled.connect(lambda: self._show_text())
        self.bar.contents.toggled.connect(self._show_contents)
        self.bar.find_asked.connect(self.look_for)
        self.bar.zoomed.connect(self.zoom)
        self.bar.act_asked.connect(self.act_asked)
        self.finder.asked.connect(self._find)
        self.finder.went.connect(self._go)
        self.finder.left.connect(self.leave_find)
        self.sections.changed.connect(lambda: self._show_text(stay=True))
        self.sections.chosen.connect(self.browser.go_to_section)
        self.browser.anchorClicked.connect(self._clicked)
        self.browser.complete.connect(self._laid_out)

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
        self._place = at
        opened, entry = ready.opened, ready.opened.entry
        self.title.setText(entry.title)
        source = [fr.BY.format(author=author_label(entry), day=formats.day(entry.creation_time)), state_label(entry)]
        self.source.setText(" · ".join(source))
        self.mismatch.setText(mismatch_words(opened.mismatches))
        self.notices.setText("\n".join((*warnings(entry.visibility), *opened.notices)))
        for widget in (self.title, self.source):
            widget.show()
        for label in (self.mismatch, self.notices):
            label.setVisible(bool(label.text()))
        self.sections.show_document(ready, standing)
        if at and at.text:
            self.finder.show_words(at.text)
            self.finder.show()
        if at:
            self.sections.unfold(at)
        elif words:
            self.finder.show_words(words)
            self.finder.show()
        self._offer_parts()
        for button in kept:
            button.setChecked(True)
        if again:
            self.browser.stay_at(scroll)
            self._stay_on(hit)
        self.shown.emit()

    def show_message(self, text: str) -> None:
        """Instead of a document: nothing chosen, loading, failed."""
        self.forget()
        self.message.setText(text)

    def forget(self) -> None:
        self.ready = self._place = None
        self._pdf_shown = -1
        for label in (self.title, self.source, self.mismatch, self.notices):
            label.clear()
            label.hide()
        self.browser.forget()
        if self.pdf:
            self.pdf.forget()
        self.message.setText(fr.VIEWER_EMPTY)
        self.stack.setCurrentWidget(self.message)
        for button in self.parts.buttons():
            self.parts.removeButton(button)
            self.acts.drop(button)
        self.finder.show_words("")
        self.finder.show_found(0)
        self.finder.hide()
        self.links.forget()
        self.sections.forget()
        self.bar.forget()

    def look_for(self) -> None:
        """The line that looks for words in this document."""
        if self.ready:
            self.finder.show()
            self.finder.line.setFocus()
            self.finder.line.selectAll()

    def leave_find(self) -> None:
        self.finder.hide()
        self._find("")
        (self.pdf if self._pdf_shown >= 0 and self.pdf else self.browser).setFocus()

    def zoom(self, steps: int) -> None:
        view = self.stack.currentWidget()
        if view is self.browser:
            self.browser.zoom(steps)
        elif self.pdf and view is self.pdf:
            self.pdf.zoom(steps)

    def refresh(self) -> None:
        self.bar.refresh()
        self.finder.refresh()

    @property
    def narrative(self) -> ReadyHtml | None:
        """What is laid out now, in its order."""
        if self.ready is None:
            return None
        if self.bar.header.isChecked() and self.ready.details:
            return self.ready.details
        return self.sections.html(original=self.original.isChecked())

    @property
    def pdf_shown(self) -> bytes:
        """Of the pages before the eyes; empty for a text."""
        return self.ready.opened.pdfs[self._pdf_shown].content if self.ready and self._pdf_shown >= 0 else b""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handled here and not by shortcuts: this pane stands twice in the window."""
        if not (self.ready and self.bar.key(event)):
            if event.key() == Qt.Key.Key_F3 and self.finder.isVisible():
                self.finder.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            else:
                super().keyPressEvent(event)

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
            self.acts.add(button)
            button.show()
        self.bar.offer(ready, contents=self.sections.useful)
        self._tick_part(names[0][0] + 1)
        self._show_part(names[0][0] + 1)

    def _tick_part(self, button: int) -> None:
        if self.parts.button(button):
            self.parts.button(button).setChecked(True)

    def _show_part(self, button: int) -> None:
        self._pdf_shown = button - 1
        self.bar.text_shown(button == 0)
        if button == 0:
            self._show_text()
        else:
            self._show_contents(False)
            self._show_pdf(button - 1)

    def _show_contents(self, wanted: bool) -> None:
        self.sections.setVisible(wanted and self.bar.contents.isChecked())

    def _show_text(self, *, stay: bool = False) -> None:
        html = self.narrative
        if html:
            self._tick_part(0)
            self._pdf_shown = -1
            self.stack.setCurrentWidget(self.browser)
            self.browser.show_ready(html, stay=stay)

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
            self.pdf.found.connect(self._pdf_found)
            self.stack.addWidget(self.pdf)
        if self.pdf.show_pdf(content):
            self.stack.setCurrentWidget(self.pdf)
            self.pdf.find_all(self.finder.line.text() if self.finder.isVisibleTo(self) else "")
        else:
            self._instead(fr.PDF_BROKEN)

    def _instead(self, text: str) -> None:
        self.message.setText(text)
        self.stack.setCurrentWidget(self.message)

    def _laid_out(self) -> None:
        """The whole text is there: the words looked for are lit again, and the place asked for is shown."""
        place, self._place = self._place, None
        words = self.finder.line.text() if self.finder.isVisibleTo(self) else ""
        found = self.browser.find_all(words)
        if place is None:
            at = min(max(self.finder.at, 0), found - 1)
            self.finder.show_found(found, at)
            self.browser.mark(at)
            return
        anchor = self.sections.anchor_of(place)
        at = self.browser.hit_at(place, anchor)
        if at >= 0:
            self.finder.show_found(found, at)
            self.browser.go(at)
        elif place.text and self.ready and self.ready.opened.pdfs:
            self._tick_part(1)
            self._show_part(1)
        else:
            self.finder.setVisible(bool(found))
            self.browser.go_to_section(anchor)

    def _stay_on(self, hit: int) -> None:
        """The hit that was strong before the document was laid out again."""
        self.finder.at = hit
        if self._pdf_shown < 0 and not self.browser.loading:
            self._laid_out()

    def _find(self, words: str) -> None:
        if self._pdf_shown >= 0 and self.pdf:
            self.pdf.find_all(words)
            return
        found = self.browser.find_all(words)
        self.finder.show_found(found)
        if found:
            self.browser.go(0)

    def _pdf_found(self, count: int) -> None:
        """Told again as the pages are searched: the first hit, or the one that was strong before, is shown once."""
        at = max(self.finder.at, 0)
        first = self.finder.found <= at < count
        self.finder.show_found(count, at)
        if first:
            self._go(at)

    def _go(self, number: int) -> None:
        if self._pdf_shown >= 0 and self.pdf:
            self.pdf.go(number)
        else:
            self.browser.go(number)

    def _clicked(self, url: QUrl) -> None:
        if url.scheme() == FOLD_SCHEME:
            self.sections.toggle(url.path())
        else:
            self.links.ask(url)
