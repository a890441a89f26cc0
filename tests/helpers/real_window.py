"""The real window on the stand-in server in its own process, over HTTPS, joined as the program joins them."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from dmp_desktop.app import Desktop
from dmp_desktop.card import open_fake
from dmp_desktop.demo.stage import CPS, Stage, set_up
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.opening import SWITCH_S
from dmp_desktop.platform.endpoint import TRACE
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import collector
from dmp_desktop.ui.immortal import protect_singletons
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.record_page import RecordPage
from dmp_desktop.wiring import open_wiring
from dmp_desktop.wiring.clinic import DATABASE
from tests.helpers.garbage import put_back
from tests.helpers.postgres import PASSWORD

PATIENCE = 60.0
"""Seconds a step may take on a busy machine before it fails."""


@dataclass(frozen=True, slots=True)
class RealWindow:
    """The program under way, and what surrounds it."""

    desktop: Desktop
    stage: Stage

    @property
    def window(self) -> MainWindow:
        return self.desktop.window

    @property
    def page(self) -> RecordPage:
        return self.desktop.window.page

    def until(self, condition: Callable[[], object]) -> None:
        assert self.desktop.wait(condition, PATIENCE), self.shown()

    def shown(self) -> str:
        """What stands in the window, and whether something is under way: all there is to go by when a step failed."""
        parts = [*self.window.findChildren(QLabel), *self.window.findChildren(QAbstractButton)]
        words = [part.text() for part in parts if part.isVisible() and part.text()]
        pools = [pool.busy for pool in (self.window.tasks.general, self.window.tasks.card, self.window.tasks.drafts)]
        return f"{self.window.session.state.phase}, busy {pools}, shown: {words}"

    def pause(self, seconds: float) -> None:
        """The window goes on meanwhile."""
        self.desktop.wait(lambda: False, seconds)

    def sign_in(self) -> None:
        self.stage.insert(0, CPS)
        self.until(lambda: self.window.session.state.phase in (Phase.READY, Phase.OPEN))

    def open(self, story: str) -> None:
        """The Vitale of a scripted patient, until the whole list is there."""
        self.stage.insert(1, self.stage.patient_card(story))
        self.until(lambda: self.page.documents.model.entries and not self.page.documents.model.loading)


def _environment(stage: Stage, folder: Path, *, psc: bool, protocol: str) -> dict[str, str]:
    environment = stage.environment | {"DMP_DESKTOP_PROTOCOL": protocol}
    if not psc:
        return environment
    file = folder / "psc.json"
    file.write_text(json.dumps(stage.ready["psc"]))
    return environment | {"DMP_DESKTOP_PSC": str(file)}


@contextmanager
def real_window(
    application: QApplication,
    folder: Path,
    *,
    psc: bool = False,
    protocol: str = "xds",
    clinic: str = "",
    traced: bool = False,
) -> Iterator[RealWindow]:
    """Everything started, no card in yet; ended in order, garbage collected as before. `psc`: Pro Santé Connect is configured;
    `protocol`: how the DMP is spoken to, xds or fhir; `clinic`: address of the practice's database (tests/helpers/postgres.py);
    `traced`: the trace for the support is written."""
    protect_singletons()
    collector.hold()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        with ExitStack() as opened:
            stage = opened.enter_context(set_up(folder))
            environment = _environment(stage, folder, psc=psc, protocol=protocol)
            environment |= {DATABASE: clinic} if clinic else {}
            environment |= {TRACE: "oui"} if traced else {}
            wiring = opened.enter_context(open_wiring(environment, ask=lambda _prompt: PASSWORD))
            patients = KnownPatients(patient_from_dict(item["patient"]) for item in stage.ready["patients"])
            desktop = Desktop(application, wiring, open_fake(stage.pcsc), patients)
            desktop.start()
            try:
                real = RealWindow(desktop, stage)
                real.until(lambda: desktop.settled)
                yield real
            finally:
                desktop.stop()
    finally:
        sys.setswitchinterval(interval)
        for sweeper in application.findChildren(collector._Sweeper):
            sweeper.stop()
            sweeper.setParent(None)
        put_back()
        gc.enable()
