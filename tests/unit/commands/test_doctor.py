"""`dmp doctor` as a program: JSON lines, exit status, no reader, no server, no data folder, nothing of a patient."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import choose_keystore, storage_key
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services.diagnostics.service import CHECKS
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from tests.helpers.card_worlds import PATIENT as ON_THE_CARD
from tests.helpers.card_worlds import vitale
from tests.helpers.cps_certificates import SUBJECT, certificate
from tests.helpers.outbox import AUTHOR, INS, PATIENT, built
from tests.helpers.scripted_pcsc import SOCKET, ScriptedPcsc
from tests.helpers.seeded import seeded

KEYS = {"id", "title", "verdict", "cause", "action", "code", "detail", "ms"}
PHRASE, PIN = "mot-choisi-42", "4711"
TRACES = re.compile(
    "|".join(
        [
            *("TEST-", "DUPONT", INS, INS[:13], "2 79 03 51", AUTHOR, AUTHOR[1:], PHRASE),
            *(re.escape(part) for part in ON_THE_CARD[:2]),
            *(re.escape(part) for part in (SUBJECT[oid] for oid in SUBJECT) if len(part) > 2 and part != "Médecin"),
            rf"\b{PIN}\b",
        ]
    ),
    re.IGNORECASE,
)


def doctor(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DMP_DESKTOP_")}
    command = [sys.executable, "-m", "dmp_desktop", "doctor", *options]
    return subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, timeout=300)


def test_a_workstation_with_nothing(tmp_path: Path) -> None:
    """No service, no reader, no card, no server, no data folder: something is missing, nothing is broken, nothing is made."""
    told = doctor("--json", DMP_DESKTOP_HOME=str(tmp_path / "home"), PCSCLITE_CSOCK_NAME=str(tmp_path / "no.comm"))
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 3
    assert told.stderr == ""
    assert {line["id"] for line in lines} == {check.topic.id for check in CHECKS}
    assert all(set(line) == KEYS for line in lines)
    verdicts = {line["id"]: line["verdict"] for line in lines}
    assert verdicts["pcsc.service"] == verdicts["server.reach"] == "problem"
    details = {line["id"]: line["detail"] for line in lines}
    assert "pcscd.socket" in details["pcsc.service"]
    assert details["clock.zone"] == ""
    assert not (tmp_path / "home").exists()


def test_something_wrong_is_1_and_told_to_people(tmp_path: Path) -> None:
    """A file where the data folder should be, and an environment that makes no sense."""
    (tmp_path / "home").write_text("")
    told = doctor(
        DMP_DESKTOP_HOME=str(tmp_path / "home"),
        DMP_DESKTOP_IDENTITY="carte-TEST-DUPONT",
        PCSCLITE_CSOCK_NAME=str(tmp_path / "no.comm"),
    )
    assert told.returncode == 1
    assert "Problème — Place sur le disque" in told.stdout
    assert "Problème — Réglages" in told.stdout
    assert "Pour qui gère l’ordinateur : variables d’environnement DMP_DESKTOP_IDENTITY" in told.stdout
    assert not TRACES.search(told.stdout + told.stderr)
    assert "À faire :" in told.stdout
    assert "Traceback" not in told.stdout + told.stderr


@pytest.fixture
def desk(tmp_path: Path) -> ScriptedPcsc:
    """Two readers, a doctor's card and a patient's."""
    service = ScriptedPcsc()
    service.start_service()
    service.plug("Reader 0")
    service.insert("Reader 0", CpsCard(certificate(serial=2, signs=False), certificate(serial=1, signs=True)))
    service.plug("Reader 1")
    service.insert("Reader 1", vitale())
    yield service
    service.stop_service()


@pytest.mark.slow
def test_all_there_and_nobody_named(tmp_path: Path, desk: ScriptedPcsc) -> None:
    """Both cards in, the stand-in server up, a document waiting: the report names no patient and no professional."""
    with Sandbox(seeded(tmp_path / "server")) as sandbox:
        identity = sandbox.ready["identities"]["doctor"]
        secrets = tmp_path / "secrets.json"
        secrets.write_text(json.dumps({"p12": identity["password"], "storage": PHRASE, "pin": PIN}))
        keep_a_document(Paths(tmp_path / "home"))
        environment = {
            "DMP_DESKTOP_HOME": str(tmp_path / "home"),
            "DMP_DESKTOP_SERVER": sandbox.url,
            "DMP_DESKTOP_CA": sandbox.ready["ca"],
            "DMP_DESKTOP_IDENTITY": f"p12:{identity['p12']}",
            "DMP_DESKTOP_SECRETS": str(secrets),
            "PCSCLITE_CSOCK_NAME": str(SOCKET),
        }
        told = doctor("--json", **environment)
    verdicts = {line["id"]: line["verdict"] for line in map(json.loads, told.stdout.splitlines())}
    good = ("cps.recognised", "vitale.readable", "server.tls", "clock.skew", "storage.database", "card.sharing")
    assert {check: verdicts[check] for check in good} == dict.fromkeys(good, "ok"), told.stdout
    assert verdicts["outbox.waiting"] == "attention"
    assert all(set(line) == KEYS for line in map(json.loads, told.stdout.splitlines()))
    assert not TRACES.search(told.stdout + told.stderr)
    for log in (tmp_path / "home").rglob("*.log*"):
        assert not TRACES.search(log.read_text())


def keep_a_document(paths: Paths) -> None:
    paths.create()
    key = storage_key(choose_keystore(paths, lambda _why: PHRASE), paths.database)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    Database.open(paths.database, key).close()
    with OutboxFile.of(paths.outbox) as file:
        subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
        new = NewItem("2.25.1", "2.25.91", AUTHOR, subject, built(1).cda)
        OutboxStore(file, Seal(key, "outbox")).add(new, long_ago, long_ago)
