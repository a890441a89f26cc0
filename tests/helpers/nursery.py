"""Forks processes of the real program from one that has imported everything: a life a line, killed by who asked for it.

Reads `{"argv", "environment", "output", "slot"}`, a line each; runs `dmp …` with them in a fork whose outputs are appended to
`output` and `output`.err, and answers its process id. `dmp station FILE…` is a workstation that keeps running (see `_station`).
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WRONG_CLOCK = "DMPInvalidVIHF"
"""What the server says to who tells a time that is not its own."""

_LOOK = 2.0  # seconds


@dataclass
class Life:
    pid: int
    watch: int = field(init=False)

    def __post_init__(self) -> None:
        self.watch = os.pidfd_open(self.pid)

    def ended(self, within: float) -> bool:
        """Whether it ends by itself in so many seconds."""
        return bool(select.select([self.watch], [], [], within)[0])

    def kill(self) -> None:
        """`kill -9`; it is gone when this returns, its locks too."""
        with suppress(ProcessLookupError):  # it ended by itself
            signal.pidfd_send_signal(self.watch, signal.SIGKILL)
        assert self.ended(30)
        os.close(self.watch)


class Nursery:
    def __init__(self, environment: Mapping[str, str]) -> None:
        told = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, str(Path(__file__))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=told)

    def start(self, argv: Sequence[str], environment: Mapping[str, str], output: Path, slot: int = 0) -> Life:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"argv": list(argv), "environment": dict(environment), "output": str(output), "slot": slot}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Life(int(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


def _live(asked: Mapping[str, Any]) -> int:
    from dmp_desktop.cli import main
    from tests.helpers.jumping_clock import take_slot

    take_slot(asked["slot"])
    os.environ.update(asked["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, suffix in ((1, ""), (2, ".err")):
        opened = os.open(asked["output"] + suffix, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
    if asked["argv"][0] == "station":
        _station(asked["argv"][1:])
    return main(asked["argv"])


def _station(files: Sequence[str]) -> None:
    """A workstation at work: signed in where the environment has an identity, it keeps one document after the other for sending,
    writes `{"unique_id", "state": "queued"}` once each is kept, and goes on sending until it is killed.

    Without any file, somebody sits before it who tries at once what waits, and again what a wrong clock had refused.
    """
    import threading
    from datetime import timedelta

    from dmp_desktop.services.deposit import patient_of
    from dmp_desktop.wiring import open_wiring

    with open_wiring() as wiring:
        if "DMP_DESKTOP_IDENTITY" in os.environ:
            wiring.sign_in_software()
        wiring.worker.start()
        for content in (Path(file).read_bytes() for file in files):
            item = wiring.outbox.enqueue_cda(patient_of(content), content, undo_delay=timedelta(0))
            print(json.dumps({"unique_id": item.unique_id, "state": "queued"}), flush=True)
        pause = threading.Event()
        while not pause.wait(_LOOK):
            if files:
                continue
            wiring.outbox.flush()
            for item in wiring.outbox.items():
                if item.code == WRONG_CLOCK and item.state == "refused":
                    wiring.outbox.retry(item.id)


def _main() -> None:
    import dmp_desktop.commands.outbox
    import dmp_desktop.commands.send
    import dmp_desktop.dmp.client
    import dmp_desktop.services.deposit
    import dmp_desktop.wiring  # noqa: F401

    for line in sys.stdin:
        asked = json.loads(line)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # only now: until it is watched, an id must not be given again
                pass
        child = os.fork()
        if child == 0:
            status = 70
            try:
                status = _live(asked)
                sys.stdout.flush()
            finally:
                os._exit(status)
        print(child, flush=True)


if __name__ == "__main__":
    _main()
