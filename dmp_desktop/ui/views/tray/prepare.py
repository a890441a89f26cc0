"""One scan to prepare: whose, what, of which day, for which doctor. A key each; nothing is filled in but what was said before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.tray import Scan
from dmp_desktop.errors import ContextError
from dmp_desktop.services.tray import Preparation
from dmp_desktop.services.tray_desk import TrayOverview
from dmp_desktop.services.tray_patients import Candidate, day_typed
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.tray.candidates import CandidatesPanel
from dmp_desktop.ui.views.tray.heading import Heading
from dmp_desktop.ui.widgets.answer_keys import named
from dmp_desktop.ui.widgets.labels import PlainLabel

_RULE = "-"
"""Stands between the usual types and all of them; chosen, it is none."""


class PreparePanel(QWidget):
    """`prepared` and `discarded` are what is asked for; who is asked tells what is lacking. `searched` as CandidatesPanel."""

    prepared = Signal(object, object)  # Scan, Preparation
    discarded = Signal(object)  # Scan
    searched = Signal(object, str)  # date
    failed = Signal(object)
    told_more = Signal()  # what was lacking may be there by now

    def __init__(self) -> None:
        super().__init__()
        self._scan: Scan | None = None
        self.heading, self.people = Heading(), CandidatesPanel()
        self.type: ValueBox[str] = ValueBox(fr.TYPE)
        self.doctor: ValueBox[str] = ValueBox(fr.DOCTOR)
        self.day = QLineEdit()
        self.day.setPlaceholderText(fr.SEARCH_HINT)
        self.day.setAccessibleName(fr.DAY)
        self.no_doctor = PlainLabel(fr.NO_DOCTOR, role="warning", wrap=True)
        self.act, self.out = QPushButton(fr.PREPARE), QPushButton(fr.DISCARD)
        self.act.setProperty("primary", True)
        self.act.setToolTip(fr.PREPARE_TIP)
        self.out.setToolTip(fr.DISCARD_TIP)
        self._lay_out()
        self.people.search_asked.connect(self.searched)
        self.people.failed.connect(self.failed)
        self.people.ticked.connect(self.told_more)
        self.day.textEdited.connect(self.told_more)
        for box in (self.type, self.doctor):
            box.activated.connect(self.told_more)
        self.day.returnPressed.connect(self._prepare)
        self.act.clicked.connect(self._prepare)
        self.out.clicked.connect(self._discard)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self.people)
        for words, part in ((fr.TYPE, self.type), (fr.DAY, self.day), (fr.DOCTOR, self.doctor)):
            column.addWidget(PlainLabel(words))
            column.addWidget(part)
        column.addWidget(self.no_doctor)
        row = QHBoxLayout()
        row.addWidget(self.act)
        row.addWidget(self.out)
        row.addStretch(1)
        column.addLayout(row)

    @property
    def scan(self) -> Scan | None:
        return self._scan

    def show_scan(self, scan: Scan, overview: TrayOverview, place: int, total: int) -> None:
        """What was being said of the same scan stays; `show_people` follows where it is another one."""
        same = self._scan is not None and self._scan.id == scan.id
        self._scan = scan
        self.heading.show_scan(scan, place, total)
        self.no_doctor.setVisible(not overview.doctors)
        if same:
            return
        types = {one.code: one.display for one in overview.usual} | {_RULE: fr.OTHERS}
        types |= {one.code: one.display for one in overview.types if one.code not in types}
        self.type.offer(types, scan.type_code or None)
        self.type.setPlaceholderText(fr.TYPE_NONE)
        alone = overview.doctors[0].national_id if len(overview.doctors) == 1 else None
        self.doctor.offer({one.national_id: one.name for one in overview.doctors}, scan.author_id or alone)
        self.doctor.setPlaceholderText(fr.DOCTOR_NONE)
        self.day.setText(formats.day(scan.act_date) if scan.act_date else "")
        self.people.clear()
        self.people.of_another = scan.code_of_another
        self.people.wait()

    def show_people(self, candidates: Sequence[Candidate], *, searched: bool = False) -> None:
        before = self.people.chosen if searched else self._scan.patient if self._scan else None
        self.people.show_people(candidates, before, searched=searched)

    def clear(self) -> None:
        self._scan = None
        self.people.clear()
        self.day.clear()
        self.type.choose(None)
        self.doctor.choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """While no field has the keyboard; Escape leaves a field, and Enter a box, for the keys to work again."""
        key = event.text().lower()
        lines = {"t": self.type, "d": self.day, "m": self.doctor}
        if self._leaves_field(event):
            self.setFocus()
        elif (button := named(event, self.people.buttons)) is not None:
            if button.isEnabled():
                button.click()
        elif event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key in lines:
            lines[key].setFocus()
        elif key == "p":
            self.act.click()
        elif key == "e":
            self.out.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.heading.moved.emit(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def _leaves_field(self, event: QKeyEvent) -> bool:
        boxes = (self.type, self.doctor)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return any(box.hasFocus() for box in boxes)
        fields = (*boxes, self.day, self.people.born, self.people.start)
        return event.key() == Qt.Key.Key_Escape and any(field.hasFocus() for field in fields)

    def _prepare(self) -> None:
        if self._scan is None:
            return
        day: date | None = None
        if self.day.text().strip():
            try:
                day = day_typed(self.day.text())
            except ContextError as error:
                self.failed.emit(error)
                return
        kind = self.type.chosen if self.type.currentIndex() >= 0 else ""
        author = self.doctor.chosen if self.doctor.currentIndex() >= 0 else ""
        told = Preparation(self.people.chosen, "" if kind == _RULE else kind, day, author)
        self.prepared.emit(self._scan, told)

    def _discard(self) -> None:
        if self._scan is not None:
            self.discarded.emit(self._scan)
