"""What was recognised in the note, with a tick for each; nothing is coded without one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.proposals import ProposalsModel
from dmp_desktop.ui.widgets.labels import PlainLabel


class ProposalsPanel(QWidget):
    """`pointed` tells the row under the keyboard, so that the editor shows its words."""

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ProposalsModel(self)
        self.headline = PlainLabel()
        self.headline.setProperty("strong", True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setSpacing(self.fontMetrics().averageCharWidth() // 4)
        self.list.setAccessibleName(fr.PROPOSALS)
        self.list.selectionModel().currentChanged.connect(self._point)
        hint = PlainLabel(fr.PROPOSALS_KEYS, role="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.headline, self.list, hint):
            column.addWidget(widget, 1 if widget is self.list else 0)
        self.model.modelReset.connect(self._count)
        self.model.dataChanged.connect(self._count)
        self._count()

    def _count(self) -> None:
        total = len(self.model.proposals)
        counted = fr.PROPOSALS_COUNT.format(accepted=self.model.accepted, total=total)
        self.headline.setText(counted if total else fr.PROPOSALS_HINT)

    def _point(self, index: QModelIndex) -> None:
        self.pointed.emit(index.row())
