"""The program is killed during an emergency: nothing read in it may be read at the next start, which writes down that it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.demo.stage import set_up
from dmp_desktop.domain.consent import RESTART, AccessAct
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.platform.paths import training_station
from dmp_desktop.wiring import open_wiring

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def test_nothing_read_is_left_and_the_trace_says_how_it_ended(tmp_path: Path) -> None:
    with set_up(tmp_path) as stage:
        told = next(item["patient"] for item in stage.ready["patients"] if item["story"] == "expired")
        file = tmp_path / "patient.json"
        file.write_text(json.dumps(told), "utf-8")
        victim = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "helpers" / "emergency_victim.py"), str(file)],
            env=stage.environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert victim.stdout
        read = json.loads(victim.stdout.readline())
        victim.kill()
        victim.communicate()
        assert victim.returncode != 0
        assert read["kept"], "nothing was on the disk: the kill proves nothing"
        words = read["title"].encode()
        kept = list(training_station(tmp_path).home.rglob("*"))
        assert [left for left in kept if left.suffix == ".db"]
        for left in kept:
            assert not left.is_file() or words not in left.read_bytes(), left.name
        patient = patient_from_dict(told)
        with open_wiring(stage.environment) as wiring:
            assert wiring.access.special.peek() is None
            assert not wiring.dossier.kept(patient)
            wiring.sign_in_software()
            assert wiring.dossier.kept_list(patient) is None
            ended, broken = wiring.access.oppositions.history(patient.ins)
            assert (ended.act, ended.reason, ended.by) == (AccessAct.SPECIAL_ENDED, RESTART, "")
            assert broken.act is AccessAct.GLASS_BROKEN
        with open_wiring(stage.environment) as wiring:
            assert len(wiring.access.oppositions.history(patient.ins)) == 2, "it ended once"
