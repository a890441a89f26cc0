"""Small widgets on as many lines as they need."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget


class Flow(QWidget):
    """Takes no room while empty. `at_end`: each line ends at the right edge."""

    def __init__(self, parent: QWidget | None = None, *, at_end: bool = False) -> None:
        super().__init__(parent)
        self.widgets: list[QWidget] = []
        self._flow = _FlowLayout(self, at_end=at_end)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def add(self, widget: QWidget) -> None:
        self.widgets.append(widget)
        self._flow.addWidget(widget)

    def drop(self, widget: QWidget) -> None:
        self.widgets.remove(widget)
        self._flow.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def clear(self) -> None:
        for widget in list(self.widgets):
            self.drop(widget)


class _FlowLayout(QLayout):
    """From left to right, then below. What is hidden takes no room."""

    def __init__(self, parent: QWidget, *, at_end: bool) -> None:
        super().__init__(parent)
        self._at_end = at_end
        self._items: list[QLayoutItem] = []
        self._gap = parent.fontMetrics().averageCharWidth() // 2
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), apply=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, apply=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._shown:
            size = size.expandedTo(QSize(0, item.minimumSize().height()))
        return size

    @property
    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, *, apply: bool) -> int:
        """Height taken."""
        y = rect.y()
        for number, line in enumerate(self._lines(rect.width())):
            y += self._gap if number else 0
            wide = sum(size.width() for _item, size in line) + self._gap * (len(line) - 1)
            x = rect.x() + (max(rect.width() - wide, 0) if self._at_end else 0)
            for item, size in line:
                if apply:
                    item.setGeometry(QRect(QPoint(x, y), size))
                x += size.width() + self._gap
            y += max(size.height() for _item, size in line)
        return y - rect.y()

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        taken = 0
        for item in self._shown:
            size = item.sizeHint().boundedTo(QSize(width, item.sizeHint().height()))
            if not lines or taken + size.width() > width:
                lines.append([])
                taken = 0
            lines[-1].append((item, size))
            taken += size.width() + self._gap
        return lines
