"""What is run on a real Windows, as far as it can be held to something here."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path

import pytest

from installer import account, freeze, hashes, sbom
from installer.windows import native

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = sorted((ROOT / "installer").glob("*.ps1"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_windows_powershell_reads_their_accents(script: Path) -> None:
    """Without a mark, 5.1 reads cp1252: an ellipsis after a name became part of it, and named a variable that is not."""
    content = script.read_bytes()
    assert content.startswith(codecs.BOM_UTF8)
    text = content.decode("utf-8-sig")
    assert not re.search(r"\$\w*[^\x00-\x7f]", text), "a variable's name beside an accent: write ${Name}"


def test_there_are_two_of_them() -> None:
    assert [one.name for one in SCRIPTS] == ["build_windows.ps1", "check_windows.ps1"]


def test_each_step_of_the_workflow_is_one_command() -> None:
    """pwsh ends with the status of the last one only."""
    text = (ROOT / ".github/workflows/windows.yml").read_text(encoding="utf-8")
    assert "run: |" not in text
    assert text.count(" run: ") == 6


def test_hashes_and_bill_are_told_of_the_programs_as_they_are_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signing changes them: told before, the list would name other files than those that are installed."""
    program = tmp_path / "dmp-desktop"
    (program / "_internal").mkdir(parents=True)
    for name in ("dmp-desktop.exe", "dmp.exe"):
        (program / name).write_text("as built")
    (tmp_path / "freeze/dmp_desktop").mkdir(parents=True)
    (tmp_path / "freeze/dmp_desktop/shipped.json").write_text(
        json.dumps([["dmp_desktop", str(ROOT / "dmp_desktop/start.py")]])
    )
    place = account.this_python((ROOT, tmp_path))
    sbom.write(program, tmp_path / "freeze/dmp_desktop/shipped.json", place, freeze.version(ROOT))
    hashes.write(program)
    (program / "dmp.exe").write_text("signed")
    monkeypatch.setattr(native, "FREEZE", tmp_path / "freeze")
    assert native.main(program, tmp_path / "a.wxs") == 0
    assert capsys.readouterr().out == freeze.version(ROOT)
    assert hashes.differences(program) == []
    told = json.loads((program / "sbom.cdx.json").read_text(encoding="utf-8"))
    listed = {one["name"]: one["hashes"][0]["content"] for one in told["metadata"]["component"]["components"]}
    assert listed["dmp.exe"] == hashes.sha256(program / "dmp.exe")
    assert "dmp.exe" in (tmp_path / "a.wxs").read_text(encoding="utf-8")


def test_what_may_not_be_shipped_makes_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dmp_desktop").mkdir()
    (tmp_path / "dmp_desktop/shipped.json").write_text(json.dumps([["egaree.dll", "/nulle/part/egaree.dll"]]))
    monkeypatch.setattr(native, "FREEZE", tmp_path)
    assert native.main(tmp_path, tmp_path / "a.wxs") == 1
    assert "egaree.dll" in capsys.readouterr().err
    assert not (tmp_path / "a.wxs").exists()
