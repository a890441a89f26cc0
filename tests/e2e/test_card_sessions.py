"""Whole sessions before the stand-in server: a card that another program resets, a card whose PIN Windows asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography import x509

from dmp_desktop.card.pkcs11 import Pkcs11CardOpener
from dmp_desktop.domain.cards import (
    Beneficiary,
    CardEvent,
    CardEventType,
    CardKind,
    CardType,
    PublicCps,
    VitaleIdentity,
)
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.domain.ports import CardOpener
from dmp_desktop.errors import CardError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.card_modules import CardModule, WindowsStore
from dmp_desktop.services.session import Phase, Session
from dmp_desktop.services.structure_deposit import StructureDeposit
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.card_desks import READER, desk_with
from tests.helpers.card_station import Workstation, doctor_of
from tests.helpers.cps_token import AUT, PIN, SIG, Holder
from tests.helpers.piv_card import OPENSC, PivCard, configure_opensc
from tests.helpers.seeded import seeded
from tests.helpers.windows_store import AT_SIGNATURE, FakeWindows, Installed

NO_MODULE = "/nulle/part.so"
SCARD_W_CANCELLED_BY_USER, SCARD_W_REMOVED_CARD = 0x8010006E, 0x80100069


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@dataclass
class Room:
    """The real session and desk over the real wire; cards of professionals are told by `card`, the patient by `patient`."""

    wiring: Wiring
    patient: Patient
    another: Patient
    card: PublicCps
    resets: list[bool] = field(default_factory=list)

    def sit_down(self, opener: CardOpener, store: WindowsStore | None = None) -> Session:
        desk = self.wiring.entry.card_desk_over(opener, store, lambda: self.resets.append(True))
        assert isinstance(desk, CardDesk)
        self.session = Session(self, self, self, desk)
        return self.session

    def insert(self, reader: str, kind: CardKind) -> Phase:
        return self.session.handle(CardEvent(CardEventType.CARD_INSERTED, reader, b"\x3b", kind)).phase

    def remove(self, reader: str) -> Phase:
        return self.session.handle(CardEvent(CardEventType.CARD_REMOVED, reader, b"\x3b")).phase

    def ask_status(self, patient: Patient | None = None) -> bool:
        """One act at the DMP. Raises CardError."""
        repository = self.wiring.desk.repository()
        assert repository is not None
        return repository.status((patient or self.patient).ins).exists

    def read_public(self, _reader: str) -> PublicCps:
        return self.card

    def read(self, _reader: str) -> VitaleIdentity:
        return VitaleIdentity((Beneficiary("TEST", "A", "19850312", self.patient.ins.value, 1),), "pcsc")

    def match(self, _beneficiary: Beneficiary) -> Patient:
        return self.patient


@contextmanager
def open_room(sandbox: Sandbox, folder: Path, holder: Holder) -> Iterator[Room]:
    station = Workstation(sandbox, folder / "poste", f"pkcs11:{NO_MODULE}")
    told = {item["story"]: patient_from_dict(item["patient"]) for item in sandbox.ready["patients"]}
    with open_wiring(station.environment) as wiring:
        yield Room(wiring, told["ordinary"], told["chronic"], holder.public)


@pytest.mark.skipif(not OPENSC.exists(), reason="OpenSC absent : opensc-pkcs11.so (paquet opensc-pkcs11)")
def test_a_card_reset_by_another_program_asks_its_pin_and_goes_on_with_the_same_patient(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    configure_opensc()
    holder = doctor_of(sandbox)
    chip = PivCard(holder)
    with open_room(sandbox, tmp_path, holder) as room, desk_with(chip, OPENSC) as hand:
        session = room.sit_down(Pkcs11CardOpener(OPENSC))
        assert room.insert(READER, CardKind.CPS) is Phase.PIN
        assert session.give_pin(PIN, session.state().pin.question).phase is Phase.READY
        assert room.insert("Lecteur B", CardKind.VITALE) is Phase.OPEN
        assert room.ask_status()

        hand.reset_card(READER)
        assert room.ask_status(), "nothing to sign: the connection and what was signed for this patient still stand"
        with pytest.raises(CardError) as refused:
            room.ask_status(room.another)
        assert (refused.value.code, room.resets) == ("card.removed", [True])
        state = session.card_reset()
        assert (state.phase, state.patient, room.wiring.desk.current()) == (Phase.PIN, None, None)
        assert state.pin is not None
        assert state.pin.said.startswith("Un autre logiciel a réinitialisé votre carte")
        state = session.give_pin(PIN, state.pin.question)
        assert (state.phase, state.patient) == (Phase.OPEN, room.patient)
        assert room.ask_status(room.another)
        assert chip.logins == 2
        assert room.remove(READER) is Phase.MASKED


def windows_of(holder: Holder) -> FakeWindows:
    """What the CPS's own provider (CAPI) shows of a card."""
    der = {one: x509.load_der_x509_certificate(holder.certificates[one]) for one in (AUT, SIG)}
    return FakeWindows(
        [Installed(der[AUT], holder.keys[AUT]), Installed(der[SIG], holder.keys[SIG], spec=AT_SIGNATURE)]
    )


def test_without_a_module_windows_asks_the_pin_and_the_session_goes_on_without_a_panel(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    holder = doctor_of(sandbox)
    windows = windows_of(holder)
    with open_room(sandbox, tmp_path, holder) as room:
        session = room.sit_down(CardModule(Path(NO_MODULE)), WindowsStore(room.wiring.clock, lambda: windows))
        assert room.insert("A", CardKind.CPS) is Phase.READY
        state = session.state()
        assert (state.pin, state.role, state.card) == (None, Role.DOCTOR, room.card)
        assert state.facility is not None
        assert state.facility.id == sandbox.ready["identities"]["doctor"]["facility"]["id"], "of cabinet.json"
        assert windows.signatures == [], "no window of Windows before the DMP is asked something"
        assert room.insert("B", CardKind.VITALE) is Phase.OPEN
        assert room.ask_status()
        assert windows.signatures == ["CAPI-WHOLE", "CAPI"], "one for the VIHF, one for TLS"
        assert room.wiring.desk.repository_of(room.card.national_id) is not None

        session.lock()
        assert windows.open == 0, "a locked session holds no key of Windows"
        assert (session.unlock().phase, session.state().patient) == (Phase.OPEN, room.patient)

        assert room.remove("A") is Phase.MASKED
        assert (windows.open, room.wiring.desk.current(), session.state().patient) == (0, None, None)


@pytest.mark.parametrize(
    ("failure", "code"), [(SCARD_W_CANCELLED_BY_USER, "card.sign_refused"), (SCARD_W_REMOVED_CARD, "card.removed")]
)
def test_a_pin_not_given_to_windows_is_told_by_the_act(
    sandbox: Sandbox, tmp_path: Path, failure: int, code: str
) -> None:
    windows = windows_of(doctor_of(sandbox))
    with open_room(sandbox, tmp_path, doctor_of(sandbox)) as room:
        room.sit_down(CardModule(Path(NO_MODULE)), WindowsStore(room.wiring.clock, lambda: windows))
        room.insert("A", CardKind.CPS)
        for installed in windows.my:
            installed.failure = failure
        with pytest.raises(CardError) as refused:
            room.ask_status()
        assert refused.value.code == code
        for installed in windows.my:
            installed.failure = 0
        assert room.ask_status(), "asked again at the next act"


def test_the_role_is_the_cards_with_windows_too(sandbox: Sandbox, tmp_path: Path) -> None:
    windows = windows_of(doctor_of(sandbox))
    with open_room(sandbox, tmp_path, doctor_of(sandbox)) as room:
        session = room.sit_down(CardModule(Path(NO_MODULE)), WindowsStore(room.wiring.clock, lambda: windows))
        for card_type, role, sends_by in (
            (CardType.CPF, Role.TRAINEE, type(None)),
            (CardType.CPE, Role.SECRETARY, StructureDeposit),
        ):
            room.card = replace(room.card, card_type=card_type)
            room.insert("A", CardKind.CPS)
            assert session.state().role is role
            assert isinstance(room.wiring.desk.repository_of(room.card.national_id), sends_by)
            room.remove("A")


def test_what_to_repair_is_told_where_windows_knows_nothing_of_the_card(sandbox: Sandbox, tmp_path: Path) -> None:
    holder = doctor_of(sandbox)
    only_one, another = windows_of(holder), windows_of(holder)
    del only_one.my[1]
    told = {}
    with open_room(sandbox, tmp_path, holder) as room:
        room.card = replace(room.card, authentication_certificate_der=b"")
        for name, windows in (("empty", FakeWindows()), ("one", only_one), ("another card's", another), ("none", None)):
            store = WindowsStore(room.wiring.clock, lambda windows=windows: windows) if windows else None  # type: ignore[misc]
            session = room.sit_down(CardModule(Path(NO_MODULE)), store)
            assert room.insert("A", CardKind.CPS) is Phase.PIN
            asked = session.state().pin
            assert asked is not None
            assert asked.refused, "no PIN of ours is of any use"
            assert windows is None or windows.open == 0
            told[name] = asked.said
    assert told["none"] == told["empty"] == told["one"]
    assert "Cryptolib CPS" in told["none"]
    assert told["another card's"].startswith("La carte qui est dans le lecteur")
