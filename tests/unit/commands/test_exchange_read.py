"""`dmp exchange read`: what a received file holds, as told to people and to programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmp_desktop.cli import main

HPRIM = """A1234
TEST-DURAND
Zoé
1 rue Haute
.
10200 Bar-sur-Aube
12/03/1979
2790351215189 88
506232
22/05/2013
Labo
Dr TEST

CRP 12 mg/l
****LAB****
RES|CRP|C1|N|12|mg/l|0|5|H|F
****FIN****
"""


def test_one_line_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "anything.bin"
    file.write_bytes((HPRIM + HPRIM).encode("cp1252"))
    assert main(["exchange", "read", str(file), "--json"]) == 0
    out, err = capsys.readouterr()
    first, second = map(json.loads, out.splitlines())
    assert first == second
    assert first["format"] == "hprim"
    assert (first["patient"]["family"], first["patient"]["birth_date"]) == ("TEST-DURAND", "1979-03-12")
    assert first["patient"]["ins"] is None
    expected = {"label": "CRP", "code": "C1", "value": "12", "unit": "mg/l", "low": "0", "high": "5", "flag": "H"}
    assert expected.items() <= first["results"][0].items()
    assert (first["documents"], first["text"]) == ([], "CRP 12 mg/l")
    assert "clé" in first["warnings"][0]
    assert "(message 1 sur 2)" in err
    assert "TEST-" not in err


def test_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.hpr"
    file.write_bytes(HPRIM.encode("cp1252"))
    assert main(["exchange", "read", str(file)]) == 0
    out = capsys.readouterr().out
    assert "TEST-DURAND Zoé, né(e) le 12/03/1979" in out
    assert "CRP = 12 mg/l [0 - 5] (H)" in out


def test_what_is_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "TEST-NOM.txt"
    file.write_bytes(b"Bonjour.")
    assert main(["exchange", "read", str(file), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == "exchange-format"
    assert "HPRIM" in err
    assert "TEST-" not in err
    assert main(["exchange", "read", str(tmp_path)]) == 1
    assert main(["exchange", "read", str(tmp_path / "absent")]) == 1
