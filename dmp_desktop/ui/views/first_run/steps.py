"""Steps of the first run in which something is chosen: the practice, the folders, the training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_first_run_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import FirstRunPort

T = TypeVar("T")


class Step(QWidget):
    """`begin` fills it when it is shown; `said` tells what was done, or why not."""

    failed = Signal(object)  # DmpDesktopError

    def __init__(self, note: str, port: FirstRunPort, pool: TaskRunner) -> None:
        super().__init__()
        self.port, self._pool = port, pool
        self.said = PlainLabel(wrap=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(PlainLabel(note, wrap=True))
        self.column.addWidget(self.said)
        self.column.addStretch(1)

    def begin(self) -> None: ...

    def stop(self) -> None: ...

    def put(self, part: QWidget, *, whole: bool = True) -> None:
        """Above what is said."""
        left = Qt.AlignmentFlag(0) if whole else Qt.AlignmentFlag.AlignLeft
        self.column.insertWidget(self.column.count() - 2, part, 0, left)

    def ask(self, call: Callable[[], T], done: Callable[[T], None]) -> None:
        self._pool.submit(call, done, self._refused)

    def tell(self, words: str) -> None:
        self.said.set_role("success")
        self.said.setText(words)

    def _refused(self, error: DmpDesktopError) -> None:
        self.said.set_role("danger")
        self.said.setText(error.told_fr)


class PlaceStep(Step):
    """What the cards do not tell of the practice."""

    def __init__(self, port: FirstRunPort, pool: TaskRunner) -> None:
        super().__init__(fr.PLACE_NOTE, port, pool)
        self.number, self.name = QLineEdit(), QLineEdit()
        self.sector: ValueBox[str] = ValueBox(fr.SECTOR)
        self.sector.offer(fr.SECTORS, next(iter(fr.SECTORS)))
        self.save = QPushButton(fr.SAVE_PLACE)
        self.number.setAccessibleName(fr.NUMBER)
        self.number.setAccessibleDescription(fr.NUMBER_WHAT)
        self.name.setAccessibleName(fr.NAME)
        for part in (
            PlainLabel(fr.NAME, wrap=True),
            self.name,
            PlainLabel(fr.NUMBER, wrap=True),
            self.number,
            PlainLabel(fr.NUMBER_WHAT, role="muted", wrap=True),
            self.sector,
        ):
            self.put(part)
        self.put(self.save, whole=False)
        self.save.clicked.connect(self._save)
        for line in (self.number, self.name):
            line.textChanged.connect(self._offer)
        self._offer()

    def begin(self) -> None:
        self.ask(self.port.place_is_set, self._show_set)

    def _show_set(self, is_set: bool) -> None:
        for part in (self.number, self.name, self.sector):
            part.setEnabled(not is_set)
        if is_set:
            self.save.setEnabled(False)
            if not self.said.text():
                self.tell(fr.PLACE_SET)

    def _offer(self) -> None:
        self.save.setEnabled(bool(self.number.text().strip() and self.name.text().strip()))

    def _save(self) -> None:
        number, name, sector = self.number.text(), self.name.text(), self.sector.chosen
        self.ask(lambda: self.port.set_place(number, name, sector), self._saved)

    def _saved(self, _done: None) -> None:
        self.tell(fr.PLACE_SAVED)
        self._show_set(True)


class FoldersStep(Step):
    """`ask_folder` gives an empty name when none is chosen."""

    def __init__(self, port: FirstRunPort, pool: TaskRunner) -> None:
        super().__init__(fr.FOLDERS_NOTE, port, pool)
        self.ask_folder: Callable[[], str] = lambda: asking.folder(self, fr.CHOOSE, Path.home())
        self.where = PlainLabel(fr.NO_SCAN_FOLDER, wrap=True)
        self.choose = QPushButton(fr.CHOOSE)
        self.choose.clicked.connect(self._choose)
        self.put(self.where)
        self.put(self.choose, whole=False)

    def begin(self) -> None:
        self.ask(self.port.scan_folder, self._show)

    def _show(self, folder: str) -> None:
        self.where.setText(fr.SCAN_FOLDER.format(folder) if folder else fr.NO_SCAN_FOLDER)

    def _choose(self) -> None:
        if folder := self.ask_folder():
            self.ask(lambda: self.port.set_scan_folder(folder), lambda _done: self._show(folder))


class TrainingStep(Step):
    """The last one."""

    def __init__(self, port: FirstRunPort, pool: TaskRunner) -> None:
        super().__init__(fr.TRAINING_NOTE, port, pool)
        self.train = QPushButton(fr.TRAIN)
        self.train.clicked.connect(lambda: self.ask(self.port.train, lambda _done: self.tell(fr.TRAINS)))
        self.put(self.train, whole=False)
        self.put(PlainLabel(fr.READY, wrap=True))
