"""Beside a note: to whom it is proposed and what became of it, for its author; whose it is and the way back, for the doctor."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.proposals import ProposalState, Told, Validator, Validators
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_proposals_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel


def told_words(told: Told) -> str:
    """Where a proposed note is, for its author, beside the note; empty where it is theirs to write."""
    reason = told.reason if told.readable else fr.REASON_ELSEWHERE
    return fr.STATE[told.state].format(doctor=told.doctor, at=formats.day_and_time(told.at), reason=reason)


def card_words(told: Told) -> str:
    """The same without the reason: a card is seen while another patient is before the screen."""
    if told.state is not ProposalState.RETURNED:
        return told_words(told)
    return fr.RETURNED_CARD.format(doctor=told.doctor, at=formats.day_and_time(told.at))


class ProposeBar(QFrame):
    """`changed`: another doctor was chosen; `withdraw_asked`: the note is to be its author's again."""

    changed = Signal()
    withdraw_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(fr.BAR_NAME)
        self._validators = Validators()
        self.doctor: ValueBox[str] = ValueBox(fr.TO_WHOM)
        self.doctor.activated.connect(self.changed)
        self.whom = PlainLabel(fr.TO_WHOM, role="muted")
        self.said = PlainLabel(wrap=True)
        self.withdraw = QPushButton(fr.WITHDRAW)
        self.withdraw.setToolTip(fr.WITHDRAW_TIP)
        self.withdraw.clicked.connect(self.withdraw_asked)
        column = QVBoxLayout(self)
        column.addWidget(self.said)
        row = QHBoxLayout()
        row.addWidget(self.whom)
        row.addWidget(self.doctor, 1)
        row.addWidget(self.withdraw, 1)
        column.addLayout(row)
        self.hide()

    def offer(self, validators: Validators) -> None:
        """Whoever was chosen stays chosen."""
        chosen = self.chosen.national_id if self.chosen else validators.chosen
        self._validators = validators
        able = [one for one in validators.doctors if not one.why]
        if len(able) == 1 and not chosen:
            chosen = able[0].national_id
        words = {one.national_id: fr.NOT_YET.format(one.name) if one.why else one.name for one in validators.doctors}
        self.doctor.offer({"": fr.CHOOSE, **words}, chosen if chosen in words else "")

    @property
    def chosen(self) -> Validator | None:
        which = self.doctor.chosen if self.doctor.currentIndex() >= 0 and self.doctor.count() else ""
        return next((one for one in self._validators.doctors if one.national_id == which), None)

    @property
    def why_not(self) -> str:
        """Why nothing can be proposed to who is chosen, in French."""
        if not any(not one.why for one in self._validators.doctors):
            return fr.NOBODY
        return self.chosen.why if self.chosen else fr.CHOOSE_FIRST

    def show_note(self, told: Told | None) -> None:
        """`told` None: never proposed."""
        held = told is not None and told.state in (ProposalState.WAITING, ProposalState.VALIDATED)
        words = told_words(told) if told else ""
        self.said.setText(words)
        self.said.setVisible(bool(words))
        returned = told is not None and told.state is ProposalState.RETURNED
        self.said.set_role("warning" if returned else "")
        for part in (self.whom, self.doctor):
            part.setVisible(not held)
        self.withdraw.setVisible(told is not None and told.state is ProposalState.WAITING)
        self.show()

    def leave(self) -> None:
        """Nothing of a note stays in it."""
        self.said.clear()
        self.hide()


class ReviewBar(QFrame):
    """Above a note that was proposed to who is signed in. `given_back`: with which reason."""

    given_back = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.whose = PlainLabel(wrap=True)
        self.ask = QPushButton(fr.GIVE_BACK)
        self.ask.setToolTip(fr.GIVE_BACK_TIP)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(fr.REASON_NAME)
        self.reason.setMaxLength(2000)
        self.give, self.keep = QPushButton(fr.GIVE_BACK_NOW), QPushButton(fr.KEEP)
        self.ask.clicked.connect(lambda: self._open(True))
        self.keep.clicked.connect(lambda: self._open(False))
        self.give.clicked.connect(self._give)
        self.reason.returnPressed.connect(self._give)
        self.reason.textChanged.connect(lambda words: self.give.setEnabled(bool(words.strip())))
        first = QHBoxLayout()
        first.addWidget(self.whose, 1)
        first.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignTop)
        second = QHBoxLayout()
        second.addWidget(self.give)
        second.addWidget(self.keep)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.addLayout(first)
        column.addWidget(self.reason)
        column.addLayout(second)
        self.hide()

    def show_note(self, author: str) -> None:
        self.whose.setText(fr.WHOSE.format(author=author))
        self.reason.setPlaceholderText(fr.REASON.format(author))
        self._open(False)
        self.show()

    def leave(self) -> None:
        """Nothing of a note stays in it."""
        self.whose.clear()
        self.reason.clear()
        self.hide()

    def _open(self, asked: bool) -> None:
        self.reason.clear()
        self.give.setEnabled(False)
        for part in (self.reason, self.give, self.keep):
            part.setVisible(asked)
        self.ask.setVisible(not asked)
        if asked:
            self.reason.setFocus()

    def _give(self) -> None:
        if words := self.reason.text().strip():
            self.given_back.emit(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.reason.isVisible():
            self._open(False)
            self.ask.setFocus()
        else:
            super().keyPressEvent(event)
