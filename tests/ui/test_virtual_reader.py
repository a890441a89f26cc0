"""The demo's drawn reader only tells what was done with the cards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent

from dmp_desktop.ui.virtual_reader import CARD_MIME, VirtualCard, VirtualReader

CARDS = (
    VirtualCard("cps", "CPS Dr Dupont", professional=True),
    VirtualCard("lea", "Vitale Léa"),
    VirtualCard("paul", "Vitale Paul"),
)


@pytest.fixture
def reader(qtbot):
    done: list[tuple[object, ...]] = []
    reader = VirtualReader(CARDS, lambda slot, name: done.append((slot, name)), lambda slot: done.append((slot,)))
    qtbot.addWidget(reader)
    reader.show()
    return reader, done


def test_a_click_puts_each_card_into_its_slot(reader, qtbot):
    widget, done = reader
    qtbot.mouseClick(widget.buttons["lea"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(widget.buttons["cps"], Qt.MouseButton.LeftButton)
    assert done == [(1, "lea"), (0, "cps")]
    assert not widget.buttons["lea"].isEnabled()
    assert widget.slots[1].text() == "Fente 2 : Vitale Léa"


def test_another_card_takes_the_place(reader):
    widget, done = reader
    widget.put("lea")
    widget.put("paul")
    assert done == [(1, "lea"), (1,), (1, "paul")]


def test_a_click_on_the_slot_takes_the_card_out(reader, qtbot):
    widget, done = reader
    qtbot.mouseClick(widget.slots[1], Qt.MouseButton.LeftButton)
    widget.put("lea")
    qtbot.mouseClick(widget.slots[1], Qt.MouseButton.LeftButton)
    assert done == [(1, "lea"), (1,)]
    assert widget.slots[1].text() == "Fente 2 : vide"


def test_a_card_is_dropped_into_any_slot(reader):
    widget, done = reader
    data = QMimeData()
    data.setData(CARD_MIME, b"paul")
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.MoveAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    widget.slots[0].dropEvent(drop)
    assert done == [(0, "paul")]


def test_space_works_as_a_click(reader, qtbot):
    widget, done = reader
    widget.buttons["cps"].setFocus()
    qtbot.keyClick(widget.buttons["cps"], Qt.Key.Key_Space)
    assert done == [(0, "cps")]
    assert widget.slots[0].accessibleName() == "Fente 1 : CPS Dr Dupont. Cliquer pour retirer."
