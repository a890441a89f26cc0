"""One check of the diagnosis: verdict, subject, cause, the one thing to do, and a button to look again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.services.diagnostics.model import Result
from dmp_desktop.ui import strings_diagnostic_fr as fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel


class ResultCard(QFrame):
    """Kept when its check is run again, so that the keyboard does not lose its place."""

    again_asked = Signal(str)

    def __init__(self, result: Result, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.result = result
        self.state = IconLabel()
        self.state.words.setWordWrap(True)
        self.cause = PlainLabel(wrap=True)
        self.action = PlainLabel(wrap=True)
        self.action.setProperty("strong", True)
        self.code = PlainLabel(role="muted", wrap=True)
        self.again = QPushButton(fr.RUN_ONE)
        self.again.setAccessibleName(fr.RUN_ONE_NAME.format(result.title))
        self.again.clicked.connect(self._ask_again)
        gap = self.fontMetrics().averageCharWidth()
        first = QHBoxLayout()
        first.addWidget(self.state, 1)
        first.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 3)
        column.addLayout(first)
        for label in (self.cause, self.action, self.code):
            column.addWidget(label)
        self.show_result(result)

    def show_result(self, result: Result) -> None:
        self.result = result
        words, icon, role = fr.STATE[result.verdict]
        self.state.show_state(fr.STATE_OF.format(words, result.title), icon, role)
        self.cause.setText(result.cause)
        self.action.setText(fr.TO_DO.format(result.action) if result.action else "")
        self.action.setVisible(bool(result.action))
        code = window_fr.ERROR_CODE.format(result.code) if result.code else ""
        self.code.setText(" · ".join(filter(None, (code, fr.IN_REPORT if result.detail else ""))))
        self.code.setVisible(bool(self.code.text()))
        self.again.setText(fr.RUN_ONE)
        self.setAccessibleName(f"{self.state.text}. {result.cause} {self.action.text()}".strip())

    def show_under_way(self) -> None:
        self.again.setText(fr.UNDER_WAY)

    def _ask_again(self) -> None:
        self.again_asked.emit(self.result.id)
