"""`dmp desk`: an agenda from a file or a pipe into the day's list, and the list."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from dmp_desktop.cli import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "phrase"}))
    for name, value in (
        ("HOME", tmp_path / "home"),
        ("SECRETS", tmp_path / "secrets.json"),
        ("SERVER", "https://localhost:9/"),
    ):
        monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
    return tmp_path


def test_an_agenda_is_taken_then_listed(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    agenda = home / "agenda.csv"
    agenda.write_text("Heure;Nom;Prénom;Motif\n9:00;TEST-A;Léa;x\n99:00;TEST-B;Noé;x\n")
    assert main(["desk", "import", str(agenda)]) == 1
    told = capsys.readouterr()
    assert "1 ajouté(s)" in told.out
    assert "Ligne 3" in told.err
    assert "Motif" in told.err
    assert main(["desk", "list"]) == 0
    assert capsys.readouterr().out.split()[:4] == ["09:00", "attendu", "TEST-A", "Léa"]
    piped = io.TextIOWrapper(io.BytesIO(b"Nom\nTEST-C\n"))
    monkeypatch.setattr(sys, "stdin", piped)
    assert main(["desk", "import", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"added": 1, "already": 0, "moved": 0, "refused": [], "left_out": []}
    assert main(["desk", "list", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["family"] for one in lines] == ["TEST-A", "TEST-C"]
    assert main(["desk", "import", str(home / "absent.csv")]) == 1
