"""`dmp-desktop`: the window first, painted before anything else is loaded; then the program behind it (`app`, `wiring`)."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QThread, QTranslator, Signal, Slot
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit

from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.platform.endpoint import find_endpoint
from dmp_desktop.ui import collector, theme
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.immortal import protect_singletons
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.widgets.notice_bar import of_error

if TYPE_CHECKING:
    from dmp_desktop.app import Desktop
    from dmp_desktop.wiring import Wiring


def qt_application(arguments: list[str]) -> QApplication:
    """The QApplication with our theme and Qt's own words in French. Call once, before any window."""
    protect_singletons()
    collector.hold()
    application = QApplication(arguments)
    application.setApplicationName(fr.APPLICATION)
    translator = QTranslator(application)
    if translator.load(QLocale("fr_FR"), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
    QLocale.setDefault(QLocale("fr_FR"))
    theme.SystemTheme(application).follow()
    return application


class SecretPrompt(QObject):
    """Asks for a secret in the window, whatever thread needs it: sign-in happens on the card's."""

    _asked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(self._show)

    def __call__(self, prompt: str) -> str:
        """What was typed. Raises ContextError when the question is dismissed."""
        answer: Future[str] = Future()
        if QThread.currentThread() is self.thread():
            self._show(prompt, answer)
        else:
            self._asked.emit(prompt, answer)
        return answer.result()

    @Slot(str, object)
    def _show(self, prompt: str, answer: Future[str]) -> None:
        secret, given = QInputDialog.getText(None, fr.APPLICATION, prompt, QLineEdit.EchoMode.Password)
        if given:
            answer.set_result(secret)
        else:
            refusal = ContextError("SaisieAnnulee", "La saisie a été annulée.", "Retirez puis remettez votre carte.")
            answer.set_exception(refusal)


class Start:
    """Shows the window, then opens the program on a worker: what it loads and asks for does not keep the window waiting."""

    def __init__(self, application: QApplication, opened: ExitStack) -> None:
        self._application, self._opened = application, opened
        self._ask = SecretPrompt()
        self.window = MainWindow(sandbox=find_endpoint(os.environ).sandbox)
        self.desktop: Desktop | None = None
        self.failed = False

    def begin(self) -> None:
        self.window.show()
        self.window.tasks.general.submit(self._open, self._join, self._fail)

    def _open(self) -> Wiring:
        """On a worker thread."""
        from dmp_desktop.platform.logging import install_excepthook
        from dmp_desktop.terminology import use_folder
        from dmp_desktop.wiring import open_wiring

        install_excepthook()
        wiring = self._opened.enter_context(open_wiring(ask=self._ask))
        use_folder(wiring.paths.codes)
        import_module("dmp_desktop.app")
        return wiring

    def _join(self, wiring: Wiring) -> None:
        from dmp_desktop.app import Desktop
        from dmp_desktop.card import open_real
        from dmp_desktop.services.directory import KnownPatients

        self.desktop = Desktop(self._application, wiring, open_real(), KnownPatients(()), self.window)
        self.desktop.start()

    def _fail(self, error: DmpDesktopError) -> None:
        """Said in the window, which stays masked."""
        print(error, file=sys.stderr)  # noqa: T201 - for who started it from a terminal
        self.failed = True
        self.window.notices.tell(of_error(error))


def main(arguments: list[str] | None = None) -> int:
    """The window on the real readers. Exit status as the command line's."""
    application = qt_application(sys.argv if arguments is None else arguments)
    try:
        with ExitStack() as opened:
            start = Start(application, opened)
            start.begin()
            status = application.exec()
            if start.desktop:
                start.desktop.stop()
            return 3 if start.failed else status
    except DmpDesktopError as error:
        print(error, file=sys.stderr)  # noqa: T201 - no window to say it in
        return 3
