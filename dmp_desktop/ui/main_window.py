"""The window: assembles the strip, the banner, the record, the composer and the two acts. What happens is in `conductor`."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.cards import CardEvent
from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.announce import Announcer
from dmp_desktop.ui.conductor import Conductor
from dmp_desktop.ui.leaving import Leaving
from dmp_desktop.ui.outbox_controller import OutboxController
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.record_page import RecordPage
from dmp_desktop.ui.session_controller import SessionController
from dmp_desktop.ui.tasks import Tasks
from dmp_desktop.ui.views.compose.drafts import Drafts
from dmp_desktop.ui.views.compose.view import Composer
from dmp_desktop.ui.widgets.action_bar import ActionBar, differ
from dmp_desktop.ui.widgets.beneficiary_picker import BeneficiaryPicker
from dmp_desktop.ui.widgets.identity_banner import IdentityBanner
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.masked import MaskedScreen
from dmp_desktop.ui.widgets.notice_bar import NoticeBar
from dmp_desktop.ui.widgets.status_strip import StatusStrip

DOCKED_WIDTH, DOCKED_HEIGHT = 30, 64
"""The size at first, in lines of text: 420 by 900 in the usual font, a panel beside the practice software."""


class MainWindow(QMainWindow):
    """`reader` is the demo's drawn reader, put at the bottom. `card_event` may be called from any thread."""

    def __init__(self, services: Services, clock: Clock, *, sandbox: bool, reader: QWidget | None = None) -> None:
        super().__init__()
        self.setWindowTitle(f"{fr.APPLICATION} — {fr.SANDBOX}" if sandbox else fr.APPLICATION)
        self.tasks = Tasks(self)
        self.announcer = Announcer(self)
        self.session = SessionController(services.session, self.tasks.card, self)
        self.record = RecordController(services.dossier, services.digest, self.tasks.general, self)
        self.outbox = OutboxController(services.outbox, self.tasks.general, self)
        self.drafts = Drafts(clock, self)
        self.strip, self.banner, self.picker = StatusStrip(), IdentityBanner(), BeneficiaryPicker()
        self.notices, self.masked, self.acts = NoticeBar(), MaskedScreen(), ActionBar()
        self.page = RecordPage(services, self.record, self.tasks.general, clock)
        self.composer = Composer(services, self.tasks.general, clock)
        self.body, self.stack = QStackedWidget(), QStackedWidget()
        self._lay_out(sandbox, reader)
        self.page.notes = self._noted
        self.conductor = Conductor(self, clock)
        self.leaving = Leaving(self)
        self._bind_keys()
        line = self.fontMetrics().height()
        self.resize(line * DOCKED_WIDTH, min(line * DOCKED_HEIGHT, self.screen().availableGeometry().height()))
        self.setFocus()  # of the window itself: nothing is lit before the doctor touches something
        self.conductor.start()

    def card_event(self, event: CardEvent) -> None:
        """What the watcher tells, from its own thread."""
        self.session.card_event(event)

    def _noted(self, patient: Patient) -> tuple[Proposal, ...]:
        """What was recognised in the notes under way of who is signed in, for one patient."""
        drafts = self.drafts.of(self.session.state.professional)
        return tuple(one for draft in drafts if not differ(draft.patient, patient) for one in draft.proposals)

    def _lay_out(self, sandbox: bool, reader: QWidget | None) -> None:
        self.body.addWidget(self.page)
        self.body.addWidget(self.composer)
        content = _column(self.banner, self.picker, self.body, self.acts, stretched=self.body)
        self.stack.addWidget(self.masked)
        self.stack.addWidget(content)
        rows: list[QWidget] = [self.strip, self.notices, self.stack]
        if sandbox:
            rows.insert(0, _sandbox_label())
        if reader:
            rows.append(reader)
        self.setCentralWidget(_column(*rows, stretched=self.stack))

    def _bind_keys(self) -> None:
        for keys, act in (
            (("Ctrl+N",), self.conductor.write),
            (("Ctrl+Return", "Ctrl+Enter"), self.conductor.send),
            (("Ctrl+W",), self.conductor.close_patient),
            (("F5",), self.record.refresh),
        ):
            for key in keys:
                QShortcut(QKeySequence(key), self).activated.connect(act)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            for part in (self.strip, self.banner, self.notices, self.masked, self.acts):
                part.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Calls under way are left to end by themselves, their outcome is dropped; notes are not (ui/leaving.py)."""
        if not self.leaving.allowed():
            event.ignore()
            return
        self.hide()
        self.tasks.close()
        super().closeEvent(event)


def _column(*widgets: QWidget, stretched: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is stretched else 0)
    return whole


def _sandbox_label() -> QWidget:
    label = PlainLabel(f"{fr.SANDBOX} : {fr.SANDBOX_DETAIL}", wrap=True)
    label.setObjectName("sandbox")
    return label
