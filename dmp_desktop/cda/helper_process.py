"""A process that does what may hang, swell or crash, so that it harms nobody here: started when needed, held to a deadline."""

from __future__ import annotations

import atexit
import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import IO, NamedTuple

from dmp_desktop.cda.helper_pipe import PAGE, receive, send
from dmp_desktop.own_program import helper_command, start_helper

_START_SECONDS = 20.0  # measured 0.2 s
_RUN = """
import importlib, sys
name, root = sys.argv[1:]
sys.path.insert(0, root)
program = importlib.import_module(name)
sys.path.remove(root)
program.main()
"""
"""Isolated from the user's settings; of our package, the one this is of, whichever is installed."""


def own_command(program: ModuleType) -> list[str]:
    """Runs the `main` of one of our modules; a packaged program has no other Python than itself, and knows it by its FLAG."""
    return helper_command(program.FLAG, ["-c", _RUN, program.__name__, str(Path(__file__).parents[2])])


class Answer(NamedTuple):
    """`pages` answered before the end; `ended`: all went well; `ready`: there was a process to ask."""

    pages: list[bytes]
    ended: bool
    ready: bool = True


class HelperProcess:
    """The process `command` runs, started when first needed and again after it had to be stopped. One document at a time; no page
    of an answer is longer than `longest` bytes. It ends with this one."""

    def __init__(self, command: Callable[[], list[str]], longest: int) -> None:
        self._command = command
        self._longest = longest
        self._lock = threading.Lock()
        atexit.register(self.stop)
        self._process: subprocess.Popen[bytes] | None = None

    def pages(self, request: bytes, seconds: float) -> Answer:
        """In at most `seconds`, once it is started."""
        with self._lock:
            process = self._running()
            if process is None:
                return Answer([], ended=False, ready=False)
            pages, ended = [], False
            with _deadline(process, seconds), contextlib.suppress(OSError):
                requests, answers = _streams(process)
                send(requests, request)
                while (untrusted_answer := receive(answers, self._longest)).startswith(PAGE):
                    pages.append(untrusted_answer[1:])
                ended = bool(untrusted_answer)
            if not ended:
                self._stop()
            return Answer(pages, ended)

    def stop(self) -> None:
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes] | None:
        """None where it does not start, or never says that it is ready: blocked, or not installed whole."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        try:
            self._process = process = start_helper(
                self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            with _deadline(process, _START_SECONDS):
                ready = bool(receive(_streams(process)[1], self._longest))
        except OSError:
            ready = False
        if not ready:
            self._stop()
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(OSError):  # what was never sent
                self._process.__exit__(None, None, None)
        self._process = None


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """(its input, its output)."""
    if process.stdin is None or process.stdout is None:
        raise OSError("the helper has no pipes")
    return process.stdin, process.stdout


@contextlib.contextmanager
def _deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kills the process after `seconds`: whoever reads from it then meets the end."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
