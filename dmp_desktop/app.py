"""Starts Qt on what `wiring` built. `dmp-desktop` opens the window; the demonstration drives the same object."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QEventLoop, QLibraryInfo, QLocale, QObject, QThread, QTimer, QTranslator, Signal, Slot
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QWidget

from dmp_desktop import version
from dmp_desktop.card import Cards, open_real
from dmp_desktop.domain.cards import PublicCps
from dmp_desktop.domain.ports import PatientDirectory
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.platform.logging import install_excepthook
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.services.documents import warm_up
from dmp_desktop.services.record_search import RecordSearch
from dmp_desktop.services.session import Session, SignedIn
from dmp_desktop.terminology import use_folder
from dmp_desktop.ui import collector, theme
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.immortal import protect_singletons
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.wiring import Wiring, open_wiring


def qt_application(arguments: list[str]) -> QApplication:
    """The QApplication with our theme and Qt's own words in French. Call once, before any window."""
    protect_singletons()
    collector.hold()
    application = QApplication(arguments)
    application.setApplicationName(fr.APPLICATION)
    application.setApplicationVersion(version())
    translator = QTranslator(application)
    if translator.load(QLocale("fr_FR"), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
    QLocale.setDefault(QLocale("fr_FR"))
    theme.SystemTheme(application).follow()
    return application


class Desktop:
    """The window over its services, with the watcher, the outbox's worker and the session behind it."""

    def __init__(
        self,
        application: QApplication,
        wiring: Wiring,
        cards: Cards,
        directory: PatientDirectory,
        reader: QWidget | None = None,
    ) -> None:
        self._application = application
        self._wiring = wiring
        self._cards = cards
        self.session = Session(cards.vitale, cards.professional, directory, self._sign_in, self._sign_out)
        services = Services(
            self.session,
            wiring.dossier,
            wiring.compose,
            wiring.outbox,
            wiring.digest,
            RecordSearch(wiring.search, wiring.dossier.content),
            wiring.habits,
            wiring.reading,
        )
        self.settled = False
        self.window = MainWindow(services, wiring.clock, sandbox=wiring.endpoint.sandbox, reader=reader)

    def start(self) -> None:
        """Show the window, then begin to watch cards and to send: nothing of it runs on the GUI thread.

        What is hidden at first is laid out and styled once before, or the first card would wait for it.
        """
        for hidden in (self.window.page, self.window.composer):
            hidden.grab()
        self.window.show()
        self._cards.watcher.start(self.window.card_event)
        self._wiring.worker.start()
        self.window.tasks.general.submit(warm_up, self._settled, self._settled)

    def stop(self) -> None:
        self._cards.watcher.stop()
        self._wiring.worker.stop()
        if not self.window.close():  # it asks once about a note that is not sent; here nobody is left to answer
            self.window.close()

    def wait(self, condition: Callable[[], object], seconds: float) -> bool:
        """Run the event loop until `condition` holds; False when it does not within `seconds`."""
        loop = QEventLoop()
        ticks, limit = QTimer(), QTimer()
        limit.setSingleShot(True)
        limit.timeout.connect(loop.quit)
        ticks.timeout.connect(lambda: loop.quit() if condition() else None)
        if condition():
            return True
        ticks.start(2)
        limit.start(int(seconds * 1000))
        loop.exec()
        return bool(condition())

    def picture(self, file: Path) -> None:
        """A PNG of the window as it is."""
        self.window.grab().save(str(file))

    def _settled(self, _outcome: object) -> None:
        collector.settle()
        self.settled = True

    def _sign_in(self, card: PublicCps) -> SignedIn:
        """What waited for this card in the outbox leaves at once."""
        signed_in = self._wiring.desk.sign_in_with_card(card)
        self._wiring.outbox.flush()
        return signed_in

    def _sign_out(self) -> None:
        self._wiring.desk.sign_out()
        self._wiring.dossier.forget()
        self._wiring.reading.forget()


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


def main(arguments: list[str] | None = None) -> int:
    """`dmp-desktop`: the window on the real readers. Exit status as the command line's."""
    application = qt_application(sys.argv if arguments is None else arguments)
    install_excepthook()
    try:
        with open_wiring(ask=SecretPrompt()) as wiring:
            use_folder(wiring.paths.codes)
            desktop = Desktop(application, wiring, open_real(), KnownPatients(()))
            desktop.start()
            status = application.exec()
            desktop.stop()
            return status
    except DmpDesktopError as error:
        print(error, file=sys.stderr)  # noqa: T201 - no window to say it in
        return 3
