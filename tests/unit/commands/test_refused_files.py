"""A file that cannot be used is told so that it is found again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from tests.helpers.documents import FULL


def test_of_several_documents_the_one_that_is_refused_is_told_by_its_rank(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name may be a patient's."""
    good, bad = tmp_path / "TEST-BON.xml", tmp_path / "TEST-MAUVAIS.xml"
    context, note = tmp_path / "context.json", tmp_path / "note.txt"
    context.write_text(json.dumps(FULL))
    note.write_text("TEST toux.")
    built = ["cda", "build", "--note", str(note), "--context", str(context), "--kind", "consultation"]
    assert main([*built, "-o", str(good)]) == 0
    capsys.readouterr()
    bad.write_bytes(b"rien")
    assert main(["send", str(good), str(bad), str(good)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("Fichier 2 sur 3, rien n'est gardé ni envoyé :\n")
    assert "TEST-" not in told
    assert main(["send", str(tmp_path / "absent.xml"), str(good)]) == 1
    assert capsys.readouterr().err.startswith("Fichier 1 sur 2")
    assert main(["send", str(bad)]) == 1
    assert "Fichier" not in capsys.readouterr().err


def test_a_backup_that_is_not_there_is_not_said_to_be_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(tmp_path / "absente.dmpsauvegarde")]) == 1
    told = capsys.readouterr().err
    assert "introuvable" in told
    assert "dmp backup --list" in told


@pytest.mark.parametrize("command", ["data", "text", "html", "check"])
def test_a_folder_is_told_to_be_one(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["cda", command, "."]) == 1
    assert capsys.readouterr().err == "« . » est un dossier. Donnez le nom d'un fichier. [file]\n"
