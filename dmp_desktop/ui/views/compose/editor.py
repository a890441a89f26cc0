"""The note: plain text, the recognised words underlined."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme


class NoteEditor(QPlainTextEdit):
    """Offsets are characters of the text; Qt counts UTF-16 units, which differ behind an emoji: see `_units`."""

    accept_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.NOTE_NAME)
        self.setPlaceholderText(fr.NOTE_HINT)
        self.setTabChangesFocus(True)
        self.acceptable = False
        self._marked: tuple[Proposal, ...] = ()
        self._focused = -1

    @property
    def position(self) -> int:
        """Where the caret is, in characters."""
        units = self.textCursor().position()
        return len(self.toPlainText().encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore"))

    def mark(self, proposals: tuple[Proposal, ...], focused: int = -1) -> None:
        """Underlines the words of each proposal: a line when accepted, dots otherwise; `focused` gets a background."""
        self._marked, self._focused = proposals, focused
        text = self.toPlainText()
        selections = []
        for row, proposal in enumerate(proposals):
            if text[proposal.start : proposal.end] != proposal.text:
                continue  # the text moved on: new proposals are on their way
            selections.append(self._selection(text, proposal, focused=row == focused))
        self.setExtraSelections(selections)

    def refresh(self) -> None:
        self.mark(self._marked, self._focused)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab accepts the proposal under the caret, else goes on to the next widget: a note needs no tabulation."""
        if forward and self.acceptable:
            self.accept_asked.emit()
            return True
        return super().focusNextPrevChild(forward)

    def _selection(self, text: str, proposal: Proposal, *, focused: bool) -> QTextEdit.ExtraSelection:
        colours = theme.current()
        style = QTextCharFormat.UnderlineStyle
        look = QTextCharFormat()
        look.setUnderlineStyle(style.SingleUnderline if proposal.accepted else style.DotLine)
        look.setUnderlineColor(QColor(colours.success if proposal.accepted else colours.accent))
        tint = "hover" if focused else "success_tint" if proposal.accepted else ""
        if tint:
            look.setBackground(QColor(colours.shades()[tint]))
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(_units(text, proposal.start))
        cursor.setPosition(_units(text, proposal.end), QTextCursor.MoveMode.KeepAnchor)
        selection.cursor = cursor
        selection.format = look
        return selection


def _units(text: str, characters: int) -> int:
    """UTF-16 units before a character offset."""
    return len(text[:characters].encode("utf-16-le")) // 2
