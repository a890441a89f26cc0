"""kill -9 at random points: what was promised is in the DMP once, whatever the moment."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def play(folder: Path, kills: int, timeout: float) -> dict[str, int]:
    seed = random.SystemRandom().randrange(1 << 32)
    script = ROOT / "tests" / "helpers" / "outbox_kill.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script), str(folder), str(kills), str(seed)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, (seed, done.stderr)
    report: dict[str, int] = json.loads(done.stdout)
    print(f"seed {seed}, {kills} kills: {report}")
    return report


def check(report: dict[str, int], kills: int) -> None:
    assert report["promised"] > kills / 2, "killed too early to prove anything"
    assert {name: report[name] for name in ("lost", "doubled", "unsent", "unknown")} == {
        "lost": 0,
        "doubled": 0,
        "unsent": 0,
        "unknown": 0,
    }


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork and pidfd: Linux only")
@pytest.mark.timeout(1800)
def test_thirty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    check(play(tmp_path, 30, 1790), 30)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork and pidfd: Linux only")
def test_a_thousand_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    check(play(tmp_path, 1000, 3590), 1000)
