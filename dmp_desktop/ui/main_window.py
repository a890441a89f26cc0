"""The window: what is there at once. `assembly` puts the rest together when that is painted; what happens is in `conductor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QMainWindow, QStackedWidget, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import qt_classes
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.tasks import Tasks, attempt
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.masked import MaskedScreen
from dmp_desktop.ui.widgets.notice_bar import NoticeBar, of_error
from dmp_desktop.ui.widgets.special_frame import FramedBody
from dmp_desktop.ui.widgets.status_strip import StatusStrip

if TYPE_CHECKING:
    from dmp_desktop.domain.cards import CardEvent
    from dmp_desktop.domain.ports import Clock
    from dmp_desktop.ui.access_controller import AccessController
    from dmp_desktop.ui.announce import Announcer
    from dmp_desktop.ui.appearance import Appearance
    from dmp_desktop.ui.conductor import Conductor
    from dmp_desktop.ui.context_flow import ContextFlow
    from dmp_desktop.ui.day_end import DayEnd
    from dmp_desktop.ui.draft_keeper import DraftKeeper
    from dmp_desktop.ui.gate import Gate
    from dmp_desktop.ui.leaving import Leaving
    from dmp_desktop.ui.outbox_controller import OutboxController
    from dmp_desktop.ui.panel.panel import Panel
    from dmp_desktop.ui.ports import Services
    from dmp_desktop.ui.record import RecordController
    from dmp_desktop.ui.record_page import RecordPage
    from dmp_desktop.ui.session_controller import SessionController
    from dmp_desktop.ui.side_pages import SidePages
    from dmp_desktop.ui.views.compose.drafts import Drafts
    from dmp_desktop.ui.views.compose.view import Composer
    from dmp_desktop.ui.views.proposals.flow import ProposalFlow
    from dmp_desktop.ui.views.tray.flow import TrayFlow
    from dmp_desktop.ui.widgets.action_bar import ActionBar
    from dmp_desktop.ui.widgets.activity_picker import ActivityPicker
    from dmp_desktop.ui.widgets.beneficiary_picker import BeneficiaryPicker
    from dmp_desktop.ui.widgets.centred import CentredScreen
    from dmp_desktop.ui.widgets.front_desk import FrontDesk
    from dmp_desktop.ui.widgets.identity_banner import IdentityBanner
    from dmp_desktop.ui.widgets.locked import LockedScreen
    from dmp_desktop.ui.widgets.pin_panel import PinPanel
    from dmp_desktop.ui.widgets.proposed_bar import ProposedBar
    from dmp_desktop.ui.widgets.scan_bar import ScanBar
    from dmp_desktop.ui.widgets.side_page import SidePage

DOCKED_WIDTH, DOCKED_HEIGHT = 30, 64
"""The size at first, in lines of text: 420 by 900 in the usual font, a panel beside the practice software."""
DONE = object()


class MainWindow(QMainWindow):
    """Masked, and without services, until `furnish`; `ready` tells that all parts are there: cards are watched from then on.

    `failed` (DmpDesktopError) tells that there will be no program behind it, which it says for as long; `closed`, that nothing
    may be asked any more.
    `reader` is the demo's drawn reader, put at the bottom.
    """

    ready = Signal()
    failed = Signal(object)
    closed = Signal()

    announcer: Announcer
    session: SessionController
    record: RecordController
    outbox: OutboxController
    drafts: Drafts
    keeper: DraftKeeper
    pin: PinPanel
    places: ActivityPicker
    locked: LockedScreen
    desk: FrontDesk
    gate: Gate
    content: QWidget
    banner: IdentityBanner
    picker: BeneficiaryPicker
    scan: ScanBar
    acts: ActionBar
    body: QStackedWidget
    page: RecordPage
    composer: Composer
    pages: SidePages
    conductor: Conductor
    day_end: DayEnd
    leaving: Leaving
    access: AccessController
    appearance: Appearance | None
    tray: TrayFlow | None
    proposals: ProposalFlow | None = None
    panel: Panel | None = None
    contexts: ContextFlow | None = None

    def __init__(self, *, sandbox: bool, reader: QWidget | None = None) -> None:
        super().__init__()
        self.setWindowTitle(f"{fr.APPLICATION} — {fr.SANDBOX}" if sandbox else fr.APPLICATION)
        self.tasks = Tasks(self)
        self.strip, self.notices, self.masked = StatusStrip(), NoticeBar(), MaskedScreen()
        self.parts: list[
            StatusStrip | NoticeBar | MaskedScreen | IdentityBanner | ActionBar | CentredScreen | SidePage | ProposedBar
        ]
        self.parts = [self.strip, self.notices, self.masked]  # what draws its icons again in another palette
        self.stack = QStackedWidget()
        self._steps: Iterator[None] = iter(())
        # Of 0 ms. A singleShot(0) would be a posted event: the next one comes before any paint.
        self._turns = QTimer(self)
        self._turns.timeout.connect(self._go_on)
        self._furnished = self._closed = False
        self._pressed: QWidget | None = None  # had the keyboard when a key was pressed
        self._retry: Callable[[], None] | None = None
        self.hides: Callable[[QCloseEvent], bool] = lambda _event: False  # instead of closing: ui/panel/tray.py
        self.masked.retry_asked.connect(self._try_again)
        self._lay_out(sandbox, reader)
        line = self.fontMetrics().height()
        self.resize(line * DOCKED_WIDTH, min(line * DOCKED_HEIGHT, self.screen().availableGeometry().height()))
        self.setFocus()  # of the window itself: nothing is lit before the doctor touches something

    def prepare(self, then: Callable[[], object]) -> None:
        """`then`, once all classes of Qt that the window needs are made: no thread may touch Qt before (ui/qt_classes.py)."""
        self._steps = self._prepare(then)
        self._turns.start()

    def furnish(self, services: Services, clock: Clock) -> None:
        """Begin to build the other parts: their modules are loaded off this thread, then each has its turn of the event loop."""
        self._steps = self._furnish(services, clock)
        self._turns.start()

    def show_starting(self) -> None:
        """That the program is being opened, whatever was said before."""
        self.notices.clear()
        self.strip.show_start(failed=False)
        self.masked.ask_card()

    def fail(self, error: DmpDesktopError, retry: Callable[[], None] | None = None) -> None:
        """The program behind the window could not be opened or put together. Without `retry`, only a new start helps."""
        self._turns.stop()
        self._steps = iter(())
        if not self._furnished:
            self._discard()
        self._retry = retry
        self.strip.show_start(failed=True)
        self.masked.show_failure(error, error.remedy_fr if retry else fr.RESTART, retry=retry is not None)
        self.notices.tell(of_error(error, "" if retry else fr.RESTART, retry))
        self.failed.emit(error)

    def complete(self) -> None:
        """Have all parts now, after `furnish`."""
        for _step in self._steps:
            pass

    def flush(self) -> None:
        """What is written is on the disk when it returns: the program ends."""
        if self._furnished:
            self.keeper.flush()

    def come_forward(self) -> None:
        """Somebody has started the program again: it is this window they want."""
        if self.panel is not None and self._furnished:
            self.panel.showing.summon()
            return
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def card_event(self, event: CardEvent) -> None:
        """What the watcher tells, from its own thread, once the window is `ready`."""
        self.session.card_event(event)

    def _prepare(self, then: Callable[[], object]) -> Iterator[None]:
        yield from qt_classes.make(qt_classes.WINDOW)
        then()

    def _furnish(self, services: Services, clock: Clock) -> Iterator[None]:
        yield from qt_classes.make(qt_classes.WINDOW)
        self._turns.stop()
        self.tasks.general.submit(_load, lambda _loaded: self._turns.start(), self.fail)
        yield
        from dmp_desktop.ui.assembly import assemble

        yield from assemble(self, services, clock)
        yield from qt_classes.make(qt_classes.DOCUMENTS)
        self._furnished = True
        self._retry = None
        self.ready.emit()

    def _go_on(self) -> None:
        attempt(self._step, self.fail)

    def _step(self) -> None:
        if next(self._steps, DONE) is DONE:
            self._turns.stop()

    def _discard(self) -> None:
        """What is half built would answer Qt's events with parts it does not have yet."""
        self.parts = [self.strip, self.notices, self.masked]
        while (built := self.stack.widget(1)) is not None:
            self.stack.removeWidget(built)
            built.deleteLater()

    def _try_again(self) -> None:
        if self._retry:
            self._retry()

    def _lay_out(self, sandbox: bool, reader: QWidget | None) -> None:
        self.framed = FramedBody(self)
        rows = self.framed.rows
        if sandbox:
            rows.addWidget(_sandbox_label())
        rows.addWidget(self.strip)
        rows.addWidget(self.notices)
        rows.addWidget(self.stack, 1)
        if reader:
            rows.addWidget(reader)
        self.stack.addWidget(self.masked)
        self.setCentralWidget(self.framed)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:  # asked before each key press
            self._pressed = self.focusWidget()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What nothing in the window has taken: Enter presses the button that has the keyboard, as Space does. A field that
        took it may have given the keyboard to a button since: that one is not meant."""
        button = self.focusWidget()
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat()
        if entered and button is self._pressed and isinstance(button, QAbstractButton) and button.isEnabled():
            button.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            for part in self.parts:
                part.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Calls under way are left to end by themselves, their outcome is dropped; notes are not (ui/leaving.py)."""
        if self._furnished and not self._closed and (self.hides(event) or not self.leaving.allowed()):
            event.ignore()
            return
        if not self._closed:
            self._closed = True
            self._turns.stop()
            self._steps = iter(())
            self.hide()
            self.closed.emit()  # before the wait: who asked a question waits for its answer
            self.tasks.close()
        super().closeEvent(event)


def _load() -> None:
    """Off the window's thread: the import takes longer than it may wait."""
    import_module("dmp_desktop.ui.assembly")


def _sandbox_label() -> QWidget:
    label = PlainLabel(f"{fr.SANDBOX} : {fr.SANDBOX_DETAIL}", wrap=True)
    label.setObjectName("sandbox")
    return label
