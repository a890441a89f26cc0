"""From a local identity to a qualified INS, over the real wire: the stand-in INSi, the encrypted store, then the DMP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import DocumentKind, StrictTraits
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.insi import InsiOutcome
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.identity_proposal import Proposal
from tests.helpers.identities import Practice, practice
from tests.helpers.insi_client import InsiConnection
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def insi(sandbox: Sandbox) -> Iterator[InsiConnection]:
    with InsiConnection(sandbox, "secretary") as connection:
        yield connection


@pytest.fixture
def desk(tmp_path: Path, insi: InsiConnection) -> Iterator[Practice]:
    with practice(tmp_path, insi.client) as opened:
        yield opened


def ask(desk: Practice, family: str, given: str, sex: Sex, born: date, place: str = "") -> Proposal:
    first = given.split()[0]
    return desk.service.ask(desk.service.known(StrictTraits(f"TEST-{family}", first, given, sex, born, place)))


@pytest.mark.parametrize(
    ("traits", "questions", "number"),
    [
        (("ADRTROIS", "Dominique", Sex.FEMALE, date(1997, 2, 26)), 1, "297022A020778"),
        (("INVERSE", "Marie Claude", Sex.FEMALE, date(1988, 4, 13)), 2, "2880421231017"),
        (("ECETINSI", "Pierre Alain", Sex.MALE, date(1983, 4, 27)), 3, "1830475114025"),
        (("HOMONYME", "Pierre Jacques", Sex.MALE, date(1970, 1, 20)), 2, "1700175056012"),
        (("SOSIE", "Anne Lucie", Sex.FEMALE, date(1960, 2, 11), "31555"), 3, "2600231555014"),
        (("DOUBLE", "Jean", Sex.MALE, date(1955, 3, 12), "59350"), 2, ""),
        (("INCONNU", "Jean Paul", Sex.MALE, date(1980, 1, 1)), 3, ""),
        (("SANSPRENOM", "Ines", Sex.FEMALE, date(1977, 5, 5)), 1, ""),
        (("SANSLIEU", "Marc", Sex.MALE, date(1976, 6, 6)), 1, "1760633063024"),
        (("TCHITCHI", "Ola Catarina Bella", Sex.FEMALE, date(1992, 7, 19)), 1, "2920799403062"),
    ],
)
def test_names_of_civil_status(desk: Practice, traits: tuple[str, str, Sex, date], questions: int, number: str) -> None:
    """Found, or not: with no more questions than needed, each traced."""
    proposal = ask(desk, *traits)
    assert [action for action, _ in desk.acts] == ["insi-traits"] * questions
    assert (proposal.traits is not None) == bool(number)
    if number:
        taken = desk.service.accept(proposal)
        assert taken.ins is not None
        assert (taken.ins.value[:13], taken.status) == (number, InsStatus.RECUPEREE)
    else:
        assert proposal.said


def test_another_order_of_the_given_names_is_told(desk: Practice) -> None:
    proposal = ask(desk, "INVERSE", "MARIE CLAUDE", Sex.FEMALE, date(1988, 4, 13))
    assert [one.line for one in proposal.divergences] == ["Premier prénom : MARIE ici, CLAUDE MARIE pour l'INSi"]


def test_former_numbers_are_kept(desk: Practice) -> None:
    taken = desk.service.accept(ask(desk, "HISTORIQUE", "TOM", Sex.MALE, date(1999, 6, 2)))
    assert [old.value[0] for old in taken.history] == ["8", "1"]
    assert desk.service.known(taken.traits) == taken


def test_an_unknown_day_of_birth_is_not_taken(desk: Practice) -> None:
    person = Beneficiary("TEST-LUNAIRE", "ALI", "19500000", "150009935002219", 1)
    proposal = desk.service.ask_by_vitale(VitaleIdentity((person,), "pcsc"), person, desk.clock.now())
    assert proposal.answer.outcome is InsiOutcome.FOUND
    assert proposal.traits is None
    assert "jour" in proposal.said


def test_the_second_twin_of_a_family_s_card(desk: Practice) -> None:
    people = (("HUGO", "19810607"), ("ROSE", "20150714"), ("ELIO", "20180815"), ("LINO", "20180815"))
    nir = "181066311304262"
    family = tuple(Beneficiary("TEST-OUVRANT", name, born, nir, rank) for rank, (name, born) in enumerate(people, 1))
    card = VitaleIdentity(family, "pcsc")
    for person in family:
        taken = desk.service.accept(desk.service.ask_by_vitale(card, person, desk.clock.now()))
        assert taken.traits.first_given == person.given
        assert taken.ins is not None
        assert (taken.ins.value == nir) == (person.given == "HUGO")


def test_only_once_qualified_is_the_dmp_asked(desk: Practice, sandbox: Sandbox) -> None:
    patient = patient_of(sandbox, "ordinary")
    identity = desk.service.accept(desk.service.ask(desk.service.known(StrictTraits.of(patient))))
    with Connection(sandbox) as doctor:
        assert identity.ins is not None
        with pytest.raises(DmpError) as caught:
            doctor.client.status(identity.ins)
        assert caught.value.code == "InsNonQualifiee"
        qualified = desk.service.see_document(identity, DocumentKind.CNI)
        assert qualified.ins is not None
        assert doctor.client.status(qualified.ins).exists
