"""What is asked in a window of its own before a record is opened otherwise than in normal access."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.consent import TracedAct
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import asking
from dmp_desktop.ui.access_ports import AccessPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

OPPOSED = "AccesSpecialOppose"


class AccessQuestions(QObject):
    """One emergency is asked for at a time, until it is open or refused. `opposed`: the DMP says this Patient opposes it."""

    opposed = Signal(object)

    def __init__(self, window: MainWindow, port: AccessPort, refuse: Callable[[DmpDesktopError], None]) -> None:
        super().__init__(window)
        self._w, self._port, self._refuse = window, port, refuse
        self._asking = False

    def ask_emergency(self) -> None:
        """The objection noted here is looked up first: the dialog tells it."""
        patient = self._w.record.patient
        if patient is None or self._asking:
            return
        self._asking = True
        self._w.tasks.general.submit(
            lambda: self._port.objection(patient),
            lambda told: self._break_glass(patient, told),
            lambda error: self._not_broken(patient, error),
        )

    def _break_glass(self, patient: Patient, objection: TracedAct | None) -> None:
        from dmp_desktop.ui.views.access.special_dialog import SpecialDialog

        if self._w.record.patient != patient:
            self._asking = False
            return
        dialog = SpecialDialog(objection, emergency=True, patient=patient, parent=self._w)
        agreed = asking.accepted(dialog) and self._w.record.patient == patient
        reason, words = dialog.reason.chosen, dialog.text
        if not agreed or reason is None:
            self._asking = False
            return
        self._w.tasks.general.submit(
            lambda: self._port.break_glass(patient, reason, words, objection),
            self._broken,
            lambda error: self._not_broken(patient, error),
        )

    def _broken(self, _answer: object) -> None:
        self._asking = False

    def _not_broken(self, patient: Patient, error: DmpDesktopError) -> None:
        self._asking = False
        if error.code == OPPOSED:
            self.opposed.emit(patient)
        self._refuse(error)

    def ask_regulation(self, patient: Patient) -> None:
        """Opens in mode centre 15; only an objection noted here is told before."""
        submit = self._w.tasks.general.submit
        submit(lambda: self._port.objection(patient), lambda told: self._regulate(patient, told), self._refuse)

    def _regulate(self, patient: Patient, objection: TracedAct | None) -> None:
        from dmp_desktop.ui.views.access.special_dialog import SpecialDialog

        if self._w.record.patient != patient:
            return
        if objection is not None and not asking.accepted(
            SpecialDialog(objection, emergency=False, patient=patient, parent=self._w)
        ):
            return
        if self._w.record.patient == patient:
            self._w.tasks.general.submit(lambda: self._port.regulate(patient, objection), _nothing, self._refuse)


def _nothing(_answer: object) -> None:
    """There is nothing to show of it."""
