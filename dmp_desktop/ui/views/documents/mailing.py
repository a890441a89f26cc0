"""A message of MSSanté in one act: made off the window's thread, opened in the doctor's own mail client, which asks to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.mail_ports import MailPort
from dmp_desktop.ui.tasks import TaskRunner

if TYPE_CHECKING:
    from dmp_desktop.services.mail_desk import Laid


class MailOpener(QObject):
    """One message at a time. What is made after `stop` is opened by nobody, and goes."""

    done = Signal(str)
    failed = Signal(object)  # DmpDesktopError

    def __init__(self, port: MailPort, pool: TaskRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._port, self._pool = port, pool
        self._turn = 0
        self._under_way = False
        self.open_file: Callable[[Path], bool] = lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def documents(self, entries: Sequence[DocumentEntry], contents: Callable[[], list[bytes]]) -> None:
        """Documents of the open record, whose bytes `contents` fetches."""
        wanted, port = tuple(entries), self._port
        self._begin(lambda: port.lay(wanted, contents()))

    def item(self, item: OutboxItem) -> None:
        """A document of the outbox, whoever it is of."""
        port = self._port
        self._begin(lambda: port.lay_sent(item))

    def stop(self) -> None:
        """The record is left, or who is there leaves."""
        self._turn += 1

    def _begin(self, work: Callable[[], Laid]) -> None:
        if self._under_way:
            return
        self._under_way, turn = True, self._turn
        self._pool.submit(work, lambda laid: self._open(turn, laid), lambda error: self._fail(turn, error))

    def _open(self, turn: int, laid: Laid) -> None:
        self._under_way = False
        if turn != self._turn:
            self._drop(laid)
        elif self.open_file(laid.path):
            self.done.emit(" ".join((fr.MAIL_OPENED, *laid.warnings)))
        else:
            self._drop(laid)
            self.failed.emit(DmpDesktopError(*fr.NO_MAIL_CLIENT))

    def _fail(self, turn: int, error: DmpDesktopError) -> None:
        self._under_way = False
        if turn == self._turn:
            self.failed.emit(error)

    def _drop(self, laid: Laid) -> None:
        port = self._port
        self._pool.submit(lambda: port.drop(laid.path), lambda _done: None, self.failed.emit)
