"""The panel on a desk with a window manager and another program: where it stands, and that it never takes the keyboard."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.desk import Desk, Program, desk, tool
from tests.helpers.on_desk import LISTENER, PANEL, PRACTICE

pytestmark = pytest.mark.slow  # a program started and a desk around it, for each


@pytest.fixture(scope="module")
def real_desk() -> Iterator[Desk]:
    with desk() as one:
        yield one


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fenetre.json"


@pytest.fixture
def panel(real_desk: Desk, file: Path) -> Iterator[Program]:
    program = real_desk.start(PANEL, PANEL_FILE=str(file))
    assert program.line() == "ready"
    yield program
    program.close()


def states(one: Desk, program: Program) -> str:
    window = program.ask("int(window.winId())")
    return subprocess.run(
        [tool("xprop"), "-id", window, "_NET_WM_STATE"], env=one.environment, capture_output=True, text=True, check=True
    ).stdout


DOCKED = "(at()[0] + at()[2], at()[1], at()[3]) == (room()[0] + room()[2], room()[1], room()[3]) and at()[2] < 700"


def test_docks_at_the_right_edge_detaches_widens_and_comes_back_where_it_was(real_desk, panel, file):
    panel.becomes(DOCKED, "True")
    assert panel.ask("at()[2] < 520") == "True"
    panel.ask("panel.dock.trigger()")
    panel.becomes(
        "panel.docking.is_docked, window.isMaximized(), at()[0] + at()[2] < room()[2], at()[1] > 0",
        "(False, False, True, True)",
    )
    panel.ask("panel.dock.trigger()")
    panel.becomes(DOCKED, "True")
    panel.ask("panel.wide.trigger()")
    panel.becomes("window.isMaximized() and window.width() == room()[2]", "True")
    panel.becomes("panel.wide.text()", "Quitter la p&leine fenêtre")
    panel.ask("panel.wide.trigger()")
    panel.becomes(DOCKED, "True")
    panel.ask("window.setGeometry(300, 100, 500, 700)")  # dragged away
    panel.becomes("panel.docking.is_docked", "False")
    stands = panel.ask("at()")
    panel.close()
    again = real_desk.start(PANEL, PANEL_FILE=str(file))
    assert again.line() == "ready"
    again.becomes("at()", stands)
    assert again.ask("panel.docking.is_docked") == "False"
    again.close()


def test_another_width_stays_docked(panel, file):
    panel.becomes(DOCKED, "True")
    panel.ask("window.setGeometry(window.x() - 100, window.geometry().y(), window.width() + 100, 600)")
    panel.becomes(DOCKED, "True")
    width = int(panel.ask("at()[2]"))
    panel.close()
    (place,) = json.loads(file.read_text())["places"].values()
    assert (place["docked"], place["width"]) == (True, width)
    assert width > 500


TWO = "A=0,0,1600,1000", "B=1600,0,1600,1600"


def test_two_screens_of_different_scale_one_of_which_leaves_and_comes_back(file):
    with desk("3200x1600x24") as one:
        one.monitors(*TWO)
        panel = one.start(PANEL, PANEL_FILE=str(file), QT_SCREEN_SCALE_FACTORS="A=1;B=2")
        assert panel.line() == "ready"
        panel.becomes("window.devicePixelRatio(), room()", "(1.0, (0, 0, 1600, 1000))")
        panel.becomes(DOCKED, "True")
        panel.ask("window.move(1700, 0)")
        panel.becomes("window.devicePixelRatio(), room()", "(2.0, (1600, 0, 800, 800))")
        panel.ask("None if panel.docking.is_docked else panel.dock.trigger()")
        panel.becomes(DOCKED, "True")
        panel.becomes("len(panel.choices.now.places)", "1")
        one.monitors("-B")
        panel.becomes("len(app.screens())", "1")
        panel.becomes(f"{DOCKED} and room()[2] == 1600", "True")  # back in view
        panel.becomes("len(panel.choices.now.places)", "2")
        one.monitors(TWO[1])
        panel.becomes("len(app.screens())", "2")
        panel.becomes(f"{DOCKED} and room()[0] == 1600", "True")  # where it was with both


def test_above_all_others_on_demand_and_no_more_when_it_is_not_wanted(real_desk, panel):
    window = panel.ask("int(window.winId())")
    assert "ABOVE" not in states(real_desk, panel)
    panel.ask("panel.on_top.trigger()")
    panel.becomes("1", "1")
    _until(lambda: "ABOVE" in states(real_desk, panel))
    panel.ask("panel.on_top.trigger()")
    _until(lambda: "ABOVE" not in states(real_desk, panel))
    assert panel.ask("int(window.winId())") == window  # the same one: it was not hidden for a moment


@pytest.fixture
def practice(real_desk: Desk, panel: Program) -> Iterator[Program]:
    """A practice software over the whole screen, in which somebody types."""
    program = real_desk.start(PRACTICE)
    assert program.line() == "ready"
    program.becomes("window.isActiveWindow()", "True")
    panel.becomes("window.isActiveWindow()", "False")  # Qt tells it 0.4 s late
    yield program
    program.close()


def type_in(one: Desk, practice: Program, words: str) -> None:
    """All of it arrives, and the practice software still has the keyboard."""
    before = practice.ask("window.toPlainText()")
    one.act("type", "--delay", "5", words)
    practice.becomes("window.toPlainText()", before + words)
    assert practice.ask("window.isActiveWindow()") == "True"


AWAY = {
    "behind": "None",
    "minimised": "window.showMinimized()",
    "hidden": "window.hide()",
}


@pytest.mark.parametrize("away", AWAY)
def test_cards_contexts_and_notices_never_take_the_keyboard(real_desk, panel, practice, away):
    panel.ask(AWAY[away])
    panel.becomes("window.isActiveWindow()", "False")
    practice.ask("window.activateWindow()")
    practice.becomes("window.isActiveWindow()", "True")
    panel.ask("window.card_event(fakes.cps())")
    panel.becomes("window.stack.currentIndex()", "1")
    panel.becomes("window.isVisible() and not window.isMinimized()", "True")
    type_in(real_desk, practice, "abc")
    panel.ask("window.card_event(fakes.vitale())")
    panel.becomes("bool(window.page.documents.model.entries)", "True")
    type_in(real_desk, practice, "def")
    panel.ask("window.card_event(fakes.vitale(False))")
    panel.ask("window.notices.tell(Notice('Un message', key='x'))")
    type_in(real_desk, practice, "ghi")
    panel.ask("window.panel.showing.appear()")  # as a context received does
    panel.ask("window.card_event(fakes.cps(False))")
    panel.becomes("window.stack.currentIndex()", "0")
    type_in(real_desk, practice, "jkl")
    panel.becomes("bool(window.windowHandle().flags() & Qt.WindowType.WindowDoesNotAcceptFocus)", "False")
    panel.ask("window.come_forward()")  # the program is started again
    panel.becomes("window.isActiveWindow()", "True")


def test_the_shortcut_calls_the_window_with_the_keyboard_and_sends_it_away(real_desk, panel, practice):
    panel.becomes("panel.shortcut.heard", "Ctrl+Alt+D")
    type_in(real_desk, practice, "abc")
    real_desk.act("key", "ctrl+alt+d")
    panel.becomes("window.isActiveWindow()", "True")
    real_desk.act("key", "ctrl+alt+d")
    panel.becomes("window.isMinimized()", "True")
    practice.becomes("window.isActiveWindow()", "True")
    type_in(real_desk, practice, "def")
    panel.ask("panel.choices.change(shortcut='Ctrl+Shift+F12')")
    panel.becomes("panel.shortcut.heard", "Ctrl+Shift+F12")
    real_desk.act("key", "ctrl+alt+d")
    real_desk.act("key", "ctrl+shift+F12")
    panel.becomes("window.isActiveWindow()", "True")
    assert practice.ask("window.toPlainText()") == "abcdef"
    panel.ask("panel.choices.change(shortcut='')")
    panel.becomes("panel.shortcut.heard, panel.shortcut.trouble", "('', '')")


def activate(one: Desk, panel: Program) -> None:
    """As a click in it does."""
    panel.becomes("bool(window.windowHandle().flags() & Qt.WindowType.WindowDoesNotAcceptFocus)", "False")
    one.act("windowactivate", panel.ask("int(window.winId())"))
    panel.becomes("window.isActiveWindow()", "True")


def test_the_cross_hides_the_window_only_if_that_was_chosen(real_desk, panel):
    panel.ask("panel.offer_tray()")
    panel.ask("panel.choices.change(to_tray=True)")
    activate(real_desk, panel)
    real_desk.act("key", "alt+F4")  # openbox's way to ask a window to close
    panel.becomes("window.isHidden(), panel.choices.now.tray_told, app.quitOnLastWindowClosed()", "(True, True, False)")
    panel.ask("window.card_event(fakes.cps())")
    panel.becomes("window.isVisible()", "True")
    panel.ask("panel.choices.change(to_tray=False)")
    panel.ask("window.closed.connect(lambda: print('closed', flush=True))")
    activate(real_desk, panel)
    real_desk.act("key", "alt+F4")
    assert panel.line() == "closed"


def test_keys_another_program_has_are_told_and_taken_once_they_are_free(real_desk, panel):
    panel.becomes("panel.shortcut.heard", "Ctrl+Alt+D")
    other = real_desk.start(LISTENER)
    assert other.line() == "Ctrl+Alt+D est déjà pris par un autre logiciel."
    panel.ask("panel.choices.change(shortcut='')")
    panel.becomes("panel.shortcut.heard", "")
    other.becomes("begin() or 'heard'", "heard")
    panel.ask("panel.choices.change(shortcut='Ctrl+Alt+D')")
    panel.becomes("panel.shortcut.trouble[:44]", "Ctrl+Alt+D est déjà pris par un autre logici")
    other.close()


def test_keys_that_are_held_count_once(real_desk, panel):
    panel.ask("panel.choices.change(shortcut='')")
    panel.becomes("panel.shortcut.heard", "")
    other = real_desk.start(LISTENER)
    assert other.line() == "ready"
    for number in (1, 2):
        real_desk.act(
            "keydown",
            "ctrl",
            "keydown",
            "alt",
            "keydown",
            "d",
            "sleep",
            "1.2",
            "keyup",
            "d",
            "keyup",
            "alt",
            "keyup",
            "ctrl",
        )
        other.becomes("len(pressed)", str(number))
    other.ask("listening.stop()")
    panel.ask("panel.choices.change(shortcut='Ctrl+Alt+D')")
    panel.becomes("panel.shortcut.heard", "Ctrl+Alt+D")  # only one may have them: the other's are free
    activate(real_desk, panel)
    real_desk.act("key", "ctrl+alt+d")
    panel.becomes("window.isMinimized()", "True")
    assert other.ask("len(pressed)") == "2"
    other.close()


def _until(holds) -> None:
    import time

    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)
