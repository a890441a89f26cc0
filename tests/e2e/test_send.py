"""`dmp send` and `dmp outbox` against the stand-in server, whose line is cut at the worst moments."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dmp_desktop.cli import main
from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from tests.helpers.cutting_line import CuttingLine
from tests.helpers.sandbox_context import context_of
from tests.helpers.seeded import seeded

Run = Callable[..., tuple[int, list[dict[str, Any]]]]
ROUNDS, AT_MOST = 10, 80
CUT = 4
"""How many of the children must have been killed before they had settled, one of them before the DMP had its document."""
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
        context = context_of(sandbox.ready, story)
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
        while status == 3 and lines[-1]["state"] != "waiting":  # a machine so busy that it was still at it
            status, lines = run("outbox", "flush", "--wait", "0.5")
        assert (status, lines[-1]["waiting_for"]) == (3, "network")
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


@dataclass
class Killed:
    """`dmp send` as a process of its own, on a line that tells when the server is done with it. `deposits`: how many lots the server
    was about to keep; at the moment `at` the process is killed and the line lost."""

    sandbox: Sandbox
    line: CuttingLine
    deposits: int = 0
    at: str = ""
    child: subprocess.Popen[str] | None = None

    def watch(self, moment: str) -> None:
        self.deposits += moment == "drop_before_commit"
        if moment == self.at and self.child is not None:
            setattr(self.sandbox.faults, moment, 1)
            self.child.kill()

    def send(self, file: Path, after: float | None = None) -> tuple[str, float]:
        """Kill it so many seconds after the document was kept, unless it has come to its end. Returns the last state it told of, and
        how long after the document was kept."""
        command = [sys.executable, "-m", "dmp_desktop", "send", str(file), "--json"]
        told, began, now, errors = "", 0.0, 0.0, file.with_suffix(".err")
        with (
            errors.open("w") as stderr,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as child,
        ):
            self.child = child
            assert child.stdout is not None
            for line in child.stdout:
                told, now = json.loads(line)["state"], time.monotonic()
                if told == "queued":
                    began = now
                    if after is not None:
                        threading.Timer(after, child.kill).start()
        self.child = None
        self.line.settle()
        assert began, f"it never kept its document: {errors.read_text()}"
        return told, now - began


@pytest.fixture
def killed(sandbox: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Killed]:
    server = urlsplit(sandbox.url)
    assert server.port is not None
    line = CuttingLine(server.port, random.Random(0))
    monkeypatch.setenv("DMP_DESKTOP_SERVER", f"https://localhost:{line.port}{server.path}")
    killed = Killed(sandbox, line)
    monkeypatch.setattr(sandbox.faults, "watch", killed.watch)
    yield killed
    line.close()


def check_recovery(killed: Killed, run: Run, unique_id: str, told: str) -> str:
    """What the DMP has is not sent again, what it has not is sent once. Returns where the kill fell."""
    registry, before = killed.sandbox.registry, killed.deposits
    there = registry.count(unique_id)
    status, lines = run("outbox", "flush")
    assert status == 0
    again = states(lines, unique_id)
    settled = not again
    assert there or not settled, "taken for sent"
    assert settled or again[-1] == "sent"
    assert told in ("sending", "sent") if there else told in ("queued", "sending")
    assert killed.deposits - before == 1 - there, "sent again"
    assert registry.count(unique_id) == 1
    return "settled" if settled else "in the DMP, not settled" if there else "not in the DMP"


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "kept"), [("drop_before_commit", False), ("drop_after_commit", True)])
def test_dmp_send_killed_at_the_deposit_neither_loses_nor_doubles(
    run: Run, write: Write, killed: Killed, moment: str, kept: bool
) -> None:
    """The real client, killed while the DMP has its lot: just before it is kept there, and just after."""
    file, unique_id = write("ordinary")
    killed.at = moment
    assert killed.send(file)[0] == "sending"
    killed.at = ""
    assert killed.deposits == 1
    fell = check_recovery(killed, run, unique_id, "sending")
    assert fell == ("in the DMP, not settled" if kept else "not in the DMP")
    _status, [line] = run("outbox", "list")
    assert (line["state"], line["attempts"]) == ("sent", 2)
    assert line["proof"].startswith("urn:uuid:") == kept  # read back, not sent again


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_dmp_send_killed_while_it_sends_neither_loses_nor_doubles(run: Run, write: Write, killed: Killed) -> None:
    """The real client, killed at moments spread over the time it takes to send."""
    chance = random.Random()
    told, lasts = killed.send(write("ordinary")[0])
    assert told == "sent"
    fell: Counter[str] = Counter()
    while fell.total() < ROUNDS or not (fell["not in the DMP"] and fell.total() - fell["settled"] >= CUT):
        assert fell.total() < AT_MOST, f"too few were killed while they sent: {dict(fell)}"
        file, unique_id = write("ordinary")
        told, _ = killed.send(file, chance.uniform(0.0, lasts))
        where = check_recovery(killed, run, unique_id, told)
        fell[where] += 1
        lasts *= {"settled": 0.7, "not in the DMP": 1.3}.get(where, 1.0)  # the first may have lasted unlike the others
    _status, lines = run("outbox", "list")
    assert Counter(line["state"] for line in lines) == {"sent": fell.total() + 1}
    print(f"spread over {lasts * 1000:.0f} ms in the end; the kills fell: {dict(fell)}")


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
