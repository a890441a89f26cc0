"""DmpRepository over the real wire: our client against the stand-in server, which knows nothing of it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.cda.build import BuildRequest, Parent
from dmp_desktop.cda.build import build as build_document
from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.dmp.metadata import SIGNATURE_CLASS, VISIBILITY_CODES
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.documents import Availability, BuiltDocument, Code, DocumentFormat, Submission, Visibility
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Context, Encounter, Patient
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from tests.helpers.sandbox_client import SENDER, Connection, patient_of

NOTE = "Motif : renouvellement.\nTA 14/8. HTA équilibrée & suivie <3 mois>."


@pytest.fixture
def patient(sandbox: Sandbox) -> Patient:
    return patient_of(sandbox, "ordinary")


def build(connection: Connection, patient: Patient, parent: Parent | None = None) -> BuiltDocument:
    now = datetime.now(UTC).replace(microsecond=0)
    account = connection.account
    context = Context(patient, account.professional, account.facility, Encounter(now - timedelta(minutes=15)))
    unique_id = f"2.25.{uuid.uuid4().int}"
    return build_document(
        BuildRequest(context, NOTE, unique_id, now, replaces=parent, format=DocumentFormat.STRUCTURED)
    )


def lot(
    built: BuiltDocument, patient: Patient, replaced: dict[str, str] | None = None, *restrictions: Visibility
) -> Submission:
    entry = entry_from_cda(built.cda)
    entry = replace(
        entry,
        patient=patient.ins,
        confidentiality=entry.confidentiality + tuple(VISIBILITY_CODES[item] for item in restrictions),
    )
    return Submission(
        unique_id=f"2.25.{uuid.uuid4().int}",
        patient=patient.ins,
        author=entry.authors[0],
        content_type=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
        source_id=SENDER,
        documents=((entry, built.cda),),
        replaced_entry_uuids=replaced or {},
    )


def test_deposit_then_find_then_read_back_byte_for_byte(doctor: Connection, patient: Patient) -> None:
    built = build(doctor, patient)
    doctor.client.submit(lot(built, patient))
    (found,) = doctor.client.find_by_unique_id(patient.ins, [built.unique_id])
    assert (found.unique_id, found.size, found.status) == (built.unique_id, len(built.cda), Availability.APPROVED)
    assert found.hash_sha1 == hashlib.sha1(built.cda).hexdigest()
    assert doctor.client.retrieve(patient.ins, found) == built.cda
    listed = {entry.unique_id for entry in doctor.client.find(patient.ins, FindCriteria())}
    assert built.unique_id in listed


def test_the_metadata_that_comes_back_is_what_the_cda_says(doctor: Connection, patient: Patient) -> None:
    built = build(doctor, patient)
    sent = lot(built, patient, None, Visibility.INVISIBLE_PATIENT)
    doctor.client.submit(sent)
    (found,) = doctor.client.find_by_unique_id(patient.ins, [built.unique_id])
    entry = sent.documents[0][0]
    for field in (
        "title", "type_code", "class_code", "format_code", "creation_time", "service_start", "language", "authors",
        "facility_type", "practice_setting", "source_patient_info", "visibility",
    ):  # fmt: skip
        assert getattr(found, field) == getattr(entry, field), field
    assert found.legal_authenticator.person_id == entry.legal_authenticator.person_id


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_both_lot_algorithms_are_verified(
    protocol: str, sandbox: Sandbox, patient: Patient, algorithm: Algorithm
) -> None:
    with Connection(sandbox, algorithm=algorithm, protocol=protocol) as connection:
        built = build(connection, patient)
        connection.client.submit(lot(built, patient))
        assert connection.client.find_by_unique_id(patient.ins, [built.unique_id])


def test_the_same_document_twice_is_refused_not_doubled(doctor: Connection, patient: Patient) -> None:
    built = build(doctor, patient)
    doctor.client.submit(lot(built, patient))
    with pytest.raises(DmpError) as caught:
        doctor.client.submit(lot(built, patient))
    assert caught.value.code == "XDSDuplicateUniqueIdInRegistry"
    assert len(doctor.client.find_by_unique_id(patient.ins, [built.unique_id])) == 1


def test_a_replacement_deprecates_the_former_version(doctor: Connection, patient: Patient) -> None:
    first = build(doctor, patient)
    doctor.client.submit(lot(first, patient))
    (old,) = doctor.client.find_by_unique_id(patient.ins, [first.unique_id])
    second = build(doctor, patient, Parent(first.unique_id, first.unique_id, 1))
    doctor.client.submit(lot(second, patient, {second.unique_id: old.entry_uuid}))
    (old,) = doctor.client.find_by_unique_id(patient.ins, [first.unique_id])
    assert old.status is Availability.DEPRECATED
    listed = {entry.unique_id for entry in doctor.client.find(patient.ins, FindCriteria())}
    assert second.unique_id in listed
    assert first.unique_id not in listed


def test_bytes_that_are_not_those_described_are_refused(doctor: Connection, patient: Patient) -> None:
    built = build(doctor, patient)
    sent = lot(built, patient)
    entry = replace(sent.documents[0][0], hash_sha1="0" * 40)
    with pytest.raises(DmpError) as caught:
        doctor.client.submit(replace(sent, documents=((entry, built.cda),)))
    assert caught.value.code == "XDSNonIdenticalHash"


def test_consent_opens_a_record(doctor: Connection, sandbox: Sandbox) -> None:
    ins = patient_of(sandbox, "empty").ins
    assert doctor.client.status(ins).authorization is Authorization.NON_EXISTE
    with pytest.raises(DmpError) as caught:
        list(doctor.client.find(ins, FindCriteria()))
    assert caught.value.code == "DMPAccessDeniedByRightsService"
    doctor.client.authorise(ins, attending=True)
    status = doctor.client.status(ins)
    assert (status.readable, status.attending) == (True, True)
    assert list(doctor.client.find(ins, FindCriteria())) == []
    doctor.client.withdraw(ins)
    assert not doctor.client.status(ins).readable


def test_no_record_is_an_answer(doctor: Connection, sandbox: Sandbox) -> None:
    assert doctor.client.status(patient_of(sandbox, "none").ins).exists is False


def test_sixty_documents_by_criteria(doctor: Connection, patient: Patient) -> None:
    everything = list(doctor.client.find(patient.ins, FindCriteria()))
    assert len(everything) >= 60
    biology = Code("11502-2", "2.16.840.1.113883.6.1")
    found = list(doctor.client.find(patient.ins, FindCriteria(type_codes=(biology,))))
    assert found
    assert {entry.type_code.code for entry in found} == {"11502-2"}
    middle = sorted(entry.creation_time for entry in everything)[len(everything) // 2]
    recent = list(doctor.client.find(patient.ins, FindCriteria(created_from=middle)))
    assert {entry.unique_id for entry in recent} == {e.unique_id for e in everything if e.creation_time >= middle}


def test_every_listed_document_can_be_read(doctor: Connection, patient: Patient) -> None:
    """Hash and size of each are verified by `retrieve`."""
    documents = [e for e in doctor.client.find(patient.ins, FindCriteria()) if e.class_code != SIGNATURE_CLASS]
    assert len(documents) >= 60
    for entry in documents:
        assert entry_from_cda(doctor.client.retrieve(patient.ins, entry)).unique_id == entry.unique_id


def test_submissions_since(doctor: Connection, patient: Patient) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    built = build(doctor, patient)
    sent = lot(built, patient)
    doctor.client.submit(sent)
    found = doctor.client.find_submissions(patient.ins, before)
    assert sent.unique_id in {item.unique_id for item in found}
    assert all(item.submission_time >= before - timedelta(seconds=1) for item in found)


def test_another_patients_document_is_refused(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    """The VIHF speaks of one patient, the document of another: nothing is stored."""
    built = build(doctor, patient)
    other = patient_of(sandbox, "chronic")
    sent = lot(built, patient)
    entry = replace(sent.documents[0][0], patient=other.ins)
    with pytest.raises(DmpError):
        doctor.client.submit(replace(sent, patient=other.ins, documents=((entry, built.cda),)))
    assert doctor.client.find_by_unique_id(patient.ins, [built.unique_id]) == []


def test_only_a_qualified_ins_leaves(doctor: Connection, patient: Patient) -> None:
    provisional = replace(patient.ins, status=InsStatus.PROVISOIRE)
    with pytest.raises(DmpError) as caught:
        doctor.client.status(provisional)
    assert caught.value.code == "InsNonQualifiee"


def test_a_lost_answer_is_ambiguous_and_the_document_is_there_once(
    doctor: Connection, sandbox: Sandbox, patient: Patient
) -> None:
    built = build(doctor, patient)
    sandbox.faults.drop_after_commit = 1
    with pytest.raises(DmpError) as caught:
        doctor.client.submit(lot(built, patient))
    assert (caught.value.ambiguous, caught.value.retryable) == (True, True)
    assert len(doctor.client.find_by_unique_id(patient.ins, [built.unique_id])) == 1


def test_a_connection_cut_before_storing_leaves_nothing(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    built = build(doctor, patient)
    sandbox.faults.drop_before_commit = 1
    with pytest.raises(DmpError) as caught:
        doctor.client.submit(lot(built, patient))
    assert caught.value.ambiguous
    assert doctor.client.find_by_unique_id(patient.ins, [built.unique_id]) == []


def test_a_server_that_is_down_is_said_so(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    sandbox.faults.unavailable = 1
    with pytest.raises(DmpError) as caught:
        doctor.client.status(patient.ins)
    assert (caught.value.code, caught.value.retryable) == ("HTTP503", True)
    assert doctor.client.status(patient.ins).exists


def test_a_question_is_asked_again_when_the_line_went_dead(
    doctor: Connection, sandbox: Sandbox, patient: Patient
) -> None:
    sandbox.faults.drop_answer = 1
    assert doctor.client.status(patient.ins).exists


def test_one_card_signature_for_the_whole_session(protocol: str, sandbox: Sandbox, patient: Patient) -> None:
    with Connection(sandbox, protocol=protocol) as connection:
        for _ in range(10):
            connection.client.status(patient.ins)
        sandbox.faults.drop_answer = 1
        connection.client.status(patient.ins)
        assert connection.transport.signatures == 1
