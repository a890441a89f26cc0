"""A disk that fails when it is told to, for a process started with `environment`: its files under one folder, by LD_PRELOAD."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FULL, READ_ONLY = errno.ENOSPC, errno.EROFS


class How(IntEnum):
    ONCE = 0
    FROM_THEN_ON = 1
    KILL = 2
    """The process ends there, as by SIGKILL from elsewhere."""


def environment(folder: Path, build: Path) -> dict[str, str]:
    """Of a process whose files under `folder` may fail; the library is built in `build`, outside of it."""
    library = build / "failing_disk.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "DMP_TEST_FOLDER": str(folder)}


def told_by(victim: str, homes: Path, build: Path, how_many: str) -> list[dict[str, Any]]:
    """What a program of this folder says, a JSON object a line, of what it did under `homes` on such a disk."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "helpers" / victim), str(homes), how_many],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment(homes, build)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


class FailingDisk:
    """Within such a process."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        self._fail, self._works = library.dmp_disk_fail, library.dmp_disk_works
        self._fail.argtypes, self._works.restype = [ctypes.c_long, ctypes.c_int, ctypes.c_int], ctypes.c_long

    def fail(self, number: int, error: int, how: How) -> None:
        """At the `number`-th thing asked from now on, the first being 1."""
        self._fail(number, error, how)

    def works(self) -> int:
        """From now on again. How many things were asked since `fail`."""
        return int(self._works())
