"""The program is killed, or its disk fails, at each thing a start asks of the disk: the first start, a start that brings up to date what
any earlier version left, one that makes damaged files anew. The next start finds every document, draft and act, and a backup of before.

`DMP_POINTS=0` cuts at every single one; without it, at a few of each, evenly spread.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.storage.migrations import MIGRATIONS
from tests.helpers.failing_disk import told_by

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or not shutil.which("cc"), reason="LD_PRELOAD, built by cc"
    ),
    pytest.mark.slow,
    pytest.mark.timeout(3600),
]
SCENARIOS = ("first", "damaged", *(f"from-{one}" for one in range(1, len(MIGRATIONS))), f"from-{len(MIGRATIONS)}-1")
KNOWN = {"storage-full", "storage-disk", "storage-read-only", "storage-unreachable", "write-failed"} | {
    "backup-disk",
    "restore-disk",
    "data-folder",
}
"""What a failing disk may be told as at a start: each with its remedy."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    build, homes = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("homes")
    said = told_by("starting_victim.py", homes, build, os.environ.get("DMP_POINTS", "4"))
    return {one["scenario"]: one for one in said}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_next_start_finds_everything(told: dict[str, dict[str, Any]], scenario: str) -> None:
    said = told[scenario]
    assert said["wrong"] == []
    assert said["tried"] >= 12
    assert said["asked"] > 100, "nothing was asked of the disk: nothing was tried"
    assert set(said["codes"]) <= KNOWN, "a process that was not killed, or an error that is not told"
    assert set(said["codes"]) & KNOWN
