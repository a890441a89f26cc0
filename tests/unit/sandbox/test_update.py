"""TD3.3a-d: what an update leaves behind, who may make it, and each rule that refuses one."""

from __future__ import annotations

import http.client
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import Sandbox, Tolerances, update_checks
from dmp_desktop.sandbox.checks import METADATA
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, NURSE_ID
from dmp_desktop.sandbox.model import Kind, RegistryObject
from tests.helpers.clock import START
from tests.helpers.dmp_admin import by_air, by_card, sign_in
from tests.helpers.dmp_lot import Lot, slot
from tests.helpers.dmp_update import ARCHIVED, DELETED, UPDATE, Update
from tests.helpers.dmp_wire import APPROVED, DEPRECATED, QUERY, Answer, Caller, query_body
from tests.helpers.seeded import seeded

DENIED = "soap:DMPAccessDeniedByRightsService"
OPERATION, VERSION, CHANGED = "XDSMetadataUpdateOperationError", "XDSMetadataVersionError", "XDSMetadataUpdateError"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
MASKED, HIDDEN = "MASQUE_PS", "INVISIBLE_PATIENT"
PARENTS = "INVISIBLE_REPRESENTANTS_LEGAUX"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox these tests may write into."""
    with Sandbox(seeded(tmp_path_factory.mktemp("update")), cards=("nurse",)) as running:
        yield running


@pytest.fixture(scope="module")
def writer(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "doctor") as caller:
        yield caller


@pytest.fixture(scope="module")
def office(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "secretary") as caller:
        yield caller


@pytest.fixture(scope="module")
def nurse(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "nurse") as caller:
        yield caller


@pytest.fixture(scope="module")
def stories(own: Sandbox) -> dict[str, str]:
    return {patient["story"]: patient["ins"] for patient in own.ready["patients"]}


@pytest.fixture
def ins(stories: dict[str, str]) -> str:
    """The doctor is authorised there, without being the attending doctor."""
    return stories["ordinary"]


@pytest.fixture
def deposit(own: Sandbox, writer: Caller, ins: str) -> Callable[..., RegistryObject]:
    """A new document of the doctor's in the ordinary record."""

    def make(**more: Any) -> RegistryObject:
        lot = Lot(ins, **more)
        assert succeeded(lot.send(writer))
        return stored(own, lot.unique_id)

    return make


def succeeded(answer: Answer) -> bool:
    assert answer.status == 200, answer.fault
    assert answer.errors == []
    return str(answer.body.get("status")).endswith(":Success")


def codes(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.fault
    return [code for code, _ in answer.errors]


def stored(sandbox: Sandbox, identifier: str) -> RegistryObject:
    known = sandbox.registry.object(identifier)
    assert known is not None
    return known[0]


def listed(caller: Caller, ins: str, identifier: str, status: str = APPROVED) -> Any:
    """The ExtrinsicObject as TD3.1 gives it, by entryUUID; None when it is not listed."""
    rows = caller.find(ins, status=status).body.iter("{*}ExtrinsicObject")
    return next((row for row in rows if row.get("id") == identifier), None)


def by_others(sandbox: Sandbox, ins: str) -> RegistryObject:
    """A plain document somebody else has deposited."""
    entries = sandbox.registry.objects(ins, Kind.ENTRY)
    return next(
        entry
        for entry in entries
        if entry.status == APPROVED
        and entry.confidentiality == {"N"}
        and not entry.is_signature
        and not any(value.startswith(DOCTOR.national_id) for value in entry.author_values("authorPerson"))
    )


# Status: TD3.3c, TD3.3d


def test_archived_then_back_then_deleted(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    entry = deposit()
    for original, new in ((APPROVED, ARCHIVED), (ARCHIVED, APPROVED), (APPROVED, ARCHIVED)):
        assert succeeded(Update(ins, ((entry.id, original, new),)).send(writer))
        assert listed(writer, ins, entry.id, new) is not None
        assert listed(writer, ins, entry.id, original) is None
    assert (stored(own, entry.id).version, stored(own, entry.id).lid) == (1, entry.id)
    assert writer.retrieve(ins, entry.unique_id).parts, "an archived document is still read"
    assert succeeded(Update(ins, ((entry.id, ARCHIVED, DELETED),)).send(writer))
    for status in (APPROVED, ARCHIVED, DELETED):
        assert listed(writer, ins, entry.id, status) is None
    assert codes(writer.retrieve(ins, entry.unique_id)) == ["XDSDocumentUniqueIdError"]
    assert stored(own, entry.id).status == DELETED, "deletion is logical"


def test_the_answer_has_its_own_action(writer: Caller, ins: str, deposit: Callable[..., RegistryObject]) -> None:
    answer = Update(ins, ((deposit().id, APPROVED, DELETED),)).send(writer)
    assert answer.envelope.findtext(".//{*}Action") == UPDATE + "-Response"


def test_others_learn_of_a_deletion(writer: Caller, ins: str, deposit: Callable[..., RegistryObject]) -> None:
    """By the association of the submission set that deleted the document."""
    entry = deposit()
    update = Update(ins, ((entry.id, APPROVED, DELETED),))
    assert succeeded(update.send(writer))
    body = query_body(GET_ASSOCIATIONS, {"$uuid": f"('{entry.id}')"})
    links = list(writer.call("/registry", QUERY, body, ins).body.iter("{*}Association"))
    assert [link.get("associationType").rpartition(":")[2] for link in links] == ["UpdateAvailabilityStatus"]
    values = {
        found.get("name"): found.findtext("{*}ValueList/{*}Value").rpartition(":")[2]
        for found in links[0].iter("{*}Slot")
    }
    assert values == {"OriginalStatus": "Approved", "NewStatus": "Deleted"}


@pytest.mark.parametrize(
    ("actual", "original", "new"),
    [
        (APPROVED, ARCHIVED, DELETED),
        (APPROVED, ARCHIVED, APPROVED),
        (APPROVED, APPROVED, APPROVED),
        (APPROVED, APPROVED, DEPRECATED),
        (ARCHIVED, APPROVED, DELETED),
        (ARCHIVED, ARCHIVED, DEPRECATED),
        (ARCHIVED, ARCHIVED, ARCHIVED),
    ],
)
def test_refused_changes_of_status(
    own: Sandbox,
    writer: Caller,
    ins: str,
    deposit: Callable[..., RegistryObject],
    actual: str,
    original: str,
    new: str,
) -> None:
    entry = deposit()
    if actual != APPROVED:
        assert succeeded(Update(ins, ((entry.id, APPROVED, actual),)).send(writer))
    assert codes(Update(ins, ((entry.id, original, new),)).send(writer)) == [OPERATION]
    assert stored(own, entry.id).status == actual


def test_a_replaced_document_is_deleted_but_not_archived(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    first = deposit()
    deposit(replaces_uuid=first.id, replaces_unique_id=first.unique_id)
    assert codes(Update(ins, ((first.id, DEPRECATED, ARCHIVED),)).send(writer)) == [OPERATION]
    assert codes(Update(ins, ((first.id, DEPRECATED, APPROVED),)).send(writer)) == [OPERATION]
    assert succeeded(Update(ins, ((first.id, DEPRECATED, DELETED),)).send(writer))


def test_a_deleted_document_is_gone(writer: Caller, ins: str, deposit: Callable[..., RegistryObject]) -> None:
    entry = deposit()
    assert succeeded(Update(ins, ((entry.id, APPROVED, DELETED),)).send(writer))
    assert codes(Update(ins, ((entry.id, DELETED, APPROVED),)).send(writer)) == [OPERATION]


def test_unknown_documents(writer: Caller, own: Sandbox, stories: dict[str, str], ins: str) -> None:
    """None, a uniqueId instead of the entryUUID, another patient's, a lot, one masked by somebody else."""
    other = by_others(own, stories["chronic"])
    entries = own.registry.objects(ins, Kind.ENTRY)
    masked = next(e for e in entries if MASKED in e.confidentiality and listed(writer, ins, e.id) is None)
    lot = own.registry.objects(ins, Kind.SET)[0]
    for target in ("urn:uuid:00000000-0000-4000-8000-000000000001", other.id, lot.id, masked.id):
        assert codes(Update(ins, ((target, APPROVED, DELETED),)).send(writer)) == [OPERATION]
    assert stored(own, other.id).status == stored(own, masked.id).status == APPROVED


def test_all_or_nothing(own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]) -> None:
    first, second = deposit(), deposit()
    update = Update(ins, ((first.id, APPROVED, ARCHIVED), (second.id, ARCHIVED, APPROVED)))
    assert codes(update.send(writer)) == [OPERATION]
    assert stored(own, first.id).status == APPROVED
    assert own.registry.count(update.lot.set_unique_id) == 0
    both = Update(ins, ((first.id, APPROVED, ARCHIVED), (second.id, APPROVED, ARCHIVED)))
    assert succeeded(both.send(writer))
    assert {stored(own, entry.id).status for entry in (first, second)} == {ARCHIVED}


def test_sending_an_update_again_is_a_duplicate(
    writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    update = Update(ins, ((deposit().id, APPROVED, ARCHIVED),))
    assert succeeded(update.send(writer))
    assert codes(update.send(writer)) == ["XDSDuplicateUniqueIdInRegistry"]


# Confidentiality: TD3.3a, TD3.3b


def test_masking_makes_a_new_version(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    first = deposit()
    before = own.registry.document(first.unique_id)
    assert succeeded(Update(ins, versions=((listed(writer, ins, first.id), "1", (MASKED,)),)).send(writer))
    second = stored(own, first.unique_id)
    assert (second.lid, second.version, second.status) == (first.lid, 2, APPROVED)
    assert second.id not in {first.id, "doc0"}
    assert second.confidentiality == {"N", MASKED}
    assert stored(own, first.id).status == DEPRECATED
    assert own.registry.count(first.unique_id) == 1
    assert own.registry.document(first.unique_id) == before
    row = listed(writer, ins, second.id)
    assert (row.get("lid"), row.find("{*}VersionInfo").get("versionName")) == (first.lid, "2")
    assert list(writer.retrieve(ins, first.unique_id).parts.values()) == [before]
    assert succeeded(Update(ins, versions=((row, "2", ()),)).send(writer))
    assert (stored(own, first.unique_id).version, stored(own, first.unique_id).confidentiality) == (3, {"N"})


def test_the_chain_is_told_by_associations(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    first = deposit()
    assert succeeded(Update(ins, versions=((listed(writer, ins, first.id), "1", (MASKED,)),)).send(writer))
    second = stored(own, first.unique_id)
    links = own.registry.associations(second.id)
    assert [(link.slots["SubmissionSetStatus"], link.slots["PreviousVersion"]) for link in links] == [
        (("Original",), ("1",))
    ]
    submission = stored(own, links[0].source)
    assert submission.kind is Kind.SET
    body = query_body(GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": f"('{first.unique_id}')"})
    found = list(writer.call("/registry", QUERY, body, ins).body.iter("{*}ExtrinsicObject"))
    assert [row.get("id") for row in found] == [second.id], "the uniqueId is that of the latest version"


def test_an_old_version_hides_what_the_latest_hides(
    own: Sandbox, writer: Caller, nurse: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    first = deposit()
    vihf = by_card(nurse, ins, NURSE_ID)
    assert list(nurse.find(ins, vihf).body.iter("{*}ExtrinsicObject"))[-1].get("id") == first.id
    assert succeeded(Update(ins, versions=((listed(writer, ins, first.id), "1", (MASKED,)),)).send(writer))
    seen = {row.get("id") for row in nurse.find(ins, vihf, status=DEPRECATED).body.iter("{*}ExtrinsicObject")}
    assert first.id not in seen
    assert codes(nurse.retrieve(ins, first.unique_id, vihf=vihf)) == ["XDSDocumentUniqueIdError"]
    assert listed(writer, ins, first.id, DEPRECATED) is not None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), (MASKED,), []),
        ((MASKED,), (), []),
        ((HIDDEN,), (), []),
        ((PARENTS,), (), []),
        ((PARENTS, HIDDEN), (PARENTS,), []),
        ((HIDDEN,), (MASKED,), []),
        ((), (), [CHANGED]),
        ((MASKED,), (MASKED,), [CHANGED]),
        ((), (HIDDEN,), [OPERATION]),
        ((), (PARENTS,), [OPERATION]),
        ((HIDDEN,), (HIDDEN, MASKED), ["XDSRegistryMetadataError"]),
        ((), (MASKED, HIDDEN), ["XDSRegistryMetadataError"]),
    ],
)
def test_changes_of_confidentiality(
    own: Sandbox,
    writer: Caller,
    ins: str,
    deposit: Callable[..., RegistryObject],
    before: tuple[str, ...],
    after: tuple[str, ...],
    expected: list[str],
) -> None:
    """Masking and showing, never hiding from the patient what he could see; no document hidden from both."""
    entry = deposit(restrictions=before)
    answer = Update(ins, versions=((listed(writer, ins, entry.id), "1", after),)).send(writer)
    assert codes(answer) == expected
    assert stored(own, entry.unique_id).confidentiality == {"N", *(before if expected else after)}


def test_previous_version_is_the_current_one(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    entry = deposit()
    row = listed(writer, ins, entry.id)
    assert codes(Update(ins, versions=((row, "2", (MASKED,)),)).send(writer)) == [VERSION]
    assert succeeded(Update(ins, versions=((row, "1", (MASKED,)),)).send(writer))
    assert codes(Update(ins, versions=((row, "1", ()),)).send(writer)) == [VERSION]
    assert codes(Update(ins, ((entry.id, APPROVED, DELETED),)).send(writer)) == [VERSION]
    assert stored(own, entry.unique_id).version == 2


def test_only_the_lid_names_a_document_in_a_new_version(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    """ITI-57: neither the entryUUID of the second version for its lid, nor that of a version for the id of another."""
    first = deposit()
    assert succeeded(Update(ins, versions=((listed(writer, ins, first.id), "1", (MASKED,)),)).send(writer))
    second = stored(own, first.unique_id)
    row = listed(writer, ins, second.id)

    def by_uuid(text: str) -> str:
        return text.replace(f'lid="{first.id}"', f'lid="{second.id}"')

    def same_id(text: str) -> str:
        return text.replace('"doc0"', f'"{second.id}"')

    assert codes(Update(ins, versions=((row, "2", ()),), edit=by_uuid).send(writer)) == [OPERATION]
    assert codes(Update(ins, versions=((row, "2", ()),), edit=same_id).send(writer)) == [CHANGED]
    for changed in (second.id, first.unique_id):
        assert (stored(own, changed).id, stored(own, changed).version) == (second.id, 2)
    assert succeeded(Update(ins, versions=((row, "2", ()),)).send(writer))


def test_a_status_is_that_of_the_current_version(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    """Its entryUUID, and not the lid of the document, which is the entryUUID of a version that is no more."""
    first = deposit()
    assert succeeded(Update(ins, versions=((listed(writer, ins, first.id), "1", (MASKED,)),)).send(writer))
    second = stored(own, first.unique_id)
    assert second.lid == first.id
    for original in (APPROVED, DEPRECATED):
        assert codes(Update(ins, ((second.lid, original, DELETED),)).send(writer)) == [VERSION]
    assert succeeded(Update(ins, ((second.id, APPROVED, DELETED),)).send(writer))


def test_only_active_documents_change_their_confidentiality(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    first = deposit()
    row = listed(writer, ins, first.id)
    deposit(replaces_uuid=first.id, replaces_unique_id=first.unique_id)
    assert codes(Update(ins, versions=((row, "1", (MASKED,)),)).send(writer)) == [OPERATION]
    kept = deposit()
    row = listed(writer, ins, kept.id)
    assert succeeded(Update(ins, ((kept.id, APPROVED, ARCHIVED),)).send(writer))
    assert succeeded(Update(ins, versions=((row, "1", (MASKED,)),)).send(writer))
    assert stored(own, kept.unique_id).status == ARCHIVED


CHANGES: dict[str, tuple[str, str]] = {
    "title": ('value="Compte rendu"', 'value="Autre chose"'),
    "mimeType": ('mimeType="text/xml"', 'mimeType="text/plain"'),
    "creationTime": ("20261122100000", "20261122100001"),
    "hash": ('name="hash"', 'name="empreinte"'),
    "les codes ou les auteurs": ('nodeRepresentation="11488-4"', 'nodeRepresentation="34112-3"'),
    "les codes ou les auteurs (auteur)": ("^DUPONT^Camille^", "^DUPOND^Camille^"),
    "les identifiants": ('value="2.25.', 'value="2.25.7'),
}


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_else_changes(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject], name: str
) -> None:
    entry = deposit()

    def edit(text: str) -> str:
        head, mark, tail = text.partition("<rim:ExtrinsicObject")
        old, new = CHANGES[name]
        assert old in tail
        return head + mark + tail.replace(old, new)

    answer = Update(ins, versions=((listed(writer, ins, entry.id), "1", (MASKED,)),), edit=edit).send(writer)
    assert answer.errors
    if name == "les identifiants":  # another uniqueId under a known lid
        assert answer.errors[0][0] == CHANGED
    else:
        assert (answer.errors[0][0], name.partition(" (")[0] in answer.errors[0][1]) == (CHANGED, True)
    assert stored(own, entry.unique_id).version == 1


def test_the_base_level_does_not_change(writer: Caller, ins: str, deposit: Callable[..., RegistryObject]) -> None:
    def edit(text: str) -> str:
        return text.replace('nodeRepresentation="N"', 'nodeRepresentation="R"')

    update = Update(ins, versions=((listed(writer, ins, deposit().id), "1", ()),), edit=edit)
    assert codes(update.send(writer)) == [OPERATION]


@pytest.mark.slow
def test_masked_and_invisible_where_the_parameter_allows_it(tmp_path: Path) -> None:
    loose = Tolerances(masked_and_invisible=True)
    with Sandbox(seeded(tmp_path / "loose"), tolerances=loose) as sandbox, Caller(sandbox.ready, "doctor") as caller:
        ins = sandbox.ready["patients"][0]["ins"]
        assert succeeded(Lot(ins, restrictions=(MASKED, HIDDEN)).send(caller))


# Who may


@pytest.mark.slow
def test_the_attending_doctor_does_all_but_delete_what_others_wrote(
    own: Sandbox, writer: Caller, stories: dict[str, str]
) -> None:
    ins = stories["chronic"]
    entry = by_others(own, ins)
    assert succeeded(Update(ins, versions=((listed(writer, ins, entry.id), "1", (MASKED,)),)).send(writer))
    masked = stored(own, entry.unique_id)
    assert succeeded(Update(ins, versions=((listed(writer, ins, masked.id), "2", ()),)).send(writer))
    shown = stored(own, entry.unique_id)
    assert succeeded(Update(ins, ((shown.id, APPROVED, ARCHIVED),)).send(writer))
    assert Update(ins, ((shown.id, ARCHIVED, DELETED),)).send(writer).fault[0] == DENIED
    assert succeeded(Update(ins, ((shown.id, ARCHIVED, APPROVED),)).send(writer))


def test_the_attending_doctor_archives_and_deletes_what_the_patient_deposited(
    own: Sandbox, writer: Caller, stories: dict[str, str]
) -> None:
    ins = stories["chronic"]
    entries = own.registry.objects(ins, Kind.ENTRY)
    entry = next(e for e in entries if any(code.node == "90" for code in e.classifications))
    assert succeeded(Update(ins, ((entry.id, APPROVED, ARCHIVED),)).send(writer))
    assert succeeded(Update(ins, ((entry.id, ARCHIVED, DELETED),)).send(writer))


def test_a_doctor_keeps_to_her_own_documents(own: Sandbox, writer: Caller, ins: str) -> None:
    entry = by_others(own, ins)
    for new in (ARCHIVED, DELETED):
        assert Update(ins, ((entry.id, APPROVED, new),)).send(writer).fault[0] == DENIED
    hidden = next(
        found
        for found in own.registry.objects(ins, Kind.ENTRY)
        if HIDDEN in found.confidentiality and not found.is_signature and found.status == APPROVED
    )
    row = listed(writer, ins, hidden.id)
    assert succeeded(Update(ins, versions=((row, "1", ()),)).send(writer)), "showing to the patient is for all"


def test_who_masks_the_document_of_another_sees_it_no_more(
    own: Sandbox, writer: Caller, nurse: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    entry = deposit()
    vihf = by_card(nurse, ins, NURSE_ID)
    row = listed(writer, ins, entry.id)
    assert succeeded(Update(ins, versions=((row, "1", (MASKED,)),)).send(nurse, vihf))
    assert codes(Update(ins, versions=((row, "2", ()),)).send(nurse, vihf)) == [OPERATION]
    assert listed(writer, ins, stored(own, entry.unique_id).id) is not None


def test_unmasking_is_for_the_author(own: Sandbox, writer: Caller, ins: str) -> None:
    """A masked document somebody else wrote is seen by breaking the glass, and still cannot be unmasked."""
    entries = own.registry.objects(ins, Kind.ENTRY)
    masked = next(e for e in entries if e.status == APPROVED and MASKED in e.confidentiality and not hers(e))
    broken = replace(writer.vihf(ins), purpose="bris_de_glace")
    rows = writer.find(ins, broken).body.iter("{*}ExtrinsicObject")
    row = next(row for row in rows if row.get("id") == masked.id)
    assert Update(ins, versions=((row, "1", ()),)).send(writer, broken).fault[0] == DENIED
    assert codes(Update(ins, versions=((row, "1", ()),)).send(writer)) == [OPERATION]


def hers(entry: RegistryObject) -> bool:
    return any(value.startswith(DOCTOR.national_id) for value in entry.author_values("authorPerson"))


def test_the_same_through_pro_sante_connect(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    """In mode AIR nothing is fed, but documents are changed (reference §4)."""
    session = sign_in(own, DOCTOR.national_id)
    entry = deposit()
    with Caller(own.ready, "structure") as structure:
        vihf = by_air(structure, ins, session)
        row = listed(writer, ins, entry.id)
        assert succeeded(Update(ins, versions=((row, "1", (MASKED,)),)).send(structure, vihf))
        current = stored(own, entry.unique_id)
        assert Update(ins, ((by_others(own, ins).id, APPROVED, DELETED),)).send(structure, vihf).fault[0] == DENIED
        assert succeeded(Update(ins, ((current.id, APPROVED, DELETED),)).send(structure, vihf))


@pytest.mark.parametrize(("fault", "kept"), [("drop_before_commit", 1), ("drop_after_commit", 2)])
def test_a_connection_lost_during_an_update(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject], fault: str, kept: int
) -> None:
    """Whoever sends again learns what became of it: accepted, or the version is no longer the one it knew."""
    entry = deposit()
    update = Update(ins, versions=((listed(writer, ins, entry.id), "1", (MASKED,)),))
    setattr(own.faults, fault, 1)
    with pytest.raises((http.client.HTTPException, OSError)):
        update.send(writer)
    writer.close()
    assert stored(own, entry.unique_id).version == kept
    expected = [] if kept == 1 else ["XDSDuplicateUniqueIdInRegistry"]
    assert codes(update.send(writer)) == expected
    if kept == 2:
        other = Update(ins, versions=update.versions)
        assert codes(other.send(writer)) == [VERSION]
    assert stored(own, entry.unique_id).version == 2


def test_of_two_updates_at_once_one_is_refused(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    entry = deposit()
    row = listed(writer, ins, entry.id)
    with ThreadPoolExecutor(4) as pool, ExitStack() as opened:
        callers = [opened.enter_context(Caller(own.ready, "doctor")) for _ in range(4)]
        answers = pool.map(lambda caller: codes(Update(ins, versions=((row, "1", (MASKED,)),)).send(caller)), callers)
        assert sorted(answers) == [[], [VERSION], [VERSION], [VERSION]]
    assert stored(own, entry.unique_id).version == 2


@pytest.mark.parametrize("purpose", ["bris_de_glace", "centre_15"])
def test_updates_only_in_the_normal_mode(
    writer: Caller, ins: str, deposit: Callable[..., RegistryObject], purpose: str
) -> None:
    entry = deposit()
    vihf = replace(writer.vihf(ins), purpose=purpose)
    assert Update(ins, ((entry.id, APPROVED, DELETED),)).send(writer, vihf).fault[0] == DENIED
    row = listed(writer, ins, entry.id)
    assert Update(ins, versions=((row, "1", (MASKED,)),)).send(writer, vihf).fault[0] == DENIED


def test_the_office_deletes_the_documents_of_the_structure_and_does_nothing_else(
    own: Sandbox, writer: Caller, office: Caller, ins: str, deposit: Callable[..., RegistryObject]
) -> None:
    own.registry.put_access(ins, CABINET.id, Authorization.VALIDE, False, START)
    entry = deposit()
    row = listed(writer, ins, entry.id)
    with Caller(own.ready, "structure") as structure:
        for caller in (office, structure):
            assert Update(ins, versions=((row, "1", (MASKED,)),)).send(caller).fault[0] == DENIED
            assert Update(ins, ((entry.id, APPROVED, ARCHIVED),)).send(caller).fault[0] == DENIED
            assert Update(ins, ((by_others(own, ins).id, APPROVED, DELETED),)).send(caller).fault[0] == DENIED
            mine = deposit()
            assert succeeded(Update(ins, ((mine.id, APPROVED, DELETED),)).send(caller))


@pytest.mark.parametrize(
    ("story", "code"),
    [("closed", "DMPClosed"), ("none", "DMPNotFound"), ("forbidden", DENIED[5:]), ("opposed", DENIED[5:])],
)
def test_records_that_cannot_be_changed(writer: Caller, stories: dict[str, str], story: str, code: str) -> None:
    update = Update(stories[story], (("urn:uuid:00000000-0000-4000-8000-000000000001", APPROVED, DELETED),))
    assert update.send(writer).fault[0] == f"soap:{code}"


# The rules of the message

Edit = Callable[[str], str]


def change(old: str, new: str, count: int = -1) -> Edit:
    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, count)

    return edit


def drop(name: str) -> Edit:
    """Without the first slot of that name."""

    def edit(text: str) -> str:
        start = text.index(f'<Slot name="{name}">')
        return text[:start] + text[text.index("</Slot>", start) + len("</Slot>") :]

    return edit


def add(before: str, piece: str) -> Edit:
    return change(before, piece + before, 1)


UUID = "urn:uuid:00000000-0000-4000-8000-000000000001"
LINK = f'<Association id="x" associationType="@" sourceObject="set" targetObject="{UUID}"/>'
FOLDER = '<RegistryPackage id="folder"><Classification id="y" classifiedObject="folder" classificationNode="urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"/></RegistryPackage>'
END = "</RegistryObjectList>"
STATUS, MASK = "status", "mask"
VIOLATIONS: dict[str, list[tuple[str, Edit]]] = {
    "one_submission_set": [(STATUS, change("a54d6aa5-d40d-43f9-88c5-b4633d873bdd", "0" * 8))],
    "unique_id_syntax": [(STATUS, change('value="2.25.', 'value="x.25.'))],
    "patient_is_that_of_vihf": [(STATUS, change("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.8"))],
    "slots_well_formed": [(STATUS, add('<Slot name="submissionTime">', slot("submissionTime", "2026")))],
    "authors_valid": [(STATUS, change("Cabinet des Lilas^", "^"))],
    "submission_set_complete": [(STATUS, drop("submissionTime")), (STATUS, change('value="1.2.250.1.999.1"', 'value="x"'))],
    "patient_ids_agree": [(MASK, change('value="2790351215189', 'value="1790351215189', 1))],
    "confidentiality_valid": [(MASK, change('nodeRepresentation="MASQUE_PS"', 'nodeRepresentation="SECRET"'))],
    "codes_complete": [(MASK, change('nodeRepresentation="11488-4"', 'nodeRepresentation=""'))],
    "changes_something": [(STATUS, lambda text: text[: text.index("<Association")] + END + text[text.index("</lcm:") :])],
    "updates_only": [
        (STATUS, change("UpdateAvailabilityStatus", "NonVersioningUpdate")),
        (STATUS, add(END, LINK.replace("@", "urn:ihe:iti:2007:AssociationType:RPLC"))),
        (STATUS, change('sourceObject="set"', f'sourceObject="{UUID}"')),
        (STATUS, add("<Association", FOLDER)),
    ],
    "versions_numbered": [
        (MASK, drop("PreviousVersion")),
        (MASK, change('PreviousVersion"><ValueList><Value>1<', 'PreviousVersion"><ValueList><Value>un<')),
        (MASK, change('PreviousVersion"><ValueList><Value>1<', 'PreviousVersion"><ValueList><Value>0<')),
        (MASK, change("<Value>Original</Value>", "<Value>Reference</Value>")),
        (MASK, change('targetObject="doc0"', f'targetObject="{UUID}"')),
        (MASK, lambda text: text[: text.index("<Association")] + END + text[text.index("</lcm:") :]),
    ],
    "logical_ids_valid": [
        (MASK, lambda text: re.sub(r' lid="[^"]*"', "", text)),
        (MASK, lambda text: re.sub(r' lid="[^"]*"', ' lid="logique"', text)),
        (MASK, lambda text: re.sub(r'"doc0"', re.search(r' lid=("[^"]*")', text)[1], text)),  # type: ignore[index]
    ],
    "statuses_told": [
        (STATUS, drop("OriginalStatus")),
        (STATUS, drop("NewStatus")),
        (STATUS, change("StatusType:Archived", "StatusType:Shredded")),
        (STATUS, lambda text: re.sub(r'targetObject="[^"]*"', 'targetObject="1.2.3"', text)),
    ],
    "documents_changed_once": [
        (STATUS, lambda text: text.replace(END, text[text.index("<Association") : text.index(END)].replace('id="urn:uuid:', 'id="urn:uuid:9') + END)),
    ],
}  # fmt: skip


def test_every_rule_of_updates_has_its_violation() -> None:
    assert {rule.__name__ for rule in set(update_checks.RULES) - set(METADATA)} <= set(VIOLATIONS)


@pytest.mark.parametrize(
    ("rule", "rank"), [(rule, rank) for rule, every in VIOLATIONS.items() for rank in range(len(every))]
)
def test_each_rule_refuses(
    own: Sandbox, writer: Caller, ins: str, deposit: Callable[..., RegistryObject], rule: str, rank: int
) -> None:
    kind, edit = VIOLATIONS[rule][rank]
    entry = deposit()
    update = Update(ins, ((entry.id, APPROVED, ARCHIVED),), edit=edit)
    if kind == MASK:
        update = Update(ins, versions=((listed(writer, ins, entry.id), "1", (MASKED,)),), edit=edit)
    errors = update.send(writer).errors
    expected = next(code for found, code in update_checks.RULES.items() if found.__name__ == rule)
    assert (expected, rule) in [(code, context.partition(" :")[0]) for code, context in errors]
    kept = stored(own, entry.unique_id)
    assert (kept.version, kept.status) == (1, APPROVED)


def test_the_action_and_the_body_go_together(writer: Caller, ins: str) -> None:
    body = Update(ins, ((UUID, APPROVED, DELETED),)).body()
    assert writer.call("/registry", QUERY, body, ins).status == 500
    assert writer.call("/repository", UPDATE, body, ins).status == 500
    assert writer.call("/registry", UPDATE, "<x/>", ins).fault[0] == "soap:DMPInvalidMessage"


@pytest.mark.slow
def test_a_store_of_before_updates_is_taken_over(tmp_path: Path) -> None:
    """Its uniqueIds could not occur twice: a version of metadata would have pushed out the one before."""
    with Sandbox(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "dmp.sqlite")) as database:
        database.execute("DROP INDEX object_by_unique_id")
        database.execute("CREATE UNIQUE INDEX object_unique_id ON object (unique_id)")
    with Sandbox(tmp_path) as sandbox, Caller(sandbox.ready, "doctor") as caller:
        ins = sandbox.ready["patients"][0]["ins"]
        row = next(caller.find(ins).body.iter("{*}ExtrinsicObject"))
        restrictions = () if MASKED in stored(sandbox, row.get("id")).confidentiality else (MASKED,)
        assert succeeded(Update(ins, versions=((row, "1", restrictions),)).send(caller))
