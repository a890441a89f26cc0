"""The disk is full, or can no longer be written, at each thing the program asks of it in turn: it says so in French, nothing that was
promised is lost, nothing is half done, and it goes on once there is room.

`DMP_STRIDE=1` fails at every single thing; without it, at one in seven of those beyond the first 31 of an operation.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.failing_disk import told_by

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or not shutil.which("cc"), reason="LD_PRELOAD, built by cc"
    ),
    pytest.mark.slow,
    pytest.mark.timeout(600),
]
OPERATIONS = (
    "enqueue",
    "enqueue_lot",
    "claim_and_settle",
    "keep_draft",
    "change_draft",
    "journal",
    "prefer",
    "save_settings",
    "keep_secret",
    "back_up",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the victim says of each operation."""
    build, homes = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("homes")
    said = told_by("full_disk_victim.py", homes, build, os.environ.get("DMP_STRIDE", "7"))
    return {one["operation"]: one for one in said}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_fails_whole_and_goes_on_once_there_is_room(told: dict[str, dict[str, Any]], operation: str) -> None:
    said = told[operation]
    assert said["wrong"] == []
    assert said["asked"] >= 2, "nothing was asked of the disk: nothing was tried"
    assert "storage" not in said["codes"], "told as a refusal nobody knows"
    assert said["codes"]


def test_all_of_them_were_tried(told: dict[str, dict[str, Any]]) -> None:
    assert set(told) == set(OPERATIONS)


DMP = f"{sys.executable} -c 'import sys; from dmp_desktop.cli import main; sys.exit(main())'"


def _on_a_medium(mounted: str, argv: str) -> subprocess.CompletedProcess[str]:
    """`dmp …` with its data folder on a medium of its own, which `mounted` spoils; the data were made there before."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("unshare -m is not allowed to this user")
    script = f"mount -t tmpfs -o size=4m tmpfs /mnt && {DMP} backup >/mnt/made && {mounted} && exec {DMP} {argv}"
    return subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, timeout=300)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", "/mnt/home")
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:1")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(tmp_path / "secrets.json"))


@pytest.mark.usefixtures("home")
def test_a_data_folder_that_became_read_only_is_told() -> None:
    """A real medium: every start needs its locks and its log, and says in a sentence that it cannot have them."""
    told = _on_a_medium("mount -o remount,ro /mnt", "backup --list")
    assert told.returncode == 3, told.stderr
    assert told.stderr.endswith("[data-folder]\n")
    assert "Traceback" not in told.stderr


@pytest.mark.usefixtures("home")
def test_a_data_folder_without_a_byte_left_is_told_and_opens_once_there_is_room() -> None:
    fill = "{ cat /dev/zero >/mnt/filler 2>/dev/null; true; }"
    told = _on_a_medium(fill, "backup")
    assert told.returncode == 3, told.stderr
    assert "place" in told.stderr
    assert "Traceback" not in told.stderr
    again = _on_a_medium(f"{fill} && {{ {DMP} backup; rm /mnt/filler; }}", "backup --list")
    assert again.returncode == 0, again.stderr
    assert "demandee" in again.stdout
