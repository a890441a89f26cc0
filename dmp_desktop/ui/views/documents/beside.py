"""What goes with the open document: what was sent with it, its other versions and formats, one click or key away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.folding import Reason, Row
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.models.document_texts import author_label, type_label
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel

MOST = 6
"""Documents of one sending told one by one; the others are counted."""
TITLE_CHARACTERS = 44


class Beside(QWidget):
    """Takes no room for a document that is alone. A screen reader reads each button as one sentence."""

    chosen = Signal(object)  # DocumentEntry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.BESIDE_NAME)
        self.sent, self.also = Flow(), Flow()
        self._row: tuple[tuple[DocumentEntry, str], ...] = ()
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, 0, gap, gap // 2)
        column.setSpacing(gap // 2)
        column.addWidget(self.sent)
        column.addWidget(self.also)
        self.forget()

    def show_row(self, entry: DocumentEntry, row: Row | None) -> None:
        """The other documents of its row of the list, each by what makes it one of them. What was sent with it is asked for."""
        self.forget()
        self._row = tuple(_others(entry, row)) if row else ()
        self._fill(self.also, fr.ALSO, [self._of_row(one, words) for one, words in self._row])

    def show_sent(self, sent: Iterable[DocumentEntry]) -> None:
        """What was sent with it."""
        told = {one.unique_id for one, _words in self._row}
        others = [one for one in sent if one.unique_id not in told]
        widgets: list[QWidget] = [self._sent_with(one) for one in others[:MOST]]
        if len(others) > MOST:
            widgets.append(PlainLabel(fr.SENT_MORE.format(len(others) - MOST), role="muted"))
        self._fill(self.sent, fr.SENT_WITH, widgets)

    def forget(self) -> None:
        self._row = ()
        for flow in (self.sent, self.also):
            self._fill(flow, "", ())

    def _fill(self, flow: Flow, title: str, widgets: Sequence[QWidget]) -> None:
        flow.clear()
        for widget in (PlainLabel(title, role="muted"), *widgets) if widgets else ():
            flow.add(widget)
        for widget in flow.widgets:
            widget.ensurePolished()
        height = max((widget.sizeHint().height() for widget in flow.widgets), default=0)
        for widget in flow.widgets:
            widget.setMinimumHeight(height)  # words stand on one line with those of the buttons
        flow.setVisible(bool(widgets))
        self.setVisible(bool(self.sent.widgets or self.also.widgets))

    def _sent_with(self, entry: DocumentEntry) -> QToolButton:
        return self._button(entry, _short(entry.title or type_label(entry)), fr.SENT_WITH_SPOKEN)

    def _of_row(self, entry: DocumentEntry, words: str) -> QToolButton:
        return self._button(entry, f"{words}, {formats.day(entry.creation_time)}", words + " : {}")

    def _button(self, entry: DocumentEntry, words: str, spoken: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("chip")
        button.setText(formats.button_text(words))
        told = [entry.title, type_label(entry), formats.day(entry.creation_time), author_label(entry)]
        whole = spoken.format(", ".join(dict.fromkeys(part for part in told if part)))
        button.setAccessibleName(whole)
        button.setToolTip(escape(whole))  # Qt reads tool tips as rich text
        button.clicked.connect(lambda _checked=False: self.chosen.emit(entry))
        return button


def _others(entry: DocumentEntry, row: Row) -> Iterable[tuple[DocumentEntry, str]]:
    own = next((one.reason for one in row.folded if one.entry.unique_id == entry.unique_id), None)
    if own:
        yield row.entry, fr.LAST_VERSION if own is Reason.VERSION else own.value
    yield from ((one.entry, one.reason.value) for one in row.folded if one.entry.unique_id != entry.unique_id)


def _short(title: str) -> str:
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1].rstrip() + "…"
