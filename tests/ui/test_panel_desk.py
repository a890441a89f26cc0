"""The panel on a desk with a window manager and another program: where it stands, and that it never takes the keyboard."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.desk import Desk, Program, desk, tool
from tests.helpers.on_desk import PANEL


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


def test_above_all_others_on_demand_and_no_more_when_it_is_not_wanted(real_desk, panel):
    window = panel.ask("int(window.winId())")
    assert "ABOVE" not in states(real_desk, panel)
    panel.ask("panel.on_top.trigger()")
    panel.becomes("1", "1")
    _until(lambda: "ABOVE" in states(real_desk, panel))
    panel.ask("panel.on_top.trigger()")
    _until(lambda: "ABOVE" not in states(real_desk, panel))
    assert panel.ask("int(window.winId())") == window  # the same one: it was not hidden for a moment


def _until(holds) -> None:
    import time

    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)
