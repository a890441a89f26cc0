"""`dmp exchange hprim`: a document of here for practice software that reads HPRIM, and what it cannot hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from tests.helpers.documents import FULL, NOTE


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_bytes(f"{NOTE}\nSaturation ≥ 95 % → TEST".encode())
    (tmp_path / "ctx.json").write_text(json.dumps(FULL), encoding="utf-8")
    made = tmp_path / "document.xml"
    given = ["--note", str(tmp_path / "note.txt"), "--context", str(tmp_path / "ctx.json"), "--kind", "consultation"]
    assert main(["cda", "build", *given, "-o", str(made)]) == 0
    return made


def test_a_document_goes_out_and_is_read_again(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "out.hpr"
    assert main(["exchange", "hprim", str(document), "-o", str(made)]) == 0
    told = capsys.readouterr().err
    assert "écrits autrement" in told
    assert "l'INS" in told
    assert "documents joints" in told
    assert made.read_bytes().endswith(b"\r\n****FIN****\r\n****FINFICHIER****\r\n")
    assert main(["exchange", "read", str(made), "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    patient = FULL["patient"]
    assert read["patient"]["family"] == patient["birth_family"]
    assert read["patient"]["birth_date"] == patient["birth_date"]
    assert "Saturation >= 95 % -> TEST" in read["text"]
    assert main(["exchange", "hprim", str(document), "-o", str(made), "--encoding", "utf-8"]) == 0
    assert "écrits autrement" not in capsys.readouterr().err
    assert "≥ 95 % → TEST" in made.read_text("utf-8")


def test_what_cannot_be_written_says_why(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "out.hpr"
    text = document.read_text("utf-8").replace("Saturation", "飽和度")
    document.write_text(text, "utf-8")
    assert main(["exchange", "hprim", str(document), "-o", str(made)]) == 1
    assert "UTF-8" in capsys.readouterr().err
    assert not made.exists()
    assert main(["exchange", "hprim", str(document), "-o", str(tmp_path / "absent" / "out.hpr")]) == 1
    assert main(["exchange", "hprim", str(tmp_path / "absent.xml"), "-o", str(made)]) == 1
