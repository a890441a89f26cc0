"""`dmp exchange xdm`: an archive for a correspondent, or the reason why there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.exchange import xdm
from tests.helpers.documents import FULL, NOTE

CLOCK = ("--clock", "2026-11-20T10:30:00+01:00")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_bytes(NOTE.encode())
    (tmp_path / "ctx.json").write_text(json.dumps(FULL), encoding="utf-8")
    made = tmp_path / "document.xml"
    given = ["--note", str(tmp_path / "note.txt"), "--context", str(tmp_path / "ctx.json"), "--kind", "consultation"]
    assert main(["cda", "build", *given, *CLOCK, "--format", "pdf", "-o", str(made)]) == 0
    return made


def test_a_document_goes_into_an_archive(document: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "un.zip", tmp_path / "deux.zip"
    assert main(["exchange", "xdm", str(document), "-o", str(first), *CLOCK]) == 0
    (message,) = xdm.read(first.read_bytes())
    assert message.documents[0].content == document.read_bytes()
    assert main(["exchange", "xdm", str(document), "-o", str(second), *CLOCK]) == 0
    assert second.read_bytes() == first.read_bytes()
    assert main(["exchange", "xdm", str(document), "-o", str(second)]) == 0
    assert second.read_bytes() != first.read_bytes()


def test_what_cannot_be_packed_says_why(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "out.zip"
    assert main(["exchange", "xdm", str(document), str(document), "-o", str(made)]) == 1
    assert "donné deux fois" in capsys.readouterr().err
    assert main(["exchange", "xdm", str(tmp_path / "absent.xml"), "-o", str(made)]) == 1
    assert "ne peut pas être lu" in capsys.readouterr().err
    assert main(["exchange", "xdm", str(tmp_path / "note.txt"), "-o", str(made)]) == 1
    assert not made.exists()
    assert main(["exchange", "xdm", str(document), "-o", str(tmp_path / "absent" / "out.zip")]) == 3


def test_a_message_is_prepared_and_what_is_doubtful_said(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "message.eml"
    base = ["exchange", "mail", str(document), "-o", str(made)]
    assert main([*base, "--to", "dr.test@medecin.mssante.fr"]) == 0
    assert made.read_bytes().startswith(b"X-Unsent: 1\r\n")
    assert capsys.readouterr().err == ""
    assert main([*base, "--to", "dr.test@hopital.example"]) == 0
    assert "Annuaire Santé" in capsys.readouterr().err
    made.unlink()
    assert main([*base, "--to", f"{FULL['patient']['ins']}@patient.mssante.fr"]) == 1
    told = capsys.readouterr().err
    assert "celle d'un patient" in told
    assert FULL["patient"]["ins"] not in told
    assert not made.exists()


def test_an_archive_is_read_with_what_its_document_tells(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "out.zip"
    assert main(["exchange", "xdm", str(document), "-o", str(made)]) == 0
    capsys.readouterr()
    assert main(["exchange", "read", str(made), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "xdm"
    assert told["patient"]["ins"] == FULL["patient"]["ins"]
    assert told["documents"][0]["bytes"] == document.stat().st_size
    assert told["text"]


def test_an_archive_is_read_with_what_its_documents_tell(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "recu.bin"
    assert main(["exchange", "xdm", str(document), "-o", str(made), *CLOCK]) == 0
    assert main(["exchange", "read", str(made), "--json"]) == 0
    out, err = capsys.readouterr()
    (told,) = map(json.loads, out.splitlines())
    assert (told["format"], told["patient"]["ins"]) == ("xdm", FULL["patient"]["ins"])
    assert told["patient"]["used_family"] == FULL["patient"]["used_family"]
    assert told["documents"][0]["bytes"] == len(document.read_bytes())
    assert "metformine" in told["text"]
    assert (told["warnings"], err) == ([], "")
    content = bytearray(made.read_bytes())
    content[len(content) // 2] ^= 1  # in the document
    made.write_bytes(bytes(content))
    assert main(["exchange", "read", str(made)]) == 1
    assert "Demandez au correspondant un nouvel envoi." in capsys.readouterr().err
