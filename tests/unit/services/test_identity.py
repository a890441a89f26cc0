"""Identities as the secretary and the doctor have them: asked, taken, seen, doubted, refused; kept, and traced without a name."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import DocumentKind, Doubt, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.insi import InsiAnswer, InsiOutcome, TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.identity_patient import applied
from dmp_desktop.services.identity_search import birth_rank, search
from tests.helpers.identities import ACTOR, KEY, Practice, ScriptedInsi, found, number, practice, told

TRAITS = StrictTraits("TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE ANNE ZOE", Sex.FEMALE, date(1997, 2, 26), "2A020")
NONE, SEVERAL = InsiAnswer(InsiOutcome.NONE), InsiAnswer(InsiOutcome.SEVERAL)


@pytest.fixture
def insi() -> ScriptedInsi:
    return ScriptedInsi(lambda _: found(told(TRAITS)))


@pytest.fixture
def desk(tmp_path: Path, insi: ScriptedInsi) -> Iterator[Practice]:
    with practice(tmp_path, insi) as opened:
        yield opened


# The order of questions


def questions(
    answers: dict[tuple[str, ...], InsiAnswer], traits: StrictTraits = TRAITS
) -> tuple[list[str], InsiAnswer]:
    """What is asked, as `given names[@place]`, of an INSi that knows these answers and nobody else."""
    asked: list[str] = []

    def ask(query: TraitQuery) -> InsiAnswer:
        key = (*query.given, *(["@" + query.birth_place_cog] if query.birth_place_cog else []))
        asked.append(" ".join(key))
        return answers.get(key, NONE)

    return asked, search(ask, traits)


FOUND = found(told(TRAITS))


@pytest.mark.parametrize(
    ("answers", "asked", "outcome"),
    [
        ({("DOMINIQUE",): FOUND}, ["DOMINIQUE"], "00"),
        ({("ZOE",): FOUND}, ["DOMINIQUE", "ANNE", "ZOE"], "00"),
        ({("DOMINIQUE", "ANNE", "ZOE"): FOUND}, ["DOMINIQUE", "ANNE", "ZOE", "DOMINIQUE ANNE ZOE"], "00"),
        ({}, ["DOMINIQUE", "ANNE", "ZOE", "DOMINIQUE ANNE ZOE"], "01"),
        ({("DOMINIQUE",): SEVERAL, ("DOMINIQUE", "ANNE"): FOUND}, ["DOMINIQUE", "DOMINIQUE ANNE"], "00"),
        (
            {("DOMINIQUE",): SEVERAL, ("DOMINIQUE", "ANNE"): SEVERAL, ("DOMINIQUE", "ANNE", "ZOE"): FOUND},
            ["DOMINIQUE", "DOMINIQUE ANNE", "DOMINIQUE ANNE ZOE"],
            "00",
        ),
        (
            {("DOMINIQUE",): SEVERAL, ("DOMINIQUE", "@2A020"): FOUND},
            ["DOMINIQUE", "DOMINIQUE ANNE", "DOMINIQUE @2A020"],
            "00",
        ),
        (
            {("DOMINIQUE",): SEVERAL, ("DOMINIQUE", "ANNE"): SEVERAL, ("DOMINIQUE", "ANNE", "@2A020"): FOUND},
            ["DOMINIQUE", "DOMINIQUE ANNE", "DOMINIQUE ANNE ZOE", "DOMINIQUE ANNE @2A020"],
            "00",
        ),
        ({("DOMINIQUE",): SEVERAL}, ["DOMINIQUE", "DOMINIQUE ANNE", "DOMINIQUE @2A020"], "02"),
        ({("ANNE",): SEVERAL, ("ANNE", "DOMINIQUE"): FOUND}, ["DOMINIQUE", "ANNE", "ANNE DOMINIQUE"], "00"),
    ],
)
def test_what_is_asked(answers: dict[tuple[str, ...], InsiAnswer], asked: list[str], outcome: str) -> None:
    questioned, answer = questions(answers)
    assert (questioned, answer.outcome.value) == (asked, outcome)
    assert len(questioned) == len(set(questioned))


def test_one_given_name_is_asked_once() -> None:
    alone = replace(TRAITS, birth_given="DOMINIQUE", birth_place_cog="")
    assert questions({}, alone)[0] == ["DOMINIQUE"]
    assert questions({("DOMINIQUE",): SEVERAL}, alone)[1] is SEVERAL


def test_never_more_than_thirteen_questions() -> None:
    many = replace(TRAITS, birth_given="DOMINIQUE " + " ".join("ABCDEFGHIJ"))
    assert len(questions({}, many)[0]) == 7
    several = {("F",): SEVERAL}  # beyond the sixth given name, nothing is asked
    assert len(questions(several, many)[0]) <= 13


# Taking


def test_asked_taken_seen(desk: Practice) -> None:
    identity = desk.service.known(TRAITS)
    assert identity.status is InsStatus.PROVISOIRE
    proposal = desk.service.ask(identity)
    assert (proposal.divergences, proposal.said) == ((), "")
    assert desk.kept(TRAITS) is None  # asking changes nothing
    taken = desk.service.accept(proposal)
    assert taken.status is InsStatus.RECUPEREE
    assert taken.ins == InsIdentity("297022A02077878", OID_INS_TEST, InsStatus.RECUPEREE)
    qualified = desk.service.see_document(taken, DocumentKind.PASSPORT)
    assert qualified.status is InsStatus.QUALIFIEE
    assert qualified.check is not None
    assert (qualified.check.by, qualified.check.kind, qualified.check.at) == (
        ACTOR,
        DocumentKind.PASSPORT,
        desk.clock.now(),
    )
    assert desk.service.known(TRAITS) == qualified
    assert desk.acts == [("insi-traits", "00"), ("identity-insi", "recuperee"), ("identity-document", "qualifiee")]
    assert [record.reason for record in desk.journal.records()] == ["", "", "passeport"]


def test_divergences_are_told_and_the_document_is_seen_again(desk: Practice, insi: ScriptedInsi) -> None:
    insi.answer = lambda _: found(told(replace(TRAITS, birth_family="TEST-AUTRE")))
    validated = desk.service.see_document(desk.service.known(TRAITS), DocumentKind.CNI)
    proposal = desk.service.ask(validated)
    assert [divergence.line for divergence in proposal.divergences] == [
        "Nom de naissance : TEST-ADRTROIS ici, TEST-AUTRE pour l'INSi"
    ]
    taken = desk.service.accept(proposal)
    assert (taken.status, taken.traits.birth_family) == (InsStatus.RECUPEREE, "TEST-AUTRE")
    assert desk.kept(TRAITS) is None
    assert desk.kept(taken.traits) == taken


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (NONE, "ne trouve personne"),
        (SEVERAL, "plusieurs personnes"),
        (found(None), "ne donne pas les traits"),
        (found(replace(told(TRAITS), birth_date="1997-00-00")), "le jour ou le mois"),
        (found(replace(told(TRAITS), birth_family="")), "le nom"),
    ],
)
def test_nothing_to_take(desk: Practice, insi: ScriptedInsi, answer: InsiAnswer, word: str) -> None:
    insi.answer = lambda _: answer
    proposal = desk.service.ask(desk.service.known(TRAITS))
    assert word in proposal.said
    assert proposal.traits is None
    with pytest.raises(ValueError, match="nothing"):
        desk.service.accept(proposal)
    assert desk.kept(TRAITS) is None


def test_what_happened_since_insi_was_asked_is_not_lost(desk: Practice) -> None:
    taken = desk.service.accept(desk.service.ask(desk.service.known(TRAITS)))
    proposal = desk.service.ask(taken)
    desk.service.doubt(taken, Doubt.DOUBTFUL)
    acts: tuple[Callable[[], object], ...] = (
        lambda: desk.service.accept(proposal),
        lambda: desk.service.see_document(taken, DocumentKind.CNI),
        lambda: desk.service.correct(taken, replace(TRAITS, birth_family="TEST-AUTRE"), privileged=True),
        lambda: desk.service.clear(taken),
        lambda: desk.service.doubt(taken, Doubt.FICTITIOUS),
    )
    for act in acts:
        with pytest.raises(ContextError, match=r"identity\.changed"):
            act()
    (kept,) = desk.service.homonyms(TRAITS)
    assert (kept.doubt, kept.status) == (Doubt.DOUBTFUL, InsStatus.PROVISOIRE)


def test_a_number_lost_while_it_was_on_screen_does_not_live_again(desk: Practice, insi: ScriptedInsi) -> None:
    taken = desk.service.accept(desk.service.ask(desk.service.known(TRAITS)))
    insi.answer = lambda _: NONE
    desk.service.check(taken)
    with pytest.raises(ContextError, match=r"identity\.changed"):
        desk.service.see_document(taken, DocumentKind.CNI)
    assert desk.service.withdrawn("297022A02077878")


def test_a_doubt_said_while_insi_thinks_outlives_its_answer(desk: Practice, insi: ScriptedInsi) -> None:
    taken = desk.service.accept(desk.service.ask(desk.service.known(TRAITS)))

    def late(_query: TraitQuery) -> InsiAnswer:
        if desk.service.now(taken).doubt is None:
            desk.service.doubt(taken, Doubt.FICTITIOUS)
        return NONE

    insi.answer = late
    with pytest.raises(ContextError, match=r"identity\.changed"):
        desk.service.check(taken)
    assert desk.service.now(taken).doubt is Doubt.FICTITIOUS


def test_who_was_seen_by_two_screens_is_not_kept_twice(desk: Practice) -> None:
    unknown = desk.service.known(TRAITS)
    desk.service.see_document(unknown, DocumentKind.CNI)
    with pytest.raises(ContextError, match=r"identity\.known"):
        desk.service.see_document(unknown, DocumentKind.CNI)


OTHER_NUMBER = "2751263220749"
ANNE = replace(TRAITS, birth_given="DOMINIQUE ANNE", birth_place_cog="75056")
ZOE = replace(TRAITS, birth_given="DOMINIQUE ZOE", birth_place_cog="13055")


@pytest.mark.parametrize("other", [ZOE, ANNE], ids=["other given names and place", "the very same traits"])
def test_homonyms_are_two_people(desk: Practice, insi: ScriptedInsi, other: StrictTraits) -> None:
    """Nobody is found by what several people share: neither shown, nor qualified, nor written over."""
    insi.answer = lambda _: found(told(ANNE))
    first = desk.service.see_document(desk.service.accept(desk.service.ask(desk.service.known(ANNE))), DocumentKind.CNI)
    assert first.matricule is not None
    new = desk.service.known(other, number(OTHER_NUMBER).value)
    assert (new.status, new.person, new.traits) == (InsStatus.PROVISOIRE, "", other)
    insi.answer = lambda _: found(told(other), OTHER_NUMBER)
    second = desk.service.accept(desk.service.ask(new))
    assert second.status is InsStatus.RECUPEREE
    assert desk.service.with_matricule(first.matricule.value) == [first]
    assert desk.service.with_matricule(number(OTHER_NUMBER).value) == [second]
    assert len(desk.service.homonyms(ANNE)) == 2
    assert desk.service.known(other, number(OTHER_NUMBER).value) == second
    if other is ANNE:
        with pytest.raises(ContextError, match=r"identity\.several"):
            desk.service.known(ANNE)
    else:
        assert desk.service.known(ZOE) == second


def test_the_card_of_a_homonym_is_somebody_else(desk: Practice, insi: ScriptedInsi) -> None:
    insi.answer = lambda _: found(told(ELIO), "1180863113020")
    first = desk.service.see_document(
        desk.service.accept(desk.service.ask(desk.service.known(ELIO))), DocumentKind.PASSPORT
    )
    insi.answer = lambda _: found(told(ELIO), "1180863113121")
    proposal = desk.service.ask_by_vitale(CARD, TWINS[0], desk.clock.now())
    assert proposal.identity is not None
    assert (proposal.identity.person, proposal.identity.check) == ("", None)
    assert desk.service.accept(proposal).status is InsStatus.RECUPEREE
    assert desk.service.now(first) == first


def test_another_number_is_told_and_drops_the_document(desk: Practice, insi: ScriptedInsi) -> None:
    identity = desk.service.now(desk.service.known(qualified(desk)))
    insi.answer = lambda _: found(told(TRAITS), OTHER_NUMBER, "297022A020778")
    proposal = desk.service.check(identity)
    assert [one.line for one in proposal.divergences] == [
        f"Matricule INS : 297022A02077878 ici, {number(OTHER_NUMBER).value} pour l'INSi"
    ]
    assert desk.service.accept(proposal).status is InsStatus.RECUPEREE
    assert desk.service.withdrawn("297022A02077878")


def test_every_number_ever_lost_stays_lost_until_insi_gives_it_again(desk: Practice, insi: ScriptedInsi) -> None:
    first = desk.service.known(qualified(desk))
    lost = InsIdentity("297022A02077878", OID_INS_TEST, InsStatus.QUALIFIEE)
    born = replace(TRAITS, birth_date=date(1997, 2, 27))
    corrected = desk.service.correct(first, born, privileged=True)
    insi.answer = lambda _: found(told(born), OTHER_NUMBER)
    desk.service.see_document(desk.service.accept(desk.service.ask(corrected)), DocumentKind.CNI)
    for refused in (desk.service.may_leave, desk.service.may_read):
        with pytest.raises(ContextError, match=r"identity\.withdrawn"):
            refused(lost)
    insi.answer = lambda _: found(told(TRAITS))
    desk.service.accept(desk.service.ask(desk.service.known(TRAITS)))
    desk.service.may_leave(lost)
    desk.service.may_read(lost)


def test_a_correction_makes_nobody_out_of_somebody_else(desk: Practice) -> None:
    first = desk.service.known(qualified(desk))
    typed = replace(TRAITS, birth_family="TEST-ADRTROI")
    other = desk.service.see_document(desk.service.known(typed), DocumentKind.CNI)
    for correction in (TRAITS, replace(TRAITS, birth_given="DOMINIQUE", birth_place_cog="")):
        with pytest.raises(ContextError, match=r"identity\.known"):
            desk.service.correct(other, correction)
    assert (desk.service.now(first), desk.service.now(other)) == (first, other)


def test_who_follows_is_told_of_every_act(desk: Practice, insi: ScriptedInsi) -> None:
    told_of: list[InsStatus] = []
    desk.service.follow(lambda identity: told_of.append(identity.status))
    identity = desk.service.known(qualified(desk))
    insi.answer = lambda _: NONE
    desk.service.check(identity)
    assert told_of == [InsStatus.RECUPEREE, InsStatus.QUALIFIEE, InsStatus.PROVISOIRE]


def test_people_named_in_another_alphabet_are_told_apart(desk: Practice) -> None:
    one, other = (replace(TRAITS, birth_family=name) for name in ("Иванова", "Петрова"))
    desk.service.see_document(desk.service.known(one), DocumentKind.CNI)
    assert desk.service.known(other).person == ""
    assert desk.service.born_on(TRAITS.birth_date, "Петр") == []
    assert len(desk.service.born_on(TRAITS.birth_date, "Иван")) == 1


def test_a_number_is_of_one_person(desk: Practice) -> None:
    other = replace(TRAITS, birth_family="TEST-AUTRE")
    desk.service.accept(desk.service.ask(desk.service.known(TRAITS)))
    # INSi gives the same number for somebody else here: one of both is mistaken.
    proposal = replace(desk.service.ask(desk.service.known(other)), traits=other)
    with pytest.raises(ContextError) as caught:
        desk.service.accept(proposal)
    assert caught.value.code == "identity.duplicate"


# The carte Vitale

PARENT = Beneficiary("TEST-OUVRANT", "HUGO", "19810607", "181066311304262", 1)
TWINS = tuple(
    Beneficiary("TEST-OUVRANT", name, "20180815", PARENT.nir, rank) for rank, name in ((2, "ELIO"), (3, "LINO"))
)
CARD = VitaleIdentity((PARENT, *TWINS), "pcsc")
ELIO = StrictTraits("TEST-OUVRANT", "ELIO", "ELIO", Sex.MALE, date(2018, 8, 15), "63113")


def test_the_card_is_a_key_and_its_number_is_never_the_ins(desk: Practice, insi: ScriptedInsi) -> None:
    insi.answer = lambda _: found(told(ELIO), "1180863113020")
    proposal = desk.service.ask_by_vitale(CARD, TWINS[0], desk.clock.now())
    (asked,) = insi.asked
    assert isinstance(asked, VitaleQuery)
    assert (asked.opener_nir, asked.own_nir, asked.birth_date, asked.rank) == (PARENT.nir, "", "20180815", 1)
    taken = desk.service.accept(proposal)
    assert (taken.traits, taken.status) == (ELIO, InsStatus.RECUPEREE)
    assert taken.ins is not None
    assert taken.ins.value == number("1180863113020").value != PARENT.nir
    assert desk.acts == [("insi-vitale", "00"), ("identity-insi", "recuperee")]


def test_rank_of_birth_is_not_the_place_on_the_card() -> None:
    assert [birth_rank(CARD, person) for person in CARD.beneficiaries] == [1, 1, 2]


def test_a_reading_serves_twenty_minutes(desk: Practice, insi: ScriptedInsi) -> None:
    insi.answer = lambda _: found(told(ELIO), "1180863113020")
    read_at = desk.clock.now()
    desk.clock.advance(20 * 60)
    assert desk.service.ask_by_vitale(CARD, TWINS[0], read_at).traits == ELIO
    desk.clock.advance(1)
    for moment in (read_at, desk.clock.now() + timedelta(seconds=1)):
        with pytest.raises(CardError) as caught:
            desk.service.ask_by_vitale(CARD, TWINS[0], moment)
        assert caught.value.code == "card.vitale_stale"
    assert len(insi.asked) == 1


def test_an_answer_about_somebody_else_is_not_taken(desk: Practice, insi: ScriptedInsi) -> None:
    insi.answer = lambda _: found(told(TRAITS))
    assert "autre date de naissance" in desk.service.ask_by_vitale(CARD, TWINS[0], desk.clock.now()).said
    insi.answer = lambda _: found(told(replace(ELIO, first_given="LINO", birth_given="LINO")), "1180863113121")
    (line,) = [one.line for one in desk.service.ask_by_vitale(CARD, TWINS[0], desk.clock.now()).divergences]
    assert line == "Prénom de la carte : ELIO ici, LINO pour l'INSi"


def test_whom_the_card_means_is_known_here_by_their_number(desk: Practice, insi: ScriptedInsi) -> None:
    """Known by a given name of two words, of which the card and INSi tell one: still the same identity, still qualified."""
    here = replace(ELIO, first_given="ELIO JEAN", birth_given="ELIO JEAN")
    insi.answer = lambda _: found(told(here), "1180863113020")
    taken = desk.service.accept(desk.service.ask(desk.service.known(here)))
    qualified = desk.service.see_document(taken, DocumentKind.FAMILY_BOOK)
    again = desk.service.accept(desk.service.ask_by_vitale(CARD, TWINS[0], desk.clock.now()))
    assert again == qualified


def test_nobody_by_the_card(desk: Practice, insi: ScriptedInsi) -> None:
    insi.answer = lambda _: NONE
    proposal = desk.service.ask_by_vitale(CARD, TWINS[0], desk.clock.now())
    assert (proposal.identity, proposal.traits) == (None, None)
    assert proposal.said


# Rules


def qualified(desk: Practice) -> StrictTraits:
    taken = desk.service.accept(desk.service.ask(desk.service.known(TRAITS)))
    return desk.service.see_document(taken, DocumentKind.CNI).traits


def test_rule_49_a_number_no_longer_known(desk: Practice, insi: ScriptedInsi) -> None:
    identity = desk.service.known(qualified(desk))
    insi.answer = lambda _: NONE
    refused = desk.service.verify(identity)
    assert (refused.status, refused.ins) == (InsStatus.PROVISOIRE, None)
    assert desk.service.to_review() == [refused]
    assert [old.value for old in refused.history] == ["297022A02077878"]
    assert desk.acts[-1] == ("identity-refused", "provisoire")
    insi.answer = lambda _: found(told(TRAITS))
    assert desk.service.accept(desk.service.ask(refused)).refused_at is None
    assert desk.service.to_review() == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (found(told(TRAITS)), InsStatus.QUALIFIEE),
        (found(told(TRAITS), "2751263220749", "297022A020778"), InsStatus.RECUPEREE),
        (found(told(TRAITS), "2751263220749"), InsStatus.PROVISOIRE),
        (found(told(replace(TRAITS, birth_family="TEST-AUTRE"))), InsStatus.PROVISOIRE),
    ],
    ids=["the same", "a new number, ours is a former one", "another number", "the same number, other traits"],
)
def test_verified(desk: Practice, insi: ScriptedInsi, answer: InsiAnswer, status: InsStatus) -> None:
    identity = desk.service.known(qualified(desk))
    insi.answer = lambda _: answer
    verified = desk.service.verify(identity)
    assert verified.status is status
    assert answer.active is not None
    if status is not InsStatus.PROVISOIRE:
        assert verified.matricule == answer.active
        assert "297022A02077878" in {verified.matricule.value, *(old.value for old in verified.history)}


@pytest.mark.parametrize("answer", [SEVERAL, found(None)], ids=["several", "no traits"])
def test_what_does_not_tell_changes_nothing(desk: Practice, insi: ScriptedInsi, answer: InsiAnswer) -> None:
    identity = desk.service.known(qualified(desk))
    insi.answer = lambda _: answer
    with pytest.raises(DmpError) as caught:
        desk.service.verify(identity)
    assert caught.value.code == "InsiIndecis"
    assert desk.service.known(TRAITS) == identity


def test_a_call_that_fails_changes_nothing_and_is_traced(desk: Practice, insi: ScriptedInsi) -> None:
    identity = desk.service.known(qualified(desk))

    def down(query: TraitQuery) -> InsiAnswer:
        raise DmpError("HTTP503", "Le téléservice INSi est momentanément indisponible.", retryable=True)

    insi.answer = down
    with pytest.raises(DmpError):
        desk.service.verify(identity)
    assert desk.service.known(TRAITS) == identity
    assert desk.acts[-1] == ("insi-traits", "HTTP503")


def test_rule_27_a_corrected_trait(desk: Practice) -> None:
    identity = desk.service.known(qualified(desk))
    corrected = desk.service.correct(identity, replace(TRAITS, birth_date=date(1997, 2, 27)), privileged=True)
    assert (corrected.status, corrected.ins) == (InsStatus.VALIDEE, None)
    assert desk.kept(TRAITS) is None
    assert desk.service.known(corrected.traits) == corrected


def test_rule_26_traits_of_insi_are_not_typed_over(desk: Practice) -> None:
    other = replace(TRAITS, birth_family="TEST-AUTRE")
    identity = desk.service.known(qualified(desk))
    with pytest.raises(ContextError) as caught:
        desk.service.correct(identity, other)
    assert caught.value.code == "identity.locked"
    assert desk.service.known(TRAITS) == identity
    free = replace(TRAITS, birth_family="TEST-LIBRE")
    assert desk.service.correct(desk.service.known(other), free).status is InsStatus.PROVISOIRE


@pytest.mark.parametrize(
    ("beginning", "families"),
    [
        ("", ["TEST-ADRTROIS", "TEST-L'ÉTÉ"]),
        ("test adr", ["TEST-ADRTROIS"]),
        ("TEST-LETE", ["TEST-L'ÉTÉ"]),
        ("test l ete", ["TEST-L'ÉTÉ"]),
        ("éli", ["TEST-L'ÉTÉ"]),
        ("dominique", ["TEST-ADRTROIS"]),
        ("adrtrois", []),
    ],
)
def test_rule_17_known_people_by_day_of_birth(desk: Practice, beginning: str, families: list[str]) -> None:
    other = replace(TRAITS, birth_family="TEST-L'ÉTÉ", first_given="Élise", birth_given="Élise")
    for traits in (TRAITS, other, replace(TRAITS, birth_date=date(1997, 2, 27))):
        desk.service.see_document(desk.service.known(traits), DocumentKind.CNI)
    found_here = desk.service.born_on(TRAITS.birth_date, beginning)
    assert sorted(one.traits.birth_family for one in found_here) == families


def test_rule_17_by_matricule_with_its_key(desk: Practice) -> None:
    identity = desk.service.known(qualified(desk))
    assert desk.service.with_matricule("2 97 02 2a 020 778 78") == [identity]
    assert desk.service.with_matricule("275126322074974") == []
    for typed in ("297022A020778", "297022A02077879", "", "2 97 02 2A 020 778"):
        with pytest.raises(ContextError) as caught:
            desk.service.with_matricule(typed)
        assert caught.value.code == "identity.key"


@pytest.mark.parametrize("doubt", list(Doubt))
def test_rule_25_a_doubtful_identity(desk: Practice, insi: ScriptedInsi, doubt: Doubt) -> None:
    doubted = desk.service.doubt(desk.service.known(qualified(desk)), doubt)
    assert (doubted.status, doubted.ins) == (InsStatus.PROVISOIRE, None)
    asked = len(insi.asked)
    for act in (lambda: desk.service.ask(doubted), lambda: desk.service.see_document(doubted, DocumentKind.CNI)):
        with pytest.raises(ContextError) as caught:
            act()
        assert caught.value.code == "identity.doubt"
    assert len(insi.asked) == asked
    cleared = desk.service.clear(doubted)
    assert (cleared.status, desk.service.ask(cleared).said) == (InsStatus.PROVISOIRE, "")


def test_what_insi_cannot_be_asked(desk: Practice, insi: ScriptedInsi) -> None:
    for traits in (replace(TRAITS, sex=Sex.UNKNOWN), replace(TRAITS, birth_family=""), replace(TRAITS, first_given="")):
        with pytest.raises(ContextError) as caught:
            desk.service.ask(desk.service.known(traits))
        assert caught.value.code == "identity.traits"
    with pytest.raises(ContextError) as caught:
        desk.service.verify(desk.service.known(TRAITS))
    assert caught.value.code == "identity.no_number"
    assert insi.asked == []


def test_a_document_is_seen_by_somebody(desk: Practice) -> None:
    desk.actor = None
    with pytest.raises(CardError):
        desk.service.see_document(desk.service.known(TRAITS), DocumentKind.CNI)
    desk.actor = ACTOR
    with pytest.raises(ContextError) as caught:
        desk.service.see_document(desk.service.known(TRAITS), DocumentKind.FAMILY_BOOK)
    assert caught.value.code == "identity.minors_only"
    assert desk.kept(TRAITS) is None


def test_the_patient_as_known_here(desk: Practice) -> None:
    patient = Patient(
        InsIdentity("297022A02077878", OID_INS_TEST, InsStatus.QUALIFIEE),
        "Test-Adrtrois", "DOMINIQUE", "DOMINIQUE", Sex.FEMALE, date(1997, 2, 26), "2A020", used_family="TEST-USAGE",
    )  # fmt: skip
    identity = desk.service.accept(desk.service.ask(desk.service.known(StrictTraits.of(patient))))
    known = applied(patient, identity)
    assert (known.ins.status, known.birth_given, known.used_family) == (
        InsStatus.RECUPEREE,
        TRAITS.birth_given,
        "TEST-USAGE",
    )
    refused = applied(patient, identity.refused(desk.clock.now()))
    assert refused.ins.status is InsStatus.PROVISOIRE


NOTHING_TAKEN = [
    (NONE, {"outcome": "01", "label": ""}),
    (SEVERAL, {"outcome": "02", "label": ""}),
    (
        found(told(replace(TRAITS, birth_family="TEST-JAMAIS-PRIS")), "297022A020778", "8990663113008"),
        {
            "outcome": "00",
            "label": "OK",
            "active": {"ins": "297022A02077878", "oid": OID_INS_TEST},
            "history": [{"ins": number("8990663113008").value, "oid": OID_INS_TEST}],
            "traits": {
                "birth_family": "TEST-JAMAIS-PRIS", "first_given": "DOMINIQUE", "given": ["DOMINIQUE", "ANNE", "ZOE"],
                "sex": "F", "birth_date": "1997-02-26", "birth_place_cog": "2A020",
            },
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize("by_card", [False, True])
@pytest.mark.parametrize(("answer", "kept"), NOTHING_TAKEN)
def test_rule_39_all_that_insi_returned_is_traced_taken_or_not(
    desk: Practice, insi: ScriptedInsi, answer: InsiAnswer, kept: dict[str, object], by_card: bool
) -> None:
    insi.answer = lambda _: answer
    if by_card:
        desk.service.ask_by_vitale(CARD, PARENT, desk.clock.now())
    else:
        desk.service.ask(desk.service.known(TRAITS))
    assert desk.kept(TRAITS) is None
    record, returned = desk.service.calls()[-1]
    assert (record.action, record.result, record.actor) == (
        "insi-vitale" if by_card else "insi-traits",
        answer.outcome.value,
        ACTOR,
    )
    assert json.loads(returned) == kept
    with desk.database.read() as connection:
        assert "JAMAIS" not in repr([tuple(row) for row in connection.exec_driver_sql("SELECT * FROM journal")])
    assert desk.journal.verify()[0] == len(desk.acts)


def test_no_name_in_logs_journal_nor_representations(
    desk: Practice, insi: ScriptedInsi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        identity = desk.service.known(qualified(desk))
        proposal = desk.service.ask(identity)
        desk.service.correct(identity, replace(TRAITS, birth_place_cog="75056"), privileged=True)
        insi.answer = lambda _: NONE
        refused = desk.service.ask(identity)
    with desk.database.read() as connection:
        journal = "".join(connection.exec_driver_sql("SELECT record FROM journal").scalars())
    shown = caplog.text + journal + repr((identity, proposal, refused, proposal.divergences))
    assert "insi-traits" in shown
    shown = re.sub(r"\b[0-9a-f]{32,64}\b", "", shown)  # pseudonyms and digests: any four digits may stand in one
    for word in ("ADRTROIS", "DOMINIQUE", "1997", "297022", "2A020", KEY.hex()):
        assert word not in shown
