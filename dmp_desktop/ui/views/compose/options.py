"""What the document will be: its kind, its form, who sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.views.compose.drafts import Draft

T = TypeVar("T")


class DocumentOptions(QWidget):
    """Reads and writes the draft's own options."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self.kind = _box(fr.KIND_NAME, fr.KIND)
        self.format = _box(fr.FORMAT_NAME, fr.FORMAT)
        self.visibility = _box(fr.VISIBILITY_NAME, fr.VISIBILITY_CHOICE)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for box in (self.kind, self.format, self.visibility):
            row.addWidget(box, 1)
            box.activated.connect(self._write)
        self.kind.setVisible(len(fr.KIND) > 1)

    def show_draft(self, draft: Draft | None) -> None:
        self._draft = draft
        if draft:
            for box, names, value in (
                (self.kind, list(fr.KIND), draft.kind),
                (self.format, list(fr.FORMAT), draft.format),
                (self.visibility, list(fr.VISIBILITY_CHOICE), draft.visibility),
            ):
                box.setCurrentIndex(names.index(value))  # type: ignore[arg-type]

    def _write(self) -> None:
        if self._draft:
            self._draft.kind = list(fr.KIND)[self.kind.currentIndex()]
            self._draft.format = list(fr.FORMAT)[self.format.currentIndex()]
            self._draft.visibility = list(fr.VISIBILITY_CHOICE)[self.visibility.currentIndex()]
            self.changed.emit()


def _box(name: str, choices: Mapping[T, str]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(4)
    box.addItems(list(choices.values()))
    return box
