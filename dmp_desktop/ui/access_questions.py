"""What is asked in a window of its own before a record is opened otherwise than in normal access."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.consent import TracedAct
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.awaited import closed_meanwhile
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.access_ports import AccessPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

OPPOSED = "AccesSpecialOppose"
Refuse = Callable[[Professional, Patient, str, DmpDesktopError], None]


class AccessQuestions(QObject):
    """One emergency is asked for at a time, until it is open or refused. `opposed`: the DMP says this Patient opposes it.
    `refuse` tells who asked, of whom, what and why it was not opened."""

    opposed = Signal(object)

    def __init__(self, window: MainWindow, port: AccessPort, refuse: Refuse) -> None:
        super().__init__(window)
        self._w, self._port, self._refuse = window, port, refuse
        self._asking = False

    def ask_emergency(self) -> None:
        """The objection noted here is looked up first: the dialog tells it."""
        patient, who = self._w.record.patient, self._w.session.state.professional
        if patient is None or who is None or self._asking:
            return
        self._asking = True
        self._w.tasks.general.submit(
            lambda: self._port.objection(patient),
            lambda told: self._break_glass(who, patient, told),
            lambda error: self._not_broken(who, patient, error),
        )

    def _break_glass(self, who: Professional, patient: Patient, objection: TracedAct | None) -> None:
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
            lambda _access: self._broken(who, patient),
            lambda error: self._not_broken(who, patient, error),
        )

    def _broken(self, who: Professional, patient: Patient) -> None:
        """What came too late has ended by itself, and is told to who asked."""
        self._asking = False
        self._look(who, patient, fr.EMERGENCY.rstrip("…"))

    def _look(self, who: Professional, patient: Patient, act: str) -> None:
        if self._w.record.patient != patient:
            self._refuse(who, patient, act, closed_meanwhile())

    def _not_broken(self, who: Professional, patient: Patient, error: DmpDesktopError) -> None:
        self._asking = False
        if error.code == OPPOSED:
            self.opposed.emit(patient)
        self._refuse(who, patient, fr.EMERGENCY.rstrip("…"), error)

    def ask_regulation(self, patient: Patient) -> None:
        """Opens in mode centre 15; only an objection noted here is told before."""
        who, submit = self._w.session.state.professional, self._w.tasks.general.submit
        if who is None:
            return

        def refused(error: DmpDesktopError) -> None:
            self._refuse(who, patient, fr.REGULATION_TITLE, error)

        def opened(_access: object) -> None:
            self._look(who, patient, fr.REGULATION_TITLE)

        def agreed(told: TracedAct | None) -> None:
            self._regulate(patient, told, opened, refused)

        submit(lambda: self._port.objection(patient), agreed, refused)

    def _regulate(
        self,
        patient: Patient,
        objection: TracedAct | None,
        opened: Callable[[object], None],
        refused: Callable[[DmpDesktopError], None],
    ) -> None:
        from dmp_desktop.ui.views.access.special_dialog import SpecialDialog

        if self._w.record.patient != patient:
            return
        if objection is not None and not asking.accepted(
            SpecialDialog(objection, emergency=False, patient=patient, parent=self._w)
        ):
            return
        if self._w.record.patient == patient:
            self._w.tasks.general.submit(lambda: self._port.regulate(patient, objection), opened, refused)
