"""The line above the list that says, before any click, that who is signed in may open none of these documents."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.access_ports import AccessPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.widgets.labels import PlainLabel


class Unopened(PlainLabel):
    """Asked whenever a record opens or is opened otherwise. `text` is empty, and the line not shown, for who may open them."""

    changed = Signal(str)  # the words, empty for who may open them

    def __init__(self, record: RecordController, port: AccessPort | None, pool: TaskRunner, parent: QWidget) -> None:
        super().__init__(role="muted", wrap=True, parent=parent)
        self._record, self._port, self._pool = record, port, pool
        self.hide()
        record.opened.connect(self._ask)
        record.closed.connect(lambda: self._show(None))

    def _ask(self, patient: Patient) -> None:
        port = self._port
        if port is not None:
            self._pool.submit(
                lambda: port.reading_refusal(patient),
                lambda why: self._show(why) if patient == self._record.patient else None,
                lambda _error: None,  # told when a document is asked for, if it lasts
            )

    def _show(self, why: str | None) -> None:
        self.setText(fr.UNOPENED.format(why) if why else "")
        self.setVisible(bool(why))
        self.changed.emit(self.text())
