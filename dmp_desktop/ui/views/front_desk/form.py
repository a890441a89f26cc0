"""Somebody who comes, typed: a name at least, and whatever else is known."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.arrivals import Expected
from dmp_desktop.domain.people import Sex
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui import strings_identity_fr as identity_fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.identity.traits import field, read_day
from dmp_desktop.ui.widgets.labels import PlainLabel

_TIME = re.compile(r"(\d{1,2})\s*[:hH]?\s*(\d{2})?")


class ArrivalForm(QWidget):
    """`added` gives what is typed, once it can be used; what is wrong is said below the fields. The doctor stays for the next."""

    added = Signal(object)  # Expected
    closed = Signal()

    def __init__(self, today: date | None = None) -> None:
        super().__init__()
        self._today = today
        self.family, self.given, self.born, self.time, self.doctor = (
            field(name) for name in (fr.FAMILY, fr.GIVEN, fr.BIRTH, fr.TIME, fr.DOCTOR)
        )
        self.sex: ValueBox[Sex] = ValueBox(fr.SEX)
        self.sex.offer(
            {Sex.UNKNOWN: fr.SEX_UNKNOWN} | {one: identity_fr.SEX[one] for one in (Sex.FEMALE, Sex.MALE)}, Sex.UNKNOWN
        )
        self.wrong = PlainLabel(role="danger", wrap=True)
        self.add, self.close_form = QPushButton(fr.FORM_ADD), QPushButton(fr.FORM_CLOSE)
        self.add.setProperty("primary", True)
        title = PlainLabel(fr.FORM_TITLE)
        title.setProperty("strong", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(title)
        for part in (self.family, self.given, self.born, self.sex, self.time, self.doctor):
            column.addWidget(PlainLabel(part.accessibleName(), wrap=True))
            column.addWidget(part)
        column.addWidget(self.wrong)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.close_form)
        column.addLayout(buttons)
        self.add.clicked.connect(self._add)
        self.close_form.clicked.connect(self.closed)
        for line in (self.family, self.given, self.born, self.time, self.doctor):
            line.returnPressed.connect(self._add)
        self.clear()

    def open(self, today: date) -> None:
        """`today`: the day of the times that are typed."""
        self._today = today
        self.show()
        self.family.setFocus()

    def clear(self) -> None:
        """Ready for the next one; the doctor stays."""
        for line in (self.family, self.given, self.born, self.time):
            line.clear()
        self.sex.choose(Sex.UNKNOWN)
        self._say("")

    def forget(self) -> None:
        self.clear()
        self.doctor.clear()
        self.hide()

    def _add(self) -> None:
        family = " ".join(self.family.text().split())
        born, at = self._born(), self._at()
        if not family:
            self._say(fr.WRONG_FAMILY)
        elif born is None and self.born.text().strip():
            self._say(fr.WRONG_BIRTH)
        elif at is None and self.time.text().strip():
            self._say(fr.WRONG_TIME)
        else:
            self._say("")
            given, doctor = (" ".join(line.text().split()) for line in (self.given, self.doctor))
            self.added.emit(Expected(family, given, born, self.sex.chosen, at, doctor=doctor))

    def _born(self) -> date | None:
        return read_day(self.born.text()) if self.born.text().strip() else None

    def _at(self) -> datetime | None:
        found = _TIME.fullmatch(self.time.text().strip())
        if found is None or self._today is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
            return None
        return datetime.combine(self._today, time(int(found[1]), int(found[2] or 0))).astimezone()

    def _say(self, wrong: str) -> None:
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
