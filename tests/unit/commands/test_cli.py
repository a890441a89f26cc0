"""The command line as a whole: usage, errors, a reader that stops listening."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dmp_desktop.cli import FAMILIES, main

DMP = [sys.executable, "-m", "dmp_desktop"]


def test_the_help_names_every_family(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert [family for family in FAMILIES if family not in told] == []


@pytest.mark.parametrize("arguments", [["unknown"], [], ["dossier"], ["note", "propose"]])
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_refusal_is_1_in_french_and_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(
        [
            "cda",
            "build",
            "--note",
            str(tmp_path / "absent"),
            "--context",
            str(tmp_path / "absent"),
            "--kind",
            "consultation",
        ]
    )
    assert status == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.strip()


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("TA 14/8. HTA. FC 72. Asthme.\n" * 400)
    command = subprocess.Popen(
        [*DMP, "note", "propose", str(note), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout is not None
    assert json.loads(command.stdout.readline())["kind"]
    command.stdout.close()
    _, said = command.communicate(timeout=60)
    assert (command.returncode, said) == (0, b"")
