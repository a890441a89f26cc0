"""Asks once who may see a document that speaks of a sensitive subject: in place, one key an answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.compose.options import choice_words, visibilities
from dmp_desktop.ui.widgets.labels import PlainLabel


class SensitiveBar(QFrame):
    """`chosen` gives a Visibility, or None for everybody; `left`: no answer, back to the note."""

    chosen = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("picker")
        self.setAccessibleName(fr.SENSITIVE_NAME)
        self.question = PlainLabel(wrap=True)
        self.question.setProperty("strong", True)
        self.buttons: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.question)
        self._column.addWidget(PlainLabel(fr.SENSITIVE_KEYS, role="muted", wrap=True))
        self.hide()

    def ask(self, draft: Draft, topics: tuple[str, ...]) -> None:
        self.close_question()
        self.question.setText(fr.SENSITIVE.format(", ".join(topics)))
        for number, visibility in enumerate(visibilities(draft), 1):
            several = len(draft.hidden_by(visibility)) > 1
            words = fr.SENSITIVE_SEVERAL.format(number, choice_words(draft, visibility)) if several else ""
            self._add(number, visibility, words or fr.SENSITIVE_CHOICES[visibility].format(number))
        self.show()
        self.buttons[0].setFocus()

    def close_question(self) -> None:
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.question.clear()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits, shifted or not, while the keyboard is here."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        typed = event.text()
        keys = fr.SENSITIVE_KEY_TEXTS[: len(self.buttons)]
        number = next((number for number, texts in enumerate(keys) if typed and typed in texts), -1)
        if number >= 0:
            self.buttons[number].click()
        else:
            super().keyPressEvent(event)

    def _add(self, number: int, visibility: Visibility | None, words: str) -> None:
        button = QPushButton(words)
        button.clicked.connect(lambda: self.chosen.emit(visibility))
        self._column.insertWidget(number, button)
        self.buttons.append(button)
