"""`dmp tray`: the scanner's folder chosen, what it holds taken or left with its reason, the tray listed; nobody named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.commands import tray as command
from dmp_desktop.domain.acts import Act
from dmp_desktop.services import tray_intake
from tests.helpers.outbox import PATIENT
from tests.helpers.scans import paper, pdf_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secrets.json").write_text(json.dumps({"storage": "phrase"}))
    for name, value in (
        ("HOME", tmp_path / "home"),
        ("SECRETS", tmp_path / "secrets.json"),
        ("SERVER", "https://localhost:9/"),
    ):
        monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
    for module in (command, tray_intake):
        monkeypatch.setattr(module, "SETTLE_SECONDS", 0.01)
    return tmp_path


@pytest.mark.usefixtures("home")
def test_without_a_folder_nothing_is_said_to_be_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """It said that none was there."""
    assert main(["tray", "take"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "dmp tray folder DOSSIER" in told.err


def test_what_the_scanner_wrote_is_taken_and_listed_without_a_name(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = home / "scanner"
    folder.mkdir()
    (folder / "TEST-PATIENTE.pdf").write_bytes(pdf_of(paper(PATIENT), paper(mark=2)))
    (folder / "TEST-MARTIN.pdf").write_bytes(b"%PDF-1.4 cut")
    assert main(["tray", "folder"]) == 0
    assert capsys.readouterr().out == "aucun\n"
    assert main(["tray", "folder", str(home / "absent")]) == 1
    assert main(["tray", "folder", str(folder)]) == 0
    capsys.readouterr()
    assert main(["tray", "take"]) == 1  # one was of no use
    told = capsys.readouterr().out
    assert "1 numérisation(s) prise(s)." in told
    assert "1 fichier(s) laissé(s)" in told
    assert [one.name for one in folder.iterdir() if one.is_file()] == ["TEST-MARTIN.pdf"]
    assert main(["tray", "list"]) == 0
    assert "à préparer\t2 pages" in capsys.readouterr().out
    assert main(["tray", "list", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert {name: json.loads(line)[name] for name in ("state", "pages")} == {"state": "to-prepare", "pages": 2}
    assert main(["journal", "export"]) == 0
    journal = capsys.readouterr().out
    assert Act.SCAN_TAKEN in journal
    kept = b"".join(one.read_bytes() for one in (home / "home" / "logs").rglob("*") if one.is_file())
    for said in (told.encode(), line.encode(), journal.encode(), kept):
        assert b"TEST-" not in said
        assert PATIENT.ins.value.encode() not in said


def test_a_folder_that_is_gone_is_an_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "scanner"
    folder.mkdir()
    assert main(["tray", "folder", str(folder)]) == 0
    folder.rmdir()
    assert main(["tray", "take"]) == 1
    assert "scan-folder" in capsys.readouterr().err
    assert main(["tray", "folder", "-"]) == 0
    assert main(["tray", "take"]) == 0
