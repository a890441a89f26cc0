"""The stand-in server as a process of its own, told over its standard input which fault comes next: FOLDER.

Writes one line when it listens; `NAME VALUE` orders a fault (`dmp_desktop.sandbox.faults`). It ends with its input.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class OrderedSandbox:
    """`port` is another after each `start`; `ready` is that of the server."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self._process: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {}
        self.start()

    def start(self) -> None:
        command = [sys.executable, str(Path(__file__)), str(self.folder)]
        with (self.folder / "journal.txt").open("a") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={"PYTHONPATH": str(ROOT)},
            )
        assert self._process.stdout is not None
        told = json.loads(self._process.stdout.readline())
        self.port, self.ready = told["port"], told["ready"]

    def order(self, fault: str) -> None:
        """The next one that it concerns."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{fault} 1\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """`kill -9`."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def serve(folder: Path) -> None:
    from dmp_desktop.sandbox import Sandbox

    logging.basicConfig(level=logging.INFO)  # what it refused, by code: nobody is named there
    with Sandbox(folder) as sandbox:
        print(json.dumps({"port": sandbox._server.bind_addr[1], "ready": sandbox.ready}), flush=True)
        for line in sys.stdin:
            name, value = line.split()
            assert hasattr(sandbox.faults, name)
            setattr(sandbox.faults, name, int(value))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
