"""The command line of the build for Windows, as far as it goes without wine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def build(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "installer/build_windows.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_its_help_tells_each_option() -> None:
    told = build("--help").stdout
    for option in (
        "--check",
        "--keep",
        "--work",
        "--out",
        "--certificate",
        "--passphrase-file",
        "--timestamp-url",
        "--release-key",
    ):
        assert option in told


def test_a_certificate_without_its_passphrase_makes_nothing(tmp_path: Path) -> None:
    done = build("--certificate", "a.p12", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "--passphrase-file" in done.stdout
    assert not any(tmp_path.iterdir())


def test_a_folder_that_no_build_made_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    done = build("--work", str(tmp_path), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "rien n'y est effacé" in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_what_is_no_release_key_makes_nothing(tmp_path: Path) -> None:
    done = build("--release-key", "abc", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "--release-key" in done.stdout
    assert not any(tmp_path.iterdir())
