"""The words of a button that names somebody: all of them, whatever the room."""

from __future__ import annotations

import pytest

from dmp_desktop.ui.widgets.wrapped_button import WrappedButton

WORDS = "TEST-DE LA ROCHEFOUCAULD-MONTMORENCY & LAVAL Anne-Sophie, 12/03/1985 — qualifiée\nINS 1 79"


@pytest.mark.parametrize("characters", [12, 30, 200])
def test_nothing_is_cut_and_no_line_is_wider_than_the_button(qtbot, characters):
    button = WrappedButton(WORDS)
    qtbot.addWidget(button)
    width = characters * button.fontMetrics().averageCharWidth()
    button.resize(width, 40)
    button.show()
    button.resize(width, button.sizeHint().height())
    lines = button.text().replace("&&", "&").split("\n")
    assert "".join(lines).replace(" ", "") == WORDS.replace(" ", "").replace("\n", "")
    assert all(button.fontMetrics().horizontalAdvance(line) <= width for line in lines)
    assert (len(lines) == 2) is (characters == 200)
    assert button.minimumSizeHint().width() == 0
    assert button.accessibleName() == WORDS
    assert button.sizeHint().height() >= len(lines) * button.fontMetrics().height()
    button.name("")
    assert button.text() == ""
