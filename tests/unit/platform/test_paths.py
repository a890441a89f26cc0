from __future__ import annotations

from pathlib import Path

import pytest

from dmp_desktop.errors import StorageError
from dmp_desktop.platform.paths import Paths, find_paths


def test_the_variable_wins(tmp_path: Path) -> None:
    environment = {"DMP_DESKTOP_HOME": str(tmp_path), "XDG_DATA_HOME": "/x", "LOCALAPPDATA": "C:/x"}
    assert find_paths(environment, Path("/home/test")).home == tmp_path


def test_xdg_place_else_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert find_paths({"XDG_DATA_HOME": "/data"}, Path("/home/test")).home == Path("/data/dmp-desktop")
    usual = Path("/home/test/.local/share/dmp-desktop")
    assert find_paths({}, Path("/home/test")).home == usual
    assert find_paths({"XDG_DATA_HOME": "relative"}, Path("/home/test")).home == usual


def test_windows_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert find_paths({"LOCALAPPDATA": "/local"}, Path("/u")).home == Path("/local/DMP Desktop")
    assert find_paths({}, Path("/u")).home == Path("/u/AppData/Local/DMP Desktop")


def test_folders_are_closed_to_others_even_when_they_were_open(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)
    paths = Paths(tmp_path / "home").create().create()
    for folder in (paths.home, paths.logs, paths.locks):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="data-folder"):
        Paths(tmp_path / "file" / "home").create()
