"""The lines of Nouveautés as a list."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from dmp_desktop.services.digest import DigestLine
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.models.row_card import CARD_ROLE, RowCard
from dmp_desktop.ui.widgets.place import Place

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
TONES = {"critical": "danger", "warning": "warning", "info": "muted"}
SKELETON_ROWS = 4


SECTIONS = {
    "pill": ("10160-0", "57828-6", "18776-5", "60590-7"),
    "warning": ("48765-2",),
    "report": ("11450-4", "46057-6", "55112-7", "48767-8"),
    "lab": ("30954-2", "18725-2"),
}
"""Where a kind of change is told, by the icon of its line: treatments and prescriptions, allergies, problems and conclusions,
results (LOINC section codes of the CI-SIS)."""

_SAID = re.compile(
    r"«\s*(?P<quote>[^»]+?)\s*»|^[+−-]\s*(?P<drug>[^(;]+)|^[^:]*\s:\s*(?P<named>[^;]+)|^(?P<first>[^\d<>≤≥]+)"
)


def place_of(line: DigestLine) -> Place:
    """Where in its document a line is told: the words quoted, the first drug, diagnosis or analyte named."""
    said = _SAID.search(line.text)
    words = next((group for group in said.groups() if group), "") if said and line.text != line_title(line) else ""
    return Place(text=words.strip(" ,…"), section_codes=SECTIONS.get(line.icon, ()))


def line_title(line: DigestLine) -> str:
    """The title that stands alone for a document of which nothing more is told."""
    return line.entry.title if line.entry else ""


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
