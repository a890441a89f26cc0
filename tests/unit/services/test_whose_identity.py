"""Whose row, whose number, whose word: whatever INSi answers and whoever is before a page that is old by now."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.identity import DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome
from dmp_desktop.domain.people import Facility, Patient, Professional, Role, Sex
from dmp_desktop.errors import CardError, ContextError
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients
from dmp_desktop.services.identity_desk import IdentityDesk, LastVitale
from dmp_desktop.services.identity_patient import applied
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.services.known_numbers import known_numbers
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.sign_in import Account
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.identities import ACTOR, KEY, ScriptedInsi, found, number, practice, told

DAY, CHILDREN = date(1985, 3, 12), date(2015, 7, 14)
LEA = StrictTraits("TEST-MARTIN", "LEA", "LEA", Sex.FEMALE, DAY, "51454")
RENAMED = replace(LEA, birth_family="TEST-MARTINEZ")
JULIE = StrictTraits("TEST-DURAND", "JULIE", "JULIE", Sex.FEMALE, DAY, "75056")
LUCAS = StrictTraits("TEST-PETIT", "LUCAS", "LUCAS", Sex.MALE, CHILDREN, "63113")
HUGO = replace(LUCAS, first_given="HUGO", birth_given="HUGO")
PEOPLE = (LEA, RENAMED, JULIE, LUCAS, HUGO)
NUMBERS = ("2850351454123", "2850313055012", "1150763113019")
A, B, C = (number(one).value for one in NUMBERS)
PARENT = number("1810663113042").value
NOBODY = InsiAnswer(InsiOutcome.NONE)


def software(traits: StrictTraits, value: str, place: str = "") -> Patient:
    """As the practice software gives them, qualified."""
    ins = InsIdentity(value, OID_INS_TEST, InsStatus.QUALIFIEE)
    names = (traits.birth_family, traits.birth_given, traits.first_given)
    return Patient(ins, *names, traits.sex, traits.birth_date, traits.birth_place_cog, place)


def beneficiary(traits: StrictTraits, nir: str = PARENT) -> Beneficiary:
    return Beneficiary(traits.birth_family, traits.first_given, f"{traits.birth_date:%Y%m%d}", nir, 2)


class Reader:
    people: tuple[Beneficiary, ...] = ()

    def read(self, reader: str) -> VitaleIdentity:
        return VitaleIdentity(self.people, reader)


class World:
    """A practice whose software gives `given`, an INSi that says what a test decides, what patients object to."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack, *given: Patient) -> None:
        self.insi = ScriptedInsi(lambda _: NOBODY)
        self.kept = stack.enter_context(practice(folder, self.insi))
        self.service, self.store = self.kept.service, self.kept.store
        self.reader, self.given = Reader(), given
        self.vitale = LastVitale(self.reader, self.kept.clock)
        self.directory = IdentifiedPatients(KnownPatients(given), self.service)
        self.desk = IdentityDesk(self.service, self.directory, self.vitale, lambda: Role.DOCTOR)
        who = Account(
            ACTOR, Professional("1", "A", "B", "G15_10/SM26"), Facility("1", "C", "SA07"), Role.DOCTOR,
            lambda: None,  # type: ignore[arg-type, return-value]
        )  # fmt: skip
        trace = AccessTrace(AccessStore(self.kept.database, Seal(KEY, "access")), lambda: who, self.kept.clock)
        self.oppositions = OppositionService(trace, numbers=known_numbers(self.store))

    def answer(self, answer: InsiAnswer) -> None:
        self.insi.answer = lambda _: answer

    def qualify(self, traits: StrictTraits, answer: InsiAnswer) -> Identity:
        self.answer(answer)
        return self.desk.take_with_document(self.desk.ask(self.desk.known(traits)), DocumentKind.PASSPORT)

    def by_card(self, traits: StrictTraits, answer: InsiAnswer) -> Proposal:
        self.reader.people = (beneficiary(traits),)
        self.vitale.read("slot")
        self.answer(answer)
        return self.desk.ask_by_vitale(self.reader.people[0])

    def opens(self, traits: StrictTraits, value: str) -> tuple[str, str] | None:
        """The name and the number that a card of this number opens."""
        patient = self.directory.look(beneficiary(traits, value))
        return (patient.birth_family, patient.ins.value) if patient else None

    def rows(self) -> dict[str, Identity]:
        return {one.person: one for day in (DAY, CHILDREN) for one in self.store.born_on(day)}

    def says(self, patient: Patient, *, opposed: bool) -> None:
        self.kept.clock.advance(60)
        self.oppositions.record(patient, Subject.CONSULTATION, opposed=opposed)

    def opposed(self, value: str) -> bool | None:
        ins = InsIdentity(value, OID_INS_TEST, InsStatus.QUALIFIEE)
        return self.oppositions.is_opposed(ins, Subject.CONSULTATION)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        yield World(tmp_path, stack, software(LEA, A))


# A number lent by the practice software


def validated_without_a_number(world: World) -> Identity:
    """Typed at the front desk, a document seen; then the doctor opens the patient of the practice software."""
    world.desk.see_document(world.desk.known(LEA), DocumentKind.CNI)
    return world.desk.of_patient(world.given[0])


@pytest.mark.parametrize("act", ["refused", "doubt", "correct"])
@pytest.mark.parametrize("typed", [True, False])
def test_whoever_was_typed_before_loses_the_number_of_the_practice_software(
    world: World, act: str, typed: bool
) -> None:
    shown = validated_without_a_number(world) if typed else world.desk.of_patient(world.given[0])
    assert world.opens(LEA, A) == ("TEST-MARTIN", A)
    if act == "refused":
        world.answer(NOBODY)
        world.desk.ask(shown)
    elif act == "doubt":
        world.desk.doubt(shown, Doubt.FICTITIOUS)
    else:
        world.desk.correct(shown, RENAMED)
    assert world.service.withdrawn(A)
    assert world.opens(LEA, A) is None
    assert [one.matricule for one in world.rows().values()] == [None]


def test_a_doubt_about_who_was_typed_closes_the_patient_of_the_practice_software(world: World) -> None:
    world.desk.doubt(world.desk.known(LEA), Doubt.FICTITIOUS)
    assert world.opens(LEA, A) is None
    world.desk.clear(world.desk.known(LEA))
    assert world.opens(LEA, A) == ("TEST-MARTIN", A)


def test_a_page_read_before_the_person_was_kept_writes_no_second_row(world: World) -> None:
    stale = world.desk.of_patient(world.given[0])
    kept = world.qualify(LEA, found(told(LEA), NUMBERS[0]))
    acts: tuple[Callable[[], object], ...] = (
        lambda: world.desk.doubt(stale, Doubt.FICTITIOUS),
        lambda: world.desk.correct(stale, RENAMED),
    )
    for act in acts:
        with pytest.raises(ContextError, match=r"identity\.changed"):
            act()
    assert world.rows() == {kept.person: kept}
    assert world.desk.now(stale) == kept  # as the page then shows them: nothing is blocked
    world.desk.doubt(world.desk.now(stale), Doubt.FICTITIOUS)
    assert world.opens(LEA, A) is None


def test_a_lent_number_that_has_become_somebody_s_is_lent_no_more(world: World) -> None:
    shown = validated_without_a_number(world)
    julie = world.qualify(JULIE, found(told(JULIE), NUMBERS[0]))
    with pytest.raises(ContextError, match=r"identity\.changed"):
        world.desk.doubt(shown, Doubt.FICTITIOUS)
    now = world.desk.now(shown)
    assert now == julie or now.matricule is None
    assert world.desk.of_patient(world.given[0]) == julie


# Who had a number by mistake


def lea_had_it(world: World) -> Identity:
    """A was LEA's by mistake: corrected, and validated anew."""
    lea = world.desk.correct(world.qualify(LEA, found(told(LEA), NUMBERS[0])), RENAMED)
    return world.desk.see_document(lea, DocumentKind.CNI)


def test_who_lost_a_number_is_not_who_has_it_now(world: World) -> None:
    lea = lea_had_it(world)
    scanned = world.desk.scanned(ins_message(software(JULIE, A)))
    assert (scanned.person, scanned.traits.first_given, scanned.matricule) == ("", "JULIE", None)
    proposal = world.by_card(JULIE, found(told(JULIE), NUMBERS[0]))
    assert proposal.divergences == ()
    julie = world.desk.take_with_document(proposal, DocumentKind.CNI)
    assert world.rows() == {lea.person: lea, julie.person: julie}
    assert world.desk.with_matricule(A) == [julie, lea]
    assert world.desk.of_patient(world.given[0]) == julie  # the practice software still says LEA
    assert world.opens(LEA, A) == ("TEST-DURAND", A)


def test_a_twin_in_doubt_holds_nobody_up_and_is_not_written_over(world: World) -> None:
    lucas = world.desk.doubt(world.qualify(LUCAS, found(told(LUCAS), NUMBERS[2])), Doubt.DOUBTFUL)
    hugo = world.desk.take_with_document(world.by_card(HUGO, found(told(HUGO), NUMBERS[2])), DocumentKind.PASSPORT)
    lucas = world.desk.clear(world.desk.now(lucas))
    again = world.by_card(HUGO, found(told(HUGO), NUMBERS[2]))
    assert again.identity == hugo
    assert world.rows() == {lucas.person: lucas, hugo.person: hugo}


def test_a_code_with_the_number_of_somebody_else_is_refused(world: World) -> None:
    lea = world.qualify(LEA, found(told(LEA), NUMBERS[0]))
    for traits in (JULIE, replace(LEA, birth_date=date(1970, 7, 12)), replace(LEA, birth_place_cog="75056")):
        with pytest.raises(CardError, match=r"card\.scan_other"):
            world.desk.scanned(ins_message(software(traits, A)))
    assert world.desk.scanned(ins_message(software(LEA, A))) == lea


def test_a_card_makes_nobody_out_of_somebody_else_without_a_document(world: World) -> None:
    lea = world.qualify(LEA, found(told(LEA), NUMBERS[0]))
    proposal = world.by_card(JULIE, found(told(JULIE), NUMBERS[0]))
    assert (proposal.identity, proposal.renames) == (lea, True)
    with pytest.raises(ContextError, match=r"identity\.renames"):
        world.desk.accept(proposal)
    assert world.rows() == {lea.person: lea}
    assert world.desk.take_with_document(proposal, DocumentKind.CNI).status is InsStatus.QUALIFIEE


def test_the_number_that_a_person_lost_and_got_back_is_not_kept_twice(world: World) -> None:
    lea = lea_had_it(world)
    world.answer(found(told(RENAMED), NUMBERS[0]))
    stranger = world.desk.ask(Identity(LEA))
    with pytest.raises(ContextError, match=r"identity\.known"):
        world.desk.accept(stranger)
    assert world.rows() == {lea.person: lea}


# Traits


def test_traits_taken_without_a_document_open_nothing_under_the_former_ones(world: World) -> None:
    corrected = world.desk.correct(world.desk.of_patient(world.given[0]), RENAMED)
    world.answer(found(told(RENAMED), NUMBERS[0]))
    taken = world.desk.accept(world.desk.ask(corrected))
    assert taken.status is InsStatus.RECUPEREE
    assert world.opens(LEA, A) is None
    world.desk.see_document(taken, DocumentKind.CNI)
    assert world.opens(LEA, A) == ("TEST-MARTINEZ", A)


def test_what_insi_adds_to_the_traits_of_the_practice_software_is_theirs(world: World) -> None:
    longer = replace(LEA, birth_given="LEA ROSE")
    world.answer(found(told(longer), NUMBERS[0]))
    world.desk.accept(world.desk.ask(world.desk.of_patient(world.given[0])))
    patient = world.directory.look(beneficiary(LEA, A))
    assert patient is not None
    assert (patient.birth_given, patient.ins.status) == ("LEA ROSE", InsStatus.QUALIFIEE)


def test_the_name_of_a_place_goes_with_its_code() -> None:
    patient = software(LEA, A, "Dompremy")
    moved = replace(LEA, birth_place_cog="75112")
    for traits, place in ((LEA, "Dompremy"), (replace(LEA, birth_place_cog=""), "Dompremy"), (moved, "")):
        assert applied(patient, Identity(traits, matricule=number(NUMBERS[0]))).birth_place == place


# A number that INSi replaced


def test_a_replaced_number_leads_to_the_present_one(world: World) -> None:
    """The practice software writes the place otherwise; without it, the carte Vitale under the former number."""
    lea = world.qualify(replace(LEA, birth_place_cog="51000"), found(told(LEA), NUMBERS[0]))
    told_of: list[InsStatus] = []
    world.service.follow(lambda identity: told_of.append(identity.status))
    world.answer(found(told(LEA), NUMBERS[1], NUMBERS[0]))
    proposal = world.desk.ask(lea)
    assert not proposal.keeps_document
    now = world.desk.take_with_document(proposal, DocumentKind.CNI)
    assert told_of == [InsStatus.QUALIFIEE]  # one event: nothing is closed in between
    assert world.kept.acts[-2:] == [("identity-insi", "recuperee"), ("identity-document", "qualifiee")]
    assert world.opens(LEA, A) == ("TEST-MARTIN", B)
    elsewhere = IdentifiedPatients(KnownPatients(()), world.service)
    patient = elsewhere.match(beneficiary(LEA, A))
    assert patient is not None
    assert patient.ins.value == B
    for stopped in (world.service.may_leave, world.service.may_read):
        with pytest.raises(ContextError) as caught:
            stopped(world.given[0].ins)
        assert caught.value.code == "identity.replaced"
        assert "plus qualifiée" not in str(caught.value)
    assert world.desk.with_matricule(A) == [now]


def test_a_number_that_insi_never_said_to_be_theirs_leads_to_nobody(world: World) -> None:
    world.qualify(lea_had_it(world).traits, found(told(RENAMED), NUMBERS[1]))
    assert IdentifiedPatients(KnownPatients(()), world.service).match(beneficiary(LEA, A)) is None


def test_a_number_that_insi_replaced_is_nobody_else_s(world: World) -> None:
    world.qualify(LEA, found(told(LEA), NUMBERS[1], NUMBERS[0]))
    world.answer(found(told(JULIE), NUMBERS[0]))
    with pytest.raises(ContextError, match=r"identity\.duplicate"):
        world.desk.accept(world.desk.ask(world.desk.known(JULIE)))


# Words


def test_a_word_is_of_who_had_the_number_when_it_was_said(world: World) -> None:
    world.says(world.given[0], opposed=True)
    world.qualify(lea_had_it(world).traits, found(told(RENAMED), NUMBERS[1]))
    assert world.opposed(B) is True  # said under the number of before, by her
    world.qualify(JULIE, found(told(JULIE), NUMBERS[0]))
    assert world.opposed(A) is None  # she was asked nothing
    world.says(software(JULIE, A), opposed=False)
    assert (world.opposed(A), world.opposed(B)) == (False, True)
    acts = [world.oppositions.history(InsIdentity(value, OID_INS_TEST)) for value in (A, B)]
    assert [[one.act.value for one in who] for who in acts] == [["consultation-agreed"], ["consultation-opposed"]]


def test_a_word_follows_who_had_a_number_twice(world: World) -> None:
    lea = world.qualify(LEA, found(told(LEA), NUMBERS[0]))
    world.says(software(LEA, A), opposed=True)
    lea = world.desk.correct(lea, RENAMED)
    julie = world.qualify(JULIE, found(told(JULIE), NUMBERS[0]))
    world.says(software(JULIE, A), opposed=False)
    world.desk.doubt(julie, Doubt.DOUBTFUL)
    assert world.qualify(RENAMED, found(told(RENAMED), NUMBERS[0])).person == lea.person
    assert world.opposed(A) is True


# Whatever happens

VALUES = {number(one).value: one for one in NUMBERS}
TRAITS, NUMBER = st.sampled_from(PEOPLE), st.sampled_from(NUMBERS)
FOUND = st.builds(
    lambda traits, value, former: found(told(traits), value, *(one for one in former if one != value)),
    TRAITS, NUMBER, st.lists(NUMBER, max_size=1),
)  # fmt: skip
ANSWER = st.one_of(FOUND, FOUND, st.sampled_from([NOBODY, InsiAnswer(InsiOutcome.SEVERAL)]))


def _tried(act: Callable[[Identity], Identity], page: Identity) -> tuple[Identity | None, str]:
    """What became of it, or the code of what the rules forbid."""
    try:
        return act(page), ""
    except ContextError as error:
        return None, error.code


class Practice(RuleBasedStateMachine):
    """Any act on any page, however old, with an INSi that is wrong as often as right: numbers go from one to another."""

    @initialize(given=st.sampled_from([(), (software(LEA, A),), (software(LEA, A), software(LUCAS, C))]))
    def open(self, given: tuple[Patient, ...]) -> None:
        self.stack = contextlib.ExitStack()
        self.world = World(Path(self.stack.enter_context(TemporaryDirectory())), self.stack, *given)
        self.pages: list[tuple[Identity, Patient | None]] = []  # what is on screen, of which open patient
        self.said: dict[str, bool] = {}  # by the id of who said it
        self.told = {(one.ins.value, StrictTraits.of(one)) for one in given}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    # Pages

    @rule(traits=TRAITS)
    def type(self, traits: StrictTraits) -> None:
        self._show(lambda: self.world.desk.known(traits))

    @precondition(lambda self: self.world.given)
    @rule(data=st.data())
    def open_patient(self, data: st.DataObject) -> None:
        patient = data.draw(st.sampled_from(self.world.given))
        self._show(lambda: self.world.desk.of_patient(patient), patient)

    @rule(traits=TRAITS, value=st.sampled_from(sorted(VALUES)))
    def scan(self, traits: StrictTraits, value: str) -> None:
        self._show(lambda: self.world.desk.scanned(ins_message(software(traits, value))))

    def _show(self, find: Callable[[], Identity], patient: Patient | None = None) -> None:
        with contextlib.suppress(ContextError, CardError):
            self.pages.append((find(), patient))

    # Acts

    @rule(traits=TRAITS, value=NUMBER)
    def qualify(self, traits: StrictTraits, value: str) -> None:
        """INSi agrees with what is typed."""
        before = self.world.rows()
        self.world.kept.clock.advance(1)
        with contextlib.suppress(ContextError, ValueError):  # or has another number for who is kept
            self.world.answer(found(told(traits), value))
            taken = self._taken(self.world.desk.ask(self.world.desk.known(traits)), DocumentKind.PASSPORT)
            self._only(before, taken.person)
            self.pages.append((taken, None))

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), answer=ANSWER, document=st.sampled_from(["", DocumentKind.PASSPORT]))
    def ask_and_take(self, data: st.DataObject, answer: InsiAnswer, document: str) -> None:
        self.world.answer(answer)

        def act(page: Identity) -> Identity:
            proposal = self.world.desk.ask(page)
            if proposal.traits is None:
                assert proposal.identity is not None
                return proposal.identity
            return self._taken(proposal, document)

        self._act(data, act)

    @rule(traits=TRAITS, answer=ANSWER, document=st.sampled_from(["", DocumentKind.PASSPORT]))
    def take_by_card(self, traits: StrictTraits, answer: InsiAnswer, document: str) -> None:
        before = self.world.rows()
        with contextlib.suppress(ContextError, ValueError):
            proposal = self.world.by_card(traits, answer)
            if proposal.traits is None:
                return
            taken = self._taken(proposal, document)
            former = before.get(taken.person)
            assert former is None or document or former.traits.same_as(taken.traits)
            self._only(before, taken.person)
            self.pages.append((taken, None))

    def _taken(self, proposal: Proposal, document: str) -> Identity:
        desk, active = self.world.desk, proposal.answer.active
        taken = desk.take_with_document(proposal, document) if document else desk.accept(proposal)
        assert active is not None
        self.told.add((active.value, taken.traits))
        return taken

    @precondition(lambda self: self.pages)
    @rule(data=st.data())
    def see(self, data: st.DataObject) -> None:
        self._act(data, lambda page: self.world.desk.see_document(page, DocumentKind.CNI))

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), traits=TRAITS)
    def correct(self, data: st.DataObject, traits: StrictTraits) -> None:
        self._act(data, lambda page: self.world.desk.correct(page, traits))

    @precondition(lambda self: self.pages)
    @rule(data=st.data())
    def doubt(self, data: st.DataObject) -> None:
        self._act(data, lambda page: self.world.desk.doubt(page, Doubt.DOUBTFUL))

    @precondition(lambda self: self.pages)
    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        self._act(data, lambda page: self.world.desk.clear(page))

    def _act(self, data: st.DataObject, act: Callable[[Identity], Identity]) -> None:
        """On a page, once more on the page as it is now where it was too old: « identity.changed » is said once only."""
        self.world.kept.clock.advance(1)
        before = self.world.rows()
        page, patient = data.draw(st.sampled_from(self.pages[-4:]))
        kept, error = _tried(act, page)
        if error == "identity.changed":
            assert self.world.rows() == before
            now = self.world.desk.of_patient(patient) if patient else self.world.desk.now(page)
            kept, error = _tried(act, now)
            assert error != "identity.changed"
        if kept is None:
            assert self.world.rows() == before
            return
        self._only(before, kept.person)
        self.pages.append((kept, patient))

    def _only(self, before: dict[str, Identity], person: str) -> None:
        """Nobody's row but that one has changed, and nobody's is gone."""
        after = self.world.rows()
        assert {**before, person: None} == {**after, person: None}

    @rule(value=st.sampled_from(sorted(VALUES)), opposed=st.booleans())
    def say(self, value: str, opposed: bool) -> None:
        people = self.world.store.with_matricule(value)
        if people:
            self.world.says(software(people[0].traits, value), opposed=opposed)
            self.said[people[0].person] = opposed

    # What holds

    @invariant()
    def a_number_is_of_one_person(self) -> None:
        if hasattr(self, "world"):
            numbers = [one.matricule.value for one in self.world.rows().values() if one.matricule]
            assert len(numbers) == len(set(numbers))

    @invariant()
    def qualified_are_traits_that_insi_told_for_this_number_and_somebody_took(self) -> None:
        if hasattr(self, "world"):
            for one in self.world.rows().values():
                if one.matricule:
                    assert (one.matricule.value, one.traits) in self.told

    @invariant()
    def what_opens_is_known_and_was_not_taken_away(self) -> None:
        if not hasattr(self, "world"):
            return
        for value in VALUES:
            for traits in (LEA, LUCAS):
                patient = self.world.directory.look(beneficiary(traits, value))
                if patient is not None:
                    assert patient.ins.status is InsStatus.QUALIFIEE
                    assert not self.world.service.withdrawn(patient.ins.value)
                    assert (patient.ins.value, StrictTraits.of(patient)) in self.told
                    holders = self.world.store.with_matricule(patient.ins.value)
                    assert all(one.traits.exactly(StrictTraits.of(patient)) for one in holders)

    @invariant()
    def nothing_leaves_under_a_number_that_was_taken_away(self) -> None:
        if not hasattr(self, "world"):
            return
        rows = self.world.rows().values()
        for value in VALUES:
            has = [one for one in rows if one.matricule and one.matricule.value == value]
            had = [one for one in rows if value in one.numbers]
            if had and not has:
                for stopped in (self.world.service.may_leave, self.world.service.may_read):
                    with pytest.raises(ContextError):
                        stopped(InsIdentity(value, OID_INS_TEST, InsStatus.QUALIFIEE))

    @invariant()
    def a_word_is_lifted_by_nobody_else_s(self) -> None:
        if hasattr(self, "world"):
            for one in self.world.rows().values():
                if one.matricule:
                    assert self.world.opposed(one.matricule.value) is self.said.get(one.person)


TestPractice = Practice.TestCase
TestPractice.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPractice = pytest.mark.slow(pytest.mark.timeout(600)(TestPractice))  # 20 s alone
