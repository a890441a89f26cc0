"""`dmp exchange read`: what a received file holds, as told to people and to programs."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from tests.helpers.scans import paper, pdf_of

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
    assert "  CRP : 12 mg/l (0 - 5) [H]" in out


HL7 = "\r".join(
    [
        r"MSH|^~\&|SIL|LABO|CAB|X|20261101100500||ORU^R01|1|P|2.5",
        "PID|1||279035121518989^^^X&1.2.250.1.213.1.4.10&ISO^INS||TEST-DURAND^ZOE^^^^^L||19790312|F",
        "OBX|1|NM|2951-2^Sodium^LN||128|mmol/L|135-145|L|||F",
        "OBX|2|CE|MASQUE_PS^x^MetaDMPMSS||Y",
        "OBX|3|CE|DESTDMP^x^MetaDMPMSS||N",
        "OBX|4|ED|11502-2^CR^LN||^AP^PDF^Base64^JVBERi0xLjQKJSVFT0YK||||||F",
    ]
)


def test_hl7_v2_with_its_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a"
    file.write_bytes(HL7.encode())
    assert main(["exchange", "read", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["patient"]["ins"], told["sender"]) == ("hl7v2", "279035121518989", "LABO")
    assert [(one["label"], one["value"], one["flag"]) for one in told["results"]] == [("Sodium", "128", "L")]
    assert [(one["mime"], one["bytes"]) for one in told["documents"]] == [("application/pdf", 15)]
    assert (told["routing"]["visibility"], told["routing"]["to_dmp"]) == (["masque_ps"], False)
    assert main(["exchange", "read", str(file)]) == 0
    assert "À savoir : L'expéditeur demande que ce document soit masqué aux professionnels" in capsys.readouterr().out


@pytest.mark.shared
def test_a_cda_tells_its_patient_its_documents_and_its_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: Path
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes((shared / "samples/cda/minimal_consultation_structured.xml").read_bytes())
    assert main(["exchange", "read", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], [one["mime"] for one in told["documents"]]) == ("cda", ["text/xml"])
    assert told["patient"]["ins"]
    assert told["text"]


def test_a_pdf_says_it_is_nobodys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(pdf_of(paper(dpi=30)))
    assert main(["exchange", "read", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["patient"]["family"]) == ("pdf", "")
    assert [one["mime"] for one in told["documents"]] == ["application/pdf"]


def test_what_is_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "TEST-NOM.txt"
    file.write_bytes(b"Bonjour.")
    assert main(["exchange", "read", str(file), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == "exchange-format"
    assert all(name in err for name in ("HPRIM", "HL7", "XDM", "CDA", "PDF"))
    assert "TEST-" not in err
    assert main(["exchange", "read", str(tmp_path)]) == 1
    assert main(["exchange", "read", str(tmp_path / "absent")]) == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_what_a_stranger_wrote_does_not_command_the_terminal(
    as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A title that rewrites the line above, a right-to-left override, an eight-bit control sequence."""
    attack = "A\x1b[2K\x1b]0;titre\x07B\x9b31mC\u202eD\x7f"
    file = tmp_path / "a"
    file.write_bytes(HL7.replace("Sodium", f"Sodium {attack}").replace("LABO", f"LABO{attack}").encode())
    assert main(["exchange", "read", str(file), *(["--json"] if as_json else [])]) == 0
    out, err = capsys.readouterr()
    assert not [one for one in out + err if (unicodedata.category(one) in ("Cc", "Cf")) and one != "\n"]
    assert "Sodium A\\u001b[2K" in out
    if as_json:
        assert any(attack in one["label"] for one in json.loads(out)["results"])
