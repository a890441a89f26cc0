"""The page « À propos »: the notice for patients, on paper or as a PDF, and what the program tells the DMP of itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from dmp_desktop.errors import StorageError
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_about_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage
from dmp_desktop.ui.workstation_ports import AboutPort

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter


class AboutView(SidePage):
    """`ask_printer` gives None when no printer is chosen, `ask_file` an empty name when no file is."""

    def __init__(self, port: AboutPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.TITLE, pool, parent)
        self._port = port
        self.ask_printer: Callable[[], QPrinter | None] = lambda: asking.printer(self.window())
        self.ask_file: Callable[[], str] = self._ask_file
        self.print_notice, self.save_notice = QPushButton(fr.PRINT), QPushButton(fr.SAVE)
        self.print_notice.clicked.connect(self._print)
        self.save_notice.clicked.connect(self._save)
        buttons = QHBoxLayout()
        for button in (self.print_notice, self.save_notice):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._heading(fr.NOTICE)
        self.rows.addWidget(PlainLabel(fr.NOTICE_WHAT, role="muted", wrap=True))
        self.rows.addLayout(buttons)
        self._heading(fr.SOFTWARE)
        self.newer = PlainLabel(wrap=True)
        self.newer.hide()
        name, *lines = self._lines()
        for part in (PlainLabel(name, wrap=True), self.newer, *(PlainLabel(line, wrap=True) for line in lines)):
            self.rows.addWidget(part)
        for line in (fr.TOLD, fr.LICENCES):
            self.rows.addWidget(PlainLabel(line, role="muted", wrap=True))
        self.rows.addStretch(1)

    def fill(self) -> None:
        self.ask(self._port.newer, self._show_newer)

    def _show_newer(self, version: str) -> None:
        self.newer.setText(fr.NEWER.format(version) if version else "")
        self.newer.setVisible(bool(version))

    def _heading(self, words: str) -> None:
        heading = PlainLabel(words)
        heading.setProperty("strong", True)
        self.rows.addWidget(heading)

    def _lines(self) -> tuple[str, ...]:
        about = self._port.about
        approval = fr.APPROVAL.format(about.approval) if about.approval else fr.NO_APPROVAL
        return (
            fr.NAME.format(about.name, about.version),
            fr.PUBLISHER.format(about.publisher),
            fr.TRAINING.format(about.approval) if about.sandbox else approval,
            fr.PROFILES.format(about.profiles),
            fr.IDENTIFIER.format(about.identifier),
        )

    def _print(self) -> None:
        printer, port = self.ask_printer(), self._port
        if printer is None:
            return

        def draw() -> None:
            from dmp_desktop.ui.widgets.pdf_pane import print_pdf

            print_pdf(port.notice(), printer)

        self.ask(draw, lambda _done: self.said.setText(fr.PRINTED))

    def _save(self) -> None:
        file, port = self.ask_file(), self._port
        if not file:
            return

        def write() -> None:
            try:
                Path(file).write_bytes(port.notice())
            except OSError:
                raise StorageError(
                    "NoticeNonEcrite", "La notice n'a pas pu être enregistrée ici.", "Choisissez un autre dossier."
                ) from None

        self.ask(write, lambda _done: self.said.setText(fr.SAVED))

    def _ask_file(self) -> str:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return asking.file_to_save(self.window(), fr.SAVE_TITLE, Path(folder) / fr.SAVE_NAME, fr.SAVE_KINDS)
