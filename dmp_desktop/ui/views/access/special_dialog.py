"""What is asked before a record is opened in an emergency: the reason, and that the patient's objection was read."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.consent import TracedAct
from dmp_desktop.domain.people import Patient
from dmp_desktop.services.special_words import CONFIRM_BREAK_GLASS, CONFIRM_DESPITE, MAX_WORDS, REASONS, Reason
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.settling import Settling

WIDTH = 60
"""Of the dialog, in characters: it fits in the docked window."""


class SpecialDialog(QDialog):
    """Nothing is chosen beforehand, and Enter opens nothing before the rest is answered. For centre 15 (not `emergency`) only
    the objection is told."""

    def __init__(
        self, objection: TracedAct | None, *, emergency: bool, patient: Patient, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(fr.EMERGENCY_TITLE if emergency else fr.REGULATION_TITLE)
        self.emergency, self.objection = emergency, objection
        self.whose = PlainLabel(fr.WHOSE.format(name=patient.display_name, born=formats.born(patient)), wrap=True)
        self.whose.setProperty("strong", True)
        self.reason: ValueBox[Reason | None] = ValueBox(fr.REASON)
        choices: dict[Reason | None, str] = {None: fr.CHOOSE_REASON}
        choices.update(REASONS.items())
        self.reason.offer(choices, None)
        self.words_label = PlainLabel(fr.WORDS)
        self.words = QPlainTextEdit()
        self.words.setAccessibleName(fr.WORDS)
        self.words.setPlaceholderText(fr.WORDS_HINT)
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(self.fontMetrics().lineSpacing() * 4)
        self.count = PlainLabel(role="muted")
        self.told = PlainLabel(wrap=True)
        self.tick = QCheckBox(fr.TOLD_OF)
        self.confirm = QPushButton(fr.OPEN if emergency else fr.OPEN_REGULATION)
        self.confirm.setProperty("danger", True)
        self.confirm.setAutoDefault(False)
        self.cancel = QPushButton(fr.CANCEL)
        self.cancel.setDefault(True)
        self.confirm.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._lay_out()
        self.reason.currentIndexChanged.connect(self._look)
        self.words.textChanged.connect(self._look)
        self.tick.toggled.connect(self._look)
        self.settling = Settling(self)
        self.settling.settled.connect(self._look)
        self.settling.begin((self.confirm,))
        self._look()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(self.fontMetrics().averageCharWidth())
        column.addWidget(self.whose)
        if self.emergency:
            column.addWidget(PlainLabel(CONFIRM_BREAK_GLASS, wrap=True))
            for part in (PlainLabel(fr.REASON), self.reason, self.words_label, self.words, self.count):
                column.addWidget(part)
            self.reason.setFocus()
        if self.objection is not None:
            noted = CONFIRM_DESPITE.format(
                day=formats.day_and_time(self.objection.at), by=self.objection.by_name or fr.NOBODY
            )
            self.told.setText(noted)
            self.told.setObjectName("alarm")
            self.told.setMargin(self.fontMetrics().averageCharWidth() // 2)
            column.addWidget(self.told)
            column.addWidget(self.tick)
        column.addStretch(1)
        answers = QHBoxLayout()  # in the order of every question of the window, whatever the system's own
        answers.addStretch(1)
        answers.addWidget(self.cancel)
        answers.addWidget(self.confirm)
        column.addLayout(answers)
        width = min(self.fontMetrics().averageCharWidth() * WIDTH, self._room())
        self.setFixedSize(width, column.totalHeightForWidth(width))

    def _room(self) -> int:
        parent = self.parentWidget()
        return parent.width() - 2 * self.fontMetrics().averageCharWidth() if parent else 10_000

    @property
    def text(self) -> str:
        return self.words.toPlainText().strip()

    def _look(self) -> None:
        """Whether all is answered."""
        other = self.emergency and self.reason.chosen is Reason.OTHER
        self.words_label.setText(fr.WORDS_NEEDED if other else fr.WORDS)
        self.count.setText(fr.COUNT.format(len(self.text)))
        self.count.set_role("danger" if len(self.text) > MAX_WORDS else "muted")
        reasoned = self.reason.chosen is not None and len(self.text) <= MAX_WORDS and (self.text or not other)
        ticked = self.objection is None or self.tick.isChecked()
        ready = ticked and (bool(reasoned) or not self.emergency)
        self.confirm.setEnabled(ready and not self.settling.active)
