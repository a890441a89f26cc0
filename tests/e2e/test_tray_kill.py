"""Scans while the program is killed at random (SIGKILL), as power cuts and crashes do: none is lost, none is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.domain.tray import Part
from tests.helpers.scans import Desk, jpeg_of, paper

KILLS, AT_MOST = 25, 200
CUT = 5
"""How many kills must have left some to take, and how many must have come after some were taken: it goes on until both have."""
MESSAGE_KILLS = 12


def files(folder: Path) -> int:
    return sum(one.is_file() for one in folder.rglob("*"))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_random_no_scan_is_lost_and_none_is_there_twice(tmp_path: Path) -> None:
    chance, longest, kills, cut, took = random.Random(7), 0.5, 0, 0, 0
    contents: set[bytes] = set()
    desk = Desk.at(tmp_path)
    desk.database.close()
    while kills < KILLS or min(cut, took) < CUT:
        assert kills < AT_MOST, f"{kills} kills: {cut} left some to take, {took} came after some were taken"
        for number in range(3 * kills, 3 * kills + 3):
            content = jpeg_of(paper(mark=1 + number % 100, dpi=30), angle=2.0 + 0.05 * (number // 100), dpi=30)
            contents.add(content)
            desk.drop(f"{number}.jpg", content)
        before = files(desk.folder)
        victim = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.tray_victim", str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert victim.stdout is not None
        assert victim.stdout.readline() == "READY\n"
        with pytest.raises(subprocess.TimeoutExpired):  # it ends by itself for no reason but a fault of ours
            victim.wait(chance.uniform(0.0, longest))
        victim.kill()
        victim.wait()
        victim.stdout.close()
        kills += 1
        left = files(desk.folder)
        cut, took = cut + (left > 0), took + (left < before)
        longest *= 1.2 if left else 0.7
    desk = Desk.at(tmp_path)
    assert len(contents) == 3 * kills
    for _look in range(4):
        desk.settle()
    scans, damaged = desk.store.scans()
    kept = [desk.store.part(one.id, Part.FILE) for one in scans]
    assert (len(kept), damaged) == (len(contents), 0)
    assert set(kept) == contents
    assert [one.copies for one in scans] == [0] * len(contents)
    assert files(desk.folder) == 0
    desk.database.close()
    raw = b"".join(one.read_bytes() for one in tmp_path.glob("a.db*"))
    assert not [content for content in contents if content[-200:-140] in raw]  # nothing of a page in clear on the disk


HEAD = r"MSH|^~\&|SIL|LABO|CAB|X|20261101100500||ORU^R01|1|P|2.5"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_random_no_message_is_lost_and_none_is_there_twice(tmp_path: Path) -> None:
    chance = random.Random(11)
    desk = Desk.at(tmp_path)
    desk.database.close()
    names: list[str] = []
    for round_ in range(MESSAGE_KILLS):
        mine = [f"TEST-{round_}-{number}" for number in range(4)]
        names += mine
        messages = [f"{HEAD}\rPID|1||{name}^^^^PI||{name}^ZOE||19500101|F\rOBX|1|ST|A^CRP^L||{name}\r" for name in mine]
        desk.receive(f"{round_}.hl7", "".join(messages).encode())
        victim = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.tray_victim", str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert victim.stdout is not None
        assert victim.stdout.readline() == "READY\n"
        while (desk.received_folder / f"{round_}.hl7").exists():
            with pytest.raises(subprocess.TimeoutExpired):  # it ends by itself for no reason but a fault of ours
                victim.wait(0.01)
        with pytest.raises(subprocess.TimeoutExpired):  # it has begun: what it took before is whole by now
            victim.wait(chance.uniform(0.0, 0.15))
        victim.kill()
        victim.wait()
        victim.stdout.close()
    desk = Desk.at(tmp_path)
    taken = len(desk.store.scans()[0])
    for _look in range(4):
        desk.settle_received()
    scans, damaged = desk.store.scans()
    assert (sorted(one.origin.patient.family for one in scans if one.origin), damaged) == (sorted(names), 0)
    assert [one.copies for one in scans] == [0] * len(names)
    assert files(desk.received_folder) == 0
    assert taken >= 4 * (MESSAGE_KILLS - 1)
    desk.database.close()
    raw = b"".join(one.read_bytes() for one in tmp_path.glob("a.db*"))
    assert not [name for name in names if name.encode() in raw]  # no name in clear on the disk
