"""What was recognised in the note, with a tick for each; nothing is coded without one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QListView, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.proposals import ProposalsModel
from dmp_desktop.ui.widgets.labels import PlainLabel

LEAST_LINES = 4


class ProposalsPanel(QWidget):
    """`pointed` tells the row under the keyboard, so that the editor shows its words."""

    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ProposalsModel(self)
        self.headline = PlainLabel(wrap=True)
        self.headline.setProperty("strong", True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setSpacing(self.fontMetrics().averageCharWidth() // 4)
        self.list.setAccessibleName(fr.PROPOSALS)
        self.list.selectionModel().currentChanged.connect(self._point)
        self.list.setMinimumHeight(LEAST_LINES * self.fontMetrics().height())
        hint = PlainLabel(fr.PROPOSALS_KEYS, role="muted", wrap=True)
        self.learn = QPushButton(forms_fr.LEARN)
        self.learn.setToolTip(forms_fr.LEARN_TIP)
        self.learn.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.headline, self.list, hint, self.learn):
            column.addWidget(widget, 1 if widget is self.list else 0)
        self.model.modelReset.connect(self._count)
        self.model.dataChanged.connect(self._count)
        self._count()

    def offer_learning(self, term: str) -> None:
        """Shown while an abbreviation is selected; possible when a ticked proposal that says what it means is pointed at."""
        one = self.pointed_proposal
        self.learn.setVisible(bool(term))
        self.learn.setEnabled(bool(term) and one is not None and one.accepted)

    @property
    def pointed_proposal(self) -> Proposal | None:
        row = self.list.currentIndex().row()
        return self.model.proposals[row] if 0 <= row < len(self.model.proposals) else None

    def _count(self) -> None:
        total = len(self.model.proposals)
        counted = fr.PROPOSALS_COUNT.format(accepted=self.model.accepted, total=total)
        self.headline.setText(counted if total else fr.PROPOSALS_HINT)

    def _point(self, index: QModelIndex) -> None:
        self.pointed.emit(index.row())
