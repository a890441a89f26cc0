"""What the workstation keeps of what was read: it can be erased, for one patient or for all, once the question was answered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import strings_settings_fr as settings_fr
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.dossier_ports import DossierPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.labels import PlainLabel


class Keeping(QFrame):
    """`button` opens the two choices; the question is asked in this bar, never in a dialog."""

    done = Signal(str)
    failed = Signal(object)  # DmpDesktopError
    settings_asked = Signal()

    def __init__(self, dossier: DossierPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dossier, self._pool = dossier, pool
        self._patient: Patient | None = None
        self._work: Callable[[], None] | None = None
        self._told = ""
        self.setObjectName("notice")
        self.setProperty("tone", "warning")
        self.setAccessibleName(fr.KEEPING_TIP)
        self.button = QToolButton()
        self.button.setText("⋯")
        self.button.setAccessibleName(fr.KEEPING_MENU)
        self.button.setToolTip(fr.KEEPING_MENU)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.button)
        self.forget_one = menu.addAction(fr.FORGET_PATIENT)
        self.forget_all = menu.addAction(fr.CLEAR_CACHE)
        menu.addSeparator()
        self.settings = menu.addAction(settings_fr.ASK)
        self.button.setMenu(menu)
        self.words = PlainLabel(wrap=True)
        self.erase, self.no = QPushButton(fr.ERASE), QPushButton(fr.ERASE_NO)
        self._lay_out()
        self.forget_one.triggered.connect(lambda _checked=False: self._ask_one())
        self.forget_all.triggered.connect(
            lambda _checked=False: self._ask(fr.ASK_CLEAR, self._dossier.clear, fr.CACHE_CLEARED)
        )
        self.settings.triggered.connect(lambda _checked=False: self.settings_asked.emit())
        self.erase.clicked.connect(self._erase)
        self.no.clicked.connect(self.leave)
        self.show_patient(None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.erase)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addLayout(row)

    def show_patient(self, patient: Patient | None) -> None:
        """Whose record is open. A question about another one is taken back."""
        self._patient = patient
        self.forget_one.setEnabled(patient is not None)
        self.leave()

    def leave(self) -> None:
        self._work = None
        self.words.clear()
        self.hide()

    def _ask_one(self) -> None:
        patient = self._patient
        if patient:
            self._ask(fr.ASK_FORGET, lambda: self._dossier.forget_patient(patient), fr.PATIENT_FORGOTTEN)

    def _ask(self, words: str, work: Callable[[], None], told: str) -> None:
        self._work, self._told = work, told
        self.words.setText(words)
        self.show()
        self.no.setFocus()

    def _erase(self) -> None:
        work, told = self._work, self._told
        self.leave()
        if work:
            self._pool.submit(work, lambda _done: self.done.emit(told), self.failed.emit)
