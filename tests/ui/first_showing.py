"""Run as a program: how long the window stands still at worst, in milliseconds of its own work, while each page is shown for the first time in its life.

In a process of its own: nothing of a page was loaded, styled or drawn before. Prints `page: milliseconds`, a page a line.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from PySide6.QtCore import QDeadlineTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import strings_access_fr, strings_properties_fr, strings_records_fr, theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.stalls import StallMeter
from tests.ui import fakes
from tests.ui.access import FakeAccess
from tests.ui.properties import FakeProperties
from tests.ui.record import FakeReading
from tests.ui.records_desk import FakeRecords

PAGES = (
    strings_records_fr.RECORDS,
    strings_records_fr.PROFESSIONALS,
    strings_access_fr.PAGE,
    strings_properties_fr.TITLE,
)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = QDeadlineTimer(int(seconds * 1000))
    while not condition():
        assert not deadline.hasExpired(), "nothing came"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)


def pause(milliseconds: int) -> None:
    deadline = QDeadlineTimer(milliseconds)
    until(deadline.hasExpired)


def opened_window() -> MainWindow:
    """Signed in, a record open, nothing under way."""
    session, dossier = fakes.FakeSession(), fakes.FakeDossier()
    services = Services(
        session,
        dossier,
        fakes.FakeCompose(),
        fakes.FakeOutbox(),
        fakes.FakeDigest(),
        fakes.FakeSearch(),
        fakes.FakeHabits(),
        FakeReading(),
        SettingsFile(Path(mkdtemp()) / "settings.json"),
        records=FakeRecords(),
        access=FakeAccess(),
        properties=FakeProperties(dossier),
    )
    window = MainWindow(sandbox=True)
    ready: list[bool] = []
    window.ready.connect(lambda: ready.append(True))
    window.show()
    window.furnish(services, fakes.FixedClock())
    until(lambda: ready)
    window.card_event(fakes.cps())
    until(lambda: window.stack.currentWidget() is window.content)
    window.card_event(fakes.vitale())
    until(lambda: window.page.documents.model.entries and not window.tasks.general.busy)
    window.page.go(2)
    window.page.documents.open(window.page.documents.model.entries[0])
    until(lambda: window.page.documents.pane.ready is not None and not window.tasks.general.busy)
    pause(1000)
    return window


def ask_for(window: MainWindow, page: str) -> Callable[[], object]:
    """Shows it; returns what tells that it is there with what it holds."""
    if page == strings_properties_fr.TITLE:
        altering = window.page.documents.altering
        altering.button.click()
        return lambda: altering.panel.buttons
    next(one for one in window.banner.acts.menu().actions() if one.text() == page).trigger()
    shown = window.body.currentWidget()
    if page == strings_access_fr.PAGE:
        return lambda: shown.told.text() and shown.history.text()  # type: ignore[union-attr]
    return lambda: shown.model.rows  # type: ignore[union-attr]


def main() -> None:
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    theme.apply(application, theme.LIGHT)
    gc.disable()  # as in the program (ui/collector.py)
    window = opened_window()
    for page in PAGES:
        window.conductor.show_record()
        pause(300)
        meter = StallMeter(floor_ms=0)
        meter.start()
        there = ask_for(window, page)
        until(there)
        pause(300)
        meter.stop()
        print(f"{page}: {meter.worst_worked_ms:.1f}", flush=True)
    window.close()


if __name__ == "__main__":
    main()
