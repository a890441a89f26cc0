"""A desk moved at random from a seed, with what an observer must be told of each act and since when.

The truth is stated here, by the hand that moves: it puts in a card it knows the kind of. Nothing of it comes from the code under test.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import pytest

from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.cps import PlainCpsReader
from dmp_desktop.card.fake import CardApplication
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.domain.cards import CardEvent, CardEventType, CardKind
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from tests.helpers.card_worlds import PATIENT, World
from tests.helpers.cps_certificates import SUBJECT, certificate

READERS = 4
ISSUED: Final = {
    CardKind.VITALE: ("3B751300004309EA9000", "3B751300004909EA9000", "3F6525002C09699000", "3F652500A4096A9000"),
    CardKind.CPS: ("3BAC00402A001225006480000310009000", "3BDC18FF00001225006480000401009000"),
    CardKind.UNKNOWN: ("3B8080010100", "3B9F968131FE454F52434C2D4A312E3143"),
}
"""ATRs of cards as issued: both Vitale, CPS3 and CPS4 (reference card.md §3.1), and of others' cards."""

MOVES: Final = {"plug": 8, "unplug": 8, "insert": 22, "remove": 9, "swap": 9, "hold": 8, "reset": 8, "rename": 8}
"""How often the hand makes each move, among each other."""
EVERYDAY: Final = MOVES | {"violate": 9, "read": 9}
"""Also with our readers. `restart` and `mute` are left to who has time: they wait for the watcher's pause and for libpcsclite's own."""


@dataclass(frozen=True)
class Truth:
    """An event that must be told, of which act, and when the hand began to move what it tells (`time.perf_counter`)."""

    event: CardEvent
    act: str
    since: float


@dataclass(frozen=True)
class Slot:
    """What the hand knows of a reader: nothing in it, a card of a kind, or one upside down."""

    atr: bytes = b""
    kind: CardKind = CardKind.UNKNOWN
    mute: bool = False

    @property
    def empty(self) -> bool:
        return not (self.atr or self.mute)


@cache
def certificates() -> tuple[bytes, bytes]:
    return certificate(signs=False), certificate(serial=2, signs=True)


def put_in(kind: CardKind, atr: bytes) -> CardApplication:
    return CpsCard(*certificates(), atr=atr) if kind is CardKind.CPS else VitaleCard([PATIENT], atr=atr)


class Desk:
    """Every act returns the events an observer must be told, in order.

    That is the truth at the pace of an observer who is told of each act before the next: every reader that comes or goes, every
    card, a card changed for another faster than anyone looks (two events), a reader renamed as one that leaves and one that comes;
    and nothing of what we or other programs do with a card (read, held, reset, let go). A card put in and out of an empty reader in
    one blink leaves nothing to be told and is not played here (`test_bursts_end_in_the_truth` does).
    """

    def __init__(self, world: World, seed: int, mix: Mapping[str, float] = EVERYDAY) -> None:
        """`mix`: the weight of each act that is played, by name."""
        self._hand = world.hand
        self._access = CardAccess(world.pcsc, lambda _seconds: None)
        self._random = random.Random(seed)
        self._moves: list[Callable[[], list[Truth] | None]] = [getattr(self, f"_{name}") for name in mix]
        self._weights = list(mix.values())
        self._names = 0
        self._since = "", 0.0
        self.readers: dict[str, Slot] = {}
        """In the order they were told."""
        self._listed: list[str] = []
        """In the order of the service: a renamed reader keeps its place."""
        self.played: Counter[str] = Counter()
        """How often each act was played."""
        self.hear: Callable[[list[Truth]], None] = lambda _truths: None
        """Returns once these were told; for acts of two parts."""

    def act(self) -> list[Truth]:
        """One random act."""
        while (truths := (move := self._random.choices(self._moves, self._weights)[0])()) is None:
            continue
        self.played[move.__name__.strip("_")] += 1
        return truths

    def there(self) -> list[Truth]:
        """What an observer is told who begins to look now: the readers first, in the order of the service, then their cards."""
        self._moving("start")
        self.readers = {name: self.readers[name] for name in self._listed}
        back = [truth for name, slot in self.readers.items() for truth in self._come(name, slot)]
        return [
            self._told(CardEventType.SERVICE_UP),
            *sorted(back, key=lambda truth: truth.event.type is not CardEventType.READER_ADDED),
        ]

    # The truth

    def _moving(self, act: str) -> None:
        """The hand moves from now on."""
        self._since = act, time.perf_counter()

    def _told(self, what: CardEventType, reader: str = "") -> Truth:
        return Truth(CardEvent(what, reader), *self._since)

    def _of_card(self, what: CardEventType, reader: str, slot: Slot) -> Truth:
        return Truth(CardEvent(what, reader, slot.atr, slot.kind), *self._since)

    def _gone(self, name: str, slot: Slot) -> list[Truth]:
        card = [] if slot.empty else [self._of_card(CardEventType.CARD_REMOVED, name, slot)]
        return [*card, self._told(CardEventType.READER_REMOVED, name)]

    def _come(self, name: str, slot: Slot) -> list[Truth]:
        card = [] if slot.empty else [self._of_card(CardEventType.CARD_INSERTED, name, slot)]
        return [self._told(CardEventType.READER_ADDED, name), *card]

    # The hand

    def _pick(self, *, occupied: bool) -> str | None:
        names = [name for name, slot in self.readers.items() if slot.empty is not occupied]
        return self._random.choice(names) if names else None

    def _put(self, name: str, act: str) -> Truth:
        kind = self._random.choice(list(ISSUED))
        atr = bytes.fromhex(self._random.choice(ISSUED[kind]))
        card, mute = put_in(kind, atr), act == "mute"
        self._moving(act)
        self._hand.insert(name, card, mute=mute)
        self.readers[name] = Slot(mute=True) if mute else Slot(atr, kind)
        what = CardEventType.CARD_MUTE if mute else CardEventType.CARD_INSERTED
        return self._of_card(what, name, self.readers[name])

    def _take(self, name: str, act: str) -> Truth:
        slot, self.readers[name] = self.readers[name], Slot()
        self._moving(act)
        self._hand.remove(name)
        return self._of_card(CardEventType.CARD_REMOVED, name, slot)

    def _plug(self) -> list[Truth] | None:
        if len(self.readers) == READERS:
            return None
        self._names += 1
        name = f"Lecteur {self._names % 7}"
        if name in self.readers:
            return None
        self._moving("plug")
        self._hand.plug(name)
        self.readers[name] = Slot()
        self._listed.append(name)
        return [self._told(CardEventType.READER_ADDED, name)]

    def _unplug(self) -> list[Truth] | None:
        if not self.readers:
            return None
        name = self._random.choice(list(self.readers))
        self._moving("unplug")
        self._hand.unplug(name)
        self._listed.remove(name)
        return self._gone(name, self.readers.pop(name))

    def _insert(self) -> list[Truth] | None:
        name = self._pick(occupied=False)
        return [self._put(name, "insert")] if name else None

    def _mute(self) -> list[Truth] | None:
        """A card upside down, taken out once that was told."""
        if not (name := self._pick(occupied=False)):
            return None
        self.hear([self._put(name, "mute")])
        return [self._take(name, "mute")]

    def _remove(self) -> list[Truth] | None:
        name = self._pick(occupied=True)
        return [self._take(name, "remove")] if name else None

    def _swap(self) -> list[Truth] | None:
        name = self._pick(occupied=True)
        return [self._take(name, "swap"), self._put(name, "swap")] if name else None

    def _hold(self) -> list[Truth] | None:
        """Another program takes the card for itself and lets go of it."""
        if not (name := self._pick(occupied=True)):
            return None
        self._hand.hold(name)
        self._hand.hold(name, held=False)
        return []

    def _reset(self) -> list[Truth] | None:
        if not (name := self._pick(occupied=True)):
            return None
        self._hand.reset_card(name)
        return []

    def _read(self) -> list[Truth] | None:
        if not (name := self._pick(occupied=True)):
            return None
        self.probe(name)
        return []

    def _violate(self) -> list[Truth] | None:
        """We want the card while another program has it for itself; then read it."""
        if not (name := self._pick(occupied=True)):
            return None
        self._hand.hold(name)
        with pytest.raises(CardError, match=re.escape("[card.busy]")):
            self.probe(name)
        self._hand.hold(name, held=False)
        self.probe(name)
        return []

    def probe(self, name: str) -> None:
        """Our readers find in the card who was put there."""
        if self.readers[name].kind is CardKind.CPS:
            assert PlainCpsReader(self._access).read_public(name).national_id in SUBJECT.values()
        else:
            assert [one.family for one in PlainPcscVitaleReader(self._access).read(name).beneficiaries] == [PATIENT[0]]

    def _rename(self) -> list[Truth] | None:
        if not self.readers:
            return None
        old = self._random.choice(list(self.readers))
        self._names += 1
        new = f"Lecteur {self._names % 7} (session {self._names % 3})"
        if new in self.readers:
            return None
        self._moving("rename")
        self._hand.rename(old, new)
        self._listed[self._listed.index(old)] = new
        slot = self.readers.pop(old)
        self.readers[new] = slot
        return [*self._gone(old, slot), *self._come(new, slot)]

    def _restart(self) -> list[Truth]:
        """The service stops, and starts again at once or when the stop was told."""
        self._moving("stop")
        self._hand.stop_service()
        told = [truth for name, slot in self.readers.items() for truth in self._gone(name, slot)]
        told.append(Truth(CardEvent(CardEventType.SERVICE_DOWN, why="card.no_service"), *self._since))
        if self._random.random() < 0.5:
            self.hear(told)
            told = []
        back = self.there()
        self._hand.start_service()
        return [*told, *back]
