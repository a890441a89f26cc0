"""Scans while the program is killed at random (SIGKILL), as power cuts and crashes do: none is lost, none is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.domain.tray import Part
from tests.helpers.scans import Desk, jpeg_of, paper

KILLS = 25
MESSAGE_KILLS = 12


@pytest.mark.slow
def test_killed_at_random_no_scan_is_lost_and_none_is_there_twice(tmp_path: Path) -> None:
    chance = random.Random(7)
    contents: set[bytes] = set()
    desk = Desk.at(tmp_path)
    desk.database.close()
    for round_ in range(KILLS):
        for number in range(3):
            content = jpeg_of(paper(mark=1 + round_ * 3 + number, dpi=30), dpi=30)
            contents.add(content)
            desk.drop(f"{round_} {number}.jpg", content)
        victim = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.tray_victim", str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert victim.stdout is not None
        assert victim.stdout.readline() == "READY\n"
        with pytest.raises(subprocess.TimeoutExpired):  # it ends by itself for no reason but a fault of ours
            victim.wait(chance.uniform(0.0, 0.5))
        victim.kill()
        victim.wait()
        victim.stdout.close()
    desk = Desk.at(tmp_path)
    left_over = [one for one in desk.folder.rglob("*") if one.is_file()]
    assert len(contents) == 3 * KILLS
    assert left_over, "every kill came after all was done: nothing was cut"
    for _look in range(4):
        desk.settle()
    scans, damaged = desk.store.scans()
    kept = [desk.store.part(one.id, Part.FILE) for one in scans]
    assert (len(kept), damaged) == (len(contents), 0)
    assert set(kept) == contents
    assert [one.copies for one in scans] == [0] * len(contents)
    assert [one for one in desk.folder.rglob("*") if one.is_file()] == []
    desk.database.close()
    raw = b"".join(one.read_bytes() for one in tmp_path.glob("a.db*"))
    assert not [content for content in contents if content[-200:-140] in raw]  # nothing of a page in clear on the disk


HEAD = r"MSH|^~\&|SIL|LABO|CAB|X|20261101100500||ORU^R01|1|P|2.5"


@pytest.mark.slow
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
    assert [one for one in desk.received_folder.rglob("*") if one.is_file()] == []
    assert taken >= 4 * (MESSAGE_KILLS - 1)
    desk.database.close()
    raw = b"".join(one.read_bytes() for one in tmp_path.glob("a.db*"))
    assert not [name for name in names if name.encode() in raw]  # no name in clear on the disk
