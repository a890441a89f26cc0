"""Whoever signs in and reads records has their own key open for as long as they are there, for one more signature of their card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.domain.people import Facility, Professional, Role
from dmp_desktop.errors import CardError, StorageError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.card_accounts import CardDesk
from dmp_desktop.services.sign_in import UNKEPT, Account, SignInDesk
from dmp_desktop.services.vault import Vault
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.recovery import recovery_public
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.wrapped_keys import WrappedKeyStore
from tests.helpers.card_opener import FakeCardSession
from tests.helpers.session_desk import DUPONT, PLACES, FakeTransport, PracticeRoom
from tests.helpers.signers import PASSWORD, write_identity
from tests.helpers.slow_card import SlowCard

SIGNATURE_SECONDS = 0.7
"""A CPS takes as long (reference card.md)."""


class Workstation:
    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "base.db", bytes(32))
        self.kept = WrappedKeyStore(self.database, Seal(bytes(32), "vault"), SystemClock())
        self.identity = Pkcs12Identity(write_identity(folder / "identity"), PASSWORD)
        self.seconds = 0.0
        self.card = SlowCard(self.identity.authentication)
        self.restart()

    def restart(self) -> None:
        self.vault = Vault(self.kept, lambda: recovery_public(bytes(32)))
        self.desk = SignInDesk(
            [],
            lambda _identity: FakeTransport(),  # type: ignore[arg-type, return-value]
            lambda _transport, identity, who: (who, identity),  # type: ignore[arg-type, return-value]
            vault=self.vault,
        )

    def account(self, number: str = "810000000001", role: Role = Role.DOCTOR) -> Account:
        return Account(
            number,
            Professional(number[1:], "TEST-FICTIF", "Claire", "G15_10/SM26"),
            Facility("410002422979001", "Cabinet", "SA07"),
            role,
            self.open_card,
        )

    def open_card(self) -> SlowCard:
        self.card = SlowCard(self.identity.authentication, self.seconds)
        return self.card

    @property
    def is_open(self) -> bool:
        return self.vault.opened("cache") is not None


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Workstation]:
    station = Workstation(tmp_path)
    yield station
    station.identity.close()
    station.database.close()


def test_one_more_signature_a_sign_in_and_two_the_first_time(station: Workstation) -> None:
    account = station.account()
    assert station.desk.sign_in(account).notice == ""
    first = station.vault.seal("cache").key_id
    assert len(station.card.signed) == 2
    station.desk.sign_out()
    station.restart()
    station.desk.sign_in(account)
    assert station.vault.seal("cache").key_id == first
    assert station.card.signed == ["PKCS#1"]


@pytest.mark.slow
@pytest.mark.alone
def test_what_it_costs_with_a_card_as_slow_as_a_cps(station: Workstation, capsys: pytest.CaptureFixture[str]) -> None:
    station.desk.sign_in(station.account())
    station.desk.sign_out()
    station.seconds = SIGNATURE_SECONDS
    start = time.monotonic()
    station.desk.sign_in(station.account())
    seconds = time.monotonic() - start
    with capsys.disabled():
        print(f"\nsign-in with a card at {SIGNATURE_SECONDS} s a signature: {seconds:.2f} s", end=" ")
    assert SIGNATURE_SECONDS <= seconds < 2 * SIGNATURE_SECONDS


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.OTHER_PROFESSIONAL, Role.TRAINEE, Role.STRUCTURE])
def test_who_reads_records_has_a_key_until_they_leave(station: Workstation, role: Role) -> None:
    station.desk.sign_in(station.account(role=role))
    assert station.is_open
    close = station.desk.let_go()
    assert not station.is_open, "at once, before any connection has ended"
    close()


def test_a_secretary_has_none_and_nobody_else_s(station: Workstation) -> None:
    station.desk.sign_in(station.account())
    station.desk.sign_in(station.account("410002422979001/1", Role.SECRETARY))
    assert not station.is_open
    assert station.card.signed == []
    assert station.kept.of("410002422979001/1") == []


def test_two_doctors_have_each_their_own(station: Workstation) -> None:
    station.desk.sign_in(station.account())
    one = station.vault.seal("cache")
    station.desk.sign_in(station.account("810000000002"))
    other = station.vault.seal("cache")
    assert other.key_id != one.key_id
    with pytest.raises(StorageError):
        other.seal.open(one.seal.seal(b"x", "place"), "place")


def test_practising_elsewhere_changes_no_key_and_asks_the_card_nothing(station: Workstation) -> None:
    account = station.account()
    station.desk.sign_in(account)
    seal, before = station.vault.seal("cache"), len(station.card.signed)
    station.desk.change(replace(account, facility=Facility("410002422979002", "Ailleurs", "SA07")))
    assert station.vault.seal("cache") is seal
    assert len(station.card.signed) == before


def test_pro_sante_connect_opens_a_key_of_the_session_and_signs_nothing(station: Workstation) -> None:
    """Its keys are the structure's: any colleague's sign-in would open what they closed."""
    account = replace(station.account(), authenticated_at=datetime(2030, 1, 1, tzinfo=UTC))
    station.desk.sign_in(account)
    first = station.vault.seal("cache").key_id
    assert station.card.signed == []
    station.desk.sign_out()
    station.desk.sign_in(account)
    assert station.vault.seal("cache").key_id != first


def test_a_key_whose_pin_the_system_asks_signs_nothing_before_it_serves(station: Workstation) -> None:
    station.desk.sign_in(replace(station.account(), prompts=True))
    assert station.card.signed == []
    assert station.is_open
    assert station.card.signed
    station.desk.sign_out()
    assert not station.is_open


def test_a_store_that_fails_is_told_and_the_sign_in_goes_on(station: Workstation) -> None:
    station.database.close()
    signed_in = station.desk.sign_in(station.account())
    assert signed_in.notice.startswith(UNKEPT)
    assert "Relancez DMP Desktop." in signed_in.notice
    assert station.desk.signed_in() == signed_in
    assert not station.is_open


def test_a_key_that_refuses_is_told_too(station: Workstation) -> None:
    class Refuses(SlowCard):
        def sign_digest_info(self, digest_info: bytes) -> bytes:
            raise CardError("card.refused", "La carte a refusé.", "Changez de carte.")

    account = replace(station.account(), open_identity=lambda: Refuses(station.identity.authentication))
    assert station.desk.sign_in(account).notice == f"{UNKEPT} La carte a refusé. Changez de carte."


def test_a_card_pulled_out_while_it_signs_ends_the_sign_in(station: Workstation) -> None:
    station.seconds = 30.0
    account = station.account()

    def pull() -> None:
        while not station.card.busy.wait(0.01):
            pass
        station.card.pulled.set()

    threading.Thread(target=pull).start()
    with pytest.raises(CardError) as ended:
        station.desk.sign_in(account)
    assert ended.value.code == "card.removed"
    assert station.desk.current() is None
    assert not station.is_open


class Watched(FakeCardSession):
    """A card whose authentication key works."""

    def __init__(self, card: SlowCard, leave: Callable[[], None] = lambda: None) -> None:
        super().__init__(PLACES[:1])
        self._card, self._leave = card, leave

    @property
    def authentication(self) -> SlowCard:
        self._leave()
        return self._card


def test_a_card_let_go_of_while_its_key_is_opened_leaves_nothing_open(station: Workstation, tmp_path: Path) -> None:
    """`let_go` comes from another thread, in the middle of the sign-in."""
    leaving: list[Callable[[], None]] = []
    room = PracticeRoom(tmp_path)
    desk = CardDesk(station.desk, room.opener, room.last, lambda: None)
    session = Watched(station.card, lambda: leaving.append(desk.let_go()))
    room.know(DUPONT)
    room.opener.open = lambda _card, _pin: session  # type: ignore[assignment, return-value, method-assign]
    with pytest.raises(CardError) as ended:
        desk.enter(DUPONT, "1234")
    assert ended.value.code == "card.removed"
    assert leaving
    assert not station.is_open
    assert station.card.signed == []


def test_the_session_says_it_and_the_patient_opens_all_the_same(station: Workstation, tmp_path: Path) -> None:
    station.database.close()
    room = PracticeRoom(tmp_path, vault=station.vault)
    room.know(DUPONT)
    room.opener.open = lambda _card, _pin: Watched(station.card)  # type: ignore[assignment, return-value, method-assign]
    room.plug("A", DUPONT)
    state = room.give_pin("1234")
    assert state.professional is not None
    assert state.notice.startswith(UNKEPT)
