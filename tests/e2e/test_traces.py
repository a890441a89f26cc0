"""After a consultation, nothing of the patient stands in clear in what the workstation keeps, nor in what it logs."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.card import FakePcsc, open_fake
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Patient
from dmp_desktop.platform.storage_key import choose_keystore, storage_key
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services.diagnostics.model import Result, Verdict
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.storage.database import Database
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.cps_certificates import certificate
from tests.helpers.sandbox_client import patient_of
from tests.helpers.seeded import seeded

PHRASE = "phrase de passe"
NOTE = "Motif : zézaiement postprandial. TA 14/8. Suspicion de xérodermie pigmentaire."
WORDS = re.compile(rb"zaiement|postprandial|rodermie|TEST-|DUPONT|2[ ]?79[ ]?03[ ]?51|279035121518989", re.IGNORECASE)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"DMP_DESKTOP_HOME": str(tmp_path / "home"), "DMP_DESKTOP_SECRETS": str(tmp_path / "secrets.json")}


def settle(wiring: Wiring) -> None:
    """Send what is due, without a thread."""
    wiring.outbox.deliver_due()
    assert [item.state for item in wiring.outbox.items()] == [OutboxState.SENT]


def rows_of_facts(wiring: Wiring) -> list[bytes]:
    """What documents say, as who has the key of the database reads it, once it is there."""
    key = storage_key(choose_keystore(wiring.paths, lambda _why: PHRASE), wiring.paths.database)
    rows: list[bytes] = []
    pause, ends = threading.Event(), time.monotonic() + 60
    with Database.open(wiring.paths.database, key) as database:
        while not rows:
            assert time.monotonic() < ends
            with database.read() as connection:
                found = connection.exec_driver_sql("SELECT unique_id, patient, sealed FROM cached_facts").all()
            rows = [one.encode() + patient.encode() + sealed for one, patient, sealed in found]
            pause.wait(0.02)
    return rows


def diagnosis(wiring: Wiring, patient: Patient) -> str:
    """The report for support, with the doctor's card and the patient's in the readers."""
    pcsc = FakePcsc()
    pcsc.start_service()
    doctor = CpsCard(certificate(serial=2, signs=False), certificate(serial=1, signs=True))
    vitale = VitaleCard([(patient.birth_family, patient.first_given, "19790312", patient.ins.value)])
    for reader, card in (("Lecteur 0", doctor), ("Lecteur 1", vitale)):
        pcsc.plug(reader)
        pcsc.insert(reader, card)
    diagnostics = wiring.diagnostics(open_fake(pcsc))
    results: list[Result] = []
    diagnostics.run(results.append)
    report = diagnostics.report(results)
    assert {one.id: one.verdict for one in results}["vitale.readable"] is Verdict.OK
    return report


def test_no_trace_in_clear(tmp_path: Path, environment: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Sandbox(seeded(tmp_path / "server")) as sandbox:
        doctor = sandbox.ready["identities"]["doctor"]
        (tmp_path / "secrets.json").write_text(json.dumps({"p12": doctor["password"], "storage": PHRASE}))
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
            assert wiring.digest.digest(patient, entries).complete
            account = wiring.accounts[0]
            who = SignedIn(account.professional, account.facility, account.role)
            proposals = [one.ticked(True) for one in wiring.compose.propose(patient, NOTE, who.professional)]
            order = DocumentOrder(patient, who.professional, wiring.clock.now(), NOTE, tuple(proposals))
            wiring.outbox.send(patient, wiring.compose.build(order, who.facility), (), who)
            settle(wiring)
            assert not [row for row in rows_of_facts(wiring) if WORDS.search(row)]
            assert not WORDS.search(diagnosis(wiring, patient).encode())
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
