"""A workstation without anything set, for the first run: its own files, the real checks over readers that may be plugged in."""

from __future__ import annotations

from pathlib import Path

from dmp_desktop.card import open_fake
from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.services.diagnostics.service import Diagnostics
from dmp_desktop.services.first_run import FirstRun
from dmp_desktop.services.traced_settings import TracedSettings
from tests.helpers.stations import station
from tests.ui.journal import JournalWorld


class World:
    """`port` and `diagnostics` are what the window asks. `trained` counts the trainings opened; `trouble` refuses them."""

    def __init__(self, folder: Path) -> None:
        self.journal = JournalWorld(folder)
        self.trained = 0
        self.trouble: DmpDesktopError | None = None
        self.pcsc = FakePcsc()
        self.pcsc.start_service()
        settings = TracedSettings(SettingsFile(folder / "settings.json"), self.journal.acts, lambda: None)
        self.port = FirstRun(folder, settings, sandbox=False, training=self._train)
        self._station = station(folder, open_fake(self.pcsc))

    def diagnostics(self) -> Diagnostics:
        return Diagnostics(self._station)

    def _train(self) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.trained += 1
