"""What goes with the open document: what was sent with it, its other versions and formats, one click or key away."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.folding import Reason, Row
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.models.document_texts import author_label, type_label
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel

MOST = 6
"""Documents of one sending told one by one; the others are counted."""
TITLE_CHARACTERS = 32


class Beside(Flow):
    """Takes no room for a document that is alone. A screen reader reads each button as one sentence."""

    chosen = Signal(object)  # DocumentEntry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.BESIDE_NAME)
        self._row: tuple[tuple[DocumentEntry, str], ...] = ()
        self._sent: tuple[DocumentEntry, ...] = ()

    def show_row(self, entry: DocumentEntry, row: Row | None) -> None:
        """The other documents of its row of the list, each by what makes it one of them. What was sent with it is asked for."""
        self._row = tuple(_others(entry, row)) if row else ()
        self._sent = ()
        self._fill()

    def show_sent(self, sent: Iterable[DocumentEntry]) -> None:
        """What was sent with it."""
        told = {one.unique_id for one, _words in self._row}
        self._sent = tuple(one for one in sent if one.unique_id not in told)
        self._fill()

    def forget(self) -> None:
        self._row, self._sent = (), ()
        self._fill()

    def _fill(self) -> None:
        self.clear()
        if self._sent:
            self.add(PlainLabel(fr.SENT_WITH, role="muted"))
        for one in self._sent[:MOST]:
            self._button(one, _short(one.title or type_label(one)), fr.SENT_WITH_SPOKEN)
        if len(self._sent) > MOST:
            self.add(PlainLabel(fr.SENT_MORE.format(len(self._sent) - MOST), role="muted"))
        if self._row:
            self.add(PlainLabel(fr.ALSO, role="muted"))
        for one, words in self._row:
            self._button(one, f"{words}, {formats.day(one.creation_time)}", words + " : {}")
        self.setVisible(bool(self.widgets))

    def _button(self, entry: DocumentEntry, words: str, spoken: str) -> None:
        button = QToolButton()
        button.setObjectName("chip")
        button.setText(formats.button_text(words))
        told = [entry.title, type_label(entry), formats.day(entry.creation_time), author_label(entry)]
        whole = spoken.format(", ".join(dict.fromkeys(part for part in told if part)))
        button.setAccessibleName(whole)
        button.setToolTip(escape(whole))  # Qt reads tool tips as rich text
        button.clicked.connect(lambda _checked=False: self.chosen.emit(entry))
        self.add(button)


def _others(entry: DocumentEntry, row: Row) -> Iterable[tuple[DocumentEntry, str]]:
    own = next((one.reason for one in row.folded if one.entry.unique_id == entry.unique_id), None)
    if own:
        yield row.entry, fr.LAST_VERSION if own is Reason.VERSION else own.value
    yield from ((one.entry, one.reason.value) for one in row.folded if one.entry.unique_id != entry.unique_id)


def _short(title: str) -> str:
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1].rstrip() + "…"
