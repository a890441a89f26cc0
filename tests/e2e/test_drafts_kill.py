"""The program is killed (SIGKILL) while a note is written: what was typed more than 2 s before is there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.helpers.draft_victim import WORDS
from tests.helpers.drafts import DOCTOR, Desk
from tests.ui import fakes

ROOT = Path(__file__).resolve().parents[2]
LOST_S = 2.0
"""What may be lost: the last 2 s before the end."""
AT_ONCE = 3

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(1800)]


def _start(folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    victim = [sys.executable, str(ROOT / "tests" / "helpers" / "draft_victim.py"), str(folder)]
    with (folder / "keys").open("wb") as out:
        return subprocess.Popen(victim, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, stdout=out)


def _keys(folder: Path) -> list[tuple[int, float]]:
    lines = (folder / "keys").read_text().splitlines()[:-1]  # the last may be cut
    return [(int(length), float(at)) for length, at in map(str.split, lines)]


def _kill_while_typing(victim: subprocess.Popen[bytes], folder: Path, after_s: float) -> float:
    """`after_s` its first key, within 60 s; the moment of the kill."""
    limit = time.monotonic() + 60
    while not _keys(folder):
        assert victim.poll() is None, "it ended by itself"
        assert time.monotonic() < limit
        time.sleep(0.02)
    time.sleep(max(0.0, _keys(folder)[0][1] + after_s - time.monotonic()))
    killed = time.monotonic()
    victim.kill()
    assert victim.wait() == -signal.SIGKILL
    return killed


def _found(folder: Path) -> str:
    desk = Desk(folder / "a.db")
    with desk.database:
        desk.database.check()
        desk.keys.come(DOCTOR)
        ((draft, _revision),) = desk.service.mine().drafts
        assert draft.patient == fakes.LEA
        return draft.text


@pytest.mark.parametrize("rounds", [20])
def test_what_was_typed_two_seconds_before_a_kill_is_there(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(7)
    lost_most = 0.0
    for wave in range(0, rounds, AT_ONCE):
        folders = [tmp_path / f"{number}" for number in range(wave, min(wave + AT_ONCE, rounds))]
        victims = [(_start(folder), folder) for folder in folders]
        for victim, folder in victims:
            killed = _kill_while_typing(victim, folder, chance.uniform(LOST_S + 0.3, LOST_S + 2.5))
            keys, text = _keys(folder), _found(folder)
            sure = max(length for length, at in keys if at <= killed - LOST_S)
            assert text == "".join(islice(cycle(WORDS), len(text))), "not what was typed"
            assert len(text) >= sure, (len(text), sure)
            lost_most = max(lost_most, killed - max(at for length, at in keys if length <= len(text)))
            for file in (one for one in folder.iterdir() if one.name.startswith("a.db")):
                content = file.read_bytes()
                for word in ("grasse", "frissons", "trois jours", fakes.LEA.birth_family, fakes.LEA.ins.value):
                    assert word.encode() not in content, (file.name, word)
    print(f"at most {lost_most:.2f} s of typing lost in {rounds} rounds")
