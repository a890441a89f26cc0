"""Whose record to open when the carte Vitale leaves a choice. A panel, not a dialog: the note under way goes on.

It unfolds above the record, where something else was to be touched a moment ago: see `settling`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.people import Sex
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.settling import Settling

_SEX = {"1": Sex.MALE, "2": Sex.FEMALE}
"""By the first digit of the NIR (INSEE, décret 82-103 art. 4)."""


class BeneficiaryPicker(QFrame):
    """One button a person, in the order of the card, then the way out. Emits the person chosen, or None."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("picker")
        self.question = PlainLabel(wrap=True)
        self.question.setProperty("strong", True)
        self.buttons: list[QPushButton] = []
        self.settling = Settling(self)
        self._asked: tuple[tuple[Beneficiary, ...], bool] | None = None
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.question)
        self.hide()

    def ask(self, candidates: Sequence[Beneficiary], *, record_open: bool) -> None:
        """The same question again changes nothing."""
        asked = (tuple(candidates), record_open)
        if asked == self._asked:
            return
        self.clear()
        self._asked = asked
        self.question.setText(fr.CHOOSE_OTHER if record_open else fr.CHOOSE_TITLE)
        for person, words in zip(candidates, _all_words(candidates), strict=True):
            self._add(formats.button_text(words), person)
        self._add(fr.CHOOSE_STAY if record_open else fr.CHOOSE_NONE, None)
        self.settling.begin(self.buttons)
        self.show()

    def clear(self) -> None:
        self._asked = None
        self.settling.end()
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.hide()

    def _add(self, text: str, person: Beneficiary | None) -> None:
        button = _WholeButton(text)
        button.clicked.connect(lambda: self.chosen.emit(person))
        self._column.addWidget(button)
        self.buttons.append(button)


class _WholeButton(QPushButton):
    """On as many lines as its width asks for: an identity is never cut, and never widens the window."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        option = self._option(self.width())
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, option.text)
        self.setFixedHeight(self._whole(option, text).height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, self._option(self.width()))

    def _option(self, width: int) -> QStyleOptionButton:
        """What the style draws in this width: the text with its line ends."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = 2 * width - self._whole(option, QSize(width, 0)).width()
        lines = [""]
        for word in self.text().split(" "):
            longer = f"{lines[-1]} {word}".lstrip(" ")
            if lines[-1] and self.fontMetrics().horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        option.text = "\n".join(lines)
        return option

    def _whole(self, option: QStyleOptionButton, contents: QSize) -> QSize:
        """The button around these contents."""
        return self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, contents, self)


def _sex(person: Beneficiary) -> Sex:
    """What the NIR tells, where it is their own: a child may have a parent's, which tells another month of birth."""
    theirs = person.nir[1:5] == person.birth_date[2:6]
    return _SEX.get(person.nir[:1], Sex.UNKNOWN) if theirs else Sex.UNKNOWN


def _all_words(candidates: Sequence[Beneficiary]) -> list[str]:
    """One text a person, never twice the same: twins may have all their usual names in common."""
    words = [_words(person) for person in candidates]
    return [
        fr.BENEFICIARY_ALIKE.format(person=text, rank=person.rank) if words.count(text) > 1 else text
        for text, person in zip(words, candidates, strict=True)
    ]


def _words(person: Beneficiary) -> str:
    digits = person.birth_date
    birth = f"{digits[6:8]}/{digits[4:6]}/{digits[:4]}" if len(digits) == 8 else digits
    born = fr.BORN[_sex(person)].format(birth)
    return fr.BENEFICIARY.format(name=f"{person.family} {person.given}".strip(), born=born)
