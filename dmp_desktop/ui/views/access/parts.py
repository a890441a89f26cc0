"""Pieces of the page of access: a titled block, an act with the reason it is greyed out for, a question asked in its place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.consent import Decision, Subject
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.settling import Settling


class Block(QFrame):
    """A title and what stands under it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(title)
        gap = self.fontMetrics().averageCharWidth()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(gap, gap // 2, gap, gap)
        self.column.setSpacing(gap // 2)
        self.title = PlainLabel(title, wrap=True)
        self.title.setProperty("strong", True)
        self.column.addWidget(self.title)

    def add(self, *parts: QWidget) -> None:
        for part in parts:
            self.column.addWidget(part)


class Act(QWidget):
    """A button, and under it why it does nothing now."""

    def __init__(self, words: str, act: Callable[[], None], name: str = "") -> None:
        super().__init__()
        self.button = QPushButton(words)
        self.button.setAccessibleName(name or words)
        self.button.clicked.connect(lambda: act())
        self.why = PlainLabel(role="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.why)

    def allow(self, refusal: str | None) -> None:
        """None: it may be done."""
        self.button.setEnabled(refusal is None)
        self.button.setToolTip(refusal or "")
        self.button.setAccessibleDescription(refusal or "")
        self.why.setText(refusal or "")
        self.why.setVisible(bool(refusal))


class Question(QFrame):
    """Asked in the page, above what it is about; one at a time. `since_key` as in Settling."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("opposed")
        self.words = PlainLabel(wrap=True)
        self.yes, self.no = QPushButton(fr.CONFIRM), QPushButton(fr.CANCEL)
        self.yes.setProperty("danger", True)
        self.yes.clicked.connect(self._confirm)
        self.no.clicked.connect(self.take_away)
        self.settling = Settling(self)
        self._act: Callable[[], None] = lambda: None
        answers = QHBoxLayout()
        for button in (self.no, self.yes):
            answers.addWidget(button)
        answers.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addLayout(answers)
        self.hide()

    def ask(self, words: str, act: Callable[[], None]) -> None:
        self.words.setText(words)
        self._act = act
        self.show()
        self.settling.begin((self.yes,))
        self.no.setFocus()

    def take_away(self) -> None:
        self.settling.end()
        self.yes.setEnabled(True)
        self._act = lambda: None
        self.words.clear()
        self.hide()

    def _confirm(self) -> None:
        act = self._act
        self.take_away()
        act()


class Opinion(QWidget):
    """One of the two opinions: what is noted, when and by whom, and what changes it in one click. `again`: an objection may be
    said anew, it counts from then on."""

    def __init__(self, subject: Subject, record: Callable[[Subject, bool], None]) -> None:
        super().__init__()
        self.state = IconLabel()
        self.when = PlainLabel(role="muted", wrap=True)
        self.title = PlainLabel(fr.SUBJECT[subject], wrap=True)
        self.agree, self.oppose = QPushButton(fr.NOTE_AGREED), QPushButton(fr.NOTE_OPPOSED)
        for button, opposed in ((self.agree, False), (self.oppose, True)):
            button.setAccessibleName(fr.NOTE_NAME.format(act=button.text(), subject=fr.SUBJECT[subject]))
            button.clicked.connect(lambda _checked=False, opposed=opposed: record(subject, opposed))
        answers = QHBoxLayout()
        answers.setSpacing(self.fontMetrics().averageCharWidth())
        self.again = False
        self._shown: Decision | None = None
        self.settling = Settling(self)
        for button in (self.agree, self.oppose):
            answers.addWidget(button)
        answers.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.fontMetrics().averageCharWidth() // 3)
        for part in (self.title, self.state, self.when):
            column.addWidget(part)
        column.addLayout(answers)

    def show_decision(self, decision: Decision) -> None:
        self.state.show_state(*fr.OPINION_STATE[decision.opposed])
        told = decision.told
        by = (told.by_name or fr.NOBODY) if told else ""
        day = formats.day_and_time(told.at) if told else ""
        self.when.setText(fr.OPINION_WHEN.format(day=day, by=by) if told else fr.OPINION_NEVER)
        if self._shown is not None and self._shown.opposed is not decision.opposed:
            self.settle()
        self._shown = decision
        self.agree.setVisible(decision.opposed is not False)
        self.oppose.setVisible(decision.opposed is not True or self.again)

    def settle(self) -> None:
        """It has just changed: a second click was meant for the first button, not for the contrary one in its place."""
        self.settling.begin((self.agree, self.oppose))

    def clear(self) -> None:
        self._shown = None
        self.state.show_state("", "", "")
        self.when.clear()
        self.agree.hide()
        self.oppose.hide()
