"""The program is killed (SIGKILL) while a note is being sent: once started again, the note is a draft, or may be withdrawn and is one
again, or is in the DMP; never two of these."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.sandbox_client import patient_of
from tests.helpers.seeded import seeded
from tests.helpers.sent_victim import DRAFT_ID, TEXT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
Killed = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("server"))) as running:
        yield running


@pytest.fixture
def killed(sandbox: Sandbox, tmp_path: Path) -> Killed:
    """Plays the note of the ordinary patient until a step, and the kill; returns the environment of the workstation."""

    def play(step: str) -> dict[str, str]:
        doctor = sandbox.ready["identities"]["doctor"]
        (tmp_path / "secrets.json").write_text(json.dumps({"p12": doctor["password"], "storage": "phrase de passe"}))
        environment = {
            "DMP_DESKTOP_HOME": str(tmp_path / "home"),
            "DMP_DESKTOP_SECRETS": str(tmp_path / "secrets.json"),
            "DMP_DESKTOP_SERVER": sandbox.url,
            "DMP_DESKTOP_CA": sandbox.ready["ca"],
            "DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}",
        }
        patient = next(item["patient"] for item in sandbox.ready["patients"] if item["story"] == "ordinary")
        order = tmp_path / "order.json"
        order.write_text(json.dumps({"environment": environment, "patient": patient, "step": step}))
        victim = [sys.executable, str(ROOT / "tests" / "helpers" / "sent_victim.py"), str(order)]
        ended = subprocess.run(victim, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=300)
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        return environment

    return play


def texts(wiring: Wiring) -> list[str]:
    return [draft.text for draft, _revision in wiring.drafts.mine().drafts]


def in_the_dmp(wiring: Wiring, sandbox: Sandbox, unique_id: str) -> int:
    return [entry.unique_id for entry in wiring.dossier.entries(patient_of(sandbox, "ordinary"))].count(unique_id)


def test_killed_before_the_outbox_had_it_it_is_a_draft(killed: Killed) -> None:
    with open_wiring(killed("marked")) as wiring:
        wiring.sign_in_software()
        assert (texts(wiring), wiring.drafts.mine().leaving, wiring.outbox.items()) == ([TEXT], (), [])


def test_killed_in_the_delay_it_is_withdrawn_and_comes_back_to_its_patient(killed: Killed, sandbox: Sandbox) -> None:
    environment = killed("kept")
    patient = patient_of(sandbox, "ordinary")
    with open_wiring(environment) as wiring:
        assert wiring.drafts.mine().leaving == (), "nobody is there"
        wiring.sign_in_software()
        assert texts(wiring) == [], "not offered to be sent twice"
        [(draft, _revision, unique_id)] = wiring.drafts.mine().leaving
        assert (draft.draft_id, draft.text, draft.patient) == (DRAFT_ID, TEXT, patient)
        [item] = wiring.outbox.items()
        assert (item.unique_id, item.waiting_for) == (unique_id, WaitingFor.UNDO)
        wiring.outbox.deliver_due()
        assert wiring.outbox.items()[0].state is OutboxState.WAITING, "its delay is not over"
        wiring.outbox.cancel(item.id)
        assert texts(wiring) == [TEXT]
        wiring.outbox.deliver_due()
        assert in_the_dmp(wiring, sandbox, unique_id) == 0
    with open_wiring(environment) as wiring:
        wiring.sign_in_software()
        assert (texts(wiring), wiring.drafts.mine().leaving) == ([TEXT], ())


def test_killed_in_the_delay_it_leaves_once_unless_it_is_withdrawn(killed: Killed, sandbox: Sandbox) -> None:
    environment = killed("kept")
    with open_wiring(environment) as wiring:
        wiring.sign_in_software()
        [item] = wiring.outbox.items()
        wiring.outbox.hold(item.id)
        wiring.outbox.retry(item.id)
        wiring.outbox.deliver_due()
        assert in_the_dmp(wiring, sandbox, item.unique_id) == 1
        with pytest.raises(ContextError, match="outbox-left"):
            wiring.outbox.cancel(item.id)
        assert (texts(wiring), wiring.drafts.mine().leaving) == ([], ())


def test_killed_once_it_was_sent_it_is_forgotten_before_the_outbox_forgets_it(killed: Killed, sandbox: Sandbox) -> None:
    environment = killed("sent")
    home = Path(environment["DMP_DESKTOP_HOME"])
    (home / "settings.json").write_text(json.dumps({"keep_sent_days": 0}))
    with open_wiring(environment) as wiring:
        assert wiring.outbox.items() == [], "the outbox forgot it"
        wiring.sign_in_software()
        assert (texts(wiring), wiring.drafts.mine().leaving) == ([], ())
