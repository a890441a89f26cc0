"""`dmp dossier records|access|hide|reveal|archive|restore|delete` against the stand-in server, from a plain workstation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.commands.dossier_patient import bare_patient
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.wiring import open_wiring
from tests.helpers.seeded import seeded

Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


def workstation(sandbox: Sandbox, folder: Path, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = sandbox.ready["identities"][who]
    secrets = folder / f"{who}.json"
    secrets.write_text(json.dumps({"p12": identity["password"], "storage": "une phrase de passe"}))
    for name, value in {
        "HOME": folder / "home", "SERVER": sandbox.ready["url"], "CA": sandbox.ready["ca"], "SECRETS": secrets,
        "IDENTITY": f"p12:{identity['p12']}",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))


@pytest.fixture
def dmp(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    workstation(sandbox, tmp_path, "doctor", monkeypatch)

    def run(*arguments: str, status: int = 0) -> list[dict[str, Any]]:
        capsys.readouterr()
        assert main(["dossier", *arguments, "--json"]) == status
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def ins_of(sandbox: Sandbox, story: str) -> str:
    return next(patient["ins"] for patient in sandbox.ready["patients"] if patient["story"] == story)


def test_records_i_may_open(dmp: Run, sandbox: Sandbox) -> None:
    found = dmp("records")
    assert ins_of(sandbox, "ordinary") in {record["patient"]["ins"] for record in found}
    assert all(record["family"].startswith("TEST-") for record in found)
    assert dmp("records", "--since", "2099-01-01", "--by", "access") == []


def test_access_to_a_record(dmp: Run, sandbox: Sandbox) -> None:
    told, *professionals = dmp("access", "--ins", ins_of(sandbox, "ordinary"))
    assert (told["opposes_break_glass"], told["attached_to_mes"]) == (False, True)
    assert {one["blocked"] for one in professionals} == {True, False}
    opposed, refusal = dmp("access", "--ins", ins_of(sandbox, "opposed"), status=1)
    assert opposed["opposes_break_glass"] is True
    assert refusal["error"] == "DMPAccessDeniedByRightsService"


@pytest.mark.slow
def test_a_document_changes(dmp: Run, sandbox: Sandbox) -> None:
    """Masked and shown, archived and back, then deleted; each state seen in the list that follows."""
    ins = ("--ins", ins_of(sandbox, "ordinary"))
    mine = next(entry for entry in dmp("list", *ins) if entry["author"] == "Camille DUPONT" and not entry["visibility"])
    unique_id = mine["unique_id"]

    def seen(*options: str) -> dict[str, Any] | None:
        return next((entry for entry in dmp("list", *ins, *options) if entry["unique_id"] == unique_id), None)

    assert dmp("hide", unique_id, *ins) == [{"unique_id": unique_id, "visibility": ["masque_ps"]}]
    masked = seen()
    assert masked is not None
    assert masked["visibility"] == ["masque_ps"]
    assert dmp("reveal", unique_id, *ins) == [{"unique_id": unique_id, "visibility": []}]
    assert dmp("archive", unique_id, *ins) == [{"unique_id": unique_id, "status": "Archived"}]
    assert seen() is None
    dmp("restore", unique_id, *ins)
    assert seen() is not None
    dmp("delete", unique_id, *ins)
    assert seen() is None
    assert dmp("reveal", "1.2.3", *ins, status=1)[0]["error"] == "DocumentInconnu"


@pytest.mark.slow
def test_a_secretary_deletes_for_her_structure_and_changes_nothing_else(
    dmp: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She is told references only: the DMP itself sees whose the document is."""
    ins = ("--ins", ins_of(sandbox, "ordinary"))
    listed = dmp("list", *ins)
    mine, other = (
        next(entry for entry in listed if (entry["author"] == "Camille DUPONT") is own and not entry["visibility"])
        for own in (True, False)
    )
    workstation(sandbox, tmp_path, "secretary", monkeypatch)
    with open_wiring() as wiring:  # the patient agreed to the structure's access
        wiring.sign_in_software()
        repository = wiring.desk.repository()
        assert repository is not None
        repository.authorise(InsIdentity(ins[1], OID_INS_TEST, InsStatus.QUALIFIEE))
    assert dmp("delete", "1.2.3", *ins, status=1)[0]["error"] == "DocumentInconnu"
    assert dmp("list", *ins, status=1)[0]["error"] == "ReserveAuxSoignants"
    for action in ("hide", "archive", "restore"):
        assert dmp(action, mine["unique_id"], *ins, status=1)[0]["error"] in {"visibility", "ChangementReserve"}
    assert dmp("delete", other["unique_id"], *ins, status=1)[0]["error"] == "DMPAccessDeniedByRightsService"
    assert dmp("delete", mine["unique_id"], *ins) == [{"unique_id": mine["unique_id"], "status": "Deleted"}]
    dmp("records")
    workstation(sandbox, tmp_path, "doctor", monkeypatch)
    left = {entry["unique_id"] for entry in dmp("list", *ins)}
    assert mine["unique_id"] not in left
    assert other["unique_id"] in left


@pytest.mark.slow
def test_what_may_not_be_changed_is_refused_with_its_reason(dmp: Run, sandbox: Sandbox) -> None:
    ins = ("--ins", ins_of(sandbox, "ordinary"))
    other = next(entry for entry in dmp("list", *ins) if entry["author"] != "Camille DUPONT")
    for action in ("archive", "delete"):
        (refusal,) = dmp(action, other["unique_id"], *ins, status=1)
        assert refusal["error"] == "ChangementReserve"


@pytest.mark.slow
def test_what_changed_is_no_longer_kept(dmp: Run, sandbox: Sandbox) -> None:
    """The copy on the workstation goes with the document, masked or deleted."""
    where = ins_of(sandbox, "ordinary")
    patient = bare_patient(InsIdentity(where, OID_INS_TEST, InsStatus.QUALIFIEE))
    with open_wiring() as wiring:
        wiring.sign_in_software()
        repository = wiring.desk.repository()
        assert repository is not None
        mine = next(
            entry
            for entry in repository.find(patient.ins, FindCriteria())
            if entry.authors[0].person_id == "810002422979" and entry.mime_type == "text/xml" and not entry.visibility
        )
        wiring.dossier.fetch(patient, mine)
        assert mine.unique_id in wiring.dossier.kept(patient)
    dmp("archive", mine.unique_id, "--ins", where)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        assert mine.unique_id not in wiring.dossier.kept(patient)


def told_by(trace: Path) -> str:
    """What was said to the DMP, and what it answered, of whoever ran last."""
    return "".join(file.read_text("utf-8") for file in trace.rglob("*") if "trace" in file.name and file.is_file())


@pytest.mark.slow
def test_of_a_patient_who_objects_nothing_is_read_and_a_document_is_deleted_by_its_reference(
    dmp: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ins = ("--ins", ins_of(sandbox, "ordinary"))
    listed = dmp("list", *ins)
    mine = next(entry for entry in listed if entry["author"] == "Camille DUPONT" and not entry["visibility"])
    other = next(entry for entry in listed if entry["author"] != "Camille DUPONT")
    with open_wiring() as wiring:
        wiring.sign_in_software()
        patient = bare_patient(InsIdentity(ins[1], OID_INS_TEST, InsStatus.QUALIFIEE))
        wiring.access.oppositions.record(patient, Subject.CONSULTATION, opposed=True)
    monkeypatch.setenv("DMP_DESKTOP_TRACE", "oui")
    for action in ("hide", "reveal", "archive", "restore"):
        assert dmp(action, mine["unique_id"], *ins, status=1)[0]["error"] == "ConsultationOpposee"
    assert "AdhocQuery" not in told_by(tmp_path)
    assert dmp("delete", other["unique_id"], *ins, status=1)[0]["error"] == "DMPAccessDeniedByRightsService"
    assert dmp("delete", mine["unique_id"], *ins) == [{"unique_id": mine["unique_id"], "status": "Deleted"}]
    assert "AdhocQuery" in told_by(tmp_path)
    assert "ExtrinsicObject" not in told_by(tmp_path)
