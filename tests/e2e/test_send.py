"""`dmp send` and `dmp outbox` against the stand-in server, whose line is cut at the worst moments."""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.exchange.context import context_from_dict
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from tests.helpers.seeded import seeded

Run = Callable[..., tuple[int, list[dict[str, Any]]]]
Write = Callable[..., tuple[Path, str]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `dmp …` on a workstation of its own; returns the exit status and the lines of JSON."""
    ready = sandbox.ready
    doctor = ready["identities"]["doctor"]
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"p12": doctor["password"], "storage": "une phrase de passe"}))
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", ready["url"])
    monkeypatch.setenv("DMP_DESKTOP_CA", ready["ca"])
    monkeypatch.setenv("DMP_DESKTOP_IDENTITY", f"p12:{doctor['p12']}")
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", str(secrets))

    def dmp(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
        capsys.readouterr()
        status = main([*map(str, arguments), "--json"])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return dmp


@pytest.fixture
def write(sandbox: Sandbox, tmp_path: Path) -> Write:
    """Writes a new document of the patient with a story; returns its file and its uniqueId."""

    def document(story: str = "ordinary", form: DocumentFormat = DocumentFormat.STRUCTURED) -> tuple[Path, str]:
        ready = sandbox.ready
        doctor = ready["identities"]["doctor"]
        context = context_from_dict(
            {
                "patient": next(item["patient"] for item in ready["patients"] if item["story"] == story),
                "professional": doctor["professional"],
                "facility": doctor["facility"],
                "encounter": {"start": "2026-11-20T10:05:00+01:00", "end": None, "kind": "AMB"},
                "attending": None,
                "recipients": [],
                "extra": {},
            }
        )
        build = documents.builder(SystemClock(), SystemEntropy())
        order = DocumentOrder(
            context.patient, context.professional, context.encounter.start, "Renouvellement.", format=form
        )
        built = build(order, context)
        file = tmp_path / f"{built.unique_id}.xml"
        file.write_bytes(built.cda)
        return file, built.unique_id

    return document


def states(lines: list[dict[str, Any]], unique_id: str) -> list[str]:
    return [line["state"] for line in lines if line["unique_id"] == unique_id]


def listed(sandbox: Sandbox, run: Run) -> list[str]:
    """The uniqueIds in the record of the ordinary patient."""
    ins = next(item["ins"] for item in sandbox.ready["patients"] if item["story"] == "ordinary")
    status, lines = run("dossier", "list", "--ins", ins)
    assert status == 0
    return [line["unique_id"] for line in lines]


def test_documents_are_queued_sent_and_come_back_byte_for_byte(
    sandbox: Sandbox, run: Run, write: Write, tmp_path: Path
) -> None:
    (one, first), (two, second) = write("ordinary"), write("ordinary")
    status, lines = run("send", one, two, "--visibility", "invisible_patient")
    assert status == 0
    assert [line["state"] for line in lines[:2]] == ["queued", "queued"]
    for unique_id in (first, second):
        assert states(lines, unique_id) == ["queued", "sending", "sent"]
    ins = next(item["ins"] for item in sandbox.ready["patients"] if item["story"] == "ordinary")
    assert main(["dossier", "get", "--ins", ins, first, "-o", str(tmp_path / "back.xml")]) == 0
    assert (tmp_path / "back.xml").read_bytes() == one.read_bytes()
    status, lines = run("outbox", "list")
    assert [(line["unique_id"], line["state"]) for line in lines] == [(second, "sent"), (first, "sent")]
    assert lines[0]["visibility"] == ["invisible_patient"]
    assert lines[0]["submission_id"] == lines[1]["submission_id"] == lines[0]["proof"]  # one lot


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before_commit", "drop_answer", "unavailable"])
def test_a_cut_line_neither_loses_nor_doubles(sandbox: Sandbox, run: Run, write: Write, fault: str) -> None:
    file, unique_id = write("ordinary")
    setattr(sandbox.faults, fault, 1)
    status, lines = run("send", file)
    assert status == 0
    told = states(lines, unique_id)
    assert told[:3] == ["queued", "sending", "waiting"]
    assert told[-1] == "sent"
    assert listed(sandbox, run).count(unique_id) == 1
    if fault == "drop_after_commit":
        assert lines[-1]["proof"].startswith("urn:uuid:")  # read back, not sent again


def test_what_could_not_leave_waits_and_flush_sends_it(
    sandbox: Sandbox, run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, unique_id = write("ordinary")
    with monkeypatch.context() as away:
        away.setenv("DMP_DESKTOP_SERVER", "https://localhost:1/si-dmp-server/v2/services")
        status, lines = run("send", file, "--wait", "0.5")
        assert status == 3
        assert lines[-1]["waiting_for"] == "network"
    status, lines = run("outbox", "flush")
    assert (status, lines[-1]["state"]) == (0, "sent")
    assert run("outbox", "flush") == (0, [])
    assert listed(sandbox, run).count(unique_id) == 1


def test_the_same_file_twice_is_one_document(sandbox: Sandbox, run: Run, write: Write) -> None:
    file, unique_id = write("ordinary")
    assert run("send", file)[0] == 0
    assert run("send", file)[0] == 0
    assert listed(sandbox, run).count(unique_id) == 1
    status, lines = run("outbox", "cancel", unique_id)
    assert (status, lines[-1]["error"]) == (1, "outbox-left")


def test_what_says_nothing_or_nothing_new_does_not_leave(
    sandbox: Sandbox, run: Run, write: Write, tmp_path: Path
) -> None:
    first, replaced = write("ordinary")
    assert run("send", first)[0] == 0
    cda = first.read_bytes()
    again = tmp_path / "again.xml"
    parent = (
        f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{replaced}"/></parentDocument></relatedDocument>'
    )
    fresh = cda.replace(f'<id root="{replaced}"/>'.encode(), b'<id root="2.25.4242"/>', 1)
    again.write_bytes(fresh.replace(b"<componentOf>", parent.encode() + b"<componentOf>"))
    status, lines = run("send", again)
    assert (status, lines[-1]["error"]) == (1, "outbox-same")
    empty = tmp_path / "empty.xml"
    blank = b'<nonXMLBody><text mediaType="text/plain" representation="B64">ICAK</text></nonXMLBody>'
    paper = write("ordinary", DocumentFormat.PDF)[0].read_bytes()
    empty.write_bytes(re.sub(rb"<nonXMLBody>.*</nonXMLBody>", blank, paper, flags=re.DOTALL))
    status, lines = run("send", empty)
    assert (status, lines[-1]["error"]) == (1, "outbox-empty")
    assert lines[-1]["remedy"]
    assert listed(sandbox, run).count("2.25.4242") == 0
    assert [line["unique_id"] for line in run("outbox", "list")[1]] == [replaced]
    again.write_bytes(again.read_bytes().replace(b"Renouvellement.", b"Renouvellement. Vu."))
    assert run("send", again)[0] == 0
    assert "2.25.4242" in listed(sandbox, run)


def test_another_workstation_that_sends_the_same_file_sees_it_sent(
    sandbox: Sandbox, run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, unique_id = write("ordinary")
    assert run("send", file)[0] == 0
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "other"))
    status, lines = run("send", file)
    assert (status, lines[-1]["state"]) == (0, "sent")
    assert listed(sandbox, run).count(unique_id) == 1


def test_one_the_dmp_has_does_not_keep_the_others_of_its_lot_back(
    sandbox: Sandbox, run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (one, first), (two, second), (three, third) = write("ordinary"), write("ordinary"), write("ordinary")
    assert run("send", two)[0] == 0
    monkeypatch.setenv("DMP_DESKTOP_HOME", str(tmp_path / "other"))
    status, lines = run("send", one, two, three)
    assert status == 0
    assert {states(lines, unique_id)[-1] for unique_id in (first, second, third)} == {"sent"}
    there = listed(sandbox, run)
    assert [there.count(unique_id) for unique_id in (first, second, third)] == [1, 1, 1]


def test_a_refusal_is_told_and_can_be_withdrawn(run: Run, write: Write) -> None:
    file, unique_id = write("closed")
    status, lines = run("send", file)
    assert status == 1
    assert lines[-1]["state"] == "refused"
    assert lines[-1]["message"]
    status, lines = run("outbox", "cancel", unique_id)
    assert (status, lines[-1]["state"]) == (0, "cancelled")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_dmp_send_killed_while_it_sends_neither_loses_nor_doubles(sandbox: Sandbox, run: Run, write: Write) -> None:
    """The real client, killed from 0 to 80 ms after it began to send: before, during and after the deposit."""
    chance = random.Random()
    sent = []
    for _ in range(40):
        file, unique_id = write("ordinary")
        sent.append(unique_id)
        command = [sys.executable, "-m", "dmp_desktop", "send", str(file), "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if json.loads(line)["state"] == "sending":
                    break
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(chance.uniform(0.0, 0.08))
            child.kill()
    run("outbox", "flush")
    _status, lines = run("outbox", "list")
    assert {line["unique_id"]: line["state"] for line in lines} == dict.fromkeys(sent, "sent")
    assert any(line["attempts"] > 1 for line in lines), "no child was killed in mid-air: this proved nothing"
    there = [unique_id for unique_id in listed(sandbox, run) if unique_id in sent]
    assert sorted(there) == sorted(sent)


def test_nothing_moves_when_one_file_is_bad(run: Run, write: Write, tmp_path: Path) -> None:
    file, _unique_id = write("ordinary")
    (tmp_path / "bad.xml").write_text("<ClinicalDocument/>")
    assert run("send", file, tmp_path / "bad.xml")[0] == 1
    assert run("send", file, tmp_path / "absent.xml")[0] == 1
    assert run("outbox", "list") == (0, [])


def test_a_trainee_is_refused_before_anything_is_kept(
    sandbox: Sandbox,
    run: Run,
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, _unique_id = write("ordinary")
    folder = shutil.copytree(sandbox.ready["identities"]["doctor"]["p12"], tmp_path / "stage")
    holder = json.loads((folder / "holder.json").read_text())
    (folder / "holder.json").write_text(json.dumps({**holder, "role": "trainee"}))
    with monkeypatch.context() as trainee:
        trainee.setenv("DMP_DESKTOP_IDENTITY", f"p12:{folder}")
        assert main(["send", str(file)]) == 1
        told = capsys.readouterr()
        assert "Avec une carte de formation, ce document reste un brouillon." in told.err
        assert told.out == ""
        assert run("outbox", "list") == (0, [])
    with monkeypatch.context() as away:
        away.setenv("DMP_DESKTOP_SERVER", "https://localhost:1/si-dmp-server/v2/services")
        assert run("send", file, "--wait", "0.2")[0] == 3
    with monkeypatch.context() as trainee:
        trainee.setenv("DMP_DESKTOP_IDENTITY", f"p12:{folder}")
        status, lines = run("outbox", "flush")
        assert (status, [line["error"] for line in lines]) == (1, ["EnvoiReserve"]), "the doctor's waits for the doctor"


def test_without_an_identity_documents_are_kept_until_there_is_one(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, unique_id = write("ordinary")
    with monkeypatch.context() as nobody:
        nobody.delenv("DMP_DESKTOP_IDENTITY")
        status, lines = run("send", file)
        assert status == 1
        assert (lines[0]["unique_id"], lines[0]["state"]) == (unique_id, "queued")
        assert lines[1]["error"] == "IdentiteAbsente"
    status, lines = run("outbox", "flush")
    assert (status, lines[-1]["state"]) == (0, "sent")
