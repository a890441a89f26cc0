"""The command line as a whole: usage, errors, a reader that stops listening."""

from __future__ import annotations

import json
import os
import shlex
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
    _, said = command.communicate(timeout=300)
    assert (command.returncode, said) == (0, b"")


@pytest.mark.parametrize("encoding", ["cp850", "cp1252", "ascii"])
def test_utf8_whatever_the_encoding_of_the_console(tmp_path: Path, encoding: str) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Asthme. Œdème des chevilles, l’après-midi.", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "DMP_DESKTOP_HOME": str(tmp_path / "home")}

    def dmp(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*DMP, *arguments], env=environment, capture_output=True, timeout=300)

    told = dmp("note", "propose", str(note), "--json")
    assert (told.returncode, told.stderr) == (0, b"")
    assert all(json.loads(line) for line in told.stdout.decode("utf-8").splitlines())
    refused = dmp("note", "propose", str(tmp_path / "absente"))
    assert refused.returncode == 1
    assert "é" in refused.stderr.decode("utf-8")
    assert "Réglages" in dmp("doctor").stdout.decode("utf-8")


@pytest.mark.slow
def test_a_pipe_closed_before_the_diagnosis_ends(tmp_path: Path) -> None:
    """It tells from several threads: the end is as quiet."""
    environment = {**os.environ, "DMP_DESKTOP_HOME": str(tmp_path), "PCSCLITE_CSOCK_NAME": str(tmp_path / "no.comm")}
    for options in (["--json"], []):
        command = subprocess.Popen(
            [*DMP, "doctor", *options], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert command.stdout is not None
        command.stdout.close()
        _, said = command.communicate(timeout=300)
        assert (command.returncode, said) == (0, b"")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX")
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("--help >&-", 0),
        ("note propose {note} >&-", 0),
        ("note propose {note} >&- 2>&-", 0),
        ("note propose {note} <&- >&- 2>&-", 0),
        ("note propose absent --json >&-", 1),
        ("note propose absent 2>&-", 1),
        ("unknown 2>&-", 2),
        ("cda build --note {note} --context {note} --kind consultation >&-", 1),
        ("doctor >&-", None),
    ],
)
def test_started_without_an_output(command: str, status: int | None, tmp_path: Path) -> None:
    told = shell(command, tmp_path)
    assert (b"Traceback" in told.stderr, b"Exception ignored" in told.stderr) == (False, False)
    assert told.returncode == status if status is not None else told.returncode in (0, 3)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    "command",
    ["--help >/dev/full", "--help >/dev/full 2>/dev/full", "unknown 2>/dev/full", "note propose {note} >/dev/full"],
)
def test_an_output_that_takes_nothing_even_for_the_help(command: str, tmp_path: Path) -> None:
    told = shell(command, tmp_path)
    assert (told.returncode, b"Exception ignored" in told.stderr) == (3, False)
    assert (b"[output-failed]" in told.stderr) == ("2>" not in command)


def shell(command: str, home: Path) -> subprocess.CompletedProcess[bytes]:
    (home / "note.txt").write_text("TA 14/8. HTA.")
    line = f"{shlex.join(DMP)} {command.format(note=shlex.quote(str(home / 'note.txt')))}"
    environment = {**os.environ, "DMP_DESKTOP_HOME": str(home), "PCSCLITE_CSOCK_NAME": str(home / "no.comm")}
    return subprocess.run(["sh", "-c", line], env=environment, capture_output=True, timeout=300)
