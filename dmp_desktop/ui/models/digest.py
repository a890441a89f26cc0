"""The lines of Nouveautés as a list."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from dmp_desktop.services.digest import DigestLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
TONES = {"critical": "danger", "warning": "warning", "info": "muted"}
SKELETON_ROWS = 4


class DigestModel(QAbstractListModel):
    """In the order of the service: abnormal results first. Skeleton rows while the record is read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[DigestLine, ...] = ()
        self.loading = False

    def show(self, lines: tuple[DigestLine, ...], *, loading: bool = False) -> None:
        self.beginResetModel()
        self.lines, self.loading = lines, loading
        self.endResetModel()

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        if parent.isValid():
            return 0
        return SKELETON_ROWS if self.loading else len(self.lines)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.NoItemFlags if self.loading else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.loading or not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == CARD_ROLE:
            mark = fr.SEVERITY.get(line.severity, "")
            tone = TONES.get(line.severity, "muted")
            return RowCard(line.icon, line.text, line.detail, formats.day(line.date), mark, tone)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = (fr.SEVERITY.get(line.severity, ""), line.text, line.detail, formats.day(line.date))
            return ", ".join(word for word in words if word)
        return None
