"""What a visit costs the card, over the real wire: one signature for TLS, one a patient, one a deposit."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.cda.build import BuildRequest
from dmp_desktop.cda.build import build as build_document
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.dmp.client import DmpClient
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.dmp.vihf import Software
from dmp_desktop.domain.documents import Code, DocumentFormat, Submission
from dmp_desktop.domain.people import Context, Encounter, Patient
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.sign_in import Account, caller
from tests.helpers.sandbox_client import SENDER, Connection, patient_of
from tests.helpers.seeded import seeded
from tests.helpers.slow_card import SlowCard

CALLS, THREADS = 50, 5


@dataclass
class TwoKeys:
    authentication: SlowCard
    signature: SlowCard

    def close(self) -> None:
        self.authentication.close()
        self.signature.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path / "sandbox")) as running:
        yield running


@pytest.mark.slow
@pytest.mark.alone
def test_a_visit(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    patients = [patient_of(sandbox, story) for story in ("ordinary", "chronic")]
    with Connection(sandbox) as software:
        account = software.account
        card = TwoKeys(
            SlowCard(software.identity.authentication, 0.7, can_pss=False), SlowCard(software.identity.signature, 0.7)
        )
        transport = HttpsTransport(sandbox.ready["url"], card, Path(sandbox.ready["ca"]))
        told = Software("DMP Desktop", "0.1", "BAC-A-SABLE")
        clock, entropy = SystemClock(), SystemEntropy()
        client = DmpClient(transport, card, caller(account), told, clock, entropy, sender_oid=SENDER)
        start = time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            states = list(pool.map(lambda number: client.status(patients[number % 2].ins), range(CALLS)))
        seconds = time.monotonic() - start
        client.submit(_lot(account, patients[0]))
        transport.close()
    with capsys.disabled():
        print(
            f"\n{CALLS} DMP calls, {THREADS} threads, 2 patients, a card at 700 ms a signature: {seconds:.2f} s",
            end=" ",
        )
    assert all(state.exists for state in states)
    assert len(card.authentication.signed) == transport.signatures == 1
    assert len(card.signature.signed) == 2 + 1  # a VIHF a patient, and the lot


def _lot(account: Account, patient: Patient) -> Submission:
    now = datetime.now(UTC).replace(microsecond=0)
    context = Context(patient, account.professional, account.facility, Encounter(now - timedelta(minutes=15)))
    unique_id = f"2.25.{uuid.uuid4().int}"
    built = build_document(BuildRequest(context, "TA 14/8.", unique_id, now, format=DocumentFormat.STRUCTURED))
    entry = replace(entry_from_cda(built.cda), patient=patient.ins)
    sector = Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")
    return Submission(f"2.25.{uuid.uuid4().int}", patient.ins, entry.authors[0], sector, SENDER, ((entry, built.cda),))
