"""A practice to play sessions in: readers, cards of professionals and patients, the real desk over a module in memory."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from dmp_desktop.domain.cards import (
    Beneficiary,
    CardEvent,
    CardEventType,
    CardKind,
    CardType,
    CpsActivity,
    PublicCps,
    VitaleIdentity,
)
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Facility, Patient, Professional, Role, Sex
from dmp_desktop.domain.ports import ClientIdentity, Transport
from dmp_desktop.errors import CardError
from dmp_desktop.platform.places import LastPlaces
from dmp_desktop.services.accounts import Practice
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.session import Session, SessionState
from dmp_desktop.services.sign_in import Account, SignInDesk
from dmp_desktop.services.vault import Vault
from tests.helpers.card_opener import FakeCardSession, FakeOpener, Known

LILAS = Facility("410002422979001", "Cabinet des Lilas", "SA07")
TILLEULS = Facility("410002422979002", "Maison des Tilleuls", "SA52")
PLACES = (CpsActivity(1, LILAS, "G15_10/SM26", "00"), CpsActivity(3, TILLEULS, "G15_10/SM26", "04"))


def card(family: str, number: str, card_type: CardType = CardType.CPS, profession: str = "10") -> PublicCps:
    until = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    return PublicCps(family, "Camille", f"8{number}", profession, True, until, family.encode(), b"", card_type)


DUPONT = card("DUPONT", "10002422979")
MARTIN = card("MARTIN", "10001234567")
SOFTWARE = card("LOGICIEL", "10009999999")
LEA = Beneficiary("TEST-MARTIN", "LEA", "19850312", "285035145412363", 1)
LEO = Beneficiary("TEST-MARTIN", "LEO", "20150612", "115065145412393", 2)

Card = PublicCps | tuple[Beneficiary, ...]


def patient(person: Beneficiary) -> Patient:
    ins = InsIdentity(person.nir, OID_INS_TEST, InsStatus.QUALIFIEE)
    return Patient(ins, person.family, person.given, person.given, Sex.FEMALE, dt.date(1985, 3, 12), "51454")


class FakeTransport:
    def __init__(self) -> None:
        self.closings = 0

    def close(self) -> None:
        self.closings += 1


@dataclass
class PracticeRoom:
    """One workstation. `plug`/`pull` move cards and tell the session, as the watcher does."""

    folder: Path
    opener: FakeOpener = field(default_factory=FakeOpener)
    practice: Practice | None = None
    slots: dict[str, Card] = field(default_factory=dict)
    transports: list[FakeTransport] = field(default_factory=list)
    people: set[str] = field(default_factory=lambda: {LEA.nir, LEO.nir})
    came: int = 0
    left: int = 0
    resets: int = 0
    vault: Vault | None = None

    def __post_init__(self) -> None:
        professional = Professional("10009999999", "LOGICIEL", "Camille", "G15_10/SM26")
        self.software = FakeCardSession(())
        account = Account(SOFTWARE.national_id, professional, LILAS, Role.DOCTOR, lambda: self.software)
        self.desk = SignInDesk([account], self._connect, self._converse, vault=self.vault)  # type: ignore[arg-type, return-value]
        self.last = LastPlaces(self.folder / "lieux.json")
        self.session = self.restart()

    def restart(self) -> Session:
        """The program anew, on the same workstation."""
        desk = CardDesk(self.desk, self.opener, self.last, lambda: self.practice, reset=self._reset)
        self.session = Session(self, self, self, desk, self._came, self._left)
        return self.session

    @property
    def state(self) -> SessionState:
        return self.session.state()

    def know(self, one: PublicCps, *activities: CpsActivity, pin: str = "1234") -> Known:
        self.opener.cards[one.national_id] = Known(pin, activities)
        return self.opener.cards[one.national_id]

    def plug(self, reader: str, one: Card, kind: CardKind | None = None) -> SessionState:
        self.slots[reader] = one
        kind = kind or (CardKind.CPS if isinstance(one, PublicCps) else CardKind.VITALE)
        return self.session.handle(CardEvent(CardEventType.CARD_INSERTED, reader, b"\x3b", kind))

    def pull(self, reader: str) -> SessionState:
        self.slots.pop(reader, None)
        return self.session.handle(CardEvent(CardEventType.CARD_REMOVED, reader, b"\x3b"))

    def give_pin(self, pin: str) -> SessionState:
        """Under the question that is on screen."""
        return self.session.give_pin(pin, self.state.pin.question if self.state.pin else 0)

    def read_public(self, reader: str) -> PublicCps:
        found = self.slots.get(reader)
        if not isinstance(found, PublicCps):
            raise CardError("card.not_cps", "Cette carte n'est pas une carte de professionnel.")
        return found

    def read(self, reader: str) -> VitaleIdentity:
        found = self.slots.get(reader)
        if not isinstance(found, tuple):
            raise CardError("card.not_vitale", "Cette carte n'est pas une carte Vitale.")
        return VitaleIdentity(found, "pcsc")

    def match(self, beneficiary: Beneficiary) -> Patient | None:
        return patient(beneficiary) if beneficiary.nir in self.people else None

    def _connect(self, _identity: ClientIdentity) -> Transport:
        self.transports.append(FakeTransport())
        return self.transports[-1]  # type: ignore[return-value]

    def _converse(self, transport: Transport, identity: ClientIdentity, who: object) -> tuple[object, ...]:
        self.identity = identity
        return transport, identity, who

    def _came(self) -> None:
        self.came += 1

    def _left(self) -> None:
        self.left += 1

    def _reset(self) -> None:
        self.resets += 1
