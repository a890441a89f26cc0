"""The six tabs. In the docked panel they stand on two rows: all stay visible, none is cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QSizePolicy, QToolButton, QWidget

from dmp_desktop.ui import strings_fr as fr


class TabStrip(QWidget):
    """Emits the index of the tab asked for, by click, arrow keys or Ctrl+number."""

    asked = Signal(int)
    keyed = Signal()  # after `asked`, by Ctrl+number: the keyboard follows

    def __init__(self, names: Sequence[str], keys: Sequence[tuple[str, ...]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tabs")
        self.setAccessibleName(fr.TABS_NAME)
        self._names = list(names)
        self.keys: list[QShortcut] = []
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._columns = 0
        self.buttons = [self._button(index, keys[index]) for index in range(len(names))]
        self._group.idClicked.connect(self.asked)
        self._arrange()

    def _button(self, index: int, keys: tuple[str, ...]) -> QToolButton:
        button = QToolButton()
        button.setProperty("tab", True)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setToolTip(f"{self._names[index]} ({keys[0]})")
        self._group.addButton(button, index)
        for key in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            self.keys.append(shortcut)
            shortcut.activated.connect(lambda: self.asked.emit(index))
            shortcut.activated.connect(self.keyed)
        self._say(button, index, 0)
        return button

    @property
    def current(self) -> int:
        return self._group.checkedId()

    def set_current(self, index: int) -> None:
        self.buttons[index].setChecked(True)

    def set_count(self, index: int, count: int) -> None:
        """The number behind the name; none for 0."""
        self._say(self.buttons[index], index, count)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """As wide as two rows, so that the window may always become as narrow; as high as the rows there are: none is cut."""
        half = len(self.buttons) // 2
        widths = [button.sizeHint().width() for button in self.buttons]
        width = sum(max(widths[column], widths[column + half]) for column in range(half))
        rows = -(-len(self.buttons) // self._columns)
        return QSize(width, rows * self.buttons[0].sizeHint().height())

    def _say(self, button: QToolButton, index: int, count: int) -> None:
        name = self._names[index]
        button.setText(f"{name} {count}" if count else name)
        spoken = fr.TAB_NAME_COUNT.format(name, count) if count else fr.TAB_NAME.format(name)
        button.setAccessibleName(spoken)

    def _arrange(self) -> None:
        needed = sum(button.sizeHint().width() for button in self.buttons)
        columns = len(self.buttons) if self.width() >= needed else len(self.buttons) // 2
        if columns == self._columns:
            return
        self._columns = columns
        self.updateGeometry()
        for index, button in enumerate(self.buttons):
            self._grid.addWidget(button, index // columns, index % columns)
