"""What the dialog on a document offers, in whose name it changes, what it takes back, and what is on the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.dmp.metadata import SIGNATURE_CLASS
from dmp_desktop.dmp.names import HAS_MEMBER, RPLC
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.documents import (
    Association,
    Author,
    Availability,
    Code,
    DocumentEntry,
    SubmissionSummary,
    Visibility,
)
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.document_changes import Change, Offer
from dmp_desktop.services.rights import Whose
from dmp_desktop.services.special_access import Reason
from tests.helpers.access_world import CABINET, DOCTOR, ModalDmp, World
from tests.helpers.outbox import PATIENT, built

MASKED, HIDDEN, PARENTS = Visibility
ME, OTHER = DOCTOR.national_id, "810009999999"
PATIENT_CLASS = Code("90", "1.2.250.1.213.1.1.4.1", "Documents du patient")


class Noting(ModalDmp):
    """Also tells of which entries changes were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: list[DocumentEntry] = []

    def set_visibility(self, patient: InsIdentity, entry: DocumentEntry, visibility: frozenset[Visibility]) -> None:
        self.touched.append(entry)
        super().set_visibility(patient, entry, visibility)

    def set_status(self, patient: InsIdentity, entry: DocumentEntry, status: Availability) -> None:
        self.touched.append(entry)
        super().set_status(patient, entry, status)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "a.db")
    world.dmp = Noting()
    world.dmp.registered[0] = (document(world), b"lu")
    yield world
    world.database.close()


def document(world: World, by: str = ME, seen: frozenset[Visibility] = frozenset(), **changes: object) -> DocumentEntry:
    codes = tuple(Code(one.code, "1.2.250.1.213.1.1.4.13") for one in seen)
    return replace(world.dmp.registered[0][0], authors=(Author(person_id=by),), confidentiality=codes, **changes)  # type: ignore[arg-type]


def able(offers: tuple[Offer, ...]) -> set[Change]:
    return {offer.change for offer in offers if offer.why is None}


def final(offers: tuple[Offer, ...]) -> set[Change]:
    return {offer.change for offer in offers if offer.final}


def test_the_author_may_do_everything_and_mask_can_be_taken_back(world: World) -> None:
    offers = world.properties.offers(PATIENT, document(world), attending=False)
    assert [offer.change for offer in offers] == [Change.MASK, Change.ARCHIVE, Change.DELETE]
    assert able(offers) == {Change.MASK, Change.ARCHIVE, Change.DELETE}
    assert final(offers) == {Change.DELETE}
    assert world.dmp.asked == []


def test_of_others_only_the_mask_and_it_is_for_good(world: World) -> None:
    """Who is neither the author nor the attending doctor could not see it any more."""
    offers = world.properties.offers(PATIENT, document(world, OTHER), attending=False)
    assert able(offers) == {Change.MASK}
    assert final(offers) == {Change.MASK, Change.DELETE}
    assert "auteur" in str(next(one.why for one in offers if one.change is Change.DELETE))


def test_the_attending_doctor_unmasks_and_archives_what_others_wrote(world: World) -> None:
    offers = world.properties.offers(PATIENT, document(world, OTHER, frozenset({MASKED})), attending=True)
    assert able(offers) == {Change.UNMASK, Change.ARCHIVE}
    assert final(offers) == {Change.DELETE}
    offers = world.properties.offers(PATIENT, document(world, OTHER), attending=True)
    assert Change.MASK not in final(offers)


def test_what_comes_from_the_patient_is_deleted_by_the_attending_doctor_alone(world: World) -> None:
    entry = document(world, "", class_code=PATIENT_CLASS)
    assert world.properties.whose(entry) is Whose.PATIENT
    for attending in (False, True):
        offers = world.properties.offers(PATIENT, entry, attending=attending)
        assert (Change.DELETE in able(offers)) is attending


def test_hidden_is_shown_for_good_and_archived_is_taken_up(world: World) -> None:
    hidden = document(world, seen=frozenset({HIDDEN, PARENTS}), status=Availability.ARCHIVED)
    offers = world.properties.offers(PATIENT, hidden, attending=False)
    assert [offer.change for offer in offers] == [
        Change.MASK, Change.SHOW_PATIENT, Change.SHOW_REPRESENTATIVES, Change.RESTORE, Change.DELETE,
    ]  # fmt: skip
    assert able(offers) == {Change.SHOW_PATIENT, Change.SHOW_REPRESENTATIVES, Change.RESTORE, Change.DELETE}
    assert "à la fois" in str(offers[0].why), "masked and hidden from the patient at once"
    assert final(offers) == {Change.SHOW_PATIENT, Change.SHOW_REPRESENTATIVES, Change.DELETE}


@pytest.mark.parametrize(
    ("status", "left"),
    [(Availability.DEPRECATED, {Change.DELETE}), (Availability.DELETED, set()), (Availability.UNKNOWN, set())],
)
def test_a_state_no_right_helps_against(world: World, status: Availability, left: set[Change]) -> None:
    assert able(world.properties.offers(PATIENT, document(world, status=status), attending=True)) == left


def test_nothing_is_offered_while_the_glass_is_broken(world: World) -> None:
    world.access.special.break_glass(PATIENT, Reason.IMMEDIATE_RISK)
    offers = world.properties.offers(PATIENT, document(world), attending=False)
    assert able(offers) == set()
    assert {offer.why for offer in offers} == {"Rien ne se change pendant un accès en urgence."}


def test_nothing_is_offered_without_a_card(world: World) -> None:
    world.who = None
    assert able(world.properties.offers(PATIENT, document(world), attending=True)) == set()


def test_the_cabinet_s_documents_are_known_by_its_number(world: World) -> None:
    of_cabinet = replace(document(world), authors=(Author(person_id=OTHER, institution_id=CABINET.id),))
    assert world.properties.whose(of_cabinet) is Whose.STRUCTURE
    bare = replace(document(world), authors=())
    assert world.properties.whose(bare) is Whose.OTHER
    world.sign_in(Role.SECRETARY)
    assert world.properties.whose(bare) is Whose.STRUCTURE


def test_what_somebody_asked_for_is_not_done_in_the_name_of_who_came_since(world: World) -> None:
    entry = document(world)
    with pytest.raises(DmpError) as caught:
        world.properties.change(PATIENT, entry, Change.ARCHIVE, attending=False, by=OTHER)
    assert caught.value.code == "SessionChangee"
    world.properties.change(PATIENT, entry, Change.ARCHIVE, attending=False, by=ME)
    world.properties.change(PATIENT, entry, Change.MASK, attending=False, by=ME)
    assert world.dmp.asked == ["status ARCHIVED", "visibility ['masque_ps']"]


def test_nobody_left_changes_nothing(world: World) -> None:
    """The card was pulled between the click and the change."""
    entry = document(world)
    world.who = None
    with pytest.raises(ContextError, match="Insérez votre carte CPS"):
        world.properties.change(PATIENT, entry, Change.MASK, attending=False, by=ME)
    assert world.dmp.asked == []


@pytest.mark.parametrize(
    ("made", "now", "sent"),
    [
        (Change.MASK, {"seen": frozenset({MASKED})}, "visibility []"),
        (Change.UNMASK, {}, "visibility ['masque_ps']"),
        (Change.ARCHIVE, {"status": Availability.ARCHIVED}, "status APPROVED"),
        (Change.RESTORE, {}, "status ARCHIVED"),
    ],
)
def test_taken_back_from_the_document_as_it_is_now(
    world: World, made: Change, now: dict[str, object], sent: str
) -> None:
    """Its version is another one since: the one the window holds would be refused."""
    former = document(world, status=Availability.DEPRECATED, entry_uuid="urn:uuid:old")
    last = document(world, version=3, entry_uuid="urn:uuid:new", **now)  # type: ignore[arg-type]
    told_twice = replace(last, version=2, entry_uuid="urn:uuid:middle")  # a registry that has not withdrawn it yet
    world.dmp.registered[:] = [(former, b""), (told_twice, b""), (last, b"")]
    world.properties.take_back(PATIENT, former, made, attending=False, by=ME)
    assert world.dmp.asked == [sent]
    assert world.dmp.touched == [last]  # type: ignore[attr-defined]


def test_nothing_is_taken_back_in_the_name_of_who_came_since(world: World) -> None:
    masked = document(world, seen=frozenset({MASKED}))
    world.dmp.registered[:] = [(masked, b"")]
    with pytest.raises(DmpError) as caught:
        world.properties.take_back(PATIENT, masked, Change.MASK, attending=False, by=OTHER)
    assert caught.value.code == "SessionChangee"
    assert world.dmp.asked == []


def test_nothing_is_taken_back_of_what_is_gone(world: World) -> None:
    gone = document(world, status=Availability.DEPRECATED)
    for held in ([], [(gone, b"")]):
        world.dmp.registered[:] = held
        with pytest.raises(DmpError) as caught:
            world.properties.take_back(PATIENT, gone, Change.MASK, attending=False, by=ME)
        assert caught.value.code == "DocumentInconnu"
    assert world.dmp.asked == []


def test_what_has_no_way_back_has_none(world: World) -> None:
    for change in (Change.DELETE, Change.SHOW_PATIENT):
        with pytest.raises(KeyError):
            world.properties.take_back(PATIENT, document(world), change, attending=True, by=ME)
    assert world.dmp.asked == []


def test_the_shelf_holds_the_archived_and_the_replaced_and_no_former_metadata(world: World) -> None:
    names = ("active", "archived", "replaced", "metadata", "deleted", "signature")
    states = (
        Availability.APPROVED, Availability.ARCHIVED, Availability.DEPRECATED, Availability.DEPRECATED,
        Availability.DELETED, Availability.ARCHIVED,
    )  # fmt: skip
    held = [
        document(world, unique_id=name, entry_uuid=f"urn:uuid:{name}", status=status)
        for name, status in zip(names, states, strict=True)
    ]
    held[-1] = replace(held[-1], class_code=SIGNATURE_CLASS)
    world.dmp.registered[:] = [(entry, b"") for entry in held]
    world.dmp.links[:] = [
        Association(RPLC, "urn:uuid:active", "urn:uuid:replaced"),
        Association(HAS_MEMBER, "urn:uuid:active", "urn:uuid:metadata"),
    ]
    found, links = world.properties.shelved(PATIENT)
    assert {entry.unique_id for entry in found} == {"archived", "replaced"}
    assert links == [world.dmp.links[0]]
    assert world.dmp.asked == ["find"]


def test_the_shelf_of_who_objects_is_not_asked_for(world: World) -> None:
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    with pytest.raises(DmpError) as caught:
        world.properties.shelved(PATIENT)
    assert caught.value.code == "ConsultationOpposee"
    assert world.dmp.asked == []


def test_the_shelf_without_a_card(world: World) -> None:
    world.who = None
    with pytest.raises(CardError):
        world.properties.shelved(PATIENT)


def test_when_it_came_is_what_its_submission_tells(world: World) -> None:
    """Not when it was written, and not when another one of the same patient came."""
    entry = document(world)
    others = [
        SubmissionSummary(f"urn:uuid:set {day}", f"2.25.9{day}", entry.creation_time + timedelta(days=day), Author())
        for day in (1, 3, 8)
    ]
    world.dmp.sets[:] = others
    world.dmp.links[:] = [
        Association(HAS_MEMBER, "urn:uuid:set 3", entry.entry_uuid),
        Association(HAS_MEMBER, "urn:uuid:set 8", entry.entry_uuid),
        Association(HAS_MEMBER, "urn:uuid:set 1", "urn:uuid:another"),
    ]
    assert world.properties.deposited(PATIENT, entry) == entry.creation_time + timedelta(days=3)
    late_clock = replace(entry, creation_time=entry.creation_time + timedelta(days=3, hours=20))
    assert world.properties.deposited(PATIENT, late_clock) == entry.creation_time + timedelta(days=3)


def test_when_it_came_is_not_made_up(world: World) -> None:
    entry = document(world)
    assert world.properties.deposited(PATIENT, entry) is None
    world.dmp.sets[:] = [SubmissionSummary("urn:uuid:set", "2.25.9", entry.creation_time, Author())]
    world.dmp.links[:] = [Association(HAS_MEMBER, "urn:uuid:set", entry.entry_uuid)]
    assert world.properties.deposited(PATIENT, entry) == entry.creation_time
    assert world.properties.deposited(PATIENT, replace(entry, version=2)) is None, "the day its metadata changed"
    world.access.oppositions.record(PATIENT, Subject.CONSULTATION, opposed=True)
    with pytest.raises(DmpError):
        world.properties.deposited(PATIENT, entry)


def test_what_was_sent_from_here_and_deleted_says_so_in_the_outbox(world: World) -> None:
    world.outbox.enqueue(PATIENT, built(1), undo_delay=timedelta(0))
    world.outbox.deliver_due()
    entry = replace(document(world), unique_id="2.25.1")
    world.properties.set_status(PATIENT, entry, Availability.ARCHIVED, attending=False, by=ME)
    assert world.outbox.items()[0].state is OutboxState.SENT
    world.properties.set_status(PATIENT, entry, Availability.DELETED, attending=False, by=ME)
    assert world.outbox.items()[0].state is OutboxState.DELETED
