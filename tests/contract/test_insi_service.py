"""InsiService over the real wire: our client against the stand-in teleservice, which knows nothing of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date

import pytest

from dmp_desktop.domain.ins import OID_INS_TEST
from dmp_desktop.domain.insi import InsiOutcome, TraitQuery, VitaleQuery
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.patients import STORIES
from tests.helpers.insi_client import InsiConnection
from tests.helpers.seeded import seeded

OPENER = "181066311304262"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module", params=["doctor", "secretary"])
def insi(sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[InsiConnection]:
    with InsiConnection(sandbox, request.param) as connection:
        yield connection


def traits(family: str, given: str, sex: Sex, birth_date: str, place: str = "") -> TraitQuery:
    return TraitQuery(family, tuple(given.split("|")), sex, date.fromisoformat(birth_date), place)


def test_by_traits_in_corsica(insi: InsiConnection) -> None:
    told = insi.client.by_traits(traits("Test-Adrtrois", "Dominique", Sex.FEMALE, "1997-02-26", "2A020"))
    assert told.outcome is InsiOutcome.FOUND
    assert told.active is not None
    assert told.traits is not None
    assert (told.active.value, told.active.oid) == ("297022A02077878", OID_INS_TEST)
    assert (told.traits.birth_family, told.traits.birth_place_cog) == ("TEST-ADRTROIS", "2A020")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_patients_of_the_dmp(insi: InsiConnection, story: object) -> None:
    patient = story.patient  # type: ignore[attr-defined]
    told = insi.client.by_traits(
        TraitQuery(patient.birth_family, (patient.first_given,), patient.sex, patient.birth_date)
    )
    assert told.active is not None
    assert told.traits is not None
    assert told.active.value == patient.ins.value
    assert " ".join(told.traits.given) == patient.birth_given


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        (traits("TEST-INCONNU", "JEAN", Sex.MALE, "1980-01-01"), InsiOutcome.NONE),
        (traits("TEST-HOMONYME", "PIERRE", Sex.MALE, "1970-01-20"), InsiOutcome.SEVERAL),
        (traits("TEST-HOMONYME", "PIERRE|PAUL", Sex.MALE, "1970-01-20"), InsiOutcome.FOUND),
        (traits("TEST-SOSIE", "ANNE|LUCIE", Sex.FEMALE, "1960-02-11", "33063"), InsiOutcome.FOUND),
    ],
)
def test_outcomes(insi: InsiConnection, query: TraitQuery, outcome: InsiOutcome) -> None:
    told = insi.client.by_traits(query)
    assert told.outcome is outcome
    assert told.label


def test_former_and_waiting_numbers(insi: InsiConnection) -> None:
    told = insi.client.by_traits(traits("TEST-HISTORIQUE", "TOM", Sex.MALE, "1999-06-02"))
    assert [(old.value[0], old.until) for old in told.history] == [("8", date(2004, 3, 31)), ("1", date(2019, 9, 30))]
    assert told.active is not None
    assert told.active.since == date(2019, 9, 30)
    waiting = insi.client.by_traits(traits("TEST-ATTENTE", "AMINA", Sex.FEMALE, "2001-09-08"))
    assert waiting.active is not None
    assert waiting.active.value.startswith("8")


@pytest.mark.parametrize(
    ("query", "given"),
    [
        (VitaleQuery("20150714", 1, OPENER), "ROSE"),
        (VitaleQuery("20180815", 2, OPENER), "LINO"),
        (VitaleQuery("19810607", 1, OPENER, birth_family="TEST-OUVRANT"), "HUGO"),
        (VitaleQuery("20150714", 1, own_nir="215076311301984"), "ROSE"),
    ],
)
def test_by_vitale(insi: InsiConnection, query: VitaleQuery, given: str) -> None:
    """The number told is the person's own, never that of who opens their rights."""
    told = insi.client.by_vitale(query)
    assert told.traits is not None
    assert told.active is not None
    assert told.traits.first_given == given
    assert (told.active.value == OPENER) == (given == "HUGO")


def test_odd_traits(insi: InsiConnection) -> None:
    lunar = insi.client.by_vitale(VitaleQuery("19500000", 1, "150009935002219")).traits
    nameless = insi.client.by_traits(traits("TEST-SANSPRENOM", "INES", Sex.FEMALE, "1977-05-05")).traits
    placeless = insi.client.by_traits(traits("TEST-SANSLIEU", "MARC", Sex.MALE, "1976-06-06")).traits
    assert lunar is not None
    assert nameless is not None
    assert placeless is not None
    assert lunar.birth_date == "1950-00-00"
    assert (nameless.first_given, nameless.given) == ("", ())
    assert (placeless.birth_place_cog, placeless.given, placeless.first_given) == ("", (), "MARC")


@pytest.mark.parametrize(
    ("order", "code", "retryable"),
    [
        ("desir_550", "DESIR_550", False),
        ("desir_560", "DESIR_560", False),
        ("siram_100", "SIRAM_100", True),
        ("unavailable", "HTTP503", True),
        ("wrong_key", "ReponseInsiIllisible", True),
    ],
)
def test_faults(sandbox: Sandbox, insi: InsiConnection, order: str, code: str, retryable: bool) -> None:
    setattr(sandbox.insi.faults, order, 1)
    query = traits("TEST-ADRUN", "ZOE", Sex.FEMALE, "1975-12-31")
    with pytest.raises(DmpError) as caught:
        insi.client.by_traits(query)
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert insi.client.by_traits(query).outcome is InsiOutcome.FOUND


def test_an_unknown_software_and_a_certificate_of_another_name(sandbox: Sandbox) -> None:
    query = traits("TEST-ADRUN", "ZOE", Sex.FEMALE, "1975-12-31")
    for connection, code in (
        (InsiConnection(sandbox, approval="AUTRE"), "DESIR_550"),
        (InsiConnection(sandbox, "structure", signed=False), "DESIR_560"),
    ):
        with connection, pytest.raises(DmpError) as caught:
            connection.client.by_traits(query)
        assert caught.value.code == code


def test_nothing_of_who_is_asked_for_is_logged(
    sandbox: Sandbox, insi: InsiConnection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        insi.client.by_traits(traits("TEST-ADRUN", "ZOE", Sex.FEMALE, "1975-12-31"))
        sandbox.insi.faults.desir_550 = 1
        with pytest.raises(DmpError) as caught:
            insi.client.by_vitale(VitaleQuery("20150714", 1, OPENER))
    said = caplog.text + repr(caught.value) + str(caught.value)
    assert "INSi" in said
    for word in ("ADRUN", "ZOE", "1975", "275126322", OPENER, "2015"):
        assert word not in said
