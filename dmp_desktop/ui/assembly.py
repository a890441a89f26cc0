"""The parts of the window that are hidden at first, and what joins them; built a step at a time, when it is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.asker import asked_by
from dmp_desktop.ui.announce import Announcer
from dmp_desktop.ui.appearance import Appearance
from dmp_desktop.ui.conductor import Conductor
from dmp_desktop.ui.context_flow import ContextFlow
from dmp_desktop.ui.day_end import DayEnd
from dmp_desktop.ui.draft_keeper import DraftKeeper
from dmp_desktop.ui.entries import Entries
from dmp_desktop.ui.first_run import offer_first_run
from dmp_desktop.ui.gate import Gate
from dmp_desktop.ui.kept_focus import KeptFocus
from dmp_desktop.ui.leaving import Leaving
from dmp_desktop.ui.outbox_controller import OutboxController
from dmp_desktop.ui.pasting import offer_pasting
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.record_page import RecordPage
from dmp_desktop.ui.session_controller import SessionController
from dmp_desktop.ui.side_pages import offer_pages
from dmp_desktop.ui.stand_in import stand_in
from dmp_desktop.ui.strings_window_fr import LOCK_KEY
from dmp_desktop.ui.views.compose.drafts import Drafts
from dmp_desktop.ui.views.compose.view import Composer
from dmp_desktop.ui.widgets.action_bar import ActionBar, differ
from dmp_desktop.ui.widgets.activity_picker import ActivityPicker
from dmp_desktop.ui.widgets.beneficiary_picker import BeneficiaryPicker
from dmp_desktop.ui.widgets.front_desk import FrontDesk
from dmp_desktop.ui.widgets.identity_banner import IdentityBanner
from dmp_desktop.ui.widgets.locked import LockedScreen
from dmp_desktop.ui.widgets.pin_panel import PinPanel
from dmp_desktop.ui.widgets.scan_bar import ScanBar
from dmp_desktop.ui.widgets.side_page import SidePage
from dmp_desktop.ui.widgets.tab_order import lead_to
from dmp_desktop.ui.workstation_ports import DiagnosticsPort

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


def assemble(window: MainWindow, services: Services, clock: Clock) -> Iterator[None]:
    """Gives `window` its parts. Between two of them its thread is free; none of them holds it for 50 ms.

    Each is put in its place as soon as it is made, or the style would be worked out again for all it holds.
    """
    w, general = window, window.tasks.general
    w.announcer = Announcer(w)
    KeptFocus(w, lambda: _lead_keyboard(w))
    w.session = SessionController(services.session, w.tasks.card, w)
    w.tasks.general.bind = lambda call: asked_by(w.session.state.professional, call)
    w.record = RecordController(services.dossier, services.digest, general, w)
    w.outbox = OutboxController(services.outbox, general, w)
    w.drafts = Drafts(clock, w)
    _lay_out(w)
    yield
    yield from _sign_in_pages(w)
    w.page = RecordPage(services, w.record, general, clock, w.body)
    w.body.addWidget(w.page)
    w.page.notes = lambda patient: _noted(w, patient)
    yield
    yield from w.page.build()
    w.page.hear_keys_in(w.content)
    w.composer = Composer(services, general, clock, w.body)
    w.composer.follow(w.page.habits)
    w.body.addWidget(w.composer)
    yield
    yield from _style(w.page, w.composer)
    w.gate = Gate(w, services)
    w.keeper = DraftKeeper(w, services.drafts, clock)
    w.conductor = Conductor(w, clock)
    if services.entries is not None:
        Entries(w, services.entries)
    if services.contexts is not None:
        w.contexts = ContextFlow(w, services.contexts)
    w.day_end = DayEnd(w, clock)
    w.leaving = Leaving(w)
    w.appearance = Appearance(w, services.own_settings) if services.own_settings is not None else None
    offer_pages(w, services, clock)
    offer_pasting(w, services.pasting, clock)
    if services.diagnostics is not None:
        offer_diagnostic(w, services.diagnostics)
        if services.first_run is not None:
            offer_first_run(w, services.first_run, services.diagnostics)
    _bind_keys(w)
    lead_to(w.strip.outbox, (w.acts.write, w.acts.kinds, w.acts.send))  # the bar at the bottom, after what is above it
    w.conductor.start()
    w.gate.start()


def _lay_out(window: MainWindow) -> None:
    content = window.content = QWidget(window.stack)
    window.stack.addWidget(content)
    window.banner, window.picker, window.scan = IdentityBanner(content), BeneficiaryPicker(content), ScanBar(content)
    window.body, window.acts = QStackedWidget(content), ActionBar(content)
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(window.banner)
    column.addWidget(window.picker)
    column.addWidget(window.scan)
    column.addWidget(window.body, 1)
    column.addWidget(window.acts)
    window.parts += window.banner, window.acts


def _sign_in_pages(window: MainWindow) -> Iterator[None]:
    """What stands in for the record until somebody may read it."""
    w = window
    w.pin, w.places = PinPanel(w.stack), ActivityPicker(w.stack)
    w.locked, w.desk = LockedScreen(w.stack), FrontDesk(w.stack)
    for page in (w.pin, w.places, w.locked, w.desk):
        w.stack.addWidget(page)
        w.parts.append(page)
        yield


def _style(*hidden: QWidget) -> Iterator[None]:
    """Laid out and styled once before they are seen: the first card does not wait for it."""
    for widget in hidden:
        widget.grab()
        yield


def _noted(window: MainWindow, patient: Patient) -> tuple[Proposal, ...]:
    """What was recognised in the notes under way of who is signed in, for one patient."""
    drafts = window.drafts.of(window.session.state.professional)
    return tuple(one for draft in drafts if not differ(draft.patient, patient) for one in draft.proposals)


def offer_diagnostic(window: MainWindow, find: Callable[[], DiagnosticsPort]) -> None:
    """From the strip, from what went wrong with a card or the connection, and from where a PIN is not asked for another reason
    than a blocked card."""
    for part in (window.strip, window.notices, window.pin, window.masked):
        part.can_diagnose = True
        part.diagnostic_asked.connect(lambda: _show_diagnostic(window, find))


def _show_diagnostic(window: MainWindow, find: Callable[[], DiagnosticsPort]) -> None:
    """It is of use without a card, when the rest is masked."""
    from dmp_desktop.ui.views.diagnostic.view import DiagnosticView

    stand_in(window, DiagnosticView, lambda parent: DiagnosticView(find, window.tasks.general, parent))


def _lead_keyboard(window: MainWindow) -> None:
    """To what is before the eyes, when what had the keyboard is gone."""
    pages = [page for page in window.findChildren(SidePage) if page.isVisible()]
    if pages:
        pages[0].back.setFocus()
    elif window.page.isVisible():
        window.page.lead_keyboard()


def _bind_keys(window: MainWindow) -> None:
    for keys, act in (
        (("Ctrl+N",), window.conductor.write),
        (("Ctrl+Return", "Ctrl+Enter"), window.conductor.send),
        (("Ctrl+W",), window.conductor.close_patient),
        ((LOCK_KEY,), window.gate.lock),
        (("F5",), window.record.refresh),
    ):
        for key in keys:
            QShortcut(QKeySequence(key), window).activated.connect(act)
