"""The first run: one step at a time, none of which is compulsory. It stands in the place of everything but the strip."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_first_run_fr as fr
from dmp_desktop.ui.stand_in import StandIn
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.first_run.checks import ChecksStep
from dmp_desktop.ui.views.first_run.steps import FoldersStep, PlaceStep, TrainingStep
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.workstation_ports import DiagnosticsPort, FirstRunPort

READER_CHECKS = ("pcsc.library", "pcsc.service", "reader.present", "reader.usable")
CARD_CHECKS = ("pkcs11.module", "card.inserted", "cps.recognised", "cps.validity")


class FirstRunView(StandIn):
    """It comes back at the next start unless it was ended."""

    def __init__(
        self, port: FirstRunPort, find: Callable[[], DiagnosticsPort], pool: TaskRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._port, self._pool = port, pool
        self.reader = ChecksStep(fr.READER_NOTE, READER_CHECKS, find, pool)
        self.card = ChecksStep(fr.CARD_NOTE, CARD_CHECKS, find, pool)
        self.place, self.folders, self.training = (
            PlaceStep(port, pool),
            FoldersStep(port, pool),
            TrainingStep(port, pool),
        )
        self._named = (
            (fr.READER, self.reader),
            (fr.CARD, self.card),
            (fr.PLACE, self.place),
            (fr.FOLDERS, self.folders),
            (fr.TRAINING, self.training),
        )
        self.step = PlainLabel(wrap=True)
        self.step.setProperty("strong", True)
        self.steps = QStackedWidget()
        self.later, self.back, self.forward = QPushButton(fr.LATER), QPushButton(fr.BACK), QPushButton(fr.NEXT)
        self.later.setToolTip(fr.LATER_TIP)
        self.later.clicked.connect(self.leave)
        self.back.clicked.connect(lambda: self._show(self.steps.currentIndex() - 1))
        self.forward.clicked.connect(self._go_on)
        self._lay_out()

    def _lay_out(self) -> None:
        title = PlainLabel(fr.TITLE, wrap=True)
        title.setObjectName("title")
        for _name, step in self._named:
            step.failed.connect(self.failed)
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(step)
            self.steps.addWidget(area)
        buttons = QHBoxLayout()
        buttons.addWidget(self.later)
        buttons.addStretch(1)
        for button in (self.back, self.forward):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        for part in (title, PlainLabel(fr.NOTE, role="muted", wrap=True), self.step):
            column.addWidget(part)
        column.addWidget(self.steps, 1)
        column.addLayout(buttons)

    def open(self) -> None:
        """At the first step."""
        self._show(0)
        self.forward.setFocus()

    def stop(self) -> None:
        """Nothing more is looked at."""
        for _name, step in self._named:
            step.stop()

    def _show(self, number: int) -> None:
        name, step = self._named[number]
        self._named[self.steps.currentIndex()][1].stop()
        self.steps.setCurrentIndex(number)
        self.step.setText(fr.STEP.format(number + 1, len(self._named), name))
        self.back.setEnabled(number > 0)
        self.forward.setText(fr.END if step is self.training else fr.NEXT)
        step.begin()

    def _go_on(self) -> None:
        if self._named[self.steps.currentIndex()][1] is not self.training:
            self._show(self.steps.currentIndex() + 1)
            return
        self._pool.submit(self._port.done, lambda _done: self.leave(), self.failed.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
