"""The window, painted before anything else is loaded; then the program behind it (`app`, `wiring`), or why there is none."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from dmp_desktop.errors import DmpDesktopError, StorageError
from dmp_desktop.platform.endpoint import SERVER, is_loopback
from dmp_desktop.platform.instance import SHOW
from dmp_desktop.platform.panel_file import PanelFile
from dmp_desktop.platform.paths import find_paths
from dmp_desktop.resources import resource_path
from dmp_desktop.ui import collector, theme
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.immortal import protect_singletons
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.panel.panel import Panel
from dmp_desktop.ui.secret_prompt import SecretPrompt, window_closed
from dmp_desktop.ui.tasks import attempt
from dmp_desktop.ui.widgets.notice_bar import of_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from dmp_desktop.app import Desktop
    from dmp_desktop.platform.instance import Message
    from dmp_desktop.ui.instance import InstanceServer
    from dmp_desktop.wiring import Wiring

log = logging.getLogger(__name__)

RECEIVED_NOTICE = "received"
SWITCH_S = 0.001 if sys.platform == "win32" else 0.0002
"""How long a worker may keep the interpreter from the window, in seconds. Python's own 5 ms is paid each time a Qt call
gives it up: a paint of 10 ms beside a busy worker took 25 to 75 ms, measured in the demonstration. From the card's leaving to
the mask beside one: 95 ms with 1 ms, 70 with 0.5, 53 with 0.2, 48 with 0.05. Windows waits whole milliseconds: less would be a
wait of nothing, again and again."""


def qt_application(arguments: list[str]) -> QApplication:
    """The QApplication with our theme and Qt's own words in French. Call once, before any window."""
    protect_singletons()
    collector.hold()
    sys.setswitchinterval(SWITCH_S)
    application = QApplication(arguments)
    application.setApplicationName(fr.APPLICATION)
    application.setWindowIcon(QIcon(str(resource_path("icons", "program.png"))))
    translator = QTranslator(application)
    if translator.load(QLocale("fr_FR"), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
    QLocale.setDefault(QLocale("fr_FR"))
    theme.SystemTheme(application)
    return application


class Start:
    """Shows the window, then opens the program on a worker: what it loads and asks for does not keep the window waiting.

    `opened` gets what was opened; `failed` tells that the program behind the window is missing. `listens`: this is the one window
    of its data folder; `message` is what it was started with: `unreceived` until it is durable, or for good if `refused`.
    """

    def __init__(
        self, application: QApplication, opened: ExitStack, message: Message | None = None, *, listens: bool = False
    ) -> None:
        self._message = None if message is None or message.act == SHOW else message
        self._listens = listens
        self.unreceived = self._message is not None
        self.refused = False
        self._server: InstanceServer | None = None
        self._application, self._opened = application, opened
        self._opening = Lock()
        self._closed = False
        # Of the environment, only what the frame says: what is wrong with the rest is said in it (`_open`).
        self.window = MainWindow(sandbox=is_loopback(os.environ.get(SERVER, "")))
        self._panel = self.window.panel = Panel(self.window, PanelFile(find_paths(os.environ, Path.home()).panel))
        self._prompt = SecretPrompt(self.window)
        self.window.closed.connect(self._leave)
        self.window.failed.connect(self._note)
        self.desktop: Desktop | None = None
        self.failed = False

    def begin(self) -> None:
        """The first time, and again when opening failed."""
        self.failed = False
        self.window.show_starting()
        self._panel.show()
        self.window.prepare(self._prepared)

    def _prepared(self) -> None:
        """All classes of Qt are made: workers may begin."""
        if self._listens and self._server is None:
            self._listen()
        self.window.tasks.general.submit(self._open, self._opened_now, self._fail)

    def _listen(self) -> None:
        """For later starts, before the program is opened: what comes by then waits for it."""
        from dmp_desktop.platform.instance import address
        from dmp_desktop.ui.instance import InstanceServer

        server = self._server = InstanceServer(self.window.come_forward, self.window)
        self.window.closed.connect(server.close)
        try:
            heard = server.listen(address(find_paths(os.environ, Path.home())))
        except OSError:
            heard = False
        if not heard:
            log.warning("later starts cannot reach this window")

    def _received(self) -> None:
        self.unreceived = False

    def _refused(self, error: DmpDesktopError) -> None:
        self.refused = True
        print(error, file=sys.stderr)  # noqa: T201 - as below

    def _take(self, wiring: Wiring, message: Message, taken: Callable[[], None], refused: Callable[..., None]) -> None:
        """What was handed over, on a worker; who hands it over may see no refusal: the window says it too."""

        def told(error: DmpDesktopError) -> None:
            refused(error)
            self._not_received(error)

        self.window.tasks.drafts.submit(lambda: wiring.exchange.receive(message), lambda _item: taken(), told)

    def _not_received(self, error: DmpDesktopError) -> None:
        self.window.notices.tell(of_error(error, key=RECEIVED_NOTICE))

    def close(self) -> None:
        """When the event loop is over. Waits for an opening under way: it cannot be stopped, and must not outlive its window."""
        if self.desktop:
            self.desktop.stop()
        self.window.close()
        with self._opening:
            self._opened.close()

    def _open(self) -> Wiring:
        """On a worker thread. What it loads comes under the lock too: modules loaded while the interpreter ends fail."""
        with self._opening:
            self._go_on()
            from dmp_desktop.platform.logging import install_excepthook
            from dmp_desktop.terminology import use_folder
            from dmp_desktop.wiring import open_wiring

            install_excepthook()
            self._opened.close()  # what an attempt before this one has left
            self._go_on()
            wiring = self._opened.enter_context(open_wiring(ask=self._ask))
            self._go_on()
            use_folder(wiring.paths.codes)
            import_module("dmp_desktop.app")
            return wiring

    def _go_on(self) -> None:
        """Raises ContextError when nobody waits for it any more."""
        if self._closed:
            raise window_closed()

    def _ask(self, prompt: str) -> str:
        return self._prompt(prompt, fr.INPUT_CARD if self.desktop else fr.INPUT_START)

    def _opened_now(self, wiring: Wiring) -> None:
        attempt(partial(self._join, wiring), self._fail)

    def _join(self, wiring: Wiring) -> None:
        from dmp_desktop.app import Desktop
        from dmp_desktop.card import open_real
        from dmp_desktop.services.directory import KnownPatients

        self.desktop = Desktop(self._application, wiring, open_real(), KnownPatients(()), self.window)
        self.desktop.start()
        message, self._message = self._message, None
        if message is not None:
            self._take(wiring, message, self._received, self._refused)
        if self._server is not None:
            self._server.serve(partial(self._take, wiring))

    def _fail(self, error: DmpDesktopError) -> None:
        """May be tried again, unless the window already has something of the program that failed."""
        self.window.fail(error, None if self.desktop else self.begin)

    def _note(self, error: DmpDesktopError) -> None:
        log.error("not started: %s", error.code)
        print(error, file=sys.stderr)  # noqa: T201 - for who started it from a terminal: the window says it too
        self.failed = True

    def _leave(self) -> None:
        self._closed = True
        self._prompt.close()


def be_tried(line: bytes) -> int:
    """Whether this version works here, before it takes the place of the former one: its window, made unseen, then the data. Exit
    status 0, or 1 and the reason."""
    _application = qt_application([fr.APPLICATION])
    _window = MainWindow(sandbox=False)
    import_module("dmp_desktop.app")
    from dmp_desktop.wiring.updating import be_tried as open_data

    try:
        open_data(os.environ, line)
    except DmpDesktopError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for who tries it
        return 1
    return 0


def run(arguments: list[str], message: Message | None = None, *, listens: bool = False) -> int:
    """The window on the real readers, until it is closed. Exit status as the command line's: 0 only where `message` is received.
    As `Start`."""
    application = qt_application(arguments)
    with ExitStack() as opened:
        start = Start(application, opened, message, listens=listens)
        start.begin()
        status = application.exec()
        start.close()
    if start.unreceived and not (start.refused or start.failed):
        print(_left(), file=sys.stderr)  # noqa: T201 - for who handed it over; who closed the window knows
    return 1 if start.refused else 3 if start.failed or start.unreceived else status


def _left() -> StorageError:
    return StorageError(
        "handover-left",
        "La fenêtre de DMP Desktop a été fermée avant d'avoir repris ce que lui transmettait le logiciel métier.",
        "Transmettez-le de nouveau.",
    )
