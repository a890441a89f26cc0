"""Reading cards in both worlds: what they hold, and everything that may come in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from dmp_desktop.card import FakePcsc, access, open_fake
from dmp_desktop.card.access import PAUSE, TRIES, CardAccess
from dmp_desktop.card.apdu import CardChannel
from dmp_desktop.card.cps import PlainCpsReader
from dmp_desktop.card.inventory import Inventory
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.domain.cards import Beneficiary, CardKind
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import AID_CPS4, ATR_CPS4, CpsCard, VitaleCard
from tests.helpers.card_worlds import PATIENT, WORLDS, Recorder, World, open_world, vitale
from tests.helpers.cps_certificates import SUBJECT, UNTIL, certificate

READER = "Lecteur bifente 00 00"
Pause = Callable[[float], None]


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        opened.hand.plug(READER)
        yield opened


def never(seconds: float) -> None:
    raise AssertionError("nobody holds the card")


def read_vitale(world: World, pause: Pause = never) -> tuple[Beneficiary, ...]:
    return PlainPcscVitaleReader(CardAccess(world.pcsc, pause)).read(READER).beneficiaries


def refused(act: Callable[[], object]) -> str:
    """The code of the CardError, once it has been told in French with a remedy."""
    with pytest.raises(CardError) as caught:
        act()
    assert caught.value.message_fr.endswith(".")
    assert caught.value.remedy_fr.endswith(".")
    return caught.value.code


class OneActCard(VitaleCard):
    """Does something when its n-th command comes: the desk moves while the card is being read."""

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        super().__init__([PATIENT])
        self._at = at
        self._act = act
        self.commands = 0

    def process(self, apdu: bytes) -> bytes:
        self.commands += 1
        if self.commands == self._at:
            self._act()
        return super().process(apdu)


class TestVitale:
    def test_one_beneficiary(self, world: World) -> None:
        world.hand.insert(READER, vitale())
        assert read_vitale(world) == (Beneficiary(*PATIENT, rank=1),)

    def test_a_family_longer_than_one_command(self, world: World) -> None:
        family = [(f"TEST-PATIENTE-{n}", "ÉLODIE", f"20{n:02d}0000", PATIENT[3]) for n in range(1, 10)]
        world.hand.insert(READER, VitaleCard(family))
        assert read_vitale(world) == tuple(Beneficiary(*person, rank=n) for n, person in enumerate(family, 1))

    def test_the_card_is_left_for_the_others(self, world: World) -> None:
        world.hand.insert(READER, vitale())
        assert read_vitale(world) == read_vitale(world)

    def test_a_cps_is_not_one(self, world: World) -> None:
        world.hand.insert(READER, CpsCard(certificate(), certificate(serial=2)))
        assert refused(lambda: read_vitale(world)) == "card.not_vitale"


class TestCps:
    @pytest.mark.parametrize("usage", [True, False])
    def test_the_bearer_and_both_certificates(self, world: World, usage: bool) -> None:
        """By the key usage, or by CKA_ID where the certificates have none."""
        authentication = certificate(serial=1, signs=False if usage else None)
        signature = certificate(serial=2, signs=True if usage else None)
        world.hand.insert(READER, CpsCard(authentication, signature))
        bearer = PlainCpsReader(CardAccess(world.pcsc, never)).read_public(READER)
        assert (bearer.family, bearer.given, bearer.profession) == ("TEST-FICTIF", "CLAIRE", "Médecin")
        assert (bearer.national_id, bearer.is_test, bearer.valid_until) == ("899700000001", True, UNTIL)
        assert bearer.authentication_certificate_der == authentication
        assert bearer.signature_certificate_der == signature

    def test_a_cps4(self, world: World) -> None:
        world.hand.insert(READER, CpsCard(certificate(), certificate(serial=2), atr=ATR_CPS4, aid=AID_CPS4))
        assert PlainCpsReader(CardAccess(world.pcsc, never)).read_public(READER).family == "TEST-FICTIF"

    def test_a_real_card_is_no_test_card(self, world: World) -> None:
        issuer = "AC IGC-SANTE FORT PERSONNES"
        world.hand.insert(READER, CpsCard(certificate(issuer=issuer), certificate(serial=2, issuer=issuer)))
        assert not PlainCpsReader(CardAccess(world.pcsc, never)).read_public(READER).is_test

    def test_a_vitale_is_not_one(self, world: World) -> None:
        world.hand.insert(READER, vitale())
        assert refused(lambda: PlainCpsReader(CardAccess(world.pcsc, never)).read_public(READER)) == "card.not_cps"

    @pytest.mark.parametrize("der", [b"", b"\x30\x03\x02\x01\x05", b"\x30\x82\x05"])
    def test_certificates_that_are_none(self, world: World, der: bytes) -> None:
        world.hand.insert(READER, CpsCard(der, der))
        assert refused(lambda: PlainCpsReader(CardAccess(world.pcsc, never)).read_public(READER)) == "card.cps_data"

    def test_nobody_without_a_national_identifier(self, world: World) -> None:
        nameless = certificate(subject={oid: value for oid, value in SUBJECT.items() if value != "899700000001"})
        world.hand.insert(READER, CpsCard(nameless, nameless))
        assert refused(lambda: PlainCpsReader(CardAccess(world.pcsc, never)).read_public(READER)) == "card.cps_data"


class TestInBetween:
    def test_no_service(self, world: World) -> None:
        world.hand.stop_service()
        assert refused(lambda: read_vitale(world)) == "card.no_service"
        world.hand.start_service()

    def test_no_such_reader(self, world: World) -> None:
        world.hand.unplug(READER)
        assert refused(lambda: read_vitale(world)) == "card.reader_gone"

    def test_no_card(self, world: World) -> None:
        assert refused(lambda: read_vitale(world)) == "card.removed"

    def test_a_mute_card(self, world: World) -> None:
        world.hand.insert(READER, vitale(), mute=True)
        assert refused(lambda: read_vitale(world)) == "card.mute"

    def test_another_program_has_the_card_then_lets_go(self, world: World) -> None:
        world.hand.insert(READER, vitale())
        world.hand.hold(READER)
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == TRIES - 1:
                world.hand.hold(READER, held=False)

        assert len(read_vitale(world, pause)) == 1
        assert pauses == [PAUSE] * (TRIES - 1)

    def test_another_program_keeps_the_card(self, world: World) -> None:
        world.hand.insert(READER, vitale())
        world.hand.hold(READER)
        pauses: list[float] = []
        assert refused(lambda: read_vitale(world, pauses.append)) == "card.busy"
        assert len(pauses) == TRIES - 1

    def test_another_program_is_in_the_middle_of_a_transaction(self, world: World) -> None:
        world.hand.insert(READER, vitale())
        context = world.pcsc.establish()
        theirs = context.connect(READER)
        theirs.begin()
        hurried = PlainPcscVitaleReader(CardAccess(world.pcsc, never, patience=0.1))
        assert refused(lambda: hurried.read(READER)) == "card.busy"
        theirs.end()
        assert len(read_vitale(world)) == 1
        theirs.disconnect()
        context.release()

    @pytest.mark.alone
    def test_looks_at_a_card_in_a_long_transaction_leave_one_visit_behind(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each look would wait as long as the first, and read the card for nobody once it is free."""
        monkeypatch.setattr(access, "GLANCE", 0.1)
        read: list[CardChannel] = []
        visits = CardAccess(world.pcsc, never, patience=2)
        world.hand.insert(READER, vitale())
        context = world.pcsc.establish()
        theirs = context.connect(READER)
        for _ in range(2):  # the second time it is held again just when a look could have been made
            theirs.begin()
            before = set(threading.enumerate())
            spent = []
            for _ in range(4):
                asked = time.monotonic()
                assert refused(lambda: visits.visit(READER, read.append)) == "card.busy"
                spent.append(time.monotonic() - asked)
            behind = [one for one in threading.enumerate() if one not in before and one.name == "card-visit"]
            assert len(behind) == 1
            assert max(spent[1:]) < 1
            theirs.end()
            behind[0].join(60)
            assert (behind[0].is_alive(), read) == (False, [])
        assert spent[0] < 1
        visits.visit(READER, read.append)
        assert len(read) == 1
        theirs.disconnect()
        context.release()

    @pytest.mark.parametrize("command", range(1, 8))
    def test_the_card_is_pulled_while_it_is_read(self, world: World, command: int) -> None:
        world.hand.insert(READER, OneActCard(command, lambda: world.hand.remove(READER)))
        assert refused(lambda: read_vitale(world)) == "card.removed"
        world.hand.insert(READER, vitale())
        assert len(read_vitale(world)) == 1

    def test_the_reader_is_pulled_while_the_card_is_read(self, world: World) -> None:
        world.hand.insert(READER, OneActCard(2, lambda: world.hand.unplug(READER)))
        assert refused(lambda: read_vitale(world)) == "card.reader_gone"

    def test_the_service_stops_while_the_card_is_read(self, world: World) -> None:
        world.hand.insert(READER, OneActCard(2, world.hand.stop_service))
        assert refused(lambda: read_vitale(world)) == "card.no_service"
        world.hand.start_service()
        assert len(read_vitale(world)) == 1

    @pytest.mark.parametrize("command", range(1, 8))
    def test_another_program_resets_the_card_once(self, world: World, command: int) -> None:
        card = OneActCard(command, lambda: world.hand.reset_card(READER))
        world.hand.insert(READER, card)
        assert len(read_vitale(world)) == 1
        assert card.commands > 7

    def test_a_card_that_is_reset_for_ever(self, world: World) -> None:
        class Restless(OneActCard):
            def process(self, apdu: bytes) -> bytes:
                world.hand.reset_card(READER)
                return super().process(apdu)

        world.hand.insert(READER, Restless(0, lambda: None))
        assert refused(lambda: read_vitale(world)) == "card.failed"


def test_the_demo_s_cards_come_ready_to_use() -> None:
    """`open_fake` joins the whole: what is inserted by hand is told, then read, without any PC/SC on the machine."""
    pcsc = FakePcsc()
    cards = open_fake(pcsc)
    told = Recorder()
    cards.watcher.start(told)
    pcsc.plug(READER)
    pcsc.insert(READER, vitale())
    *_, inserted = told.next(3)
    assert inserted.kind is CardKind.VITALE
    assert cards.vitale.read(inserted.reader).source == "pcsc"
    assert refused(lambda: cards.professional.read_public(inserted.reader)) == "card.not_cps"
    assert cards.inventory.look()[0].kind is CardKind.VITALE
    cards.watcher.stop()


class TestInventory:
    def test_every_reader_and_what_is_in_it(self, world: World) -> None:
        world.hand.plug("Vide")
        world.hand.plug("Muette")
        world.hand.insert(READER, vitale())
        world.hand.insert("Muette", vitale(), mute=True)
        contents = Inventory(world.pcsc).look()
        assert [(one.reader, one.present, one.mute, one.kind) for one in contents] == [
            (READER, True, False, CardKind.VITALE),
            ("Vide", False, False, CardKind.UNKNOWN),
            ("Muette", True, True, CardKind.UNKNOWN),
        ]

    def test_no_reader(self, world: World) -> None:
        world.hand.unplug(READER)
        assert Inventory(world.pcsc).look() == []
