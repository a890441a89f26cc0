"""The session follows the cards and never mixes patients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from dmp_desktop.card.failures import NO_LIBRARY, PcscError, card_failure
from dmp_desktop.domain.cards import Beneficiary, CardEvent, CardEventType, CardKind, PublicCps, VitaleIdentity
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Facility, Patient, Professional, Role, Sex
from dmp_desktop.errors import CardError, DmpError
from dmp_desktop.services import session_notices as notices
from dmp_desktop.services.professional import told
from dmp_desktop.services.session import Phase, PinAsked, PlacesAsked, Session, SignedIn

IN, OUT = CardEventType.CARD_INSERTED, CardEventType.CARD_REMOVED
CPS = PublicCps("DUPONT", "Camille", "810002422979", "10", True, dt.datetime(2030, 1, 1, tzinfo=dt.UTC), b"", b"")
DOCTOR = SignedIn(
    Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", suffix="DR"),
    Facility("410002422979001", "Cabinet des Lilas", "SA07"),
    Role.DOCTOR,
)
LEA = Beneficiary("TEST-MARTIN", "LEA", "19850312", "285035145412363", 1)
LEO = Beneficiary("TEST-MARTIN", "LEO", "20150612", "115065145412393", 2)
STRANGER = Beneficiary("TEST-INCONNU", "ZOE", "19751231", "275126322074974", 1)


class Cards:
    """Both card readers at once: `slots` says what lies in which reader."""

    def __init__(self) -> None:
        self.slots: dict[str, PublicCps | tuple[Beneficiary, ...]] = {}

    def read_public(self, reader: str) -> PublicCps:
        card = self.slots.get(reader)
        if not isinstance(card, PublicCps):
            raise CardError("card.not_cps", "Ce n'est pas une carte de professionnel.")
        return card

    def read(self, reader: str) -> VitaleIdentity:
        card = self.slots.get(reader)
        if not isinstance(card, tuple):
            raise CardError("card.not_vitale", "Ce n'est pas une carte Vitale.")
        return VitaleIdentity(card, "test")


class Practice:
    """The practice's patients, and the sign-in desk that counts who comes and goes."""

    def __init__(self) -> None:
        self.signed_in = 0
        self.signed_out = 0
        self.refusal: DmpError | None = None

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        return patient(beneficiary) if beneficiary in (LEA, LEO) else None

    def meet(self, _card: PublicCps) -> SignedIn | PinAsked:
        if self.refusal:
            raise self.refusal
        self.signed_in += 1
        return DOCTOR

    def enter(self, card: PublicCps, pin: str) -> SignedIn | PlacesAsked:
        raise NotImplementedError

    def places(self) -> PlacesAsked | None:
        return None

    def practise(self, number: int) -> SignedIn:
        raise NotImplementedError

    def lost(self) -> bool:
        return False

    def sign_out(self) -> None:
        self.signed_out += 1

    def let_go(self) -> Callable[[], None]:
        raise NotImplementedError


def patient(person: Beneficiary) -> Patient:
    ins = InsIdentity(person.nir, OID_INS_TEST, InsStatus.QUALIFIEE)
    return Patient(ins, person.family, person.given, person.given, Sex.FEMALE, dt.date(1985, 3, 12), "51454")


@pytest.fixture
def cards() -> Cards:
    return Cards()


@pytest.fixture
def practice() -> Practice:
    return Practice()


@pytest.fixture
def session(cards: Cards, practice: Practice) -> Session:
    return Session(cards, cards, practice, practice)


def insert(
    session: Session, cards: Cards, reader: str, card: PublicCps | tuple[Beneficiary, ...], kind: CardKind | None = None
) -> None:
    cards.slots[reader] = card
    kind = kind or (CardKind.CPS if isinstance(card, PublicCps) else CardKind.VITALE)
    session.handle(CardEvent(IN, reader, b"\x3b", kind))


def remove(session: Session, cards: Cards, reader: str) -> None:
    del cards.slots[reader]
    session.handle(CardEvent(OUT, reader, b"\x3b"))


def test_cps_then_vitale_opens_the_record(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    assert session.state().phase is Phase.READY
    assert session.state().professional == DOCTOR.professional
    insert(session, cards, "B", (LEA,))
    assert (session.state().phase, session.state().patient) == (Phase.OPEN, patient(LEA))


def test_vitale_first_waits_for_the_professional(session: Session, cards: Cards) -> None:
    insert(session, cards, "B", (LEA,))
    assert session.state().phase is Phase.MASKED
    assert session.state().patient is None
    assert "CPS" in session.state().notice
    insert(session, cards, "A", CPS)
    assert session.state().patient == patient(LEA)
    assert session.state().notice == ""


def test_the_vitale_is_handed_back_the_record_stays(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    remove(session, cards, "B")
    assert (session.state().phase, session.state().patient, session.state().vitale_present) == (
        Phase.OPEN,
        patient(LEA),
        False,
    )


def test_the_cps_leaves_nothing_of_the_patient_stays(session: Session, cards: Cards, practice: Practice) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    remove(session, cards, "A")
    state = session.state()
    assert (state.phase, state.patient, state.professional, state.candidates) == (Phase.MASKED, None, None, ())
    assert practice.signed_out == 1
    insert(session, cards, "A", CPS)
    assert session.state().patient == patient(LEA), "the carte Vitale is still there"


def test_the_screen_is_masked_before_keys_are_dropped(cards: Cards, practice: Practice) -> None:
    seen = []
    session = Session(cards, cards, practice, practice, left=lambda: seen.append(session.state().phase))
    insert(session, cards, "A", CPS)
    remove(session, cards, "A")
    assert seen == [Phase.MASKED]


def test_several_beneficiaries_are_asked(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA, LEO))
    assert session.state().phase is Phase.CHOOSING
    assert session.state().candidates == (LEA, LEO)
    session.choose(LEO)
    assert (session.state().phase, session.state().patient) == (Phase.OPEN, patient(LEO))


def test_a_second_vitale_never_changes_the_patient_by_itself(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    insert(session, cards, "C", (LEO,))
    assert (session.state().phase, session.state().patient) == (Phase.CHOOSING, patient(LEA))
    session.choose(None)
    assert (session.state().phase, session.state().patient) == (Phase.OPEN, patient(LEA))
    remove(session, cards, "C")
    insert(session, cards, "C", (LEO,))
    session.choose(LEO)
    assert session.state().patient == patient(LEO)


def test_somebody_of_a_card_read_before_is_not_opened(session: Session, cards: Cards) -> None:
    """The list on screen had changed when it was touched: the same place in it is somebody else now."""
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA, LEO))
    shown = session.state().candidates
    insert(session, cards, "C", (LEO, replace(LEA, rank=2)))
    state = session.choose(shown[0])
    assert (state.phase, state.patient) == (Phase.CHOOSING, None)
    assert "choisissez à nouveau" in state.notice


def test_the_same_vitale_again_asks_nothing(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    remove(session, cards, "B")
    insert(session, cards, "B", (LEA,))
    assert session.state().phase is Phase.OPEN


def test_a_family_card_always_asks_even_when_the_open_patient_is_on_it(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA, LEO))
    session.choose(LEA)
    remove(session, cards, "B")
    insert(session, cards, "B", (LEA, LEO))
    assert (session.state().phase, session.state().patient) == (Phase.CHOOSING, patient(LEA))


def test_a_second_doctors_card_closes_the_first_ones_record(session: Session, cards: Cards, practice: Practice) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    remove(session, cards, "B")
    insert(session, cards, "C", CPS)
    assert (session.state().phase, session.state().patient) == (Phase.READY, None)
    assert (practice.signed_in, practice.signed_out) == (2, 1)
    remove(session, cards, "A")
    assert session.state().phase is Phase.READY, "the card that is signed in is still there"
    assert practice.signed_out == 1
    remove(session, cards, "C")
    assert session.state().phase is Phase.MASKED
    assert (practice.signed_out, session.state().cps_present) == (2, False)


def test_a_patient_without_qualified_ins_is_not_opened(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (STRANGER,))
    assert (session.state().phase, session.state().patient) == (Phase.READY, None)
    assert "INS" in session.state().notice


@pytest.mark.parametrize("card", [CPS, (LEA,)])
def test_an_unknown_atr_is_probed(session: Session, cards: Cards, card: PublicCps | tuple[Beneficiary, ...]) -> None:
    insert(session, cards, "A", CPS)
    remove(session, cards, "A")
    insert(session, cards, "A", CPS, CardKind.UNKNOWN)
    assert session.state().phase is Phase.READY
    insert(session, cards, "B", (LEA,), CardKind.UNKNOWN)
    assert session.state().patient == patient(LEA)


def test_a_card_of_no_known_kind_is_told(session: Session, cards: Cards) -> None:
    state = session.handle(CardEvent(CardEventType.CARD_INSERTED, "A", b"\x3b", CardKind.UNKNOWN))
    assert (state.phase, state.notice) == (Phase.MASKED, told(card_failure("unknown")))


def test_a_refused_sign_in_is_a_notice(session: Session, cards: Cards, practice: Practice) -> None:
    practice.refusal = DmpError("CarteExpiree", "Votre carte a expiré.", "Commandez-en une nouvelle.")
    insert(session, cards, "A", CPS)
    assert session.state().phase is Phase.MASKED
    assert "expiré" in session.state().notice


def test_a_mute_card_and_a_stopped_service_are_told(session: Session) -> None:
    session.handle(CardEvent(CardEventType.CARD_MUTE, "A"))
    assert "retournez-la" in session.state().notice
    session.handle(CardEvent(CardEventType.SERVICE_DOWN))
    assert not session.state().service_up
    session.handle(CardEvent(CardEventType.SERVICE_UP))
    session.handle(CardEvent(CardEventType.READER_ADDED, "Lecteur"))
    assert (session.state().service_up, session.state().readers, session.state().notice) == (True, ("Lecteur",), "")
    session.handle(CardEvent(CardEventType.READER_REMOVED, "Lecteur"))
    assert session.state().readers == ()


def test_a_workstation_without_the_library_is_not_told_to_plug_a_reader(session: Session) -> None:
    state = session.handle(CardEvent(CardEventType.SERVICE_DOWN, why=PcscError(NO_LIBRARY).code))
    assert "Faites installer le service" in state.notice
    assert "branchez" not in state.notice
    assert session.handle(CardEvent(CardEventType.SERVICE_UP)).notice == ""
    assert session.handle(CardEvent(CardEventType.SERVICE_DOWN, why="card.no_service")).notice == notices.NO_SERVICE


def test_closing_a_patient_keeps_the_professional(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    session.close_patient()
    assert (session.state().phase, session.state().patient) == (Phase.READY, None)


def test_closing_a_record_leaves_who_is_to_be_chosen(session: Session, cards: Cards) -> None:
    insert(session, cards, "A", CPS)
    insert(session, cards, "B", (LEA,))
    remove(session, cards, "B")
    insert(session, cards, "B", (LEA, LEO))
    assert session.state().phase is Phase.CHOOSING
    session.close_patient()
    state = session.state()
    assert (state.phase, state.patient, state.candidates) == (Phase.CHOOSING, None, (LEA, LEO))
