"""What every VitaleReader gives: by plain APDU in both PC/SC worlds, and by the licensed component."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from dmp_desktop.card import open_real
from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.api_lec import ApiLecVitaleReader
from dmp_desktop.card.api_lec_places import FOLDER, LIBRARY
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.ports import VitaleReader
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import VitaleCard
from tests.helpers.api_lec import Component, Person
from tests.helpers.card_worlds import PATIENT, WORLDS, open_world

READER = "Lecteur bifente 00 00"
TELLS = ("pcsc", "api_lec")


class Desk(Protocol):
    """A reader with a card that can be changed."""

    reader: VitaleReader

    def hold(self, people: Sequence[Person]) -> None: ...


class PlainDesk:
    def __init__(self, world: str) -> None:
        self._world = world

    @contextmanager
    def opened(self) -> Iterator[PlainDesk]:
        with open_world(self._world) as world:
            self.reader: VitaleReader = PlainPcscVitaleReader(CardAccess(world.pcsc))
            self._hand = world.hand
            self._hand.plug(READER)
            self._hand.insert(READER, VitaleCard([PATIENT]))
            yield self

    def hold(self, people: Sequence[Person]) -> None:
        self._hand.remove(READER)
        self._hand.insert(READER, VitaleCard(people))


class LicensedDesk:
    def __init__(self, folder: Path) -> None:
        self._component = Component(folder)

    @contextmanager
    def opened(self) -> Iterator[LicensedDesk]:
        licensed = ApiLecVitaleReader(ApiLecProcess(self._component.library, self._component.folder))
        self.reader: VitaleReader = licensed
        yield self
        licensed.close()

    def hold(self, people: Sequence[Person]) -> None:
        self._component.hold(people)


@pytest.fixture(params=[*WORLDS, "api_lec"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param != "api_lec":
        with PlainDesk(request.param).opened() as plain:
            yield plain
    elif sys.platform == "win32":
        pytest.skip("the stand-in component is a library of Linux")
    else:
        with LicensedDesk(tmp_path).opened() as licensed:
            yield licensed


def person(given: str, birth: str, number: str, family: str = "TEST-PATIENTE") -> Person:
    """`number`: 13 characters of a NIR, or empty."""
    return family, given, birth, number + nir_key(number) if number else ""


def expected(*people: Person) -> tuple[Beneficiary, ...]:
    return tuple(Beneficiary(*one, rank=rank) for rank, one in enumerate(people, 1))


def test_one_person(desk: Desk) -> None:
    identity = desk.reader.read(READER)
    assert identity.beneficiaries == expected(PATIENT)
    assert identity.source in TELLS


def test_a_family_in_the_order_of_the_card(desk: Desk) -> None:
    """Longer than one command; every one their own NIR."""
    family = [person("ÉLODIE", f"20{n:02d}0312", f"2{n:02d}0351215189") for n in range(1, 10)]
    desk.hold(family)
    assert desk.reader.read(READER).beneficiaries == expected(*family)


def test_twins(desk: Desk) -> None:
    twins = [person("LÉA", "20200229", "2200251215189"), person("LÉO", "20200229", "1200251215189")]
    desk.hold(twins)
    assert desk.reader.read(READER).beneficiaries == expected(*twins)


@pytest.mark.parametrize("birth", ["19790000", "19790300", "00000000"])
def test_lunar_dates(desk: Desk, birth: str) -> None:
    desk.hold([person("MARIE", birth, "2790351215189")])
    assert desk.reader.read(READER).beneficiaries[0].birth_date == birth


@pytest.mark.parametrize("number", ["279032A215189", "279032B215189", "2799951215189", "8790351215189"])
def test_numbers_of_everywhere(desk: Desk, number: str) -> None:
    """Corsica, a month that is not known, a number under way."""
    desk.hold([person("MARIE", "19790312", number)])
    assert desk.reader.read(READER).beneficiaries[0].nir == number + nir_key(number)


def test_accents_and_signs(desk: Desk) -> None:
    people = [person("NOËL-ÿ", "19790312", "2790351215189", "TEST-D'AÇORES ß")]
    desk.hold(people)
    assert desk.reader.read(READER).beneficiaries == expected(*people)


def test_who_has_no_nir_is_left_out_and_keeps_the_rank(desk: Desk) -> None:
    mother, baby, son = PATIENT, person("BÉBÉ", "20261101", ""), person("LÉO", "20200229", "1200251215189")
    desk.hold([mother, baby, son])
    assert [(one.given, one.rank) for one in desk.reader.read(READER).beneficiaries] == [("MARIE", 1), ("LÉO", 3)]


@pytest.mark.parametrize(
    "people",
    [
        [],
        [(*PATIENT[:3], "")],
        [(*PATIENT[:3], PATIENT[3][:-1] + "0")],  # wrong key
        [(*PATIENT[:3], PATIENT[3][:-2])],
        [PATIENT, (*PATIENT[:3], PATIENT[3][:-1] + "0")],
        [("", *PATIENT[1:])],
        [(*PATIENT[:2], "1979O312", PATIENT[3])],
    ],
)
def test_a_card_is_never_half_believed(desk: Desk, people: list[Person]) -> None:
    desk.hold(people)
    with pytest.raises(CardError) as caught:
        desk.reader.read(READER)
    assert caught.value.message_fr.endswith(".")
    assert caught.value.remedy_fr.endswith(".")
    assert "TEST" not in repr(caught.value)


def test_the_next_card_is_another(desk: Desk) -> None:
    assert desk.reader.read(READER).beneficiaries == expected(PATIENT)
    other = person("LÉO", "20200229", "1200251215189")
    desk.hold([other])
    assert desk.reader.read(READER).beneficiaries == expected(other)


def test_read_from_any_thread(desk: Desk) -> None:
    told: list[VitaleIdentity] = []
    threads = [threading.Thread(target=lambda: told.append(desk.reader.read(READER))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.beneficiaries for one in told] == [expected(PATIENT)] * 3


@pytest.mark.alone
def test_a_card_does_not_wait(desk: Desk) -> None:
    """50 ms by plain APDU, whose card answers at once; as much by the licensed component, whose process is ready ahead."""
    if isinstance(desk.reader, ApiLecVitaleReader):
        desk.reader.warm()
        desk.reader._process._spare.result()  # type: ignore[union-attr]
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        desk.reader.read(READER)
        times.append(time.perf_counter() - begun)
        if isinstance(desk.reader, ApiLecVitaleReader):
            desk.reader._process._spare.result()  # type: ignore[union-attr]
    assert sorted(times)[2] < 0.05


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in component is a library of Linux")
def test_the_licensed_component_is_preferred_when_it_is_installed(tmp_path: Path) -> None:
    component = Component(tmp_path)
    with open_world("libpcsclite") as world:
        world.hand.plug(READER)
        world.hand.insert(READER, VitaleCard([PATIENT]))
        cards = open_real({LIBRARY: str(component.library), FOLDER: str(tmp_path)})
        cards.warm()
        assert cards.vitale.read(READER).source == "api_lec"
        world.hand.remove(READER)
        assert cards.licensed is not None
        assert cards.licensed.read_apcv().beneficiaries == expected(PATIENT)
        cards.close()
    without = open_real({})
    without.warm()
    without.close()
    assert without.licensed is None
    assert isinstance(without.vitale, PlainPcscVitaleReader)
