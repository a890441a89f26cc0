"""RecordUpdates over the real wire (TD3.3a to TD3.3d), and what a secretary deposits (TD2.2)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Availability, Code, DocumentEntry, Submission, Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.administrative import AdministrativeOnly
from tests.contract.test_dmp_repository import build, lot
from tests.helpers.dmp_lot import Lot, slot
from tests.helpers.dmp_wire import Caller
from tests.helpers.sandbox_client import Connection, patient_of

DENIED = "DMPAccessDeniedByRightsService"
ORDER = "77^^^&amp;1.2.250.1.999.7&amp;ISO^urn:ihe:iti:xds:2013:order"
ANY_STATUS = FindCriteria(statuses=(Availability.APPROVED, Availability.ARCHIVED))


@pytest.fixture
def patient(sandbox: Sandbox) -> Patient:
    return patient_of(sandbox, "ordinary")


@pytest.fixture
def mine(doctor: Connection, patient: Patient) -> DocumentEntry:
    """A document I have just deposited, as the DMP lists it."""
    return deposit(doctor, patient)


def reread(doctor: Connection, ins: InsIdentity, unique_id: str) -> DocumentEntry:
    (found,) = doctor.client.find_by_unique_id(ins, [unique_id])
    return found


def of_another(doctor: Connection, ins: InsIdentity, *restrictions: Visibility) -> DocumentEntry:
    """A document somebody else deposited, with exactly these restrictions."""
    return next(
        entry
        for entry in doctor.client.find(ins, FindCriteria())
        if entry.visibility == frozenset(restrictions)
        and entry.authors
        and entry.authors[0].person_id not in (doctor.account.national_id, ins.value)
    )


def deposit(doctor: Connection, patient: Patient, *restrictions: Visibility) -> DocumentEntry:
    built = build(doctor, patient)
    doctor.client.submit(lot(built, patient, None, *restrictions))
    return reread(doctor, patient.ins, built.unique_id)


def test_masked_and_back_and_nothing_else_changes(doctor: Connection, patient: Patient, mine: DocumentEntry) -> None:
    """TD3.3a: a new version under the same lid, the rest of the metadata as it was."""
    doctor.client.set_visibility(patient.ins, mine, frozenset({Visibility.MASQUE_PS}))
    masked = reread(doctor, patient.ins, mine.unique_id)
    assert (masked.visibility, masked.version, masked.logical_id) == ({Visibility.MASQUE_PS}, 2, mine.logical_id)
    assert masked.entry_uuid != mine.entry_uuid
    same = replace(masked, entry_uuid=mine.entry_uuid, version=1, confidentiality=mine.confidentiality)
    assert same == mine
    doctor.client.set_visibility(patient.ins, masked, frozenset())
    shown = reread(doctor, patient.ins, mine.unique_id)
    assert (shown.confidentiality, shown.version, shown.logical_id) == (mine.confidentiality, 3, mine.logical_id)
    assert doctor.client.retrieve(patient.ins, shown), "its bytes are still those described"


@pytest.mark.parametrize(
    ("story", "restriction"),
    [("ordinary", Visibility.INVISIBLE_PATIENT), ("child", Visibility.INVISIBLE_REPRESENTANTS_LEGAUX)],
)
def test_made_visible_once_and_for_all(
    doctor: Connection, sandbox: Sandbox, story: str, restriction: Visibility
) -> None:
    """TD3.3b: a result announced is shown to the patient, and cannot be hidden again: it may have been read."""
    whose = patient_of(sandbox, story)
    hidden = deposit(doctor, whose, restriction)
    assert hidden.visibility == {restriction}
    doctor.client.set_visibility(whose.ins, hidden, frozenset())
    shown = reread(doctor, whose.ins, hidden.unique_id)
    assert shown.visibility == frozenset()
    with pytest.raises(DmpError) as caught:
        doctor.client.set_visibility(whose.ins, shown, frozenset({restriction}))
    assert caught.value.code == "XDSMetadataUpdateOperationError"


def test_one_restriction_for_another(doctor: Connection, patient: Patient) -> None:
    hidden = deposit(doctor, patient, Visibility.INVISIBLE_PATIENT)
    doctor.client.set_visibility(patient.ins, hidden, frozenset({Visibility.MASQUE_PS}))
    assert reread(doctor, patient.ins, hidden.unique_id).visibility == {Visibility.MASQUE_PS}


def test_what_our_entries_do_not_know_goes_back_too(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    """A document's references (its order's number …) are still there once it is masked."""
    reference = ORDER.replace("&amp;", "&")
    with Caller(sandbox.ready, "doctor") as other:
        deposited = Lot(patient.ins.value, more_slots=slot("urn:ihe:iti:xds:2013:referenceIdList", ORDER))
        assert deposited.send(other).status == 200
    (entry,) = doctor.client.find_by_reference(patient.ins, [reference])
    doctor.client.set_visibility(patient.ins, entry, frozenset({Visibility.MASQUE_PS}))
    (again,) = doctor.client.find_by_reference(patient.ins, [reference])
    assert (again.unique_id, again.visibility) == (entry.unique_id, {Visibility.MASQUE_PS})
    assert doctor.client.find_by_reference(patient.ins, [reference.replace("77", "78")]) == []


def test_archived_and_back_then_deleted(doctor: Connection, patient: Patient, mine: DocumentEntry) -> None:
    """TD3.3d, TD3.3c: each change says what the document was."""

    def listed() -> DocumentEntry | None:
        found = {entry.unique_id: entry for entry in doctor.client.find(patient.ins, ANY_STATUS)}
        return found.get(mine.unique_id)

    current: DocumentEntry | None = mine
    for status in (Availability.ARCHIVED, Availability.APPROVED, Availability.ARCHIVED):
        assert current is not None
        doctor.client.set_status(patient.ins, current, status)
        current = listed()
        assert current is not None
        assert (current.status, current.entry_uuid) == (status, mine.entry_uuid)
    doctor.client.set_status(patient.ins, current, Availability.DELETED)
    assert listed() is None
    with pytest.raises(DmpError):
        doctor.client.retrieve(patient.ins, mine)


def test_an_entry_that_has_changed_is_refused(doctor: Connection, patient: Patient, mine: DocumentEntry) -> None:
    """Nothing is overwritten that the doctor has not seen."""
    doctor.client.set_visibility(patient.ins, mine, frozenset({Visibility.MASQUE_PS}))
    with pytest.raises(DmpError) as caught:
        doctor.client.set_visibility(patient.ins, mine, frozenset())
    assert caught.value.code == "XDSMetadataVersionError"
    assert reread(doctor, patient.ins, mine.unique_id).visibility == {Visibility.MASQUE_PS}
    with pytest.raises(DmpError):
        doctor.client.set_status(patient.ins, replace(mine, status=Availability.ARCHIVED), Availability.APPROVED)


def test_who_may_change_what(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    """Another's document: masked documents are shown again by the attending doctor, archived by the author or them."""
    with pytest.raises(DmpError) as caught:
        doctor.client.set_status(patient.ins, of_another(doctor, patient.ins), Availability.ARCHIVED)
    assert caught.value.code == DENIED
    child = patient_of(sandbox, "child").ins
    masked = of_another(doctor, child, Visibility.MASQUE_PS)
    doctor.client.set_visibility(child, masked, frozenset())
    assert reread(doctor, child, masked.unique_id).visibility == frozenset()
    shown = of_another(doctor, child)
    doctor.client.set_status(child, shown, Availability.ARCHIVED)
    assert reread(doctor, child, shown.unique_id).status is Availability.ARCHIVED


def test_no_document_is_made_deprecated(doctor: Connection, patient: Patient, mine: DocumentEntry) -> None:
    for status in (Availability.DEPRECATED, Availability.UNKNOWN):
        with pytest.raises(ValueError, match=status.name):
            doctor.client.set_status(patient.ins, mine, status)
    unknown = replace(mine, status=Availability.UNKNOWN)
    with pytest.raises(DmpError, match="EtatInconnu"):
        doctor.client.set_status(patient.ins, unknown, Availability.ARCHIVED)
    assert reread(doctor, patient.ins, mine.unique_id) == mine


def test_a_secret_deposit_is_hidden_from_the_parents(doctor: Connection, sandbox: Sandbox) -> None:
    """EX_2.1-1050: in a minor's secret connection the document is invisible to the legal representatives, or refused."""
    child = patient_of(sandbox, "child")
    secret = doctor.client.in_mode(AccessMode.NORMAL, secret=True)
    built = build(doctor, child)
    with pytest.raises(DmpError):
        secret.submit(lot(built, child))
    assert doctor.client.find_by_unique_id(child.ins, [built.unique_id]) == []
    secret.submit(lot(built, child, None, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX))
    assert reread(doctor, child.ins, built.unique_id).visibility == {Visibility.INVISIBLE_REPRESENTANTS_LEGAUX}


def test_only_a_qualified_ins_leaves(doctor: Connection, patient: Patient, mine: DocumentEntry) -> None:
    provisional = replace(patient.ins, status=InsStatus.VALIDEE)
    with pytest.raises(DmpError, match="InsNonQualifiee"):
        doctor.client.set_visibility(provisional, mine, frozenset())
    with pytest.raises(DmpError, match="InsNonQualifiee"):
        doctor.client.set_status(provisional, mine, Availability.DELETED)


def test_a_secretary_asks_for_references_and_nothing_more(
    doctor: Connection, secretary: Connection, patient: Patient, mine: DocumentEntry
) -> None:
    secretary.client.authorise(patient.ins)
    assert secretary.client.find_references(patient.ins, [mine.unique_id]) == [mine.entry_uuid]
    assert secretary.client.find_references(patient.ins, ["2.25.1"]) == []
    with pytest.raises(DmpError, match=DENIED):
        secretary.client.find_by_unique_id(patient.ins, [mine.unique_id])
    (reference,) = AdministrativeOnly(secretary.client).find_by_unique_id(patient.ins, [mine.unique_id])
    AdministrativeOnly(secretary.client).set_status(patient.ins, reference, Availability.DELETED)
    assert doctor.client.find_by_unique_id(patient.ins, [mine.unique_id]) == []
    secretary.client.withdraw(patient.ins)


def test_a_secretary_deposits_for_the_structure(doctor: Connection, secretary: Connection, patient: Patient) -> None:
    """TD2.2: the lot is the structure's and no person's, the document still its author's; the structure deletes it (TD3.3c)."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    built = build(doctor, patient)
    entry = replace(entry_from_cda(built.cda), patient=patient.ins)
    facility = secretary.account.facility
    sent = Submission(
        f"2.25.{uuid.uuid4().int}", patient.ins, entry.authors[0], Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet"),
        "1.2.250.1.999.1", ((entry, built.cda),),
    )  # fmt: skip
    secretary.client.submit(sent)
    found = {item.unique_id: item for item in doctor.client.find_submissions(patient.ins, before)}
    author = found[sent.unique_id].author
    assert (author.person_id, author.institution, author.institution_id) == ("", facility.name, facility.id)
    listed = reread(doctor, patient.ins, built.unique_id)
    assert listed.authors[0].person_id == doctor.account.national_id
    secretary.client.authorise(patient.ins)
    secretary.client.set_status(patient.ins, listed, Availability.DELETED)
    secretary.client.withdraw(patient.ins)
    listed_now = {item.unique_id for item in doctor.client.find(patient.ins, ANY_STATUS)}
    assert built.unique_id not in listed_now
