"""After a consultation, nothing of the patient stands in clear in what the workstation keeps, nor in what it logs."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.sandbox_client import patient_of

NOTE = "Motif : zézaiement postprandial. TA 14/8. Suspicion de xérodermie pigmentaire."
WORDS = re.compile(rb"zaiement|postprandial|rodermie|TEST-|DUPONT|2[ ]?79[ ]?03[ ]?51|279035121518989", re.IGNORECASE)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"DMP_DESKTOP_HOME": str(tmp_path / "home"), "DMP_DESKTOP_SECRETS": str(tmp_path / "secrets.json")}


def settle(wiring: Wiring) -> None:
    """Send what is due, without a thread."""
    wiring.outbox.deliver_due()
    assert [item.state for item in wiring.outbox.items()] == [OutboxState.SENT]


def test_no_trace_in_clear(tmp_path: Path, environment: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Sandbox(tmp_path / "server") as sandbox:
        doctor = sandbox.ready["identities"]["doctor"]
        (tmp_path / "secrets.json").write_text(json.dumps({"p12": doctor["password"], "storage": "phrase de passe"}))
        environment |= {
            "DMP_DESKTOP_SERVER": sandbox.url,
            "DMP_DESKTOP_CA": sandbox.ready["ca"],
            "DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}",
        }
        patient = patient_of(sandbox, "ordinary")
        with open_wiring(environment, undo_delay=timedelta(0)) as wiring:
            wiring.sign_in_software()
            entries = wiring.dossier.entries(patient, lambda rows: None)
            wiring.dossier.open(patient, entries[0], {})
            proposals = [one.ticked(True) for one in wiring.compose.propose(patient, NOTE)]
            author = wiring.accounts[0].professional
            built = wiring.compose.build(DocumentOrder(patient, author, wiring.clock.now(), NOTE, tuple(proposals)))
            wiring.outbox.send(patient, built)
            settle(wiring)
            files = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
            assert any(file.suffix == ".db" for file in files)
            for file in files:  # while the database is open: its journal counts too
                assert not WORDS.search(file.read_bytes()), file.name
                assert not WORDS.search(file.name.encode())
        for file in (tmp_path / "home").rglob("*.log*"):
            assert not WORDS.search(file.read_bytes()), file.name
    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("dmp_desktop", "urllib3", "requests"))
    ]
    assert ours
    assert not [line for line in ours if WORDS.search(line.encode())]
