"""No class of Qt is left to be made when a second thread begins: PySide dies of two that make them."""

from __future__ import annotations

import pytest

from tests.ui.test_startup import run

FIRST_BESIDE = """
import sys, threading
from dmp_desktop.ui.qt_classes import WINDOW, to_make
class FirstBeside:
    '''What was left to be made when another thread, or the building of the parts beside one, loaded its first module.'''
    left = None
    def find_spec(self, name, path=None, target=None):
        beside = threading.get_ident() != threading.main_thread().ident or name == "dmp_desktop.ui.assembly"
        if self.left is None and beside:
            self.left = [name for module in WINDOW for name in to_make(sys.modules[f"PySide6.{module}"])]
first = FirstBeside()
sys.meta_path.insert(0, first)
"""
PARTS = """
from dmp_desktop.opening import qt_application
from dmp_desktop.ui.main_window import MainWindow
from tests.ui import fakes
from tests.ui.test_startup import fake_services
application = qt_application([])
window = MainWindow(sandbox=True)
window.ready.connect(application.quit)
window.furnish(fake_services(), fakes.FixedClock())
"""
AT_ONCE = "window.complete()\n"
BY_TURNS = "application.exec()\n"
PROGRAM = """
from contextlib import ExitStack
from dmp_desktop.opening import Start, qt_application
application = qt_application([])
with ExitStack() as opened:
    start = Start(application, opened)
    start.window.failed.connect(application.quit)
    start.begin()
    application.exec()
    start.close()
"""
TOLD = """
print(first.left)
"""


@pytest.mark.parametrize(
    "program", [PARTS + AT_ONCE, PARTS + BY_TURNS, PROGRAM], ids=["at once", "by turns", "program"]
)
def test_every_class_is_made_before_a_worker_begins(tmp_path, program):
    (tmp_path / "poste").write_text("")  # the program has nowhere to open: it tells so, and ends
    assert run(FIRST_BESIDE + program + TOLD, DMP_DESKTOP_HOME=str(tmp_path / "poste"))[-1] == "[]"
