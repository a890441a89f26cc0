"""A screen of its own (Xvfb) with a window manager (openbox), and programs on it: what only a real desk shows."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0
"""Nothing here takes longer, even beside seven busy neighbours."""


class Program:
    """One of ours: it writes a line for each thing it has to say, and does what each line it gets says (an `exec` in its names)."""

    def __init__(self, source: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", source], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._buffer = b""

    def line(self, seconds: float = SECONDS) -> str:
        """The next it says."""
        out = self._process.stdout
        assert out is not None
        until = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([out], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"nothing said; so far {self._buffer!r}"
            some = os.read(out.fileno(), 65536)
            assert some, f"it ended ({self._process.wait(60)})"
            self._buffer += some
        said, _, self._buffer = self._buffer.partition(b"\n")
        return said.decode()

    def ask(self, words: str) -> str:
        """What it answers to a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(words.encode() + b"\n")
        self._process.stdin.flush()
        return self.line()

    def becomes(self, words: str, wanted: Callable[[str], bool] | str) -> str:
        """Its answer, once it is the one that is wanted."""
        holds = wanted if callable(wanted) else wanted.__eq__
        until, said = time.monotonic() + SECONDS, ""
        while time.monotonic() < until:
            said = self.ask(words)
            if holds(said):
                return said
            time.sleep(0.05)
        raise AssertionError(f"{words} stayed {said}")

    def close(self) -> None:
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


@dataclass
class Desk:
    """`display` is its name; programs end with it."""

    display: str
    programs: list[Program] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("QT_", "DMP_DESKTOP_", "WAYLAND_"))
        }
        return kept | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb", "QT_LOGGING_RULES": "*=false"}

    def start(self, source: str, **environment: str) -> Program:
        program = Program(source, self.environment | environment)
        self.programs.append(program)
        return program

    def act(self, *words: str) -> str:
        """With xdotool: as somebody at the keyboard."""
        done = subprocess.run(
            [tool("xdotool"), *words], env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return done.stdout.strip()

    def monitors(self, *given: str) -> None:
        """As tests/helpers/monitors.py takes them."""
        subprocess.run(
            [sys.executable, "-m", "tests.helpers.monitors", *given],
            cwd=ROOT,
            env=self.environment,
            timeout=SECONDS,
            check=True,
        )

    def close(self) -> None:
        for program in self.programs:
            program.close()


@contextmanager
def desk(*screens: str) -> Iterator[Desk]:
    """With a window manager. `screens` as Xvfb takes them."""
    read, write = os.pipe()
    shown = screens or ("1600x1000x24",)
    given = [one for number, size in enumerate(shown) for one in ("-screen", str(number), size)]
    server = subprocess.Popen(
        [tool("Xvfb"), "-displayfd", str(write), *given, "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        one = Desk(display)
        manager = subprocess.Popen([tool("openbox")], env=one.environment, stderr=subprocess.DEVNULL)
        try:
            _managed(one)
            yield one
        finally:
            one.close()
            manager.terminate()
            manager.wait(120)
    finally:
        server.terminate()
        server.wait(120)


def _managed(one: Desk) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        root = subprocess.run(
            [tool("xprop"), "-root", "_NET_SUPPORTING_WM_CHECK"], env=one.environment, capture_output=True, text=True
        )
        if "window id" in root.stdout:
            return
        time.sleep(0.05)
    raise AssertionError("no window manager")


def tool(name: str) -> str:
    """Where it is. Part of what `run.py test` installs (PACKAGES_TEST)."""
    found = shutil.which(name)
    assert found, f"{name} is missing: python3 run.py test installs it"
    return found
