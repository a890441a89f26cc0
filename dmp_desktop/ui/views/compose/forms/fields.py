"""One input with its name and, when the document was refused for it, the sentence that says why."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.fields import MAX_TEXT
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.documents import plain
from dmp_desktop.ui.views.compose.forms.completer import PlainCompleter
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.still_box import StillBox

_DAY = re.compile(r"(\d{1,2})[/.\- ]?(\d{1,2})[/.\- ]?(\d{4}|\d{2})")
_CENTURY = 2000
LEAST_CHARACTERS = 5


class Field(QWidget):
    """`value` is what the document gets, None while empty. What is typed wrong is kept: the document's rules refuse it."""

    changed = Signal()

    def __init__(self, label: str, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = PlainLabel(label)
        self.refusal = PlainLabel(role="danger", wrap=True)
        self.refusal.hide()
        self.input = self._make()
        self._call(name or label)
        self.name.setBuddy(self.input)
        self.setFocusProxy(self.input)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for widget in (self.name, self.input, self.refusal):
            column.addWidget(widget)

    def _make(self) -> QWidget:
        raise NotImplementedError

    def _call(self, name: str) -> None:
        """What a screen reader says of the input."""
        self.input.setAccessibleName(name)

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def refuse(self, sentence: str) -> None:
        """Says what is wrong beside the input, and puts the keyboard there."""
        self.refusal.setText(fr.REFUSAL_OF.format(name=self.name.text(), why=sentence) if sentence else "")
        self.refusal.setVisible(bool(sentence))
        self.input.setAccessibleDescription(self.refusal.text())
        if sentence:
            self.input.setFocus()

    def _edited(self) -> None:
        self.refuse("")
        self.changed.emit()


class TextField(Field):
    """A line of text."""

    def _make(self) -> QWidget:
        self.line = QLineEdit()
        self.line.setMaxLength(MAX_TEXT)
        self.line.setMinimumWidth(LEAST_CHARACTERS * self.fontMetrics().averageCharWidth())
        self.line.textEdited.connect(self._edited)
        return self.line

    def value(self) -> Any:
        return self.line.text().strip() or None

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else str(value))


class NumberField(TextField):
    """A number, with a decimal comma or point."""

    def value(self) -> Any:
        text = self.line.text().strip()
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return text or None
        if not math.isfinite(number):  # `inf`, `nan`, `1e999`: words, which the document's rules refuse
            return text
        return int(number) if number.is_integer() else number

    def set_value(self, value: Any) -> None:
        super().set_value(value if value is None else str(value).replace(".", ","))


class DayField(TextField):
    """A day, typed 20/11/2026, 20/11/26 or 201126; its value is AAAA-MM-JJ."""

    def _make(self) -> QWidget:
        line = super()._make()
        self.line.setPlaceholderText(fr.DAY_HINT)
        self.line.editingFinished.connect(self._tidy)
        return line

    def value(self) -> Any:
        text = self.line.text().strip()
        found = _DAY.fullmatch(text)
        if not found:
            return text or None
        day, month, year = map(int, found.groups())
        try:
            return date(year if year > 99 else _CENTURY + year, month, day).isoformat()
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        try:
            self.line.setText(f"{date.fromisoformat(value):%d/%m/%Y}")
        except (TypeError, ValueError):
            super().set_value(value)

    def _tidy(self) -> None:
        self.set_value(self.value())


class ChoiceField(Field):
    """Words chosen from a list, or typed when `free`."""

    def __init__(self, label: str, choices: Sequence[str] = (), name: str = "", *, free: bool = False) -> None:
        self._free = free
        super().__init__(label, name)
        self.offer(choices)

    def _make(self) -> QWidget:
        self.box = StillBox()
        self.box.setEditable(self._free)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(LEAST_CHARACTERS)
        if line := self.box.lineEdit():
            line.setMaxLength(MAX_TEXT)
            line.textEdited.connect(self._edited)
        self.box.activated.connect(self._edited)
        return self.box

    def _call(self, name: str) -> None:
        super()._call(name)
        if line := self.box.lineEdit():
            line.setAccessibleName(name)

    def offer(self, choices: Sequence[str]) -> None:
        """Another list; what was typed or chosen stays."""
        text = self.box.currentText()
        self.box.clear()
        self.box.addItems(list(choices))
        if self._free:
            completer = PlainCompleter(choices, self.box)
            completer.activated.connect(self._edited)
            self.box.setCompleter(completer)
        self._write(text)

    def value(self) -> Any:
        return self.box.currentText().strip() or None

    def set_value(self, value: Any) -> None:
        self._write("" if value is None else str(value))

    def _write(self, text: str) -> None:
        self.box.setCurrentIndex(self.box.findText(text) if text else -1)
        if self._free:
            self.box.setEditText(text)


class CodeField(ChoiceField):
    """A coded value known by its label; a label that is in no list has no code, and the document's rules refuse it."""

    def __init__(self, label: str, name: str = "", *, free: bool = True) -> None:
        self._codes: dict[str, Code] = {}
        super().__init__(label, (), name, free=free)

    def offer_codes(self, codes: Sequence[Code]) -> None:
        self._codes = {plain(code.display): code for code in codes}
        self.offer([code.display for code in codes])

    def code(self) -> Code | None:
        return self._codes.get(plain(self.box.currentText().strip()))

    def label_of(self, code: str) -> str:
        return next((one.display for one in self._codes.values() if one.code == code), "")
