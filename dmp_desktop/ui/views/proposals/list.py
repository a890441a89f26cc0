"""The notes on a doctor's list: whose, by whom, since when. Not a word of them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.domain.proposals import NotesToValidate, ToValidate
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as common
from dmp_desktop.ui import strings_proposals_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton


class NotesList(QWidget):
    """`chosen`: the ToValidate of a line that was clicked. Takes no room while there is nothing to say."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = NotesToValidate()
        self.title = PlainLabel(fr.NOTES)
        self.title.setProperty("strong", True)
        self.closed = PlainLabel(role="warning", wrap=True)
        self.lines: list[WrappedButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.title)
        self._column.addWidget(self.closed)
        self.hide()

    @property
    def empty(self) -> bool:
        return not (self.shown.notes or self.shown.closed)

    def show_notes(self, found: NotesToValidate) -> None:
        """Nothing is drawn again of what is as it was: the keyboard stays where it is."""
        if found == self.shown:
            return
        self.clear()
        self.shown = found
        for note in found.notes:
            line = WrappedButton(_words(note))
            line.clicked.connect(partial(self._choose, note))
            self._column.addWidget(line)
            self.lines.append(line)
        if self.lines:
            self.setFocusProxy(self.lines[0])
        self.closed.setText(fr.counted(fr.CLOSED, found.closed) if found.closed else "")
        self.closed.setVisible(bool(found.closed))

    def clear(self) -> None:
        for line in self.lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines.clear()
        self.shown = NotesToValidate()
        self.closed.clear()

    def _choose(self, note: ToValidate, _on: bool = False) -> None:
        self.chosen.emit(note)


def _words(note: ToValidate) -> str:
    return fr.NOTE.format(
        name=note.patient.display_name,
        born=formats.born(note.patient),
        kind=common.KIND[note.kind],
        author=note.author,
        at=formats.day_and_time(note.proposed_at),
    )
