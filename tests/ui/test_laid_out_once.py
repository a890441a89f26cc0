"""What becomes visible at once is laid out once."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from dmp_desktop.ui.widgets.laid_out_once import laid_out_once


class Counting(QVBoxLayout):
    def __init__(self, of: QWidget) -> None:
        super().__init__(of)
        self.times = 0

    def setGeometry(self, place: QRect) -> None:  # noqa: N802  (Qt's name)
        self.times += 1
        super().setGeometry(place)


def test_parts_shown_together_are_laid_out_once(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = Counting(window)
    parts = [QLabel("TEST") for _number in range(4)]
    for part in parts:
        layout.addWidget(part)
        part.hide()
    window.resize(400, 400)  # room for all: the window itself stays as it is
    window.show()
    before = layout.times
    with laid_out_once(window), laid_out_once(window):
        for part in parts:
            part.show()
        assert layout.times == before
    assert layout.times == before + 1
    assert [part.y() for part in parts] == sorted({part.y() for part in parts})
    for part in parts:
        part.hide()
    before = layout.times
    for part in parts:
        part.show()
    assert layout.times == before + len(parts), "Qt does not lay out for each any more: this is of no use"
