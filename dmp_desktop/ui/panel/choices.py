"""What was chosen of the panel, as it is now; written a little later, off the window's thread."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.panel_file import PanelChoices, PanelFile

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

WRITE_MS = 500
"""A window that is dragged is written once."""

LAST = "window's place"
"""The thread that writes it when the window is gone."""

log = logging.getLogger(__name__)


class Choices(QObject):
    """`now` always holds; a disk that refuses is logged, never in the way: it costs the window its place."""

    changed = Signal()

    def __init__(self, file: PanelFile, window: MainWindow) -> None:
        super().__init__(window)
        self._file, self._w = file, window
        self.now = self._written = file.load()
        self._saving = threading.Lock()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(WRITE_MS)
        self._soon.timeout.connect(self._write)
        window.closed.connect(self._write_last)

    def change(self, **fields: Any) -> None:
        """Fields of PanelChoices."""
        former, self.now = self.now, replace(self.now, **fields)
        if self.now != former:
            self._soon.start()
            self.changed.emit()

    def _write(self) -> None:
        if self.now != self._written:
            self._w.tasks.drafts.submit(self._save, self._wrote, _not_written)

    def _save(self) -> PanelChoices:
        """On any other thread than the window's. One at a time, and each what is chosen by then: none is older than the last."""
        with self._saving:
            now = self.now
            self._file.save(now)
            return now

    def _wrote(self, written: PanelChoices) -> None:
        self._written = written

    def _write_last(self) -> None:
        """The window closes: its workers take nothing more. The process waits for the disk, its user does not."""
        self._soon.stop()
        if self.now != self._written:
            threading.Thread(target=self._save_last, name=LAST).start()

    def _save_last(self) -> None:
        try:
            self._save()
        except DmpDesktopError as error:
            _not_written(error)


def _not_written(error: DmpDesktopError) -> None:
    log.warning("the window's place: %s", error.code)
