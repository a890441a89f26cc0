"""The tab Nouveautés: what others put in the record since the last visit, the urgent first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from dmp_desktop.services.digest import Digest
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.digest import DigestModel
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.row_card import RowCardDelegate


class NewsView(QWidget):
    """One click on a line opens its document. Nothing new is one quiet line."""

    chosen = Signal(object)  # DocumentEntry
    counted = Signal(int)

    def __init__(self, record: RecordController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = DigestModel(self)
        self.headline = PlainLabel(wrap=True)
        self.headline.setProperty("strong", True)
        self.counts = PlainLabel(role="muted", wrap=True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowCardDelegate(self.list))
        self.list.setAccessibleName(fr.NEWS_NAME)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, 0)
        column.addWidget(self.headline)
        column.addWidget(self.counts)
        column.addWidget(self.list, 1)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        record.unread.connect(self._say)
        record.opened.connect(lambda _patient: self._wait())
        record.digest_ready.connect(self.show_digest)
        self._say(fr.NO_PATIENT_HINT)

    def show_digest(self, digest: Digest) -> None:
        self.model.show(digest.lines)
        total = sum(digest.counts.values())
        since = formats.day(digest.since) if digest.since else ""
        if total:
            counted = fr.documents(total)
            headline = fr.NEWS_SINCE if since else fr.NEWS_EVER
            self.headline.setText(headline.format(day=since, counts=counted))
        else:
            self.headline.setText(fr.NEWS_NONE_SINCE.format(since) if since else fr.NEWS_NONE)
        self.counts.setText(" · ".join(f"{name} {count}" for name, count in digest.counts.items()))
        self.counts.setVisible(bool(digest.counts))
        self._show_list(bool(digest.lines))
        self.counted.emit(total)

    def _wait(self) -> None:
        self._say(fr.NEWS_LOADING)
        self.model.show((), loading=True)
        self._show_list(True)

    def _say(self, text: str) -> None:
        self.model.show(())
        self.headline.setText(text)
        self.counts.hide()
        self.counts.clear()
        self._show_list(False)
        self.counted.emit(0)

    def _show_list(self, shown: bool) -> None:
        """Without a list, empty room keeps the sentence at the top."""
        self.list.setVisible(shown)
        self._rest.setVisible(not shown)

    def _choose(self, index: QModelIndex) -> None:
        entry = self.model.lines[index.row()].entry
        if entry:
            self.chosen.emit(entry)
