"""`dmp backup` from a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", "https://localhost:1")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))
    return tmp_path / "home"


def test_one_is_made_and_listed(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "-o", str(tmp_path / "clé.dmpsauvegarde")]) == 0
    assert main(["backup", "--json"]) == 0
    chosen, told = capsys.readouterr().out.splitlines()
    assert Path(chosen).stat().st_size > 10_000
    assert Path(json.loads(told)["file"]).parent == home / "sauvegardes"
    assert main(["backup", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert (listed["file"], listed["kind"]) == (json.loads(told)["file"], "demandee")


def test_a_place_that_takes_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["backup", "-o", str(tmp_path / "file" / "b")]) == 3
    assert "[backup-disk]" in capsys.readouterr().err
