"""The page Réglages: what this workstation keeps, fetches ahead and sends, saved as soon as it is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.settings import LIMITS, Settings
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.ports import SettingsPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.settings.field import NumberField
from dmp_desktop.ui.widgets.labels import PlainLabel


class SettingsView(QWidget):
    """`open` reads them anew. One writing at a time; what was chosen meanwhile follows it."""

    left = Signal()
    failed = Signal(object)  # DmpDesktopError

    def __init__(self, port: SettingsPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._port, self._pool = port, pool
        self._current = self._written = Settings()
        self._saving = False
        origin = Settings()
        self.numbers = {name: NumberField(name, LIMITS[name], getattr(origin, name)) for name in fr.NUMBERS}
        self.choices: dict[str, ValueBox[str]] = {name: ValueBox(label) for name, (label, *_) in fr.CHOICES.items()}
        self.back = QPushButton(window_fr.BACK_TO_RECORD)
        self.said = PlainLabel(role="success", wrap=True)
        self.form = QWidget()
        self._lay_out()
        self.back.clicked.connect(self.left)
        for name, field in self.numbers.items():
            field.changed.connect(lambda value, name=name: self._change(name, value))
        for name, box in self.choices.items():
            box.offer(fr.CHOICES[name][1])
            box.activated.connect(lambda _index, name=name, box=box: self._change(name, box.chosen))

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        title = PlainLabel(fr.TITLE)
        title.setProperty("strong", True)
        rows = QVBoxLayout(self.form)
        rows.setSpacing(gap * 2)
        for field in self.numbers.values():
            rows.addWidget(field)
        for name, box in self.choices.items():
            label, _values, what = fr.CHOICES[name]
            for part in (PlainLabel(label, wrap=True), box, PlainLabel(what, role="muted", wrap=True)):
                rows.addWidget(part)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.form)
        column = QVBoxLayout(self)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(title)
        column.addWidget(PlainLabel(fr.NOTE, role="muted", wrap=True))
        column.addWidget(self.said)
        column.addWidget(area, 1)

    def open(self) -> None:
        """What is written now; nothing can be changed before it is known."""
        self.form.setEnabled(False)
        self.said.setText(fr.LOADING)
        self._pool.submit(self._port.load, self._show, self._fail)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _show(self, settings: Settings) -> None:
        self._current = self._written = settings
        for name, field in self.numbers.items():
            field.show_value(getattr(settings, name))
        for name, box in self.choices.items():
            box.choose(getattr(settings, name))
        self.said.clear()
        self.form.setEnabled(True)
        self.numbers[next(iter(self.numbers))].line.setFocus()

    def _change(self, name: str, value: int | str) -> None:
        chosen: dict[str, Any] = {name: value}
        self._current = replace(self._current, **chosen)
        if not self._saving:
            self._save(fr.NUMBERS[name][0] if name in fr.NUMBERS else fr.CHOICES[name][0])

    def _save(self, label: str) -> None:
        self._saving, wanted = True, self._current
        self._pool.submit(lambda: self._port.save(wanted), lambda _done: self._saved(wanted, label), self._not_saved)

    def _saved(self, written: Settings, label: str) -> None:
        self._saving, self._written = False, written
        self.said.setText(fr.SAVED.format(label))
        if self._current != written:
            self._save(label)

    def _not_saved(self, error: DmpDesktopError) -> None:
        """What is shown is what is written, never what was refused by the disk."""
        self._saving = False
        self._show(self._written)
        self.failed.emit(error)

    def _fail(self, error: DmpDesktopError) -> None:
        self.said.clear()
        self.failed.emit(error)
