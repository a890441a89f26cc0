"""One setting that is a number: its limits are told before, a value refused is explained after."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

FIELD_CHARACTERS = 9


class NumberField(QWidget):
    """`changed` gives a value within the limits, once it is typed to its end."""

    changed = Signal(int)

    def __init__(self, name: str, limits: tuple[int, int], origin: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits, self._kept = limits, origin
        label, self._unit, what = fr.NUMBERS[name]
        low, high = limits
        title, hint = PlainLabel(label, wrap=True), PlainLabel(what, role="muted", wrap=True)
        range_words = fr.LIMITS.format(unit=self._unit, low=low, high=high, origin=origin).strip()
        self.line = QLineEdit()
        self.line.setAccessibleName(label)
        self.line.setAccessibleDescription(f"{range_words}. {what}")
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.line.setFixedWidth(FIELD_CHARACTERS * self.fontMetrics().averageCharWidth() * 2)
        self.refused = PlainLabel(role="danger", wrap=True)
        self.refused.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(self.fontMetrics().height() // 5)
        grid.setColumnStretch(1, 1)
        grid.addWidget(title, 0, 0, 1, 2)
        grid.addWidget(self.line, 1, 0)
        grid.addWidget(PlainLabel(range_words, wrap=True), 1, 1)
        grid.addWidget(self.refused, 2, 0, 1, 2)
        grid.addWidget(hint, 3, 0, 1, 2)
        self.line.editingFinished.connect(self._take)

    def show_value(self, value: int) -> None:
        self._kept = value
        self.line.setText(str(value))
        self.refused.hide()

    def _take(self) -> None:
        typed = self.line.text().strip()
        low, high = self._limits
        value = int(typed) if typed.isascii() and typed.isdigit() else None
        if value is None or not low <= value <= high:
            told = fr.REFUSED.format(typed=typed, low=low, high=high, unit=self._unit, kept=self._kept)
            self.refused.setText(told.replace("  ", " "))
            self.refused.show()
            return
        before = self._kept
        self.show_value(value)
        if value != before:
            self.changed.emit(value)
