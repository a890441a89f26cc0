"""What the front desk does with an identity besides finding it: is there a DMP, what does the patient say. No record is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.consent import Channel, Consent, Subject
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui import strings_opinions_fr as opinions_fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.views.identity.acting import ActingPage
from dmp_desktop.ui.views.identity.opinions import OpinionsPanel
from dmp_desktop.ui.widgets.labels import PlainLabel


@dataclass(frozen=True, slots=True)
class DeskActs:
    """What the front desk does besides: asks whether the DMP exists (TD0.2), and notes the patient's opinions."""

    status: Callable[[Patient], DossierStatus]
    access: AccessPort | None = None


class DeskPanel(QWidget):
    """Of who is qualified; hidden else, and without `acts`. `page` asks and acts for it. `noted` tells of whom an opinion was
    noted, and whether it is the one on the consultation of the record, whatever is shown by then."""

    noted = Signal(object, bool)  # Patient

    def __init__(self, page: ActingPage, port: IdentityPort, acts: DeskActs | None) -> None:
        super().__init__()
        self._page, self._port, self._acts = page, port, acts
        self._identity: Identity | None = None
        self.ask_dmp, self.dmp = QPushButton(fr.DMP_ASK), PlainLabel(wrap=True)
        self.opinions = OpinionsPanel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(page.rows.spacing())
        for part in (self.ask_dmp, self.dmp, self.opinions):
            column.addWidget(part)
        self.ask_dmp.clicked.connect(self._ask_dmp)
        self.opinions.noted.connect(self._note)

    def clear(self) -> None:
        self._identity = None
        self.dmp.clear()
        self.opinions.clear()
        self.hide()

    def show_identity(self, identity: Identity) -> None:
        """Who is qualified."""
        if self._acts is None:
            return
        if self._identity != identity:
            self.clear()
        self._identity = identity
        self.show()
        self.ask_opinions()

    def repaint_icons(self) -> None:
        self.opinions.repaint_icons()

    def ask_opinions(self) -> None:
        identity, access = self._identity, self._acts.access if self._acts else None
        if identity is None or access is None:
            return

        def ask() -> Consent | None:
            patient = self._port.patient(identity)
            return access.consent(patient) if patient else None

        self._page.ask(ask, partial(self._show_opinions, identity), self._page.unanswered)

    def _show_opinions(self, identity: Identity, consent: Consent | None) -> None:
        if identity != self._identity:
            return
        if consent is not None:
            self.opinions.show_consent(consent)
        else:
            self.opinions.clear()

    def _ask_dmp(self) -> None:
        identity, acts = self._identity, self._acts
        if identity is None or acts is None:
            return

        def ask() -> DossierStatus | None:
            patient = self._port.patient(identity)
            return acts.status(patient) if patient else None

        def show(told: DossierStatus | None) -> None:
            if identity == self._identity:
                self.dmp.setText(dmp_words(told) if told else "")

        self._page.question(ask, show)

    def _note(self, subject: Subject, opposed: bool, channel: Channel) -> None:
        identity, access = self._identity, self._acts.access if self._acts else None
        if identity is None or access is None:
            return

        def note() -> tuple[Patient, Consent | None]:
            patient = self._port.patient(identity)
            if patient is None:
                raise ContextError("identity.not_qualified", opinions_fr.NOT_NOTED, opinions_fr.NOT_NOTED_REMEDY)
            access.record(patient, subject, opposed=opposed, channel=channel)
            try:
                return patient, access.consent(patient)
            except DmpDesktopError:
                return patient, None  # it was noted all the same

        def noted(done: tuple[Patient, Consent | None]) -> None:
            self._show_opinions(identity, done[1])
            self._page.said.setText(opinions_fr.NOTED)
            self._page.keep_keyboard()

        def follow(done: tuple[Patient, Consent | None]) -> None:
            self.noted.emit(done[0], subject is Subject.CONSULTATION)

        words = access_fr.NOTE_OPPOSED if opposed else access_fr.NOTE_AGREED
        self._page.do(words, identity, note, noted, follow=follow)


def dmp_words(status: DossierStatus) -> str:
    """TD0.2 in words, and what to do."""
    if not status.exists:
        return fr.DMP_NONE
    return fr.DMP_CLOSED if status.closed else fr.DMP_EXISTS.format(fr.DMP_ACCESS[status.authorization])
