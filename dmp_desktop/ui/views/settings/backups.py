"""Within Réglages, the backups of this workstation: how many there are, whether the last one failed, one more now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.backup import KeptBackup
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.administrator_ports import BackupsPort
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class BackupsSection(QWidget):
    """A part of `page`, which asks for it."""

    def __init__(self, port: BackupsPort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self.setAccessibleName(fr.BACKUPS)
        heading = PlainLabel(fr.BACKUPS)
        heading.setProperty("strong", True)
        self.status, self.answer = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.now = QPushButton(fr.BACKUP_NOW)
        self.now.clicked.connect(self._make)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.BACKUPS_WHAT, role="muted", wrap=True), self.status):
            column.addWidget(part)
        column.addWidget(self.now, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.answer)

    def fill(self) -> None:
        """Those there are now; who may make none is told why."""
        self.answer.clear()
        why = self._port.refusal()
        self.now.setEnabled(not why)
        self.now.setToolTip(why)
        self.status.set_role("warning" if why else "muted")
        self.status.setText(why or fr.LOADING)
        if not why:
            self._page.ask(self._port.kept, self._show, self._refused)

    def empty(self) -> None:
        self.answer.clear()

    def _show(self, kept: Sequence[KeptBackup]) -> None:
        if failed := self._port.failed:
            self.status.set_role("danger")
            self.status.setText(fr.BACKUPS_FAILED.format(failed.told_fr))
            return
        told = fr.BACKUPS_NONE
        if kept:
            told = fr.BACKUPS_KEPT[len(kept) > 1].format(len(kept), formats.day_and_time(kept[0].made_at))
        self.status.set_role("muted" if kept else "warning")
        self.status.setText(told)

    def _make(self) -> None:
        self.now.setEnabled(False)
        self.answer.set_role("muted")
        self.answer.setText(fr.BACKUP_MAKING)
        self._page.act(self._port.make, self._made, self._failed)

    def _made(self, file: Path) -> None:
        if self.isVisible():
            self.fill()
            self.answer.set_role("success")
            self.answer.setText(fr.BACKUP_MADE.format(file))
            self._page.reveal(self.answer)

    def _failed(self, error: DmpDesktopError) -> None:
        if self.isVisible():
            self.fill()
            self._refused(error)
        else:
            self._page.failed.emit(error)

    def _refused(self, error: DmpDesktopError) -> None:
        self.answer.set_role("danger")
        self.answer.setText(error.told_fr)
        self._page.reveal(self.answer)
