"""A tray shared by two workstations, both killed (SIGKILL) at random: no scan is lost, none is there twice, no document is made
twice."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.domain.tray import Part, ScanState
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from tests.helpers.clinic_scan_victim import Workstation
from tests.helpers.outbox import FINGERPRINT
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.scans import jpeg_of, paper

ROUNDS, AT_MOST, EACH = 5, 40, 2
WITHIN = 0.4
"""Seconds a workstation lives at most, at first: less after a kill that left nothing to do, more after one that left something."""
NAMES = ("accueil", "medecin")


def begin(tmp_path: Path, database: str) -> list[subprocess.Popen[str]]:
    """Both, which begin together."""
    victims = []
    for name in NAMES:
        command = [sys.executable, "-m", "tests.helpers.clinic_scan_victim", str(tmp_path / name), name, database]
        victims.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    for victim in victims:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "READY\n"
    return victims


def kill(victims: list[subprocess.Popen[str]]) -> None:
    for victim in victims:
        victim.kill()
        victim.wait()
        assert victim.stdout is not None
        victim.stdout.close()


def validated(tmp_path: Path, database: str) -> int:
    """How many scans the doctor has validated, as the desk's workstation or the doctor's own knows."""
    with ClinicDatabase.open(ClinicAddress.parse(database), PASSWORD, FINGERPRINT) as clinic:
        both = [Workstation(tmp_path / name, name, clinic) for name in NAMES]
        done = {scan.id for one in both for scan in one.room.rows.scans()[0] if scan.state is ScanState.VALIDATED}
        for one in both:
            one.room.close()
    return len(done)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_both_workstations_killed_at_random_each_scan_is_on_both_once_with_one_document(
    tmp_path: Path, postgres: Cluster
) -> None:
    chance, database = random.Random(11), f"{postgres.database()}?ca={postgres.ca}"
    folder = tmp_path / "accueil" / "scanner"
    folder.mkdir(parents=True)
    contents = set[bytes]()
    within, round_, cut = WITHIN, 0, False
    while round_ < ROUNDS or not cut:
        assert round_ < AT_MOST, "every kill came after all was done: nothing was cut"
        for number in range(EACH):
            content = jpeg_of(paper(mark=1 + round_ * EACH + number, dpi=20), dpi=20)
            contents.add(content)
            (folder / f"{round_} {number}.jpg").write_bytes(content)
        victims = begin(tmp_path, database)
        for victim in victims:
            with pytest.raises(subprocess.TimeoutExpired):  # it ends by itself for no reason but a fault of ours
                victim.wait(chance.uniform(0.0, within))
        kill(victims)
        round_ += 1
        left = validated(tmp_path, database) < len(contents)
        cut, within = cut or left, within * (1.3 if left else 0.5)
    with ClinicDatabase.open(ClinicAddress.parse(database), PASSWORD, FINGERPRINT) as clinic:
        desk, doctor = (Workstation(tmp_path / name, name, clinic) for name in NAMES)
        for _ in range(12):
            for one in (desk, doctor):
                one.act()
                one.look()
        scans = [one.room.rows.scans() for one in (desk, doctor)]
        assert [damaged for _found, damaged in scans] == [0, 0]
        ids = [sorted(scan.id for scan in found) for found, _damaged in scans]
        assert ids[0] == ids[1]
        assert len(ids[0]) == len(contents) == round_ * EACH
        assert {desk.room.rows.part(scan, Part.FILE) for scan in ids[0]} == contents
        for scan_id in ids[0]:
            here, there = desk.room.rows.get(scan_id), doctor.room.rows.get(scan_id)
            assert here is not None
            assert there is not None
            assert (here.state, here.unique_id, here.made) == (ScanState.VALIDATED, there.unique_id, 1)
            for part in (Part.PDF, Part.CDA):
                assert desk.room.rows.part(scan_id, part) == doctor.room.rows.part(scan_id, part) is not None
        assert len({scan.unique_id for scan in scans[0][0]}) == len(contents)
        desk.room.close()
        doctor.room.close()
