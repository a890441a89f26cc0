"""The note: plain text, the recognised words underlined."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.services.orders import Suggestion
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.views.compose.suggesting import SuggestionPopup

_WORD_BEFORE = re.compile(r"[^\W\d_][\w'’+-]*$")
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ARROWS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class NoteEditor(QPlainTextEdit):
    """Offsets are characters of the text; Qt counts UTF-16 units, which differ behind an emoji: see `_units`."""

    accept_asked = Signal()
    word_typed = Signal(str)
    """The word that ends at the caret after a key, empty when there is none to end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.NOTE_NAME)
        self.setPlaceholderText(fr.NOTE_HINT)
        self.setTabChangesFocus(True)
        self.acceptable = False
        self._marked: tuple[Proposal, ...] = ()
        self._focused = -1
        self.popup = SuggestionPopup(self.viewport())
        self.popup.chosen.connect(self._complete)

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
        """Tab takes the suggestion, else the proposal under the caret, else goes on: a note needs no tabulation."""
        if forward and self.popup.isVisible():
            self.popup.accept()
            return True
        if forward and self.acceptable:
            self.accept_asked.emit()
            return True
        return super().focusNextPrevChild(forward)

    @property
    def word(self) -> str:
        """The word that ends at the caret; empty inside one, and while words are selected."""
        cursor = self.textCursor()
        line, place = cursor.block().text(), cursor.positionInBlock()
        found = _WORD_BEFORE.search(line[:place])
        return found[0] if found and not cursor.hasSelection() and not line[place : place + 1].isalnum() else ""

    def suggest(self, word: str, suggestions: list[Suggestion]) -> None:
        """Shows ways to end `word`, if it is still the one under way."""
        if suggestions and word == self.word and self.hasFocus() and not self.isReadOnly():
            caret = self.cursorRect()
            self.popup.show_under(suggestions, caret.topLeft(), caret.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """While suggestions show, the arrows and Escape are theirs; Enter too, once one is pointed at. All else is typed."""
        if self.popup.isVisible() and self._popup_key(event):
            return
        self.popup.hide()
        super().keyPressEvent(event)
        if event.text() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.word_typed.emit(self.word if event.text().isprintable() else "")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.popup.hide()
        super().focusOutEvent(event)

    def _popup_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self.popup.move_by(_ARROWS[key])
        elif key == Qt.Key.Key_Escape:
            self.popup.hide()
        elif key in _ENTER and self.popup.pointed and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.popup.accept()
        else:
            return False
        return True

    def _complete(self, words: str) -> None:
        """The suggestion takes the place of the word, as one step to undo."""
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(self.word))
        cursor.insertText(words)
        self.setTextCursor(cursor)
        self.setFocus()

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
