"""New files take the place of the former ones: killed at each step, one pair or the other is there, and nothing is thrown away."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.storage import swap

NAMES = ["a.db", "b.db"]


def prepare(home: Path) -> None:
    home.mkdir()
    for name in NAMES:
        for end in ("", "-wal", "-shm"):
            (home / (name + end)).write_text(f"former {name}{end}")


def replace(home: Path) -> None:
    with swap.made_anew(home) as folder:
        for name in NAMES:
            (folder / name).write_text(f"new {name}")
    swap.ready(home, NAMES, "abimee")
    swap.finish(home)


def contents(home: Path) -> dict[str, str]:
    return {one.name: one.read_text() for one in home.iterdir() if one.is_file()}


def before(home: Path) -> None:
    assert contents(home) == {name + end: f"former {name}{end}" for name in NAMES for end in ("", "-wal", "-shm")}


def after(home: Path) -> None:
    former = {f"{name}.abimee{end}": f"former {name}{end}" for name in NAMES for end in ("", "-wal", "-shm")}
    assert contents(home) == {**former, **{name: f"new {name}" for name in NAMES}}


def replace_until(home: Path, step: int) -> None:
    left = step

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename != swap.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    replace(home)
    sys.settrace(None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork: Linux only")
def test_killed_at_each_step_it_is_all_or_nothing(tmp_path: Path) -> None:
    killed, step = {True: 0, False: 0}, 1
    while True:
        home = tmp_path / str(step)
        prepare(home)
        child = os.fork()
        if child == 0:
            try:
                replace_until(home, step)
                os._exit(0)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(child, 0)
        swap.finish(home)
        done = (home / "a.db").read_text().startswith("new")
        (after if done else before)(home)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        killed[done] += 1
        step += 1
    assert min(killed.values()) > 10


def test_a_failure_before_leaves_all_as_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare(home)
    with pytest.raises(ZeroDivisionError), swap.made_anew(home) as folder:  # noqa: PT012
        (folder / "a.db").write_text("half")
        raise ZeroDivisionError
    assert swap.finish(home) == []
    before(home)


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StorageError, match="restore-disk"), swap.made_anew(tmp_path / "home"):
        pass
