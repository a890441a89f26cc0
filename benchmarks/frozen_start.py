"""How long until the window answers, from the start of the process: the frozen program beside the one in its environment.

The answer is that of the running window to a second start (`platform.instance`): its event loop turns, the first paint is done.
The frozen program is that of DMP_DESKTOP_FROZEN, or of `dist/` as `run.py build` leaves it. Best of the runs, taken in turn on an
empty data folder: the rest is the machine's.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from dmp_desktop.platform.instance import SHOW, Message, address
from dmp_desktop.platform.paths import find_paths

RUNS = 5
LIMIT = 1.25
"""Of the unfrozen start (issue G)."""
PATIENCE_S = 60.0
UNFROZEN = [sys.executable, "-c", "import sys; from dmp_desktop.start import main; sys.exit(main(['dmp-desktop']))"]


def main() -> int:
    """0 when the limit is kept, 1 when it is not or nothing was built."""
    program = (
        Path(os.environ.get("DMP_DESKTOP_FROZEN") or Path(__file__).parents[1] / "dist/dmp-desktop") / "dmp-desktop"
    )
    if not program.exists():
        print(f"no frozen program at {program}: make one with `run.py build`")
        return 1
    frozen, plain = starts(program)
    print(f"from the start of the process to the window's first answer, the best of {RUNS}")
    print(f"  in its environment {plain * 1000:5.0f} ms")
    print(f"  frozen             {frozen * 1000:5.0f} ms   {frozen / plain:.2f} times, limit {LIMIT} times")
    return int(frozen > LIMIT * plain)


def starts(program: Path, runs: int = RUNS) -> tuple[float, float]:
    """Seconds of the best frozen start and of the best unfrozen one. Raises TimeoutError."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for command, times in zip(([str(program)], UNFROZEN), taken, strict=True):
            with tempfile.TemporaryDirectory(prefix="depart-") as folder:
                times.append(start(command, Path(folder)))
    return min(taken[0]), min(taken[1])


def start(command: list[str], folder: Path) -> float:
    """Seconds until the window that `command` starts on an empty data folder answers; it is then killed. Raises TimeoutError."""
    environment = _environment(folder)
    place = address(find_paths(environment, folder))
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as started:
        try:
            while not _answers(place):
                if started.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                    raise TimeoutError(command[0])
                time.sleep(0.002)
            return time.perf_counter() - began
        finally:
            os.killpg(started.pid, signal.SIGKILL)


def _answers(place: str) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as line:
        line.settimeout(PATIENCE_S)
        try:
            line.connect(place)
            line.sendall(Message(SHOW).line())
            return bool(line.recv(1))
        except (FileNotFoundError, ConnectionRefusedError):
            return False


def _environment(folder: Path) -> dict[str, str]:
    """No screen, an empty workstation; the server is never called."""
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps({"storage": "phrase du banc d'essai"}), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DMP_DESKTOP_")}
    return {
        **kept,
        "QT_QPA_PLATFORM": "offscreen",
        "DMP_DESKTOP_HOME": str(folder / "poste"),
        "DMP_DESKTOP_SERVER": "https://localhost:9",
        "DMP_DESKTOP_SECRETS": str(secrets),
    }


if __name__ == "__main__":
    sys.exit(main())
