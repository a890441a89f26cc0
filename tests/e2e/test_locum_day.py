"""A remplaçant's day, and an intern's, at the command line on the stand-in server over HTTPS: what each may do with whose documents."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.acts import Act
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import LOCUM, LOCUM_ID
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.wiring import open_wiring
from tests.helpers.sandbox_context import context_of
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.slow
Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox")), cards=("locum",)) as running:
        yield running


@pytest.fixture(scope="module")
def ins(sandbox: Sandbox) -> str:
    return str(next(one["ins"] for one in sandbox.ready["patients"] if one["story"] == "ordinary"))


@pytest.fixture
def dmp(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """One workstation; `who` comes with the keys of the stand-in's `card`, in this role. Offline where `away`."""

    def run(*words: str, who: str = "doctor", status: int = 0, away: bool = False) -> list[dict[str, Any]]:
        card = "doctor" if who == "doctor" else "locum"
        identity = sandbox.ready["identities"][card]
        folder = tmp_path / who
        if not folder.exists():
            shutil.copytree(identity["p12"], folder)
            holder = json.loads((folder / "holder.json").read_text("utf-8"))
            (folder / "holder.json").write_text(json.dumps({**holder, "role": who}), "utf-8")
        secrets = tmp_path / "secrets.json"
        secrets.write_text(json.dumps({"p12": identity["password"], "storage": "une phrase de passe"}))
        server = "https://localhost:1/si-dmp-server/v2/services" if away else sandbox.ready["url"]
        for name, value in {
            "HOME": tmp_path / "home", "SERVER": server, "CA": sandbox.ready["ca"], "SECRETS": secrets,
            "IDENTITY": f"p12:{folder}",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"DMP_DESKTOP_{name}", str(value))
        capsys.readouterr()
        assert main([*words]) == status, capsys.readouterr().err
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    return run


def note(sandbox: Sandbox, folder: Path, author: dict[str, Any], words: str) -> tuple[str, str]:
    """A report of the ordinary patient by `author`, at the practice; its file and its uniqueId."""
    context = context_of(sandbox.ready, author=author)
    order = DocumentOrder(context.patient, context.professional, context.encounter.start, words)
    built = documents.builder(SystemClock(), SystemEntropy())(order, context)
    file = folder / f"{built.unique_id}.xml"
    file.write_bytes(built.cda)
    return str(file), built.unique_id


def holder(sandbox: Sandbox, card: str) -> dict[str, Any]:
    told = json.loads((Path(sandbox.ready["identities"][card]["p12"]) / "holder.json").read_text("utf-8"))
    return dict(told["professional"])


def test_a_remplacant_s_day(sandbox: Sandbox, dmp: Run, ins: str, tmp_path: Path) -> None:
    """Reads, writes and sends in their own name; the doctor's documents, the practice's acts and its patients' attending doctor
    are not theirs."""
    sandbox.registry.put_access(ins, LOCUM_ID, Authorization.VALIDE, False, datetime.now(UTC))
    about = ("--ins", ins)
    file, of_doctor = note(sandbox, tmp_path, holder(sandbox, "doctor"), "Renouvellement.")
    dmp("send", file, "--wait", "0.2", "--json", away=True, status=3)  # the doctor, before leaving
    locum = "replacement"
    listed = dmp("dossier", "list", *about, "--json", who=locum)
    dmp("dossier", "get", *about, listed[0]["unique_id"], "-o", str(tmp_path / "lu.xml"), who=locum)
    own, mine = note(sandbox, tmp_path, holder(sandbox, "locum"), "Angine.")
    told = dmp("send", own, "--json", who=locum)
    assert [one["state"] for one in told if one["unique_id"] == mine][-1] == "sent"
    sent = next(one for one in dmp("dossier", "list", *about, "--json", who=locum) if one["unique_id"] == mine)
    assert sent["author"] == f"{LOCUM.given} {LOCUM.family}"
    states = {one["unique_id"]: one["state"] for one in dmp("outbox", "list", "--json", who=locum)}
    assert states[of_doctor] == "waiting", "the doctor's waits for the doctor's card"
    dmp("outbox", "flush", "--wait", "0.5", "--json", who=locum, status=3)
    assert of_doctor not in {one["unique_id"] for one in dmp("dossier", "list", *about, "--json", who=locum)}
    with open_wiring() as wiring:
        wiring.sign_in_software()
        acts = wiring.journal_desk.find().lines
        assert {line.record.actor for line in acts} == {LOCUM_ID}
        assert Act.SENT in {line.record.action for line in acts}
        (waiting,) = (one for one in wiring.outbox.items() if one.unique_id == of_doctor)
        for act in (wiring.outbox.cancel, wiring.outbox.hold):
            with pytest.raises(DmpError, match="EnvoiDUnAutre"):
                act(waiting.id)
        assert "remplacez" in wiring.backup_desk.refusal()
        assert "remplacez" in wiring.administrators.refusal()
        assert wiring.own_settings.refusal() == ""
    dmp("outbox", "flush", "--json")
    assert of_doctor in {one["unique_id"] for one in dmp("dossier", "list", *about, "--json")}


def test_an_intern_s_day(sandbox: Sandbox, dmp: Run, ins: str, tmp_path: Path) -> None:
    """Reads; nothing leaves, is masked or deleted in their name, and what a doctor sent before stays as it is."""
    sandbox.registry.put_access(ins, LOCUM_ID, Authorization.VALIDE, False, datetime.now(UTC))
    about = ("--ins", ins)
    intern = "trainee"
    listed = dmp("dossier", "list", *about, "--json", who=intern)
    theirs = next(one for one in listed if not one["visibility"])
    dmp("dossier", "get", *about, theirs["unique_id"], "-o", str(tmp_path / "lu.xml"), who=intern)
    file, unique_id = note(sandbox, tmp_path, holder(sandbox, "locum"), "Angine.")
    dmp("send", file, "--json", who=intern, status=1)
    dmp("dossier", "hide", *about, theirs["unique_id"], "--json", who=intern, status=1)
    after = dmp("dossier", "list", *about, "--json")
    assert unique_id not in {one["unique_id"] for one in after}
    assert next(one for one in after if one["unique_id"] == theirs["unique_id"])["visibility"] == []
    dmp("dossier", "status", *about, "--json", who=intern)
    with open_wiring() as wiring:
        wiring.sign_in_software()
        assert "formation" in wiring.backup_desk.refusal()
        assert "formation" in wiring.dashboard.refusal()
        assert {line.record.actor for line in wiring.journal_desk.find().lines} == {LOCUM_ID}
        refused = [line.record.result for line in wiring.journal_desk.find().lines if line.record.action == Act.REFUSED]
        assert "EnvoiReserve" in refused
