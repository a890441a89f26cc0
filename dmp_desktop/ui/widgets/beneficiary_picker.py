"""Whose record to open when the carte Vitale leaves a choice. A panel, not a dialog: the note under way goes on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.services.session import STAY
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel


class BeneficiaryPicker(QFrame):
    """One button a person, in the order of the card, then the way out. Emits the index chosen or STAY."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("picker")
        self.question = PlainLabel(wrap=True)
        self.question.setProperty("strong", True)
        self.buttons: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.question)
        self.hide()

    def ask(self, candidates: Sequence[Beneficiary], *, record_open: bool) -> None:
        self.clear()
        self.question.setText(fr.CHOOSE_OTHER if record_open else fr.CHOOSE_TITLE)
        for index, person in enumerate(candidates):
            self._add(formats.button_text(_words(person)), index)
        self._add(fr.CHOOSE_STAY if record_open else fr.CHOOSE_NONE, STAY)
        self.show()

    def clear(self) -> None:
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.hide()

    def _add(self, text: str, index: int) -> None:
        button = QPushButton(text)
        button.clicked.connect(lambda: self.chosen.emit(index))
        self._column.addWidget(button)
        self.buttons.append(button)


def _words(person: Beneficiary) -> str:
    digits = person.birth_date
    birth = f"{digits[6:8]}/{digits[4:6]}/{digits[:4]}" if len(digits) == 8 else digits
    return fr.BENEFICIARY.format(family=person.family, given=person.given, birth=birth)
