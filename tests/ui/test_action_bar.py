"""The two acts of the window: their shortcuts are read whole beside them, or not at all."""

from __future__ import annotations

from PySide6.QtGui import QColor


def drawn(hint) -> bool:
    """Whether anything is painted besides the ground."""
    picture = hint.grab().toImage()
    ground = QColor(picture.pixel(0, 0))
    return any(
        QColor(picture.pixel(x, y)) != ground for x in range(picture.width()) for y in range(0, picture.height(), 2)
    )


def test_shortcuts_are_whole_in_the_docked_panel(bench, qtbot):
    bench.open(qtbot)
    bench.window.resize(420, 900)
    acts = bench.window.acts
    qtbot.waitUntil(lambda: bench.window.width() == 420)
    assert (acts.write_key.told, acts.send_key.told) == (True, True)
    assert drawn(acts.send_key)


def test_a_shortcut_without_room_is_not_told_by_half(bench, qtbot):
    hint = bench.window.acts.send_key
    hint.setParent(None)
    qtbot.addWidget(hint)
    hint.resize(hint.fontMetrics().horizontalAdvance(hint.text()) - 1, 20)
    assert not drawn(hint)
    assert "Ctrl+Entrée" in bench.window.acts.send.toolTip()
