"""How the program starts itself, in a source tree and packaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop import own_program
from dmp_desktop.cda import pdf_helper
from dmp_desktop.cda.helper_process import own_command

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("running", "suffix"), [("dmp", ""), ("dmp-desktop", ""), ("dmp.exe", ".exe")])
def test_packaged_each_program_starts_the_other_beside_it(
    running: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / running))
    assert own_program.window_command("demo") == [str(tmp_path / f"dmp-desktop{suffix}"), "demo"]
    assert own_program.dmp_command("sandbox") == [str(tmp_path / f"dmp{suffix}"), "sandbox"]
    assert own_command(pdf_helper) == [str(tmp_path / running), pdf_helper.FLAG]
    assert own_program.program_folder() == tmp_path


def test_in_a_source_tree_python_starts_it() -> None:
    assert own_program.program_folder() is None
    told = subprocess.run(own_program.dmp_command("--help"), capture_output=True, text=True, check=True, cwd=ROOT)
    assert "DMP Desktop, en ligne de commande" in told.stdout
    unknown = own_program.window_command("--context", "/absent/contexte.json")
    refused = subprocess.run(unknown, capture_output=True, text=True, check=False, cwd=ROOT)
    assert refused.returncode == 1
    assert "handover-file" in refused.stderr


def test_nobody_else_decides_whether_the_program_is_packaged() -> None:
    asking = [file.name for file in (ROOT / "dmp_desktop").rglob("*.py") if '"frozen"' in file.read_text("utf-8")]
    assert asking == ["own_program.py"]
