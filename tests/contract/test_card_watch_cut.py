"""A card pulled in the middle of each command of a reading: always the same text, in both worlds, whatever the driver calls it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.cps import PlainCpsReader
from dmp_desktop.card.failures import E_NOT_TRANSACTED, F_COMM_ERROR, W_REMOVED_CARD, W_UNPOWERED_CARD, PcscError
from dmp_desktop.card.fake import CardApplication, FakePcsc
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from tests.helpers.card_worlds import PATIENT, WORLDS, World, open_world, vitale
from tests.helpers.cps_certificates import certificate
from tests.helpers.pcsc_ledger import LEAVE_CARD, SHARE_SHARED
from tests.helpers.scripted_pcsc import ScriptedPcsc

READER = "Lecteur"
CERTIFICATES = certificate(), certificate(serial=2)
ERROR_GEN_FAILURE = 0x1F  # winerror.h: a USB driver whose device is on its way out
CARD_LEFT = PcscError(W_REMOVED_CARD)

CARDS: dict[str, Callable[[], CardApplication]] = {
    "vitale": lambda: VitaleCard([PATIENT] * 5),
    "cps": lambda: CpsCard(*CERTIFICATES),
}


def read(world: World, kind: str) -> None:
    access = CardAccess(world.pcsc, patience=5)
    if kind == "vitale":
        PlainPcscVitaleReader(access).read(READER)
    else:
        PlainCpsReader(access).read_public(READER)


@dataclass
class Watched:
    """A card that calls `meanwhile` with the number of each command, before it answers."""

    card: CardApplication
    meanwhile: Callable[[int], None]
    commands: int = 0

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def reset(self) -> None:
        self.card.reset()

    def process(self, apdu: bytes) -> bytes:
        self.commands += 1
        self.meanwhile(self.commands)
        return self.card.process(apdu)


def commands(kind: str) -> int:
    """How many commands a whole reading takes."""
    memory = FakePcsc()
    card = Watched(CARDS[kind](), lambda _number: None)
    memory.plug(READER)
    memory.insert(READER, card)
    read(World(memory, memory), kind)
    return card.commands


CUTS = [(kind, cut) for kind in CARDS for cut in range(1, commands(kind) + 1)]


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        opened.hand.plug(READER)
        yield opened
        if isinstance(opened.hand, ScriptedPcsc):
            assert opened.hand.ledger.problems() == []


def told(world: World, kind: str, cut: int, pull: Callable[[], None]) -> CardError:
    """What is told when `pull` happens during the `cut`-th command; the next card is then read as if nothing had been."""
    card = Watched(CARDS[kind](), lambda number: pull() if number == cut else None)
    world.hand.insert(READER, card)
    with pytest.raises(CardError) as caught:
        read(world, kind)
    assert card.commands == cut
    with suppress(ValueError):  # it may be out already
        world.hand.remove(READER)
    world.hand.insert(READER, CARDS[kind]())
    read(world, kind)
    return caught.value


def test_there_is_much_to_cut() -> None:
    assert {kind: commands(kind) for kind in CARDS} == {
        "vitale": sum(kind == "vitale" for kind, _ in CUTS),
        "cps": sum(kind == "cps" for kind, _ in CUTS),
    }
    assert min(map(commands, CARDS)) >= 6


@pytest.mark.parametrize(("kind", "cut"), CUTS)
def test_a_card_pulled_during_a_command(world: World, kind: str, cut: int) -> None:
    error = told(world, kind, cut, lambda: world.hand.remove(READER))
    assert (error.code, str(error)) == ("card.removed", str(CARD_LEFT))


@pytest.mark.parametrize("status", [F_COMM_ERROR, E_NOT_TRANSACTED, W_UNPOWERED_CARD, ERROR_GEN_FAILURE], ids=hex)
@pytest.mark.parametrize(("kind", "cut"), CUTS)
def test_whatever_the_driver_calls_it(world: World, kind: str, cut: int, status: int) -> None:
    def pull() -> None:
        world.hand.fail("transmit", status)
        world.hand.remove(READER)

    error = told(world, kind, cut, pull)
    assert (error.code, str(error)) == ("card.removed", str(CARD_LEFT))


@pytest.mark.alone
def test_a_service_that_notices_later(world: World) -> None:
    """pcscd asks the reader for its card every 400 ms: the command fails first."""
    late = threading.Timer(0.3, world.hand.remove, (READER,))

    def pull() -> None:
        world.hand.fail("transmit", E_NOT_TRANSACTED)
        late.start()

    assert told(world, "vitale", 3, pull).code == "card.removed"


def test_a_card_put_back_at_once_was_pulled_all_the_same(world: World) -> None:
    def pull() -> None:
        world.hand.fail("transmit", F_COMM_ERROR)
        world.hand.remove(READER)
        world.hand.insert(READER, vitale())

    assert told(world, "vitale", 2, pull).code == "card.removed"


def test_a_failure_with_the_card_in_place_is_told_as_such(world: World) -> None:
    assert told(world, "vitale", 2, lambda: world.hand.fail("transmit", E_NOT_TRANSACTED)).code == "card.failed"


def test_a_reader_pulled_with_its_card(world: World) -> None:
    def pull() -> None:
        world.hand.fail("transmit", F_COMM_ERROR)
        world.hand.unplug(READER)

    world.hand.insert(READER, Watched(vitale(), lambda number: pull() if number == 2 else None))
    with pytest.raises(CardError) as caught:
        read(world, "vitale")
    assert caught.value.code == "card.reader_gone"


def test_the_card_is_shared_and_left_as_it_is() -> None:
    """What libpcsclite sent: never exclusive, never a reset, also when another program resets the card meanwhile."""
    with open_world("libpcsclite") as world:
        world.hand.plug(READER)
        world.hand.insert(
            READER, Watched(vitale(), lambda number: world.hand.reset_card(READER) if number == 3 else None)
        )
        read(world, "vitale")
        assert isinstance(world.hand, ScriptedPcsc)
        ledger = world.hand.ledger
    assert ledger.problems() == []
    assert ledger.shares == {SHARE_SHARED: 2}
    assert ledger.dispositions == {("end", LEAVE_CARD): 2, ("reconnect", LEAVE_CARD): 1, ("disconnect", LEAVE_CARD): 1}
