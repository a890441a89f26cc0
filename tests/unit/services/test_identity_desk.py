"""Identities as the window works on them: whose record opens, what a lost number closes, the carte Vitale read last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import DocumentKind, Doubt, StrictTraits
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome
from dmp_desktop.domain.people import Patient, Role, Sex
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients, patient_of
from dmp_desktop.services.feeding import NO_RULES
from dmp_desktop.services.identity import REFUSED_FR
from dmp_desktop.services.identity_desk import IdentityDesk, LastVitale, guarded
from dmp_desktop.services.identity_patient import applied
from dmp_desktop.services.patient_entries import PatientEntries
from tests.helpers.identities import Practice, ScriptedInsi, found, number, practice, told

CHILD = StrictTraits("TEST-OUVRANT", "ROSE", "ROSE", Sex.FEMALE, date(2015, 7, 14), "63113")
OWN, PARENT = number("2150763113019"), number("1810663113042")
ON_CARD = Beneficiary("TEST-OUVRANT", "ROSE", "20150714", PARENT.value, 2)
FATHER = Beneficiary("TEST-OUVRANT", "HUGO", "19810607", PARENT.value, 1)
CARD = VitaleIdentity((FATHER, ON_CARD), "pcsc")
GIVEN = Patient(
    InsIdentity(OWN.value, OWN.oid, InsStatus.QUALIFIEE), "TEST-OUVRANT", "ROSE", "ROSE", Sex.FEMALE, date(2015, 7, 14),
    "63113", "Clermont", phone="tel:0102030405",
)  # fmt: skip


class Reader:
    def read(self, reader: str) -> VitaleIdentity:
        if not reader:
            raise CardError("card.mute", "La carte ne répond pas.")
        return CARD


class World:
    """A practice whose software knows `given`; `role` signed in."""

    def __init__(self, practice: Practice, insi: ScriptedInsi, *given: Patient) -> None:
        self.practice, self.insi, self.role = practice, insi, Role.DOCTOR
        self.vitale = LastVitale(Reader(), practice.clock)
        self.directory = IdentifiedPatients(KnownPatients(given), practice.service)
        self.desk = IdentityDesk(practice.service, self.directory, self.vitale, lambda: self.role)


@pytest.fixture
def insi() -> ScriptedInsi:
    return ScriptedInsi(lambda _: found(told(CHILD), OWN.value[:13]))


@pytest.fixture
def kept(tmp_path: Path, insi: ScriptedInsi) -> Iterator[Practice]:
    with practice(tmp_path, insi) as opened:
        yield opened


@pytest.fixture
def world(kept: Practice, insi: ScriptedInsi) -> World:
    return World(kept, insi)


def test_a_card_that_is_unknown_then_known(world: World) -> None:
    assert world.directory.match(ON_CARD) is None
    assert world.desk.unknown() == ON_CARD
    world.vitale.read("slot")
    assert world.desk.card() == CARD.beneficiaries
    proposal = world.desk.ask_by_vitale(ON_CARD)
    assert world.directory.match(ON_CARD) is None  # asked, not taken
    identity = world.desk.accept(proposal)
    assert world.directory.match(ON_CARD) is None  # taken, no document seen
    identity = world.desk.see_document(identity, DocumentKind.FAMILY_BOOK)
    patient = world.directory.match(ON_CARD)
    assert patient is not None
    assert patient == patient_of(identity) == world.desk.patient(identity)
    assert patient.ins.status is InsStatus.QUALIFIEE
    assert world.desk.unknown() is None
    assert world.directory.match(FATHER) is None
    (person,) = world.desk.find(identity)
    world.desk.forget()  # the next session: by her own number, not by the card of her father
    assert world.directory.match(ON_CARD) is None
    assert world.directory.match(person) == patient


def test_both_at_one_touch(world: World) -> None:
    proposal = world.desk.ask(world.desk.known(CHILD))
    assert world.desk.take_with_document(proposal, DocumentKind.CNI).status is InsStatus.QUALIFIEE


def test_a_patient_of_the_practice_software_stands_until_something_else_is_learned(
    kept: Practice, insi: ScriptedInsi
) -> None:
    world = World(kept, insi, GIVEN)
    identity = world.desk.of_patient(GIVEN)
    assert (identity.status, identity.matricule) == (InsStatus.RECUPEREE, replace(OWN, since=None))
    assert world.desk.still(GIVEN) == GIVEN
    world.desk.accept(world.desk.ask(identity))  # INSi says the same: what the practice said of a document still holds
    assert world.desk.still(GIVEN) == GIVEN
    world.desk.see_document(world.desk.of_patient(GIVEN), DocumentKind.CNI)
    assert world.desk.still(GIVEN) == GIVEN


def test_only_who_is_qualified_here_by_the_same_traits_lets_leave_what_waits(
    kept: Practice, insi: ScriptedInsi
) -> None:
    """A document that was kept for somebody under a wrong number must not leave to whose number it is."""
    world = World(kept, insi, GIVEN)
    qualified = guarded(NO_RULES, kept.service).qualified
    accepted = world.desk.accept(world.desk.ask(world.desk.known(CHILD)))
    waiting = replace(GIVEN, ins=InsIdentity(OWN.value, OWN.oid, InsStatus.RECUPEREE))
    assert not qualified(waiting)
    world.desk.see_document(accepted, DocumentKind.CNI)
    assert qualified(waiting)
    assert not qualified(replace(waiting, birth_family="TEST-AUTRE"))
    assert not qualified(replace(waiting, ins=replace(waiting.ins, oid=f"{OWN.oid}.1")))
    assert not qualified(replace(waiting, ins=replace(waiting.ins, value="1")))


LOST = pytest.mark.parametrize("lose", ["correct", "birth", "doubt", "refuse"])


@LOST
def test_a_lost_number_closes_and_nothing_leaves(kept: Practice, insi: ScriptedInsi, lose: str) -> None:
    world = World(kept, insi, GIVEN)
    identity = world.desk.of_patient(GIVEN)
    rules = guarded(NO_RULES, kept.service)
    rules.may_feed(GIVEN.ins)
    if lose == "correct":
        identity = world.desk.correct(identity, replace(CHILD, birth_family="TEST-AUTRE"))
    elif lose == "birth":
        identity = world.desk.correct(identity, replace(CHILD, birth_date=date(2015, 7, 15)))
    elif lose == "doubt":
        identity = world.desk.doubt(identity, Doubt.DOUBTFUL)
    else:
        insi.answer = lambda _: InsiAnswer(InsiOutcome.NONE)
        proposal = world.desk.ask(identity)
        assert (proposal.traits, proposal.said) == (None, REFUSED_FR)
        assert proposal.identity is not None
        identity = proposal.identity
        assert world.desk.to_review() == [identity]
    assert identity.matricule is None
    assert world.desk.still(GIVEN) is None
    with pytest.raises(ContextError) as caught:
        rules.may_feed(GIVEN.ins)
    assert caught.value.code == "identity.withdrawn"
    assert GIVEN.ins.value not in str(caught.value)
    if lose == "birth":
        return  # INSi's answer for another day of birth is another story
    insi.answer = lambda _: found(told(CHILD), OWN.value[:13])
    if lose == "doubt":
        identity = world.desk.clear(identity)
    world.desk.take_with_document(world.desk.ask(identity), DocumentKind.PASSPORT)
    assert world.desk.still(GIVEN) is not None
    rules.may_feed(GIVEN.ins)


def test_several_people_take_no_number_away(kept: Practice, insi: ScriptedInsi) -> None:
    world = World(kept, insi, GIVEN)
    insi.answer = lambda _: InsiAnswer(InsiOutcome.SEVERAL)
    assert world.desk.ask(world.desk.of_patient(GIVEN)).traits is None
    assert world.desk.still(GIVEN) == GIVEN


def test_a_former_number_is_still_hers(kept: Practice, insi: ScriptedInsi) -> None:
    world = World(kept, insi, GIVEN)
    insi.answer = lambda _: found(told(CHILD), "2150763113027", OWN.value[:13])
    proposal = world.desk.ask(world.desk.of_patient(GIVEN))
    assert proposal.traits is not None
    assert world.desk.still(GIVEN) == GIVEN


def test_who_may_correct_what_insi_told(world: World) -> None:
    identity = world.desk.accept(world.desk.ask(world.desk.known(CHILD)))
    for role, may in (
        (Role.SECRETARY, False),
        (Role.TRAINEE, False),
        (Role.DOCTOR, True),
        (Role.OTHER_PROFESSIONAL, True),
    ):
        world.role = role
        assert world.desk.may_correct() is may
    world.role = Role.SECRETARY
    with pytest.raises(ContextError, match=r"identity\.locked"):
        world.desk.correct(identity, replace(CHILD, birth_family="TEST-AUTRE"))


def test_another_card_or_none_is_not_asked_for(world: World) -> None:
    for person in (ON_CARD, replace(ON_CARD, nir=OWN.value)):
        with pytest.raises(CardError, match=r"card\.vitale_other"):
            world.desk.ask_by_vitale(person)
        world.vitale.read("slot")
    with pytest.raises(CardError, match=r"card\.mute"):
        world.vitale.read("")
    assert world.desk.card() == ()  # what could not be read leaves nobody before the eyes
    world.vitale.read("slot")
    assert world.insi.asked == []


def test_a_scanned_code_is_a_key_to_search_with(world: World) -> None:
    code = ins_message(GIVEN)
    identity = world.desk.scanned(code)
    assert (identity.status, identity.matricule, identity.traits.name) == (InsStatus.PROVISOIRE, None, CHILD.name)
    kept = world.desk.accept(world.desk.ask(identity))
    assert world.desk.scanned(code) == kept


def test_an_unknown_code_fills_the_page_and_proves_nothing(world: World) -> None:
    entries = PatientEntries(world.directory, None, world.desk.remember)
    printed = ins_message(GIVEN)
    (person,) = entries.from_scanner(printed)
    assert world.directory.match(person) is None
    identity = world.desk.presented(person)
    assert identity is not None
    assert (identity.traits.birth_family, identity.traits.sex, identity.traits.birth_place_cog) == (
        "TEST-OUVRANT",
        Sex.FEMALE,
        "63113",
    )
    assert (identity.matricule, identity.status) == (None, InsStatus.PROVISOIRE)
    assert world.insi.asked == []
    assert world.desk.presented(ON_CARD) is None  # told by a card
    world.desk.forget()
    assert world.desk.presented(person) is None


def test_the_code_of_somebody_known_is_not_kept(kept: Practice, insi: ScriptedInsi) -> None:
    world = World(kept, insi, GIVEN)
    entries = PatientEntries(world.directory, None, world.desk.remember)
    unknown = replace(GIVEN, ins=replace(GIVEN.ins, value=PARENT.value), birth_family="TEST-AUTRE")
    (person,) = entries.from_scanner(ins_message(unknown))
    assert world.desk.presented(person) is not None
    (known,) = entries.from_scanner(ins_message(GIVEN))
    assert world.desk.presented(person) is None
    assert world.desk.presented(known) is None


def test_rule_26_used_names_and_addresses_change_whatever_the_status(kept: Practice, insi: ScriptedInsi) -> None:
    """INS/va1.48: the practice's software changes them, the strict traits stay those of INSi."""
    world = World(kept, insi, GIVEN)
    identity = world.desk.of_patient(GIVEN)
    for act in (
        lambda: world.desk.accept(world.desk.ask(identity)),
        lambda: world.desk.see_document(world.desk.known(CHILD), DocumentKind.FAMILY_BOOK),
    ):
        status = act().status
        changed = replace(
            GIVEN, used_family="TEST-USAGE", used_given="ROSIE", phone="tel:0600000000", birth_family="Faux"
        )
        known = applied(changed, world.desk.known(CHILD))
        assert (known.used_family, known.used_given, known.phone) == ("TEST-USAGE", "ROSIE", "tel:0600000000")
        assert (known.birth_family, known.ins.status) == ("TEST-OUVRANT", status)


LOST_NUMBER, NEW_NUMBER = OWN.value, number("2150763113027")


def test_a_former_number_opens_the_record_of_who_had_it_under_the_present_one(
    kept: Practice, insi: ScriptedInsi
) -> None:
    """The practice software still tells the number that INSi replaced."""
    world = World(kept, insi, GIVEN)
    qualified = world.desk.take_with_document(world.desk.ask(world.desk.of_patient(GIVEN)), DocumentKind.CNI)
    insi.answer = lambda _: found(told(CHILD), NEW_NUMBER.value[:13], OWN.value[:13])
    renumbered = world.desk.accept(world.desk.ask(qualified))
    assert world.desk.still(GIVEN) is None  # the document is to be seen again
    world.desk.see_document(renumbered, DocumentKind.PASSPORT)
    now = world.desk.still(GIVEN)
    assert now is not None
    assert now.ins.value == NEW_NUMBER.value
    world.desk.doubt(world.desk.of_patient(GIVEN), Doubt.FICTITIOUS)
    assert world.desk.still(GIVEN) is None
    for ins in (GIVEN.ins, now.ins):
        with pytest.raises(ContextError, match=r"identity\.withdrawn"):
            guarded(NO_RULES, kept.service).may_feed(ins)


def test_a_lost_number_opens_nobody_once_another_was_taken(kept: Practice, insi: ScriptedInsi) -> None:
    world = World(kept, insi, GIVEN)
    other = replace(CHILD, birth_family="TEST-AUTRE")
    corrected = world.desk.correct(world.desk.of_patient(GIVEN), other)
    insi.answer = lambda _: found(told(other), NEW_NUMBER.value[:13])
    world.desk.take_with_document(world.desk.ask(corrected), DocumentKind.PASSPORT)
    assert world.desk.still(GIVEN) is None
    with pytest.raises(CardError) as refused:
        world.desk.scanned(ins_message(GIVEN))
    assert refused.value.code == "card.scan_other"


def test_neither_a_code_nor_an_open_patient_is_taken_for_a_homonym(kept: Practice, insi: ScriptedInsi) -> None:
    given = replace(
        GIVEN, ins=replace(GIVEN.ins, value=NEW_NUMBER.value), birth_given="ROSE LOU", birth_place_cog="13055"
    )
    world = World(kept, insi, given)
    first = world.desk.take_with_document(world.desk.ask(world.desk.known(CHILD)), DocumentKind.PASSPORT)
    scanned = world.desk.scanned(ins_message(given))
    assert (scanned.traits.birth_given, scanned.matricule, scanned.status) == ("ROSE LOU", None, InsStatus.PROVISOIRE)
    opened = world.desk.of_patient(given)
    assert opened.matricule is not None
    assert opened.matricule.value == NEW_NUMBER.value
    insi.answer = lambda _: InsiAnswer(InsiOutcome.NONE)
    world.desk.ask(opened)
    assert world.desk.still(given) is None
    assert kept.service.now(first) == first


def test_a_card_means_who_was_taken_and_not_the_twin_that_insi_named(world: World) -> None:
    twin = replace(CHILD, first_given="LILY", birth_given="LILY")
    world.insi.answer = lambda _: found(told(twin), OWN.value[:13])
    world.vitale.read("slot")
    first = world.desk.take_with_document(world.desk.ask(world.desk.known(twin)), DocumentKind.PASSPORT)
    proposal = world.desk.ask_by_vitale(ON_CARD)
    assert not proposal.as_on_card
    assert world.directory.match(ON_CARD) is None
    assert world.desk.accept(proposal) == first
    assert world.directory.match(ON_CARD) is None
