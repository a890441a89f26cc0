"""Desks with a professional's card and a program that opens it: each a world in which CardOpener must behave the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dmp_desktop.card.pkcs11 import Pkcs11CardOpener, list_cards
from dmp_desktop.domain.cards import CpsActivity, PublicCps
from dmp_desktop.domain.people import Facility
from dmp_desktop.domain.ports import CardOpener
from tests.helpers.card_opener import FakeOpener, Known
from tests.helpers.card_worlds import NATIVE, Hand, open_world
from tests.helpers.cps3_card import Cps3Card
from tests.helpers.cps_token import SOFTHSM, holder, softhsm_token
from tests.helpers.moody import moody
from tests.helpers.piv_card import OPENSC, PivCard, configure_opensc

CRYPTOLIB = "DMP_DESKTOP_TEST_CPS_PKCS11"
READER = "Lecteur TEST 00 00"


@dataclass(frozen=True)
class Desk:
    """`locks`: the card counts wrong PINs; `tells`: and tells how many are left. `logins` counts the PINs that reached the card."""

    opener: CardOpener
    card: PublicCps
    locks: bool
    tells: bool
    signs: bool
    logins: Callable[[], int] | None = None
    remove: Callable[[], None] | None = None
    insert: Callable[[], None] | None = None

    @property
    def another(self) -> PublicCps:
        """A professional whose card is not in the reader."""
        return replace(holder("AUTRE").public, national_id="899700000002")


@contextmanager
def open_desk(name: str) -> Iterator[Desk]:
    """`memory`, `softhsm`, `opensc`, `silent` or `cryptolib`, with the right card in.

    `silent` is OpenSC that sets no flag of the PIN, as Cryptolib CPS.
    """
    card = holder().public
    if name == "memory":
        places = (CpsActivity(1, Facility("1750000001", "CABINET TEST", "SA07")),)
        memory = FakeOpener({card.national_id: Known(activities=places)})
        yield Desk(memory, card, locks=True, tells=True, signs=False, logins=lambda: len(memory.sent))
        return
    if name == "softhsm":
        yield Desk(Pkcs11CardOpener(SOFTHSM, _softhsm()), card, locks=False, tells=False, signs=True)
        return
    if name in ("opensc", "silent"):
        configure_opensc()
        module, chip = moody(OPENSC) if name == "silent" else OPENSC, PivCard()
    else:
        module, chip = cryptolib(), Cps3Card()
    with desk_with(chip, module) as hand, _silent(name == "silent"):
        yield Desk(
            *(Pkcs11CardOpener(module), card),
            locks=True,
            tells=name == "opensc",
            signs=True,
            logins=lambda: chip.logins,
            remove=lambda: hand.remove(READER),
            insert=lambda: hand.insert(READER, chip),
        )


@contextmanager
def desk_with(chip: PivCard | Cps3Card, module: Path) -> Iterator[Hand]:
    """A chip in the reader of a PC/SC service that the module has already seen empty."""
    with open_world(NATIVE) as world:
        world.hand.plug(READER)
        assert list_cards(module) == ()
        world.hand.insert(READER, chip)
        yield world.hand


@contextmanager
def _silent(really: bool) -> Iterator[None]:
    """No flag of the PIN (PKCS#11 v2.20 §9.2, CKF_USER_PIN_COUNT_LOW to CKF_USER_PIN_LOCKED)."""
    if really:
        os.environ["MOODY_OFF"] = "70000"
    yield
    os.environ.pop("MOODY_OFF", None)


def cryptolib() -> Path:
    """The ANS's own module, which is not ours to ship: the test is skipped, saying so, where nobody names it."""
    named = os.environ.get(CRYPTOLIB, "")
    if not Path(named).is_file():
        pytest.skip(f"Cryptolib CPS absent: name libcps3_pkcs11_lux.so in {CRYPTOLIB}")
    return Path(named)


_labels: list[str] = []


def _softhsm() -> str:
    """One token for the whole session: making it costs more than all its tests."""
    if not _labels:
        _labels.append(softhsm_token("CPS3v3-TEST"))
    return _labels[0]
