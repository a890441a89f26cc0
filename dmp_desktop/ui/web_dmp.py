"""The Web DMP in the browser (TD0.9): two entries of the menu for the pages that are always needed, a page for the others."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_records_fr as fr
from dmp_desktop.ui.records_ports import RecordsPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage


def open_page(port: RecordsPort, page: str, patient: Patient | None, failed: Callable[[DmpDesktopError], None]) -> bool:
    """In the default browser; whether it was asked to. The address, which may hold an INS, is told nobody else."""
    try:
        address = port.web_address(page, patient)
    except DmpDesktopError as error:
        failed(error)
        return False
    if not QDesktopServices.openUrl(QUrl(address)):
        failed(DmpDesktopError(*fr.NO_BROWSER))
        return False
    return True


class WebDmpView(SidePage):
    """A button a page; all greyed out, with the reason, where rights say so."""

    def __init__(self, port: RecordsPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.WEB_TITLE, pool, parent)
        self._port = port
        self.why = PlainLabel(role="muted", wrap=True)
        self.buttons = {name: QPushButton(words) for name, words in (fr.OWN_PAGES | fr.PATIENT_PAGES).items()}
        self.column.insertWidget(self.column.indexOf(self.said), PlainLabel(fr.WEB_NOTE, role="muted", wrap=True))
        self.rows.addWidget(self.why)
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, name=name: self._open(name))
            self.rows.addWidget(button)
        self.rows.addStretch(1)

    def fill(self) -> None:
        why = self._port.web_refusal(self.patient)
        self.why.setText(why or "")
        self.why.setVisible(bool(why))
        for button in self.buttons.values():
            button.setEnabled(why is None)
            button.setToolTip(why or "")
        (self.back if why else self.buttons[fr.PATIENT]).setFocus()

    def _open(self, name: str) -> None:
        self.said.clear()
        patient = self.patient if name in fr.PATIENT_PAGES else None
        if open_page(self._port, name, patient, self.failed.emit):
            self.said.setText(fr.WEB_OPENED.format((fr.OWN_PAGES | fr.PATIENT_PAGES)[name]))
