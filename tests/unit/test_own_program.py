"""How the program starts itself, in a source tree and packaged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop import own_program
from dmp_desktop.cda import pdf_helper, scan_helper
from dmp_desktop.cda.helper_process import HelperProcess, own_command

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


def priority_of(process: subprocess.Popen[bytes] | None) -> int:
    """Niceness; on Windows the priority class (processthreadsapi.h)."""
    if sys.platform == "win32":
        import ctypes

        return ctypes.windll.kernel32.GetPriorityClass(int(process._handle)) if process else 0
    return os.getpriority(os.PRIO_PROCESS, process.pid if process else 0)


def test_a_helper_works_behind_the_others_and_this_program_does_not(tmp_path: Path) -> None:
    """The very processes that read PDFs and scans; the program itself, and what it starts otherwise, stays as it was."""
    before = priority_of(None)
    wanted = 0x4000 if sys.platform == "win32" else min(before + own_program.NICE, 19)
    for program in (pdf_helper, scan_helper):
        helper = HelperProcess(lambda program=program: own_command(program), 1000)
        try:
            assert helper._running() is not None
            assert priority_of(helper._process) == wanted
        finally:
            helper.stop()
    assert priority_of(None) == before


def test_a_helper_that_ended_at_once_is_no_failure() -> None:
    process = own_program.start_helper([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    assert process.wait(30) == 0
    with pytest.raises(OSError, match="no program"):
        own_program.start_helper([str(ROOT / "no program")])


def test_every_helper_is_started_behind() -> None:
    """A process of `helper_command` is started by `start_helper`: nobody else is to forget its priority."""
    folder = ROOT / "dmp_desktop"
    using = [
        file
        for file in folder.rglob("*.py")
        if "helper_command(" in file.read_text("utf-8") and file.name != "own_program.py"
    ]
    assert sorted(file.name for file in using) == ["api_lec_process.py", "helper_process.py"]
    for file in using:
        told = file.read_text("utf-8")
        assert "start_helper(" in told
        assert "subprocess.Popen(" not in told


def test_nobody_else_decides_whether_the_program_is_packaged() -> None:
    asking = [file.name for file in (ROOT / "dmp_desktop").rglob("*.py") if '"frozen"' in file.read_text("utf-8")]
    assert asking == ["own_program.py"]
