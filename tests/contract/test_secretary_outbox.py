"""A secretary's outbox over the real wire: she may not look for what she sent, the DMP's refusal tells that it is there."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import BuiltDocument
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.domain.people import Patient
from dmp_desktop.platform.clock import SystemEntropy
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.delivery import Delivery
from dmp_desktop.services.structure_deposit import StructureDeposit
from dmp_desktop.storage.outbox import Outcome
from tests.contract.test_dmp_repository import build
from tests.helpers.sandbox_client import SENDER, Connection, patient_of

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def patient(sandbox: Sandbox) -> Patient:
    return patient_of(sandbox, "ordinary")


def item_of(patient: Patient, built: BuiltDocument, validated_by: str) -> OutboxItem:
    return OutboxItem(
        1, built.unique_id, f"2.25.{uuid.uuid4().int}", patient, "", "", OutboxState.SENDING, WaitingFor.NOTHING, NOW, NOW,
        attempts=1, author_id="4/CPET0001", validated_by=validated_by,
    )  # fmt: skip


def sent_by(connection: Connection, item: OutboxItem, cda: bytes, *, in_doubt: bool = False) -> Outcome:
    delivery = Delivery(entry_from_cda, SENDER, SystemEntropy(), lambda: None)
    [outcome] = delivery.attempt(StructureDeposit(connection.client), [(item, cda)], in_doubt, NOW)
    return outcome


@pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before_commit", "drop_answer"])
def test_a_lost_answer_neither_loses_nor_doubles(
    doctor: Connection, secretary: Connection, sandbox: Sandbox, patient: Patient, fault: str
) -> None:
    built = build(doctor, patient)
    item = item_of(patient, built, doctor.account.national_id)
    setattr(sandbox.faults, fault, 1)
    lost = sent_by(secretary, item, built.cda)
    assert (lost.state, lost.waiting_for, lost.in_doubt) == (OutboxState.WAITING, WaitingFor.NETWORK, True)
    stored = len(doctor.client.find_by_unique_id(patient.ins, [built.unique_id]))
    assert stored == (fault != "drop_before_commit")
    again = sent_by(secretary, item, built.cda, in_doubt=True)
    assert (again.state, again.proof) == (OutboxState.SENT, item.submission_id)
    (found,) = doctor.client.find_by_unique_id(patient.ins, [built.unique_id])
    assert doctor.client.retrieve(patient.ins, found) == built.cda
    since = NOW - timedelta(minutes=5)
    sets = [one.unique_id for one in doctor.client.find_submissions(patient.ins, since)]
    assert sets.count(item.submission_id) == 1


def test_the_same_document_under_another_lot_is_there(
    doctor: Connection, secretary: Connection, patient: Patient
) -> None:
    """Another workstation sent the very same bytes."""
    built = build(doctor, patient)
    first, second = (item_of(patient, built, doctor.account.national_id) for _ in range(2))
    assert sent_by(secretary, first, built.cda).state is OutboxState.SENT
    assert sent_by(secretary, second, built.cda).state is OutboxState.SENT


def test_other_bytes_under_the_same_identifier_are_not_sent(
    doctor: Connection, secretary: Connection, patient: Patient
) -> None:
    built = build(doctor, patient)
    other = built.cda.replace(b"</title>", b" </title>", 1)
    assert other != built.cda
    validated_by = doctor.account.national_id
    assert sent_by(secretary, item_of(patient, built, validated_by), built.cda).state is OutboxState.SENT
    refused = sent_by(secretary, item_of(patient, built, validated_by), other, in_doubt=True)
    assert (refused.state, refused.code) == (OutboxState.REFUSED, "XDSNonIdenticalHash")
    assert refused.message
    (found,) = doctor.client.find_by_unique_id(patient.ins, [built.unique_id])
    assert doctor.client.retrieve(patient.ins, found) == built.cda
