"""A light start: nothing heavy is loaded before it is needed, the window is there at once, and never waits for the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QIcon

from benchmarks.startup import BARE, OURS, TARGET_MS
from dmp_desktop.platform.settings import SettingsFile
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.main_window import MainWindow
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.stalls import LIMIT_MS
from dmp_desktop.ui.widgets.identity_banner import IdentityBanner
from tests.ui import fakes
from tests.ui.record import FakeReading
from tests.ui.timing import best

ROOT = Path(__file__).resolve().parents[2]
TIMES_BARE = 2.5
"""Ours over a bare start, however fast the machine: measured 1.7; it was 5.8 while the whole window was built before its paint."""

START = (
    OURS
    + """
import sys
print(" ".join(sys.modules))
from dmp_desktop.ui.stalls import StallMeter
from tests.ui import fakes
from tests.ui.test_startup import fake_services
meter = StallMeter()
meter.start()
window.ready.connect(app.quit)
window.furnish(fake_services(), fakes.FixedClock())
app.exec()
meter.stop()
print(max(meter.ours(), default=0))
window.close()
"""
)


NO_FOLDER = """
from contextlib import ExitStack
from PySide6.QtCore import QTimer
from dmp_desktop.opening import Start, qt_application
application = qt_application([])
with ExitStack() as opened:
    start = Start(application, opened)
    start.begin()
    look = QTimer()
    look.timeout.connect(lambda: application.quit() if start.failed else None)
    look.start(10)
    application.exec()
    print(start.window.notices.what.text)
    start.window.close()
"""


@dataclass(frozen=True)
class Started:
    """Milliseconds to the first paint, what was loaded by then, and the longest the window stood still until it had all parts."""

    painted: float
    modules: frozenset[str]
    stall: float


def start() -> Started:
    painted, modules, stall = run(START)
    return Started(milliseconds(painted), frozenset(modules.split()), float(stall))


def run(program: str, **environment: str) -> list[str]:
    """The lines a program of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout.splitlines()


def milliseconds(moments: str) -> float:
    """Between the two moments, in seconds, that a program of the benchmark prints."""
    began, painted = map(float, moments.split())
    return 1000 * (painted - began)


def fake_services() -> Services:
    return Services(
        fakes.FakeSession(),
        fakes.FakeDossier(),
        fakes.FakeCompose(),
        fakes.FakeOutbox(),
        fakes.FakeDigest(),
        fakes.FakeSearch(),
        fakes.FakeHabits(),
        FakeReading(),
        SettingsFile(ROOT / "no settings"),
    )


def bare() -> float:
    """Milliseconds until Qt has painted an empty window."""
    return milliseconds(run(BARE)[0])


@pytest.mark.alone
def test_window_is_painted_at_once():
    """Against a bare window of the same moment: what is slow about the machine is slow for both."""
    figures = []

    def times_bare() -> float:
        empty, ours = bare(), start().painted
        figures.append(f"{ours:.0f} ms, a bare window {empty:.0f} ms, target {TARGET_MS} ms")
        return ours / empty

    assert best(times_bare, TIMES_BARE) <= TIMES_BARE, figures
    print(*figures, sep="\n")


@pytest.mark.alone
def test_window_never_waits_for_its_parts():
    assert best(lambda: start().stall, LIMIT_MS) <= LIMIT_MS


def test_closes_before_it_has_its_parts(qtbot):
    window = MainWindow(sandbox=True)
    qtbot.addWidget(window)
    window.show()
    window.furnish(fake_services(), fakes.FixedClock())
    with qtbot.assertNotEmitted(window.ready, wait=300):
        assert window.close()
    assert window.isHidden()


def test_a_part_that_cannot_be_built_is_said(qtbot, qapp):
    """The window stays masked, but not silent."""
    window = MainWindow(sandbox=True)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(window.failed) as failed:
        window.furnish(replace(fake_services(), compose=None), fakes.FixedClock())
    assert failed.args[0].code == "inattendu-AttributeError"
    assert window.notices.what.text.startswith(fr.UNEXPECTED)
    assert window.strip.who.text() == fr.NOT_STARTED
    window.notices.clear()
    assert fr.UNEXPECTED in window.masked.hint.text()
    assert window.stack.currentWidget() is window.masked
    qtbot.waitUntil(lambda: window.findChild(IdentityBanner) is None)
    theme.apply(qapp, theme.DARK)  # a composer half built would answer, with what it does not have yet
    with qtbot.assertNotEmitted(window.ready, wait=100):
        assert window.close()


@pytest.mark.slow
def test_another_palette_while_the_parts_are_built(qtbot, qapp):
    """Those that are there already draw their icons again."""
    window = MainWindow(sandbox=True)
    qtbot.addWidget(window)
    window.furnish(fake_services(), fakes.FixedClock())
    while window.findChild(IdentityBanner) is None:
        next(window._steps)
    theme.apply(qapp, theme.DARK)
    for button in (window.banner.close_patient, window.acts.write):
        assert ink(button.icon()) in map(str.lower, theme.DARK.roles().values())
    window.complete()
    assert window.close()


def ink(icon: QIcon) -> str:
    """`#rrggbb` of the colour it is drawn with."""
    image = icon.pixmap(32, 32).toImage()
    points = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return Counter(point.name() for point in points if point.alpha() > 200).most_common(1)[0][0]


def test_what_keeps_the_program_from_opening_is_said_in_the_window(tmp_path):
    """Its data folder is a file."""
    (tmp_path / "poste").write_text("")
    (said,) = run(NO_FOLDER, DMP_DESKTOP_HOME=str(tmp_path / "poste"))
    assert "dossier" in said


def test_nothing_heavy_is_loaded_at_the_start():
    heavy = {
        "PySide6.QtPdf",
        "PySide6.QtPdfWidgets",
        "PySide6.QtNetwork",
        "lxml",
        "requests",
        "sqlalchemy",
        "fontTools",
        "dmp_desktop.domain",
        "dmp_desktop.services",
        "dmp_desktop.terminology",
        "dmp_desktop.ui.assembly",
    }
    assert start().modules & heavy == set()
