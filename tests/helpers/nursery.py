"""Forks processes of the real program from one that has imported everything: a life a line, killed by who asked for it.

Reads `{"argv", "environment", "output", "slot", "plan"}`, a line each; runs `dmp …` with them in a fork whose outputs are appended
to `output` and `output`.err, and answers its process id. `practice ACTS`, `drain` and `station ACTS` are those of `practice_life`,
`tray …` that of `tray_life`.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Life:
    pid: int
    slot: int = 0
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
        assert self.ended(120)
        os.close(self.watch)


def first_ended(lives: Iterable[Life], within: float) -> None:
    """Wait until one of them ends by itself, or so many seconds."""
    select.select([life.watch for life in lives], [], [], within)


class Nursery:
    def __init__(self, environment: Mapping[str, str]) -> None:
        told = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, str(Path(__file__))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=told)

    def start(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        slot: int = 0,
        plan: Mapping[str, Any] | None = None,
    ) -> Life:
        """`plan`: at which step it has itself killed (`steps.Plan`)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"argv": list(argv), "environment": dict(environment), "output": str(output), "slot": slot}
        self._process.stdin.write(json.dumps({**asked, "plan": plan}) + "\n")
        self._process.stdin.flush()
        return Life(int(self._process.stdout.readline()), slot)

    def close(self) -> None:
        self._process.communicate()


def _live(asked: Mapping[str, Any]) -> int:
    from dmp_desktop.cli import main
    from tests.helpers import practice_life, steps, tray_life
    from tests.helpers.jumping_clock import take_slot

    take_slot(asked["slot"])
    os.environ.update(asked["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, suffix in ((1, ""), (2, ".err")):
        opened = os.open(asked["output"] + suffix, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
    verb, *rest = asked["argv"]
    steps.begin(asked["slot"], asked["plan"])
    if verb in ("practice", "station"):
        {"practice": practice_life.practise, "station": practice_life.station}[verb](json.loads(rest[0]))
        return 0
    if verb == "tray":
        tray_life.live(*rest)
        return 0
    if verb == "drain":
        practice_life.drain()
        return 0
    return main(asked["argv"])


def _main() -> None:
    import cryptography.hazmat.backends.openssl.backend  # noqa: F401

    import dmp_desktop.cli
    import dmp_desktop.commands.outbox
    import dmp_desktop.commands.send
    import dmp_desktop.dmp.client
    import dmp_desktop.wiring  # noqa: F401
    from dmp_desktop.platform.keystore import KeyringKeyStore
    from tests.helpers import practice_life, steps, tray_life  # noqa: F401

    steps.install()
    KeyringKeyStore.available()  # what it loads to find the system's is half of a start
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
                if sys.exc_info()[0] is not None:
                    traceback.print_exc()
                steps.end()
                os._exit(status)
        print(child, flush=True)


if __name__ == "__main__":
    _main()
