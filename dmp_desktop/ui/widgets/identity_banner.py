"""Whose record is open: always on screen, status of the INS and of the DMP without a click (DMP/UX.11, DMP/UX.12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.access import AccessMode, Authorization, DossierStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import formats, icons
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_card_fr as card_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.laid_out_once import laid_out_once
from dmp_desktop.ui.widgets.settling import Settling

WIDE_FROM_CHARACTERS, LEAST_CHARACTERS = 90, 30
_ACROSS, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
DECLARABLE = (Authorization.NON_EXISTE, Authorization.EXPIRE)


class StateLabel(IconLabel):
    """A state that tells more to who clicks it; the keyboard finds the same in the menu of other acts."""

    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        else:
            super().mouseReleaseEvent(event)


class IdentityBanner(QFrame):
    """Local identity traits only: the DMP's own are never displayed."""

    access_asked = Signal()
    authorise_asked = Signal()
    emergency_asked = Signal()
    close_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAccessibleName(fr.IDENTITY_NAME)
        self.name = PlainLabel(wrap=True)
        self.name.setObjectName("patient")
        self.traits = PlainLabel(wrap=True)
        self.ins = PlainLabel()
        self.ins_status = IconLabel()
        self.dmp = StateLabel()
        self.dmp.clicked.connect(self.access_asked)
        self.authorise = QPushButton(fr.AUTHORISE)
        self.authorise.setProperty("primary", True)
        self.authorise.clicked.connect(self.authorise_asked)
        self.emergency = QPushButton(access_fr.EMERGENCY)
        self.emergency.clicked.connect(self.emergency_asked)
        self.unrecorded = QToolButton()
        self.unrecorded.setProperty("quiet", True)
        self.unrecorded.setText(access_fr.UNRECORDED)
        self.unrecorded.clicked.connect(self.access_asked)
        self._settling = Settling(self)
        self.offers_access = False
        self._declaring, self._no_declaring = False, ""  # under way; why who is signed in declares nothing
        self.entries = QToolButton()
        self.entries.setProperty("quiet", True)
        self.entries.setAccessibleName(card_fr.ENTRIES)
        self.entries.setToolTip(card_fr.ENTRIES)
        self.entries.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.entries.hide()
        self.acts = QToolButton()
        self.acts.setProperty("quiet", True)
        self.acts.setAccessibleName(fr.OTHER_ACTS)
        self.acts.setToolTip(fr.OTHER_ACTS)
        self.acts.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.acts.setMenu(QMenu(self.acts))
        self.acts.menu().setToolTipsVisible(True)
        self.acts.hide()
        self._of_patient: list[QAction] = []
        self.close_patient = QToolButton()
        self.close_patient.setProperty("quiet", True)
        self.close_patient.setAccessibleName(fr.CLOSE_PATIENT)
        self.close_patient.setToolTip(fr.CLOSE_PATIENT_TIP)
        self.close_patient.clicked.connect(self.close_asked)
        self._lay_out()
        self.show_declaring(False)
        self.clear()
        self.refresh()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        who, numbers, dmp = QBoxLayout(_ACROSS), QBoxLayout(_ACROSS), QHBoxLayout()
        self._numbers = numbers
        self.states = QBoxLayout(_ACROSS)
        self.who = who
        for label in (self.name, self.traits):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        who.addWidget(self.name)
        who.addWidget(self.traits, 1)
        numbers.addWidget(self.ins)
        numbers.addWidget(self.ins_status, 1)
        dmp.addWidget(self.dmp, 1)
        opening = Flow()
        for button in (self.authorise, self.emergency):
            opening.add(button)
        opening.show()
        self.states.addLayout(numbers)
        self.states.addLayout(dmp)
        self.states.addStretch(1)
        lines = QVBoxLayout()
        lines.setSpacing(gap // 3)
        for layout in (who, self.states):
            layout.setSpacing(gap // 3)
            lines.addLayout(layout)
        numbers.setSpacing(gap)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap, gap // 2, gap // 2, gap // 2)
        whole.setSpacing(gap // 3)
        row = QHBoxLayout()
        whole.addLayout(row)
        whole.addWidget(opening)  # across: beside the icons both would not fit into the docked panel
        whole.addWidget(self.unrecorded, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(lines, 1)
        row.addWidget(self.entries, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.acts, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.close_patient, 0, Qt.AlignmentFlag.AlignTop)

    def minimumSizeHint(self) -> QSize:
        """One line across never keeps the window from being docked again."""
        return QSize(LEAST_CHARACTERS * self.fontMetrics().averageCharWidth(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One line each for who and for the states where there is room, one under the other in the docked panel."""
        super().resizeEvent(event)
        gap = self.fontMetrics().averageCharWidth()
        wide = event.size().width() >= WIDE_FROM_CHARACTERS * gap
        for layout in (self.who, self.states):
            layout.setDirection(_ACROSS if wide else _DOWN)
            layout.setSpacing(2 * gap if wide else gap // 3)
        self.name.setWordWrap(not wide)
        across = QSizePolicy.Policy.Fixed if wide else QSizePolicy.Policy.Expanding
        self.name.setSizePolicy(across, QSizePolicy.Policy.Preferred)
        self._fit_numbers()

    def _fit_numbers(self) -> None:
        """No digit of a number is cut: its status goes below where there is no room beside it."""
        gap = self.fontMetrics().averageCharWidth()
        icons = sum(one.sizeHint().width() for one in (self.entries, self.acts, self.close_patient) if one.isVisible())
        needed = self.ins.sizeHint().width() + self.ins_status.sizeHint().width()
        across = needed + icons + 6 * gap <= self.width()
        self._numbers.setDirection(_ACROSS if across else _DOWN)
        self._numbers.setSpacing(gap if across else gap // 3)

    def offer_entries(self, ways: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """Other ways to say who the patient is than their carte Vitale: words, act."""
        menu = QMenu(self.entries)
        for words, act in ways:
            menu.addAction(words).triggered.connect(lambda _checked=False, act=act: act())
        self.entries.setMenu(menu)
        self.entries.show()

    def offer_access(self) -> None:
        """There is a page about the access: the state of the DMP leads to it."""
        self.offers_access = True
        self.dmp.setCursor(Qt.CursorShape.PointingHandCursor)
        self.dmp.setToolTip(access_fr.STATE_TIP)

    def offer_act(self, words: str, act: Callable[[], None], *, of_patient: bool) -> QAction:
        """One more line of the menu of other acts; one `of_patient` is greyed out while there is none."""
        line = self.acts.menu().addAction(words)
        line.triggered.connect(lambda _checked=False: act())
        if of_patient:
            line.setEnabled(not self.ins.isHidden())
            self._of_patient.append(line)
        self.acts.show()
        return line

    def show_patient(self, patient: Patient, today: date) -> None:
        self.name.setText(patient.display_name)
        traits = [
            fr.SEX[patient.sex],
            formats.age(patient, today),
            formats.day(patient.birth_date),
            patient.birth_place or patient.birth_place_cog,
        ]
        self.traits.setText(" · ".join(traits))
        self.ins.setText(fr.INS.format(formats.ins(patient.ins)))
        self.ins_status.show_state(*fr.INS_STATUS[patient.ins.status])
        self._show_rest(True)
        self._fit_numbers()
        self.show_status(None)

    def show_status(self, status: DossierStatus | None, *, reached: bool = True) -> None:
        """None while the DMP is asked; `reached` False when it did not answer."""
        if not self.authorise.isHidden():  # the line below may take its place under the pointer
            self._settling.begin((self.unrecorded,))
        self.authorise.setVisible(status is not None and _declarable(status))
        self.emergency.setVisible(self.offers_access and status is not None and _shut(status))
        waiting = fr.DMP_UNKNOWN if reached else fr.DMP_UNREACHED
        self.dmp.show_state(*(dmp_state(status) if status else waiting))

    def bar_declaring(self, why: str) -> None:
        """Empty: who is signed in may declare the consent."""
        self._no_declaring = why
        self.show_declaring(self._declaring)

    def show_declaring(self, under_way: bool) -> None:
        """It is declared once: nothing to click while it is on its way."""
        self._declaring = under_way
        self.authorise.setText(access_fr.DECLARING if under_way else fr.AUTHORISE)
        self.authorise.setEnabled(not under_way and not self._no_declaring)
        self.authorise.setToolTip(self._no_declaring or fr.AUTHORISE_TIP)

    def clear(self) -> None:
        """Nothing of a patient remains in any label; the pages below say what opens a record."""
        self.name.setText(fr.NO_PATIENT)
        self.traits.clear()
        self.ins.clear()
        self.ins_status.show_state("", "", "")
        self.dmp.show_state("", "", "")
        self.authorise.hide()
        self.emergency.hide()
        self.unrecorded.hide()
        self._show_rest(False)

    def refresh(self) -> None:
        self.ins_status.repaint_icon()
        self.dmp.repaint_icon()
        self.entries.setIcon(icons.role_icon("vitale", "muted"))
        self.acts.setIcon(icons.role_icon("more", "muted"))
        self.close_patient.setIcon(icons.role_icon("cross", "muted"))

    def _show_rest(self, shown: bool) -> None:
        with laid_out_once(self):
            for widget in (self.ins, self.ins_status, self.dmp, self.close_patient):
                widget.setVisible(shown)
        for line in self._of_patient:
            line.setEnabled(shown)


def dmp_state(status: DossierStatus) -> tuple[str, str, str]:
    """Words, icon and colour. What a special access opens is not told as what the patient still has to authorise."""
    if not status.exists:
        return fr.DMP_NONE
    if status.closed:
        return fr.DMP_CLOSED
    if status.mode is not AccessMode.NORMAL:
        return fr.DMP_SPECIAL[status.mode]
    return fr.DMP_STATE[status.authorization] if status.authorization else fr.DMP_UNREACHED


def _declarable(status: DossierStatus) -> bool:
    return _shut(status) and status.authorization in DECLARABLE


def _shut(status: DossierStatus) -> bool:
    """There is a record, and it may not be read."""
    return status.exists and not status.closed and not status.readable
