"""« Documents reçus, classés »: what others sent about the open patient, that their doctor filed; found again, read again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QLineEdit, QWidget

from dmp_desktop.domain.identity import folded
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.tray import Scan
from dmp_desktop.terminology import document_type
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.models.row_card import RowCard
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.tray_ports import TrayPort
from dmp_desktop.ui.views.tray.sheet import Sheet
from dmp_desktop.ui.widgets.tab_order import lead_to
from dmp_desktop.ui.widgets.told_page import ToldPage

SHARES = {0: 40, 1: 18, 2: 42}


class FiledView(ToldPage):
    """The latest act first. What is typed is looked for in what stands in the list and in the words of each document."""

    def __init__(self, port: TrayPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.FILED_TITLE, fr.FILED_PAGE_NOTE, fr.FILED_COLUMNS, SHARES, pool, parent)
        self._port = port
        self._wanted = ""
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(fr.FILED_FILTER)
        self.filter.setAccessibleName(fr.FILED_FILTER)
        self.filter.setClearButtonEnabled(True)
        self.sheet = Sheet()
        self.sheet.told.setText(fr.FILED_NOT_SHOWN)
        self.rows.insertWidget(0, self.filter)
        self.rows.addWidget(self.sheet, 2)
        lead_to(self.list.cards, (self.filter,))
        self.filter.textChanged.connect(self._narrow)
        self.filter.returnPressed.connect(self._open_only)
        self.list.asked.connect(self._open)

    def show_for(self, patient: Patient | None) -> None:
        super().show_for(patient)
        self.filter.setFocus()

    def fill(self) -> None:
        patient, port = self.patient, self._port
        if patient is not None:
            self.load(fr.FILED_LOADING, lambda: [_row(one) for one in port.filed(patient)])

    def empty(self) -> None:
        self.filter.clear()
        super().empty()
        self._wanted = ""
        self.sheet.forget()

    def _read_words(self) -> None:
        """Behind the list: until they come, what stands in it is looked into."""
        scans, port = tuple(row.of for row in self.model.told if isinstance(row.of, Scan)), self._port
        if scans:
            self.ask(lambda: port.filed_words(scans), lambda words: self._know(scans, words))

    def _know(self, scans: Sequence[Scan], words: dict[str, str]) -> None:
        self.model.show([_row(one, words.get(one.id, "")) for one in scans])
        self._tell()

    def count(self) -> None:
        self._tell()
        self._read_words()

    def _tell(self) -> None:
        shown, total = len(self.model.rows), self.model.total
        if self.model.loading:
            return
        if not total:
            self.told.setText(fr.NONE_FILED)
        elif shown < total:
            self.told.setText(fr.FILED_KEPT.format(shown, total))
        else:
            self.told.setText(fr.FILED_COUNT[total > 1].format(total))

    def _narrow(self, typed: str) -> None:
        self.model.narrow(folded(typed))
        self._tell()

    def _open_only(self) -> None:
        """Enter where one row is left."""
        if len(self.model.rows) == 1:
            self._open(self.model.index(0, 0))

    def _open(self, index: QModelIndex) -> None:
        row = self.model.row(index)
        if row is None or not isinstance(row.of, Scan):
            return
        scan, self._wanted = row.of, row.of.id
        self.ask(lambda: self._port.pages(scan), lambda content: self._show(scan, content))

    def _show(self, scan: Scan, content: bytes) -> None:
        """Unless another one was asked for meanwhile."""
        if scan.id == self._wanted:
            self.sheet.show_pdf(content)
            self._area.ensureWidgetVisible(self.sheet)


def _row(scan: Scan, words: str = "") -> ToldRow:
    origin, code = scan.origin, document_type(scan.type_code)
    label = code.display if code else scan.type_code
    day = formats.day(scan.act_date) if scan.act_date else ""
    sender = (origin.sender if origin else "") or fr.UNKNOWN_SENDER
    card = RowCard(icon="document", title=label, detail=sender, date=day)
    return ToldRow(scan, (label, day, sender), card, folded(f"{label} {day} {sender} {words}"))
