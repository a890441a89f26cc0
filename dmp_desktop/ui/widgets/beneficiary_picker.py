"""Whose record to open when the carte Vitale leaves a choice. A panel, not a dialog: the note under way goes on.

It unfolds above the record, where something else was to be touched a moment ago: see `settling`. Only keys given to the panel
itself choose, and only those that come alone: what a scanner types, or a hand that writes on, is no choice.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
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
from dmp_desktop.ui.widgets.answer_keys import NUMBERED, named
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.settling import Settling

_SEX = {"1": Sex.MALE, "2": Sex.FEMALE}
"""By the first digit of the NIR (INSEE, décret 82-103 art. 4)."""
ALONE_MS = 300
"""Without another key before and after: a scanner sends one every 10 ms, who writes one every 100 to 250."""


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
        self.hint = PlainLabel(role="muted", wrap=True)
        self._given: QPushButton | None = None  # by a key that may turn out not to be alone
        self._alone = QTimer(self)
        self._alone.setSingleShot(True)
        self._alone.timeout.connect(self._answer)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.question)
        self._column.addWidget(self.hint)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.hide()

    def ask(self, candidates: Sequence[Beneficiary], *, record_open: bool) -> None:
        """The same question again changes nothing."""
        asked = (tuple(candidates), record_open)
        if asked == self._asked:
            return
        if self.isAncestorOf(self.window().focusWidget() or self):
            self.setFocus()  # the answer that had the keyboard goes
        self._drop()
        self._asked = asked
        self.question.setText(fr.CHOOSE_OTHER if record_open else fr.CHOOSE_TITLE)
        self.hint.setText(fr.CHOOSE_KEYS_STAY if record_open else fr.CHOOSE_KEYS)
        for number, (person, words) in enumerate(zip(candidates, _all_words(candidates), strict=True), 1):
            text = formats.button_text(words)
            self._add(fr.CHOOSE_NUMBERED.format(number=number, person=text) if number <= NUMBERED else text, person)
        self._add(fr.CHOOSE_STAY if record_open else fr.CHOOSE_NONE, None)
        self.settling.begin(self.buttons)
        self.show()

    def clear(self) -> None:
        self._drop()
        self.hide()

    def _drop(self) -> None:
        self._asked = self._given = None
        self.settling.end()
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []

    def _add(self, text: str, person: Beneficiary | None) -> None:
        button = _WholeButton(text)
        button.clicked.connect(lambda: self.chosen.emit(person))
        self._column.insertWidget(self._column.count() - 1, button)
        self.setTabOrder(self.buttons[-1] if self.buttons else self, button)
        self.buttons.append(button)

    def lead(self) -> None:
        """The keyboard here, on no answer, where it was on nothing or on a button: what is typed elsewhere goes on."""
        holder = self.window().focusWidget()
        free = holder is None or holder is self.window() or isinstance(holder, QAbstractButton)
        if free and self.isVisible() and self.window().isActiveWindow() and not self.isAncestorOf(holder or self):
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._asked and self._asked[1]:
            self.buttons[-1].click()
        elif event.text():
            answer = named(event, self.buttons, min(len(self.buttons) - 1, NUMBERED))
            self._given = answer if not self._alone.isActive() and answer and answer.isEnabled() else None
            self._alone.start(ALONE_MS)
        else:
            super().keyPressEvent(event)

    def _answer(self) -> None:
        if self._given:
            self._given.click()


class _WholeButton(QPushButton):
    """On as many lines as its width asks for: an identity is never cut, and never widens the window."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter too are answers only where they come alone."""
        if event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

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
