"""The page Envois: what did not leave today, then how many documents were sent, refused, held or wait, and their export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.dashboard import Fate, FeedingLine
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_dashboard_fr as fr
from dmp_desktop.ui.dashboard_ports import DashboardPort
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.dashboard.rows import feeding_rows, told, unsent_rows
from dmp_desktop.ui.views.dashboard.unsent import UnsentSection
from dmp_desktop.ui.widgets.told_page import ToldPage

SHARES = {0: 34, 1: 11, 2: 11, 3: 11, 4: 11, 5: 11, 6: 11}
LIST_LINES = 14


@dataclass(frozen=True, slots=True)
class Unsent:
    """Where what did not leave is found. `items` blocks; the others never.

    `named`: who looks may see patients; `closed`: how many drafts another card keeps closed, and how many could not be read.
    """

    items: Callable[[], Sequence[OutboxItem]]
    drafts: Callable[[], Sequence[Draft]]
    named: Callable[[], bool]
    to_validate: Callable[[], bool]
    closed: Callable[[], tuple[int, int]]


class DashboardView(ToldPage):
    """`types` gives the types of documents and blocks; `ask_file` the name of the file to write, empty for none."""

    unread = fr.UNLISTED

    def __init__(
        self,
        port: DashboardPort,
        unsent: Unsent,
        types: Callable[[], Sequence[Code]],
        pool: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(fr.TITLE, fr.NOTE, fr.COLUMNS, SHARES, pool, parent)
        self._port, self._unsent, self._types = port, unsent, types
        self.ask_file: Callable[[], str] = self._ask_file
        self.unsent = UnsentSection()
        self.export = QPushButton(fr.EXPORT)
        self.export.clicked.connect(self._export)
        self.rows.insertWidget(0, self.unsent)
        self.choices.addWidget(self.export)
        self.choices.addStretch(1)
        self.list.setMinimumHeight(self.fontMetrics().height() * LIST_LINES)

    def fill(self) -> None:
        """Who has nothing to count may still have notes that did not leave."""
        self.unsent.say(fr.UNSENT_LOADING)
        self.follow()
        why = self._port.refusal()
        self.export.setEnabled(not why)
        self.export.setToolTip(why or fr.EXPORT_TIP)
        if why:
            self.refuse(why)
            return

        def counted() -> Sequence[ToldRow]:
            lines = self._port.lines()
            return feeding_rows(lines, {one.code: one.display for one in self._types()})

        self.load(fr.LOADING, counted)

    def follow(self) -> None:
        """What did not leave may have changed: its list is read anew, in the place of the former one. Nothing of it is for who
        may see no patient."""
        self.unsent.setVisible(self._unsent.named())
        if not self._unsent.named():
            return
        drafts, named = list(self._unsent.drafts()), self._unsent.named()
        to_validate, closed = self._unsent.to_validate(), self._unsent.closed()

        def came(items: Sequence[OutboxItem]) -> None:
            self.unsent.show_rows(unsent_rows(items, drafts, named=named, to_validate=to_validate), *closed)

        def refused(error: DmpDesktopError) -> None:
            self.unsent.say(fr.UNSENT_UNREAD)
            self.failed.emit(error)

        self.ask(self._unsent.items, came, refused)

    def count(self) -> None:
        total: Counter[Fate] = Counter()
        for row in self.model.rows:
            if isinstance(row.of, FeedingLine):
                total.update(row.of.count)
        self.told.setText(fr.TOTAL.format(told(total)) if self.model.total else fr.NONE)

    def empty(self) -> None:
        super().empty()
        self.unsent.empty()

    def _export(self) -> None:
        name = self.ask_file()
        if name:
            self.ask(lambda: self._port.export(Path(name)), self._exported)

    def _exported(self, number: int) -> None:
        self.said.setText(fr.EXPORTED[number > 1].format(number))

    def _ask_file(self) -> str:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return asking.file_to_save(self, fr.EXPORT_TITLE, Path(folder or Path.home()) / fr.EXPORT_NAME, fr.EXPORT_KINDS)
