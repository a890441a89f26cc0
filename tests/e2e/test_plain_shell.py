"""`dmp dossier …` and `dmp send …` from a shell that holds nothing but PATH, HOME and DMP_DESKTOP_*, by file and by card."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.model import Kind
from dmp_desktop.sandbox.names import ENTRY_UNIQUE_ID
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from tests.helpers.card_station import Workstation, doctor_of
from tests.helpers.cps_token import SOFTHSM, activity, softhsm_token
from tests.helpers.sandbox_context import context_of
from tests.helpers.seeded import seeded

LARGE = 12_000_000


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def card(sandbox: Sandbox) -> str:
    if not SOFTHSM.exists():
        pytest.skip("SoftHSM2 absent : libsofthsm2.so (paquet softhsm2)")
    facility = sandbox.ready["identities"]["doctor"]["facility"]
    place = activity(facility["name"], facility["id"], facility["sector"])
    token = softhsm_token("interpreteur", who=doctor_of(sandbox), data={"CPS_ACTIVITY_01_PS": (place, True)})
    return f"pkcs11:{SOFTHSM}?token={token}"


class Shell:
    """Runs `dmp …` as a new program; `said` is what it told people last."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.said = ""

    def run(self, *arguments: object, typed: str = "") -> tuple[int, str]:
        command = [sys.executable, "-m", "dmp_desktop", *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, input=typed, capture_output=True, text=True, timeout=300)
        self.said = done.stderr
        return done.returncode, done.stdout

    def told(self, *arguments: object, typed: str = "") -> list[dict[str, Any]]:
        """The lines of JSON of a command that succeeds."""
        status, output = self.run(*arguments, "--json", typed=typed)
        assert status == 0, self.said + output
        return [json.loads(line) for line in output.splitlines()]


Open = Callable[[str], Shell]


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def opened(means: str) -> Shell:
        told = sandbox.ready["identities"]
        identity = request.getfixturevalue("card") if means == "pkcs11" else f"p12:{told[means]['p12']}"
        station = Workstation(sandbox, tmp_path / means, identity)
        kept = {name: os.environ[name] for name in ("PATH", "SOFTHSM2_CONF") if name in os.environ}
        return Shell({**kept, "HOME": str(tmp_path), **station.environment})

    return opened


def told_of(sandbox: Sandbox, story: str) -> dict[str, Any]:
    return next(item for item in sandbox.ready["patients"] if item["story"] == story)


def context_file(sandbox: Sandbox, folder: Path, story: str) -> Path:
    file = folder / f"{story}.json"
    file.write_text(json.dumps({"patient": told_of(sandbox, story)["patient"]}))
    return file


def written(sandbox: Sandbox, folder: Path, story: str = "ordinary") -> tuple[Path, str]:
    """A new document by the doctor, and its uniqueId."""
    context = context_of(sandbox.ready, story)
    order = DocumentOrder(context.patient, context.professional, context.encounter.start, "Renouvellement.")
    built = documents.builder(SystemClock(), SystemEntropy())(order, context)
    file = folder / f"{built.unique_id}.xml"
    file.write_bytes(built.cda)
    return file, built.unique_id


def large_document(sandbox: Sandbox, story: str) -> tuple[str, bytes]:
    """One more document in a record, larger than what shares a request with others."""
    content, unique_id = random.Random(3).randbytes(LARGE), f"2.25.{uuid.uuid4().int}"
    ins = told_of(sandbox, story)["ins"]
    like = next(one for one in sandbox.registry.objects(ins, Kind.ENTRY) if one.slot("repositoryUniqueId"))
    entry_id = f"urn:uuid:{uuid.uuid4()}"
    entry = replace(like, id=entry_id, lid=entry_id, external={**like.external, ENTRY_UNIQUE_ID: unique_id})
    sandbox.registry.put(entry.with_slots(hash=hashlib.sha1(content).hexdigest(), size=str(LARGE)), ins)
    sandbox.registry.put_document(unique_id, content)
    return unique_id, content


@pytest.mark.slow
@pytest.mark.parametrize("means", ["doctor", "pkcs11"])
def test_every_action_of_dossier_and_send(sandbox: Sandbox, shell: Open, tmp_path: Path, means: str) -> None:
    dmp = shell(means)
    patient = context_file(sandbox, tmp_path, "ordinary")
    ins = told_of(sandbox, "ordinary")["ins"]
    (status,) = dmp.told("dossier", "status", "--ins", patient)
    assert (status["exists"], status["authorization"]) == (True, "VALIDE")
    assert dmp.told("dossier", "status", "--ins", "-", typed=ins) == [status]
    file, unique_id = written(sandbox, tmp_path)
    lines = dmp.told("send", file, "--visibility", "invisible_patient", "--wait", "60")
    assert [(line["unique_id"], line["state"]) for line in lines] == [
        (unique_id, state) for state in ("queued", "sending", "sent")
    ]
    (mine,) = [line for line in dmp.told("dossier", "list", "--ins", patient) if line["unique_id"] == unique_id]
    assert mine["visibility"] == ["invisible_patient"]
    assert any(unique_id in str(row) for row in dmp.told("dossier", "list", "--ins", patient, "--fold"))
    back = tmp_path / "back.xml"
    assert dmp.run("dossier", "get", "--ins", patient, unique_id, "-o", back)[0] == 0
    assert back.read_bytes() == file.read_bytes()
    found = dmp.told("dossier", "search", "--ins", patient, "renouvellement")
    assert unique_id in {line["unique_id"] for line in found}
    for action, shown in (
        (("reveal", "--visibility", "invisible_patient"), []), (("hide",), ["masque_ps"]), (("reveal",), []),
    ):  # fmt: skip
        (line,) = dmp.told("dossier", *action, "--ins", patient, unique_id)
        assert line["visibility"] == shown
    assert [
        dmp.told("dossier", action, "--ins", patient, unique_id)[0]["status"]
        for action in ("archive", "restore", "delete")
    ] == ["Archived", "Approved", "Deleted"]
    assert unique_id not in {line["unique_id"] for line in dmp.told("dossier", "list", "--ins", patient)}
    assert ins in {line["patient"]["ins"] for line in dmp.told("dossier", "records", "--by", "access")}
    assert dmp.told("dossier", "access", "--ins", patient)
    assert [line["state"] for line in dmp.told("outbox", "list")] == ["deleted"]
    for action in ("status", "list", "access"):
        status_code, words = dmp.run("dossier", action, "--ins", patient)
        assert (status_code, bool(words)) == (0, True), dmp.said


@pytest.mark.slow
@pytest.mark.parametrize("means", ["doctor", "pkcs11"])
def test_what_is_refused_says_why(sandbox: Sandbox, shell: Open, tmp_path: Path, means: str) -> None:
    dmp = shell(means)
    file, _unique_id = written(sandbox, tmp_path, "closed")
    assert dmp.run("send", file, "--json")[0] == 1
    assert dmp.run("dossier", "get", "--ins", context_file(sandbox, tmp_path, "ordinary"), "2.25.1", "-o", "x")[0] == 1
    assert "n'est pas dans le DMP" in dmp.said
    assert dmp.run("dossier", "list")[0] == 2
    dmp.environment = {**dmp.environment, "DMP_DESKTOP_SERVER": "https://localhost:1/si-dmp-server/v2/services"}
    assert dmp.run("dossier", "status", "--ins", context_file(sandbox, tmp_path, "ordinary"))[0] == 3


@pytest.mark.slow
@pytest.mark.parametrize("means", ["doctor", "pkcs11"])
def test_export_writes_whole_documents_once(sandbox: Sandbox, shell: Open, tmp_path: Path, means: str) -> None:
    dmp = shell(means)
    patient = context_file(sandbox, tmp_path, "ordinary")
    large_id, large = large_document(sandbox, "ordinary")
    listed = {line["unique_id"] for line in dmp.told("dossier", "list", "--ins", patient)}
    folder = tmp_path / "sortie"
    lines = dmp.told("dossier", "export", "--ins", patient, "-o", folder)
    assert {line["unique_id"] for line in lines} == listed
    assert {line["state"] for line in lines} == {"written"}
    files = {line["unique_id"]: folder / line["file"] for line in lines}
    assert {file.name for file in folder.iterdir()} == {file.name for file in files.values()}
    assert files[large_id].read_bytes() == large
    one = next(unique_id for unique_id in listed if unique_id != large_id)
    assert dmp.run("dossier", "get", "--ins", patient, one, "-o", tmp_path / "one")[0] == 0
    assert files[one].read_bytes() == (tmp_path / "one").read_bytes()
    told = told_of(sandbox, "ordinary")
    names = " ".join(file.name for file in files.values())
    assert told["ins"] not in names
    assert told["patient"]["birth_family"] not in names
    files[one].write_bytes(b"half")
    (folder / f".{files[large_id].name}.0123").write_bytes(b"begun")
    again = dmp.told("dossier", "export", "--ins", patient, "-o", folder)
    assert {line["unique_id"] for line in again if line["state"] == "written"} == {one}
    assert f"1 écrit(s) ; {len(listed) - 1} déjà là" in dmp.said
    assert files[one].read_bytes() == (tmp_path / "one").read_bytes()
    assert len(list(folder.iterdir())) == len(files)


@pytest.mark.slow
def test_a_secretary_deposits_what_was_validated_and_reads_nothing(
    sandbox: Sandbox, shell: Open, tmp_path: Path
) -> None:
    dmp = shell("secretary")
    patient = context_file(sandbox, tmp_path, "ordinary")
    file, unique_id = written(sandbox, tmp_path)
    doctor = "8" + sandbox.ready["identities"]["doctor"]["professional"]["rpps"]
    assert dmp.run("send", file)[0] == 1
    assert "validés par un professionnel" in dmp.said
    assert dmp.run("send", file, "--validated-by", "899999999999")[0] == 1
    assert dmp.told("outbox", "list") == []
    lines = dmp.told("send", file, "--validated-by", doctor)
    assert [line["state"] for line in lines] == ["queued", "sending", "sent"]
    for action in (
        ("list",), ("search", "renouvellement"), ("get", unique_id, "-o", tmp_path / "x"), ("export", "-o", tmp_path / "y"),
    ):  # fmt: skip
        assert dmp.run("dossier", action[0], "--ins", patient, *action[1:])[0] == 1, action
        assert "secrétariat" in dmp.said or "DMPAccessDenied" in dmp.said
    assert not (tmp_path / "x").exists()
    assert not (tmp_path / "y").exists()
    found = shell("doctor").told("dossier", "list", "--ins", patient)
    assert unique_id in {line["unique_id"] for line in found}
