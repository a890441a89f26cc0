"""One window on in-memory services."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.widgets import settling
from tests.helpers.garbage import set_aside
from tests.ui import fakes
from tests.ui.record import FakeReading
from tests.ui.sign_in import FakeEntries, FakePsc


@dataclass
class Bench:
    """The window and the services behind it."""

    window: MainWindow
    session: fakes.FakeSession
    dossier: fakes.FakeDossier
    compose: fakes.FakeCompose
    outbox: fakes.FakeOutbox
    clock: fakes.FixedClock
    search: fakes.FakeSearch
    habits: fakes.FakeHabits
    reading: FakeReading
    digest: fakes.FakeDigest
    psc: FakePsc
    entries: FakeEntries

    def sign_in(self, qtbot) -> None:
        self.window.card_event(fakes.cps())
        qtbot.waitUntil(lambda: self.window.stack.currentIndex() == 1)

    def open(self, qtbot, *patients) -> None:
        """Both cards in, the list complete."""
        self.session.vitale = patients or (fakes.LEA,)
        if not self.session.state().cps_present:
            self.sign_in(qtbot)
        self.window.card_event(fakes.vitale())
        documents = self.window.page.documents.model
        qtbot.waitUntil(lambda: bool(documents.entries) and not documents.loading)


@pytest.fixture(scope="session")
def qapp_cls():
    return QApplication


@pytest.fixture(scope="module", autouse=True)
def only_the_module_s() -> None:
    """The collection after each test walks through what came since here: the rest of a long run took it half a second a test."""
    set_aside()


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """As in the program (ui/collector.py): a worker's collection would destroy Qt objects on its own thread."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture(scope="session")
def light_sheet(qapp) -> str:
    qapp.setStyle("Fusion")
    theme.apply(qapp, theme.LIGHT)
    return qapp.styleSheet()


@pytest.fixture(autouse=True)
def light(qapp, light_sheet: str) -> None:
    """Put back only where a test changed it: every widget still alive is styled anew, which took more than half of these tests."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if qapp.styleSheet() != light_sheet or theme.current() is not theme.LIGHT:
        qapp.setStyle("Fusion")
        theme.apply(qapp, theme.LIGHT)


@pytest.fixture(autouse=True)
def settled(monkeypatch) -> None:
    """Questions may be answered at once: how long they may not is the matter of test_stray.py."""
    monkeypatch.setattr(settling, "SETTLE_MS", 0)


@pytest.fixture
def dossier() -> fakes.FakeDossier:
    """The records behind the window; a test module may put its own there."""
    return fakes.FakeDossier()


@pytest.fixture
def settings(tmp_path) -> SettingsFile:
    """The real ones, of nobody."""
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def bench(qtbot, dossier, settings) -> Iterator[Bench]:
    session, compose, outbox = fakes.FakeSession(), fakes.FakeCompose(), fakes.FakeOutbox()
    search, habits = fakes.FakeSearch(), fakes.FakeHabits()
    search.entries = dossier.documents
    reading, digest = FakeReading(), fakes.FakeDigest()
    psc, entries = FakePsc(), FakeEntries()
    services = Services(
        session, dossier, compose, outbox, digest, search, habits, reading, settings, psc=psc, entries=entries
    )
    clock = fakes.FixedClock()
    window = MainWindow(sandbox=True)
    window.furnish(services, clock)
    window.complete()
    qtbot.addWidget(window)
    window.show()
    yield Bench(window, session, dossier, compose, outbox, clock, search, habits, reading, digest, psc, entries)
    gates = (
        session.gate,
        dossier.gate,
        compose.gate,
        compose.slow,
        outbox.gate,
        search.gate,
        reading.gate,
        digest.gate,
        psc.gate,
        entries.gate,
    )
    for gate in gates:
        gate.set()
    assert window.tasks.close()
