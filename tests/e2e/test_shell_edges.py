"""`dmp …` where the disk, the output, the files and the settings are not what they should be: a sentence, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dmp_desktop.cli import main
from dmp_desktop.sandbox import Sandbox
from tests.e2e.test_dossier_rights import ins_of, workstation
from tests.helpers.seeded import seeded

DMP = [sys.executable, "-m", "dmp_desktop"]
DEEP = '{"a":' + "[" * 100_000
Told = tuple[int, str, str]
Run = Callable[..., Told]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture
def dmp(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit status, output, errors of a command of the doctor."""
    workstation(sandbox, tmp_path, "doctor", monkeypatch)

    def run(*arguments: object) -> Told:
        capsys.readouterr()
        status = main([str(one) for one in arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def first_document(dmp: Run, ins: str) -> str:
    _, out, _ = dmp("dossier", "list", "--ins", ins, "--json")
    return str(json.loads(out.splitlines()[0])["unique_id"])


def test_a_document_is_written_whole_for_its_user_alone_or_not_at_all(
    dmp: Run, sandbox: Sandbox, tmp_path: Path
) -> None:
    ins = ins_of(sandbox, "ordinary")
    unique_id = first_document(dmp, ins)
    file = tmp_path / "a.xml"
    assert dmp("dossier", "get", "--ins", ins, unique_id, "-o", file)[0] == 0
    whole = file.read_bytes()
    assert os.name != "posix" or file.stat().st_mode & 0o777 == 0o600
    for where in (tmp_path / "nonexistent" / "a.xml", tmp_path):
        status, _, said = dmp("dossier", "get", "--ins", ins, unique_id, "-o", where)
        assert (status, "[write-failed]" in said) == (3, True)
    file.write_bytes(b"kept")
    assert dmp("dossier", "get", "--ins", ins, "1.2.3", "-o", file)[0] == 1
    assert file.read_bytes() == b"kept"
    assert whole
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(("a.xml", ".a.xml"))) == ["a.xml"]


@pytest.mark.parametrize("variable", ["SECRETS", "PSC", "INSI"])
def test_a_file_of_settings_too_deep(
    variable: str, dmp: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep.json").write_text(DEEP)
    monkeypatch.setenv(f"DMP_DESKTOP_{variable}", str(tmp_path / "deep.json"))
    status, _, said = dmp("dossier", "status", "--ins", ins_of(sandbox, "ordinary"))
    assert (status, f"DMP_DESKTOP_{variable}" in said) == (1, True)


def test_a_context_too_deep(dmp: Run, tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text(DEEP)
    status, _, said = dmp("dossier", "status", "--ins", tmp_path / "deep.json")
    assert (status, "[ins]" in said) == (1, True)


@pytest.mark.parametrize("value", ["1", "yes", "OUI"])
def test_a_trace_asked_for_in_other_words_is_refused(
    value: str, dmp: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMP_DESKTOP_TRACE", value)
    status, _, said = dmp("dossier", "status", "--ins", ins_of(sandbox, "ordinary"))
    assert (status, "[environment-trace]" in said, "oui" in said) == (1, True, True)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_output_that_takes_nothing(
    options: list[str], sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workstation(sandbox, tmp_path, "doctor", monkeypatch)
    command = [*DMP, "dossier", "list", "--ins", ins_of(sandbox, "ordinary"), *options]
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=300)
    assert told.returncode == 3
    assert b"[output-failed]" in told.stderr
    assert b"Traceback" not in told.stderr


@pytest.mark.parametrize("port", ["99999", "-3", "x"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sandbox", "--port", port])
    assert left.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.slow
def test_a_stand_in_that_cannot_start_or_tell(tmp_path: Path) -> None:
    (tmp_path / "garbage").mkdir()
    (tmp_path / "garbage" / "dmp.sqlite").write_bytes(b"garbage" * 1000)
    for damaged in ("ca", "server"):
        (seeded(tmp_path / damaged) / "pki" / f"{damaged}.pem").write_text("xx")
    for options in (
        ["--data", tmp_path / "ca"],
        ["--data", tmp_path / "server"],
        ["--data", tmp_path / "garbage"],
        ["--data", tmp_path / "data", "--ready-file", tmp_path / "no" / "r"],
    ):
        told = subprocess.run([*DMP, "sandbox", *map(str, options)], capture_output=True, timeout=300)
        assert (told.returncode, b"Traceback" in told.stderr, bool(told.stderr)) == (3, False, True)


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ("forbidden", "AccesInterdit"),
        ("expired", "AutorisationExpiree"),
        ("empty", "AutorisationAbsente"),
        ("none", "DMPNotFound"),
        ("closed", "DMPClosed"),
    ],
)
def test_the_right_is_checked_before_any_consultation(
    story: str, code: str, dmp: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reason in its own words, and no question about documents has left."""
    monkeypatch.setenv("DMP_DESKTOP_TRACE", "oui")
    ins = ins_of(sandbox, story)
    for command in (["list"], ["search", "toux"], ["export", "-o", tmp_path / "out"], ["get", "1.2", "-o", tmp_path]):
        status, _, said = dmp("dossier", command[0], "--ins", ins, *command[1:])
        assert (status, f"[{code}]" in said) == (1, True)
    traces = [file for file in tmp_path.rglob("trace-dmp.jsonl*") if file.is_file()]
    assert traces
    assert all("AdhocQuery" not in file.read_text("utf-8") for file in traces)


def test_the_status_in_words_and_its_oppositions(dmp: Run, sandbox: Sandbox) -> None:
    assert "autorisation : refusée par le patient" in dmp("dossier", "status", "--ins", ins_of(sandbox, "forbidden"))[1]
    assert "autorisation : expirée" in dmp("dossier", "status", "--ins", ins_of(sandbox, "expired"))[1]
    told = json.loads(dmp("dossier", "status", "--ins", ins_of(sandbox, "opposed"), "--json")[1])
    assert told["oppositions"] == {"bris_de_glace": True, "acces_urgence": True}
    told = json.loads(dmp("dossier", "status", "--ins", ins_of(sandbox, "ordinary"), "--json")[1])
    assert told["oppositions"] == {"bris_de_glace": False, "acces_urgence": False}


@pytest.mark.slow
def test_an_authorisation_declared_and_withdrawn(dmp: Run, sandbox: Sandbox) -> None:
    ins = ins_of(sandbox, "expired")
    assert dmp("dossier", "list", "--ins", ins)[0] == 1
    assert json.loads(dmp("dossier", "authorise", "--ins", ins, "--json")[1])["authorization"] == "VALIDE"
    assert dmp("dossier", "list", "--ins", ins)[0] == 0
    assert dmp("dossier", "withdraw", "--ins", ins)[:2] == (0, "Fait.\n")
    assert dmp("dossier", "list", "--ins", ins)[0] == 1


@pytest.mark.slow
def test_a_secretary_declares_the_authorisation_her_deletions_need(
    dmp: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workstation(sandbox, tmp_path, "secretary", monkeypatch)
    status, out, _ = dmp("dossier", "authorise", "--ins", ins_of(sandbox, "ordinary"), "--json")
    assert (status, json.loads(out)["authorization"]) == (0, "VALIDE")


def test_the_diagnosis_tells_of_a_trace_asked_for_in_other_words(dmp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DMP_DESKTOP_TRACE", "1")
    assert "trace pour l’assistance" in dmp("doctor")[1]
