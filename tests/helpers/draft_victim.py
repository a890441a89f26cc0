"""A window in which a note is written without a pause, to be killed: FOLDER. The drafts are those of the program, on a real database.

Prints a line for each key: how many characters stand in the note, and when that was (CLOCK_MONOTONIC, in seconds).
"""

from __future__ import annotations

import os
import sys
import time
from itertools import cycle
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import collector
from dmp_desktop.ui.immortal import protect_singletons
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from tests.helpers.drafts import Desk
from tests.ui import fakes
from tests.ui.record import FakeReading

KEY_MS = 15
WORDS = "Toux grasse depuis trois jours, ni frissons ni douleur. "


def main(folder: Path) -> int:
    application = QApplication([])
    protect_singletons()
    collector.hold()
    desk, session = Desk(folder / "a.db"), fakes.FakeSession()
    settings = SettingsFile(folder / "settings.json")
    compose, outbox, search = fakes.FakeCompose(), fakes.FakeOutbox(), fakes.FakeSearch()
    reading, digest, habits, dossier = FakeReading(), fakes.FakeDigest(), fakes.FakeHabits(), fakes.FakeDossier()
    services = Services(
        session, dossier, compose, outbox, digest, search, habits, reading, settings, drafts=desk.service
    )
    window = MainWindow(sandbox=True)
    window.furnish(services, fakes.FixedClock())
    window.complete()
    window.show()
    desk.keys.come(fakes.DOCTOR)
    window.card_event(fakes.cps())
    window.card_event(fakes.vitale())
    letters = cycle(WORDS)
    typing = QTimer()

    def key() -> None:
        if window.composer.draft is None:
            window.acts.write.click()
            return
        QTest.keyClicks(window.composer.editor, next(letters))
        print(len(window.composer.draft.text), time.monotonic(), flush=True)

    typing.timeout.connect(key)
    typing.start(KEY_MS)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
