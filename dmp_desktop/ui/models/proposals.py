"""Proposals for coding as a list with ticks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from dmp_desktop.domain.notes import Proposal
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class ProposalsModel(QAbstractListModel):
    """`ticked` tells the row and its new state: only the doctor's own gesture emits it."""

    ticked = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.proposals: tuple[Proposal, ...] = ()

    def show(self, proposals: tuple[Proposal, ...]) -> None:
        self.beginResetModel()
        self.proposals = proposals
        self.endResetModel()

    @property
    def accepted(self) -> int:
        return sum(proposal.accepted for proposal in self.proposals)

    def tick(self, row: int, accepted: bool) -> None:
        self.proposals = (*self.proposals[:row], self.proposals[row].ticked(accepted), *self.proposals[row + 1 :])
        self.dataChanged.emit(self.index(row), self.index(row))
        self.ticked.emit(row, accepted)

    def at(self, position: int) -> int:
        """Row of the proposal whose words hold a position in the note, or -1."""
        found = (row for row, one in enumerate(self.proposals) if one.start <= position <= one.end)
        return next(found, -1)

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.proposals)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | (Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else Qt.ItemFlag.NoItemFlags)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        proposal = self.proposals[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if proposal.accepted else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(lines(proposal))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(lines(proposal))
        if role == Qt.ItemDataRole.ForegroundRole and proposal.warnings:
            return QColor(theme.current().warning)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.tick(index.row(), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


def lines(proposal: Proposal) -> list[str]:
    """What is coded, then where it comes from and how sure, then what to beware of."""
    head = " ".join(part for part in (proposal.label, value_words(proposal)) if part)
    status = fr.PROPOSAL_STATUS[proposal.status]
    first = f"{fr.PROPOSAL_KIND[proposal.kind]} : {head}" + (f" ({status})" if status else "")
    second = f"« {proposal.text} » · {fr.CONFIDENCE[proposal.confidence]}"
    code = f" · {proposal.code}" if proposal.code else ""
    return [first, second + code, *proposal.warnings]


def value_words(proposal: Proposal) -> str:
    """The value with its unit, decimals with a comma."""
    value = proposal.value
    if value is None:
        return ""
    if isinstance(value, dict) and {"systolic", "diastolic"} <= value.keys():
        return f"{value['systolic']}/{value['diastolic']} {_unit(proposal.unit or 'mm[Hg]')}"
    if isinstance(value, dict):
        return " ".join(str(value[key]) for key in ("strength", "schedule") if value.get(key))
    number = f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
    return f"{number} {_unit(proposal.unit)}".strip()


def _unit(ucum: str | None) -> str:
    """UCUM codes as they are written in French."""
    return {"mm[Hg]": "mmHg", "Cel": "°C", "/min": "/min", "kg/m2": "kg/m²"}.get(ucum or "", ucum or "")
