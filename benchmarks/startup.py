"""How long until the window is on screen, from the start of a fresh process: Python, imports and first paint.

The limit is a bare start of the same moment: Qt and an empty window. Beside it our window alone, and the program as the doctor
starts it, on an empty data folder in BAC À SABLE mode: painted, then ready for cards (modules, database and services loaded on a
worker, parts built one by one), with the longest the window stood still in between. The best of the runs, taken in turn: the
rest is the machine's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
TARGET_MS = 400
"""First paint of our window, without the start of Python (design/ui.md)."""

BARE = """
import time
began = time.perf_counter()
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
app.processEvents()
window.grab()
print(began, time.perf_counter())
"""
OURS = """
import time
began = time.perf_counter()
from PySide6.QtWidgets import QApplication
from dmp_desktop.ui import theme
from dmp_desktop.ui.main_window import MainWindow
app = QApplication([])
theme.SystemTheme(app)
window = MainWindow(sandbox=True)
window.show()
app.processEvents()
window.grab()
print(began, time.perf_counter())
"""
PROGRAM = """
import sys, time
began = time.perf_counter()
from contextlib import ExitStack
from PySide6.QtCore import QTimer
from dmp_desktop.opening import Start, qt_application
application = qt_application([])
with ExitStack() as opened:
    start = Start(application, opened)
    start.begin()
    application.processEvents()
    painted = time.perf_counter()
    from dmp_desktop.ui.stalls import StallMeter
    meter = StallMeter()
    meter.start()
    start.window.ready.connect(application.quit)
    QTimer.singleShot(60_000, application.quit)
    application.exec()
    print(began, painted, time.perf_counter(), meter.stop(), len(meter.ours()))
    start.desktop.stop()
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(Path(folder))
        runs = [[run(program, environment) for program in (BARE, OURS, PROGRAM)] for _ in range(RUNS)]
    bare, ours, program = (list(zip(*figures, strict=True)) for figures in zip(*runs, strict=True))
    print(f"fresh processes, the best of {RUNS}; in brackets with the start of Python")
    print(f"  bare Qt window    {_best(bare, 0, 1):5.0f} ms  ({_best(bare, None, 1):.0f} ms)")
    print(f"  our window        {_best(ours, 0, 1):5.0f} ms  ({_best(ours, None, 1):.0f} ms)   target {TARGET_MS} ms")
    print(f"  whole program     {_best(program, 0, 1):5.0f} ms  ({_best(program, None, 1):.0f} ms)")
    ready, stall, held = _best(program, 0, 2), min(program[4]), min(program[5])
    print(f"    ready for cards {ready:5.0f} ms   longest stall {stall:.0f} ms, {held:.0f} above 50 ms of our own work")


def run(program: str, environment: dict[str, str]) -> list[float]:
    """Seconds of the machine's clock that `program` prints after its own, and its other figures; first, when it was started."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return [began, *map(float, done.stdout.split())]


def _best(columns: list[tuple[float, ...]], since: int | None, until: int) -> float:
    """Milliseconds between two moments; `since` None: the start of the process."""
    starts = columns[0] if since is None else columns[since + 1]
    return min(end - start for start, end in zip(starts, columns[until + 1], strict=True)) * 1000


def _environment(folder: Path) -> dict[str, str]:
    """No screen, an empty workstation; the server is never called."""
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps({"storage": "phrase du banc d'essai"}), encoding="utf-8")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DMP_DESKTOP_")},
        "QT_QPA_PLATFORM": "offscreen",
        "DMP_DESKTOP_HOME": str(folder / "poste"),
        "DMP_DESKTOP_SERVER": "https://localhost:9",
        "DMP_DESKTOP_SECRETS": str(secrets),
    }


if __name__ == "__main__":
    main()
