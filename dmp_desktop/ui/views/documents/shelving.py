"""Archived and replaced documents beside the active ones, on demand (EX_3.1-1030): the list of a record leaves them out."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from dmp_desktop.domain.documents import Association, DocumentEntry
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.record import RecordList
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.properties_ports import PropertiesPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner


class Shelf(QCheckBox):
    """`found` is what was told since the record was last listed, `links` what replaced it; `changed` when it is another one."""

    changed = Signal()
    failed = Signal(object)  # DmpDesktopError

    def __init__(
        self, port: PropertiesPort | None, record: RecordController, pool: TaskRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(fr.SHELVED, parent)
        self._port, self._record, self._pool = port, record, pool
        self._turn = 0
        self.found: tuple[DocumentEntry, ...] = ()
        self.links: tuple[Association, ...] = ()
        self.setToolTip(fr.SHELVED_TIP)
        self.setVisible(port is not None)
        self.toggled.connect(lambda _checked: self.ask())

    def ask(self) -> None:
        """Anew, or nothing any more where it is not ticked."""
        self._turn += 1
        patient, port, turn = self._record.patient, self._port, self._turn
        if patient is None or port is None or not self.isChecked():
            self._take((), ())
            return

        def take(told: tuple[list[DocumentEntry], list[Association]]) -> None:
            if turn == self._turn:
                self._take(tuple(told[0]), tuple(told[1]))

        def refused(error: DmpDesktopError) -> None:
            if turn == self._turn:
                self.failed.emit(error)

        self._pool.submit(lambda: port.shelved(patient), take, refused)

    def forget(self) -> None:
        """What was told is out of date; it is still wanted."""
        self._turn += 1
        self.found, self.links = (), ()

    def clear(self) -> None:
        """Another record, or none."""
        self.blockSignals(True)
        self.setChecked(False)
        self.blockSignals(False)
        self.forget()

    def _take(self, found: tuple[DocumentEntry, ...], links: tuple[Association, ...]) -> None:
        if (found, links) != (self.found, self.links):
            self.found, self.links = found, links
            self.changed.emit()


def together(listed: list[DocumentEntry], found: Iterable[DocumentEntry]) -> list[DocumentEntry]:
    """The record's list with what is on the shelf; a document in both is as the list tells it."""
    names = {entry.unique_id for entry in listed}
    more = [entry for entry in found if entry.unique_id not in names]
    if not more:
        return listed
    return RecordList(
        [*listed, *more],
        offline_since=getattr(listed, "offline_since", None),
        begins=getattr(listed, "begins", None),
        at_hand=getattr(listed, "at_hand", None),
    )
