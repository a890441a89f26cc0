"""One scan to validate, large, its traits beside: one key validates, corrects, or gives it back for a reason."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.tray import Reason, Scan
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as common
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.tray.heading import Heading
from dmp_desktop.ui.widgets.answer_keys import named
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton


class ValidatePanel(QWidget):
    """Nothing can be validated before its pages are shown (`ready`)."""

    validated = Signal(object, object)  # Scan, frozenset[Visibility]
    filed = Signal(object)  # Scan
    corrected = Signal(object)  # Scan
    returned = Signal(object, object)  # Scan, Reason
    asked_why = Signal()  # the reasons are there

    def __init__(self) -> None:
        super().__init__()
        self._scan: Scan | None = None
        self.heading, self.whose, self.told = Heading(), PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.whose.setObjectName("title")
        self.doubt = PlainLabel(role="warning", wrap=True)
        self.source = PlainLabel(role="muted", wrap=True)
        self.visibility_name = PlainLabel(fr.VISIBILITY, role="muted")
        self.visibility: ValueBox[Visibility | None] = ValueBox(fr.VISIBILITY)
        self.yes, self.change, self.no = QPushButton(fr.VALIDATE), QPushButton(fr.CORRECT), QPushButton(fr.REJECT)
        self.yes.setProperty("primary", True)
        for button, tip in ((self.yes, fr.VALIDATE_TIP), (self.change, fr.CORRECT_TIP), (self.no, fr.REJECT_TIP)):
            button.setToolTip(tip)
        self.asked = PlainLabel(fr.REASONS, wrap=True)
        self.reasons = [WrappedButton(fr.REASON_KEY.format(rank, fr.REASON[one])) for rank, one in enumerate(Reason, 1)]
        self._lay_out()
        self.yes.clicked.connect(self._validate)
        self.change.clicked.connect(self._correct)
        self.no.clicked.connect(lambda: self._ask(open_=True))
        for button, reason in zip(self.reasons, Reason, strict=True):
            button.clicked.connect(lambda _on=False, reason=reason: self._return(reason))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clear()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (
            self.heading,
            self.whose,
            self.told,
            self.source,
            self.doubt,
            self.visibility_name,
            self.visibility,
        ):
            column.addWidget(part)
        row = QHBoxLayout()
        for button in (self.yes, self.change, self.no):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.asked)
        for one in self.reasons:
            column.addWidget(one)
        column.addStretch(1)

    @property
    def scan(self) -> Scan | None:
        return self._scan

    def show_scan(self, scan: Scan, type_label: str, alike: int, place: int, total: int) -> None:
        """Its pages follow: `ready`. `alike`: how many others may be the same paper."""
        same = self._scan == scan
        self._scan = scan
        doubts = [fr.CODE_OF_ANOTHER] if scan.code_of_another(scan.patient) else []
        doubts += [fr.counted(fr.ALIKE, alike)] if alike else []
        doubts += scan.origin.warnings if scan.origin is not None else ()
        self.doubt.setText("\n".join(doubts))
        self.doubt.setVisible(bool(doubts))
        self.heading.show_scan(scan, place, total)
        if same:
            return
        self._offer(scan)
        patient = scan.patient
        self.whose.setText(fr.OF.format(name=patient.display_name, born=formats.born(patient)) if patient else "")
        day = formats.day(scan.act_date) if scan.act_date else ""
        number = formats.ins(patient.ins) if patient else ""
        self.told.setText(fr.TOLD.format(type=type_label, day=day, ins=number))
        offered: dict[Visibility | None, str] = {
            one: words
            for one, words in common.VISIBILITY_CHOICE.items()
            if one is not Visibility.INVISIBLE_REPRESENTANTS_LEGAUX
        }
        self.visibility.offer(offered, None)
        self._ask(open_=False)
        self.yes.setEnabled(False)

    def _offer(self, scan: Scan) -> None:
        """What somebody else sent is filed: nobody chooses who will see it."""
        others, origin = scan.by_others, scan.origin
        self.visibility_name.setVisible(not others)
        self.visibility.setVisible(not others)
        self.yes.setText(fr.FILE if others else fr.VALIDATE)
        self.yes.setToolTip(fr.FILE_TIP if others else fr.VALIDATE_TIP)
        told = [fr.BY_OTHERS, fr.TO_DMP[origin.to_dmp]] if others and origin is not None else []
        told += [fr.REPLACES] if origin is not None and origin.replaces else []
        self.source.setText("\n".join(told))
        self.source.setVisible(bool(told))

    def ready(self) -> None:
        self.yes.setEnabled(self._scan is not None)

    def clear(self) -> None:
        self._scan = None
        self.whose.clear()
        self.told.clear()
        self.doubt.hide()
        self.source.hide()
        self.yes.setEnabled(False)
        self._ask(open_=False)

    def step_back(self) -> bool:
        """Takes back the question of the reason."""
        asked = self.asked.isVisible()
        self._ask(open_=False)
        return asked

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.text().lower()
        acts = {"v": self.yes, "c": self.change, "r": self.no}
        if self.asked.isVisible() and (button := named(event, self.reasons)) is not None:
            button.click()
        elif event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif key in acts:
            acts[key].click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.heading.moved.emit(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def _ask(self, *, open_: bool) -> None:
        for part in (self.asked, *self.reasons):
            part.setVisible(open_)
        if open_:
            self.setFocus()
            self.asked_why.emit()

    def _validate(self) -> None:
        if self._scan is not None and self._scan.by_others:
            self.filed.emit(self._scan)
        elif self._scan is not None:
            chosen = self.visibility.chosen
            self.validated.emit(self._scan, frozenset() if chosen is None else frozenset({chosen}))

    def _correct(self) -> None:
        if self._scan is not None:
            self.corrected.emit(self._scan)

    def _return(self, reason: Reason) -> None:
        if self._scan is not None:
            self.returned.emit(self._scan, reason)
