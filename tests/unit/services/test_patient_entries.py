from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dmp_desktop.cda.build.datamatrix import ins_message
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.ins import OID_INS_NIR, InsIdentity, InsStatus, nir_key
from dmp_desktop.domain.people import Patient, Sex
from dmp_desktop.errors import CardError
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.services.patient_entries import PatientEntries
from dmp_desktop.services.session import Phase, Session
from tests.helpers.card_worlds import PATIENT as ON_CARD
from tests.unit.card.test_ins_datamatrix import NIR, PATIENT
from tests.unit.services.test_session import CPS, Cards, Practice, insert


def scan(known: Patient | None, printed: Patient = PATIENT) -> tuple[Beneficiary, ...]:
    directory = KnownPatients([known] if known else [])
    return PatientEntries(directory, None).from_scanner(ins_message(printed))


def test_a_patient_of_the_practice():
    (person,) = scan(PATIENT)
    assert KnownPatients([PATIENT]).match(person) == PATIENT


def test_somebody_unknown_is_handed_on_and_not_qualified():
    """The session says what it says of an unknown carte Vitale."""
    (person,) = scan(None)
    assert (person.nir, person.family) == (NIR, "TEST-D'ARTOIS")
    assert KnownPatients([]).match(person) is None


@pytest.mark.parametrize(
    "known",
    [
        replace(PATIENT, birth_family="Test d’Artois"),
        replace(PATIENT, birth_given="Marie", used_family="TEST-AUTRE"),
        replace(PATIENT, sex=Sex.UNKNOWN, birth_place_cog=""),
    ],
)
def test_the_same_person_written_otherwise(known: Patient):
    assert len(scan(known)) == 1


@pytest.mark.parametrize(
    "known",
    [
        replace(PATIENT, birth_family="TEST-DARTAGNAN"),
        replace(PATIENT, first_given="Zoé"),
        replace(PATIENT, sex=Sex.MALE),
        replace(PATIENT, birth_place_cog="75056"),
        replace(PATIENT, ins=InsIdentity(NIR, OID_INS_NIR, InsStatus.QUALIFIEE)),
    ],
)
def test_traits_that_disagree_open_nothing(known: Patient):
    with pytest.raises(CardError) as caught:
        scan(known)
    assert caught.value.code == "card.scan_discordant"
    assert "TEST" not in str(caught.value)


def test_the_appli_needs_the_licensed_component():
    entries = PatientEntries(KnownPatients([]), None)
    assert not entries.apcv_ready
    with pytest.raises(CardError) as caught:
        entries.from_apcv()
    assert caught.value.code == "card.apcv_absent"
    assert "API de lecture" in caught.value.message_fr


def test_the_appli_by_the_licensed_component():
    person = Beneficiary(*ON_CARD, rank=1)

    class Licensed:
        def read_apcv(self) -> VitaleIdentity:
            return VitaleIdentity((person,), "api_lec")

    entries = PatientEntries(KnownPatients([]), Licensed())
    assert entries.apcv_ready
    assert entries.from_apcv() == (person,)


@pytest.mark.parametrize("family", ["TEST-" + "LONG" * 40, "TEST-" + "L’ŒUVRE DE " * 15, "TEST " * 30])
def test_a_name_too_long_for_the_code(family: str):
    known = replace(PATIENT, birth_family=family)
    assert len(scan(known, replace(known, birth_family=family.replace("Œ", "OE")))) == 1


SON_NIR = "1150651454123" + nir_key("1150651454123")
SON = replace(
    PATIENT,
    ins=replace(PATIENT.ins, value=SON_NIR),
    birth_given="Léo",
    first_given="Léo",
    sex=Sex.MALE,
    birth_date=date(2015, 6, 12),
    birth_place_cog="51454",
)


class TestInTheSession:
    """A scanned patient goes through the rules of a second carte Vitale."""

    @pytest.fixture
    def cards(self) -> Cards:
        return Cards()

    @pytest.fixture
    def session(self, cards: Cards) -> Session:
        return Session(cards, cards, KnownPatients([PATIENT, SON]), Practice())

    def scan(self, session: Session, printed: Patient | str) -> None:
        text = printed if isinstance(printed, str) else ins_message(printed)
        entries = PatientEntries(KnownPatients([PATIENT, SON]), None)
        session.present(lambda: entries.from_scanner(text))

    def test_opens_then_asks_before_another(self, session: Session, cards: Cards) -> None:
        insert(session, cards, "A", CPS)
        self.scan(session, PATIENT)
        assert (session.state().phase, session.state().patient) == (Phase.OPEN, PATIENT)
        self.scan(session, PATIENT)
        assert session.state().phase is Phase.OPEN
        self.scan(session, SON)
        assert (session.state().phase, session.state().patient) == (Phase.CHOOSING, PATIENT)
        assert session.choose(None).patient == PATIENT
        self.scan(session, SON)
        assert session.choose(session.state().candidates[0]).patient == SON

    def test_nobody_signed_in(self, session: Session) -> None:
        self.scan(session, PATIENT)
        assert session.state().patient is None
        assert session.state().notice

    def test_an_incomplete_birth_date_that_finds_nobody_says_so(self, session: Session, cards: Cards) -> None:
        insert(session, cards, "A", CPS)
        person = Beneficiary("TEST-D'ARTOIS", "MARIE", "19800000", NIR, 1)
        session.present(lambda: (person,))
        assert "incomplète" in session.state().notice
        session.present(lambda: (person, replace(person, rank=2)))
        assert "incomplète" in session.choose(session.state().candidates[1]).notice
        assert session.state().patient is None

    @pytest.mark.parametrize(
        ("printed", "words"),
        [
            (replace(PATIENT, ins=replace(PATIENT.ins, oid=OID_INS_NIR)), "ne concorde pas"),
            (replace(PATIENT, birth_date=date(1980, 3, 12)), "INS qualifiée"),
            ("3400930000000", "datamatrix INS"),
        ],
    )
    def test_what_is_not_sure_changes_nothing(
        self, session: Session, cards: Cards, printed: Patient | str, words: str
    ) -> None:
        insert(session, cards, "A", CPS)
        self.scan(session, SON)
        self.scan(session, printed)
        if session.state().phase is Phase.CHOOSING:
            session.choose(session.state().candidates[0])
        assert session.state().patient == SON
        assert words in session.state().notice
