"""A day at the command line on the stand-in server, over HTTPS: every act is in the journal, whole, and names nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.acts import ACTS, Act
from dmp_desktop.sandbox import Sandbox
from tests.helpers.seeded import seeded

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture
def dmp(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, who: str = "doctor", status: int = 0) -> list[dict[str, Any]]:
        identity = sandbox.ready["identities"][who]
        secrets = tmp_path / f"{who}.json"
        secrets.write_text(json.dumps({"p12": identity["password"], "storage": "une phrase de passe"}))
        for name, value in {
            "HOME": tmp_path / "home", "SERVER": sandbox.ready["url"], "CA": sandbox.ready["ca"], "SECRETS": secrets,
            "IDENTITY": f"p12:{identity['p12']}",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
        capsys.readouterr()
        assert main(list(arguments)) == status
        out = capsys.readouterr().out
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    return run


@pytest.mark.slow
def test_a_day(dmp: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    ins = next(patient["ins"] for patient in sandbox.ready["patients"] if patient["story"] == "ordinary")
    about = ("--ins", ins)
    dmp("dossier", "status", *about, "--json")
    listed = dmp("dossier", "list", *about, "--json")
    mine = next(one for one in listed if one["author"] == "Camille DUPONT" and not one["visibility"])
    dmp("dossier", "get", *about, mine["unique_id"], "-o", str(tmp_path / "doc.xml"))
    dmp("dossier", "hide", *about, mine["unique_id"], "--json")
    dmp("dossier", "access", *about, "--json")
    dmp("dossier", "export", *about, "-o", str(tmp_path / "copies"), "--json")
    dmp("dossier", "list", *about, "--json", who="secretary", status=1)
    journal = dmp("journal", "export")
    told = [(one["action"], one["result"]) for one in journal]
    for wanted in (
        Act.SIGN_IN, Act.SIGN_OUT, Act.RECORD_STATUS, Act.LIST, Act.READ, Act.VISIBILITY, Act.ADMINISTRATIVE, Act.PROFESSIONALS,
        Act.EXPORT, Act.REFUSED,
    ):  # fmt: skip
        assert wanted in {action for action, _result in told}, wanted
    assert (Act.REFUSED, "ReserveAuxSoignants") in told
    assert (Act.READ, "done") in told
    assert not [one for one in journal if one["action"] not in ACTS]
    assert [one["number"] for one in journal] == list(range(1, len(journal) + 1))
    assert not [one for one in journal if ACTS[Act(one["action"])].patient and len(one["patient"]) != 32]
    assert not [one for one in journal if ACTS[Act(one["action"])].document and not one["document"]]
    assert {one["card"].partition(":")[0] for one in journal if one["action"] == Act.LIST} == {"DIRECTE"}
    text = json.dumps(journal)
    assert ins not in text
    assert "DUPONT" not in text
    assert "TEST-" not in text
    assert dmp("journal", "verify", "--json")[0]["acts"] == len(journal) + 1, "the export is an act too"
