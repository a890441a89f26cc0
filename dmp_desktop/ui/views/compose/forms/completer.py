"""Completion of a label by any of its words, without case or accents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QCompleter

from dmp_desktop.ui.models.documents import plain

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
PLAIN_ROLE = Qt.ItemDataRole.UserRole + 1


class LabelsModel(QAbstractListModel):
    """Labels, with their plain form under PLAIN_ROLE."""

    def __init__(self, labels: Iterable[str], parent: QObject) -> None:
        super().__init__(parent)
        self._labels = [(label, plain(label)) for label in labels]

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == PLAIN_ROLE:
            return self._labels[index.row()][1]
        return self._labels[index.row()][0] if role == Qt.ItemDataRole.DisplayRole else None


class PlainCompleter(QCompleter):
    """Looks for what is typed in the plain form of each label, and gives the label."""

    def __init__(self, labels: Iterable[str], parent: QObject) -> None:
        super().__init__(parent)
        self.setModel(LabelsModel(labels, self))
        self.setCompletionRole(PLAIN_ROLE)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setMaxVisibleItems(8)

    def splitPath(self, path: str) -> list[str]:
        return [plain(path)]

    def pathFromIndex(self, index: Index) -> str:
        return str(index.data(Qt.ItemDataRole.DisplayRole))
