"""The sections of the open document: to go to one, to fold it, to change their order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.widgets.section_order import Group

ANCHOR_ROLE = Qt.ItemDataRole.UserRole
PLACE_ROLE = Qt.ItemDataRole.UserRole + 1
LINES = 8


class Contents(QWidget):
    """Emits anchors; `moved` gives the place of a top section and how far it goes."""

    chosen = Signal(str)
    toggled = Signal(str)
    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = _Sections()
        self.list.setAccessibleName(fr.CONTENTS_NAME)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.list.toggle_asked.connect(self._toggle)
        self.list.move_asked.connect(self._move)
        self.fold, self.up, self.down = QToolButton(), QToolButton(), QToolButton()
        row = QHBoxLayout()
        for button, words, act in (
            (self.fold, fr.FOLD, self._toggle),
            (self.up, fr.MOVE_UP, lambda: self._move(-1)),
            (self.down, fr.MOVE_DOWN, lambda: self._move(1)),
        ):
            button.setText(words)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addLayout(row)
        self.list.setToolTip(fr.CONTENTS_HINT)

    def show_groups(self, groups: Sequence[Group], folded: Collection[str]) -> None:
        """Keeps the section that was current."""
        current = self.list.currentItem()
        kept = current.data(ANCHOR_ROLE) if current else ""
        self.list.clear()
        for place, group in enumerate(groups):
            shut = group[0].anchor in folded
            for section in group[:1] if shut else group:
                title = section.title or (fr.NO_TITLE if section.depth == 0 else "")
                if not title:
                    continue
                words = f"{'    ' * section.depth}{title}"
                item = QListWidgetItem(fr.FOLDED_ROW.format(words) if shut else words)
                item.setData(ANCHOR_ROLE, section.anchor)
                item.setData(PLACE_ROLE, place if section is group[0] else -1)
                self.list.addItem(item)
                if section.anchor == kept:
                    self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        rows = min(self.list.count(), LINES)
        self.list.setFixedHeight(max(self.list.sizeHintForRow(0), 1) * rows + 2 * self.list.frameWidth() + 4)

    def stand_on(self, anchor: str) -> None:
        """The section that is read."""
        rows = [row for row in range(self.list.count()) if self.list.item(row).data(ANCHOR_ROLE) == anchor]
        if rows:
            self.list.setCurrentRow(rows[0])

    def forget(self) -> None:
        self.list.clear()

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(ANCHOR_ROLE))

    def _toggle(self) -> None:
        item = self.list.currentItem()
        if item and item.data(PLACE_ROLE) >= 0:
            self.toggled.emit(item.data(ANCHOR_ROLE))

    def _move(self, step: int) -> None:
        item = self.list.currentItem()
        if item and item.data(PLACE_ROLE) >= 0:
            self.moved.emit(item.data(PLACE_ROLE), step)


class _Sections(QListWidget):
    toggle_asked = Signal()
    move_asked = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Space:
            self.toggle_asked.emit()
        elif key in steps and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.move_asked.emit(steps[key])
        else:
            super().keyPressEvent(event)
