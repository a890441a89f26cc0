"""Within Réglages, everything in open formats, into a folder that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.export_all import Exported
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.administrator_ports import ExportPort
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class ExportSection(QWidget):
    """A part of `page`. `ask_folder` gives an empty string when none was chosen."""

    def __init__(self, port: ExportPort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self.ask_folder: Callable[[], str] = self._ask_folder
        self.setAccessibleName(fr.EXPORT)
        heading = PlainLabel(fr.EXPORT)
        heading.setProperty("strong", True)
        self.start, self.answer = QPushButton(fr.EXPORT_ASK), PlainLabel(wrap=True)
        self.start.clicked.connect(self._begin)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.EXPORT_WHAT, role="muted", wrap=True)):
            column.addWidget(part)
        column.addWidget(self.start, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.answer)

    def fill(self) -> None:
        """Who has none is told why."""
        why = self._port.refusal()
        self.start.setEnabled(not why)
        self.start.setToolTip(why)
        self.answer.set_role("warning")
        self.answer.setText(why)

    def empty(self) -> None:
        self.answer.clear()

    def _begin(self) -> None:
        chosen, port = self.ask_folder(), self._port
        if not chosen:
            return
        self.start.setEnabled(False)
        self.answer.set_role("muted")
        self.answer.setText(fr.EXPORT_WRITING)
        self._page.act(lambda: port.export(Path(chosen) / port.name()), self._done, self._failed)

    def _done(self, told: Exported) -> None:
        words = fr.EXPORT_DONE.format(
            documents=told.documents,
            drafts=told.drafts or 0,
            scans=told.scans,
            identities=told.identities,
            states=told.states,
            folder=told.folder,
        )
        if told.unreadable:
            words += fr.EXPORT_UNREADABLE.format(told.unreadable)
        if told.barred:
            words += f" {told.barred}"
        self._tell("warning" if told.barred or told.unreadable or told.drafts is None else "success", words)

    def _failed(self, error: DmpDesktopError) -> None:
        if self.isVisible():
            self._tell("danger", error.told_fr)
        else:
            self._page.failed.emit(error)

    def _tell(self, role: str, words: str) -> None:
        if self.isVisible():
            self.fill()
            self.answer.set_role(role)
            self.answer.setText(words)
            self._page.reveal(self.answer)

    def _ask_folder(self) -> str:
        return asking.folder(self.window(), fr.EXPORT_CHOOSE, Path.home())
