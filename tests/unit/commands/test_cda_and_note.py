"""`dmp note propose` and `dmp cda …`, as design/cli.md says."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pypdfium2
import pytest

from dmp_desktop.cda.check import check
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.cli import main
from tests.helpers.documents import FULL, NOTE
from tests.helpers.files import PDF

CLOCK = "2026-11-20T10:30:00+01:00"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_bytes(NOTE.encode())
    (tmp_path / "ctx.json").write_text(json.dumps(FULL), encoding="utf-8")
    (tmp_path / "file.pdf").write_bytes(PDF)
    return tmp_path


def build(files: Path, name: str, *options: str) -> bytes:
    base = [
        "cda",
        "build",
        "--note",
        str(files / "note.txt"),
        "--context",
        str(files / "ctx.json"),
        "--kind",
        "consultation",
    ]
    assert main([*base, *options, "-o", str(files / name)]) == 0
    return (files / name).read_bytes()


def test_a_page_names_the_traits_the_practice_wants(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """INS/va1.10: the setting of cabinet.json, read off the PDF."""
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(files))
    context = FULL | {"patient": FULL["patient"] | {"used_family": "TEST-USAGE", "used_given": "MINOU"}}
    (files / "ctx.json").write_text(json.dumps(context), encoding="utf-8")
    shown = {}
    for wanted in (None, [], ["used_given"]):
        decided = {"facility": FULL["facility"], "identity": {"printed": wanted}}
        (files / "cabinet.json").write_text(json.dumps(decided), encoding="utf-8")
        cda = build(files, "page.xml", "--format", "pdf")
        pdf = base64.b64decode(cda.partition(b'representation="B64">')[2].partition(b"<")[0])
        document = pypdfium2.PdfDocument(pdf)
        shown[str(wanted)] = document[0].get_textpage().get_text_range()
        document.close()
    for text in shown.values():
        assert "Nom de naissance : TEST-PATIENTE" in text
        assert f"Matricule INS : {FULL['patient']['ins']}" in text
    told = {wanted: ("Nom utilisé : " in text, "Prénom utilisé : MINOU" in text) for wanted, text in shown.items()}
    assert told == {"None": (True, True), "[]": (False, False), "['used_given']": (False, True)}


def test_propose_at_an_age(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("Poids 12 kg", "utf-8")
    ticks = []
    for age in (["--age", "2"], ["--age", "44"], []):
        assert main(["note", "propose", str(tmp_path / "note.txt"), *age]) == 0
        ticks.append(capsys.readouterr().out[:3])
    assert ticks == ["[x]", "[ ]", "[x]"]
    with pytest.raises(SystemExit):
        main(["note", "propose", str(tmp_path / "note.txt"), "--age", "-1"])


def test_propose(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["note", "propose", str(files / "note.txt"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(NOTE[line["start"] : line["end"]] == line["text"] for line in lines)
    pressure = next(line for line in lines if line["text"] == "TA 14/8")
    assert set(pressure) == {
        *(
            "kind",
            "label",
            "value",
            "unit",
            "code",
            "system",
            "status",
            "start",
            "end",
            "text",
            "confidence",
            "accepted",
        ),
        "warnings",
    }
    assert (pressure["value"], pressure["accepted"]) == ({"systolic": 140, "diastolic": 80}, True)


def test_build_is_repeatable_with_a_clock(files: Path) -> None:
    assert build(files, "a.xml", "--clock", CLOCK) == build(files, "b.xml", "--clock", CLOCK)
    assert entry_from_cda(build(files, "c.xml")).unique_id != entry_from_cda(build(files, "d.xml")).unique_id


@pytest.mark.parametrize(("choice", "vitals", "problems"), [("none", 0, 0), ("safe", 6, 0), ("all", 6, 6)])
def test_accept(
    files: Path, capfdbinary: pytest.CaptureFixture[bytes], choice: str, vitals: int, problems: int
) -> None:
    build(files, "a.xml", "--accept", choice)
    capfdbinary.readouterr()
    assert main(["cda", "data", str(files / "a.xml")]) == 0
    data = json.loads(capfdbinary.readouterr().out)
    assert (len(data["vitals"]), len(data["problems"])) == (vitals, problems)


def test_replace_and_attach(files: Path) -> None:
    first = entry_from_cda(build(files, "a.xml"))
    second = entry_from_cda(build(files, "b.xml", "--format", "pdf", "--replaces", str(files / "a.xml")))
    assert (second.replaces, second.version) == (first.unique_id, 2)
    assert check(build(files, "c.xml", "--attach", str(files / "file.pdf"))) == []


def test_another_kind_is_not_replaced(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(files, "a.xml")
    common = ("--note", str(files / "note.txt"), "--context", str(files / "ctx.json"))
    assert main(["cda", "build", *common, "--kind", "vsm", "--replaces", str(files / "a.xml")]) == 1
    told = capsys.readouterr().err
    assert "« replaces »" in told
    assert "autre type" in told


def test_check(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = build(files, "a.xml")
    (files / "bad.xml").write_bytes(good.replace(b"<county>51215</county>", b"<county>ZZ</county>"))
    capsys.readouterr()
    assert main(["cda", "check", str(files / "a.xml")]) == 0
    assert main(["cda", "check", str(files / "a.xml"), str(files / "bad.xml"), "--json"]) == 1
    verdicts = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [verdict["ok"] for verdict in verdicts] == [True, False]
    assert verdicts[1]["findings"][0]["path"].endswith("county")


def test_html_and_text(files: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    build(files, "a.xml", "--format", "pdf")
    capfdbinary.readouterr()
    assert main(["cda", "text", str(files / "a.xml")]) == 0
    assert "Tabac sevré 2010" in capfdbinary.readouterr().out.decode()
    build(files, "b.xml")
    assert main(["cda", "html", str(files / "b.xml"), "-o", str(files / "b.html")]) == 0
    assert "Tabac sevré 2010" in (files / "b.html").read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_told(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(files, "b.xml")
    note, context = str(files / "note.txt"), str(files / "ctx.json")
    for command in (
        ["html", str(files / "b.xml")], ["build", "--note", note, "--context", context, "--kind", "consultation"],
    ):  # fmt: skip
        for place in (files / "absent" / "b", files):
            assert main(["cda", *command, "-o", str(place)]) == 3
            assert "[write-failed]" in capsys.readouterr().err


def test_a_wrong_context_names_the_field(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "ctx.json").write_text(
        json.dumps({**FULL, "patient": {**FULL["patient"], "birth_date": "x"}}), encoding="utf-8"
    )
    arguments = [
        "cda",
        "build",
        "--note",
        str(files / "note.txt"),
        "--context",
        str(files / "ctx.json"),
        "--kind",
        "consultation",
    ]
    assert main(arguments) == 1
    assert "patient.birth_date" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["cda", "check", "nowhere.xml"], ["note", "propose", "nowhere.txt"], ["cda", "data", "pyproject.toml"]],
)
def test_unreadable_is_a_refusal(arguments: list[str]) -> None:
    assert main(arguments) == 1


def test_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["cda", "build", "--kind", "poème"])
    assert stop.value.code == 2


def test_the_text_of_a_damaged_document_is_shown_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "coupe.xml"
    path.write_text(
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Bilan</title><component><structuredBody><component><section>'
        "<title>Conclusion</title><text>Potassium bas"
    )
    assert main(["cda", "text", str(path)]) == 0
    told = capsys.readouterr()
    assert "Potassium bas" in told.out
    assert "abîmé" in told.err
    assert main(["cda", "data", str(path)]) == 0
    told = capsys.readouterr()
    assert "abîmé" in told.err
    data = json.loads(told.out)
    assert (data["damaged"], data["title"], data["results"]) == (True, "Bilan", [])
    path.write_text("<Autre/>")
    assert main(["cda", "data", str(path)]) == 1
