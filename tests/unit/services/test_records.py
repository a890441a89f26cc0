"""« Mes dossiers », the professionals of a record and the Web DMP: what is asked of the DMP, and what opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.access import (
    Administrative,
    AuthorisationFilter,
    AuthorisedProfessional,
    DossierDate,
    FoundPerson,
    KnownDossier,
    PersonQuery,
)
from dmp_desktop.domain.ins import OID_INS_NIA, OID_INS_NIR, InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.errors import CardError, ContextError, DmpError
from dmp_desktop.services.access_acts import AccessActs
from dmp_desktop.services.directory import KnownPatients
from dmp_desktop.services.identity_rules import withdrawn
from dmp_desktop.services.records import DMP_BEGAN, NO_SITE, RecordsService
from tests.helpers.access_world import World, account
from tests.helpers.clock import START
from tests.helpers.outbox import PATIENT

SITE = "https://localhost:8443"


class Dmp:
    """RecordAdministration in memory."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, DossierDate]] = []
        self.dossiers: list[KnownDossier] = []
        self.people: list[AuthorisedProfessional] = []

    def records(self, since: datetime, by: DossierDate) -> list[KnownDossier]:
        self.asked.append((since, by))
        return self.dossiers

    def administrative(self, patient: InsIdentity) -> Administrative:
        return Administrative()

    def professionals(self, patient: InsIdentity, which: AuthorisationFilter) -> list[AuthorisedProfessional]:
        return self.people

    def search_person(self, query: PersonQuery) -> list[FoundPerson]:
        return []


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "a.db")
    yield world
    world.database.close()


@pytest.fixture
def dmp() -> Dmp:
    return Dmp()


@pytest.fixture
def records(world: World, dmp: Dmp) -> RecordsService:
    return service(world, dmp)


def service(world: World, dmp: Dmp | None, *patients: Patient, site: str = SITE) -> RecordsService:
    known = KnownPatients(patients or (PATIENT,))
    return RecordsService(lambda: dmp, known.match, world.access.policy, world.clock, site)


def told(**changes: object) -> KnownDossier:
    """The line of the patient qualified here, as the DMP tells it."""
    ins = replace(PATIENT.ins, status=InsStatus.PROVISOIRE)
    line = KnownDossier(ins, "NOM D'USAGE", "X", PATIENT.birth_family.lower(), PATIENT.birth_date)
    return replace(line, **changes)  # type: ignore[arg-type]


def test_by_document_the_dmp_selects_and_the_latest_comes_first(records: RecordsService, dmp: Dmp) -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (3, 9, 6)]
    dmp.dossiers = [told(), *(told(last_document=day) for day in days)]
    assert [one.last_document for one in records.by_document(30)] == [days[1], days[2], days[0], None]
    assert dmp.asked == [(START - timedelta(days=30), DossierDate.LAST_DOCUMENT)]


def test_by_access_all_are_asked_and_those_of_unknown_access_are_kept_last(records: RecordsService, dmp: Dmp) -> None:
    recent, old = START - timedelta(days=6, hours=23), START - timedelta(days=7, hours=1)
    dmp.dossiers = [told(given="B"), told(last_access=old), told(last_access=recent), told(given="A")]
    found = records.by_access(7)
    assert [(one.last_access, one.given) for one in found] == [(recent, "X"), (None, "A"), (None, "B")]
    assert dmp.asked == [(DMP_BEGAN, DossierDate.LAST_AUTHORISATION)]


def test_a_line_finds_the_identity_qualified_here_under_its_own_names(records: RecordsService) -> None:
    (found,) = records.identify(told())
    assert (found.family, found.given, found.nir) == (PATIENT.birth_family, PATIENT.first_given, PATIENT.ins.value)
    assert records.identify(told(birth_family=""))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"patient": InsIdentity("299999999999999", PATIENT.ins.oid)}, "record.unknown_here"),
        ({"patient": replace(PATIENT.ins, oid=OID_INS_NIR)}, "record.unknown_here"),
        ({"birth_date": None}, "record.unknown_here"),
        ({"birth_date": date(1901, 1, 1)}, "record.unknown_here"),
        ({"birth_family": "TEST-AUTRE"}, "record.discordant"),
    ],
)
def test_what_the_dmp_tells_of_others_opens_nothing(
    records: RecordsService, changes: dict[str, object], code: str
) -> None:
    line = told(**changes)
    if "patient" in changes:
        assert line.patient != PATIENT.ins
    with pytest.raises(ContextError) as refused:
        records.identify(line)
    assert refused.value.code == code
    assert PATIENT.birth_family not in str(refused.value)
    assert PATIENT.ins.value not in str(refused.value)


def test_any_number_of_a_line_finds_who_is_qualified_here_but_never_one_of_two_people(world: World, dmp: Dmp) -> None:
    waiting = InsIdentity("879035121518994", OID_INS_NIA)
    line = told(patient=waiting, others=(replace(PATIENT.ins, status=InsStatus.PROVISOIRE),))
    (found,) = service(world, dmp).identify(line)
    assert found.nir == PATIENT.ins.value
    other = replace(PATIENT, ins=replace(waiting, status=InsStatus.QUALIFIEE), first_given="AUTRE")
    with pytest.raises(ContextError, match="INS qualifiée"):
        service(world, dmp, PATIENT, other).identify(line)


def test_an_identity_that_is_not_qualified_here_opens_nothing(world: World, dmp: Dmp) -> None:
    provisional = replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.VALIDEE))
    with pytest.raises(ContextError, match="INS qualifiée"):
        service(world, dmp, provisional).identify(told())


def test_professionals_by_name_the_blocked_last(records: RecordsService, dmp: Dmp) -> None:
    dmp.people = [
        AuthorisedProfessional("1", "", "ZED", "A"),
        AuthorisedProfessional("2", "", "ABEL", "B", blocked=True),
        AuthorisedProfessional("3", "", "Élan", "C"),
    ]
    assert [one.family for one in records.professionals(PATIENT, AuthorisationFilter.ALL)] == ["Élan", "ZED", "ABEL"]


def test_what_the_protocol_does_not_have_is_refused_before_anything_is_asked(world: World) -> None:
    class Lacking(Dmp):
        def lacks(self, transaction: str) -> str | None:
            return {"TD0.4": "pas de liste", "TD1.6": "pas de professionnels"}.get(transaction)

    dmp = Lacking()
    records = service(world, dmp)
    assert (records.records_refusal(), records.web_refusal(PATIENT)) == ("pas de liste", None)
    with pytest.raises(DmpError, match="pas de professionnels"):
        records.professionals(PATIENT, AuthorisationFilter.ALL)
    world.who = None
    assert "carte CPS" in (records.records_refusal() or "")


def test_rights_refuse_before_anything_is_asked(world: World, records: RecordsService) -> None:
    assert records.records_refusal() is records.professionals_refusal(PATIENT) is records.web_refusal(PATIENT) is None
    world.who = account(Role.SECRETARY)
    assert records.records_refusal() is None
    assert "secrétariat" in (records.professionals_refusal(PATIENT) or "")
    with pytest.raises(DmpError, match="secrétariat"):
        records.professionals(PATIENT, AuthorisationFilter.ALL)
    world.who = account(Role.STRUCTURE)
    assert "certificat du cabinet" in (records.records_refusal() or "")
    world.who = None
    assert "carte CPS" in (records.records_refusal() or "")


def test_nobody_signed_in(world: World) -> None:
    with pytest.raises(CardError):
        service(world, None).by_document(7)


def test_addresses_of_the_web_dmp(world: World, records: RecordsService, dmp: Dmp) -> None:
    assert records.has_site
    assert records.web_address("TableauDeBord") == f"{SITE}/AccesDirect/TableauDeBord"
    assert records.web_address("DossierPatient", PATIENT) == f"{SITE}/AccesDirect/DossierPatient/{PATIENT.ins.value}"
    without = service(world, dmp, site="")
    assert not without.has_site
    assert without.web_refusal(None) == NO_SITE
    with pytest.raises(DmpError, match="pas réglée"):
        without.web_address("TableauDeBord")


def test_nothing_is_asked_under_a_number_that_was_withdrawn(world: World, dmp: Dmp) -> None:
    def may_read(ins: InsIdentity) -> None:
        if ins == PATIENT.ins:
            raise withdrawn("son DMP n'est pas consulté.")

    dmp.professionals = lambda *_asked: pytest.fail("asked all the same")  # type: ignore[method-assign, assignment]
    known = KnownPatients((PATIENT,))
    records = RecordsService(lambda: dmp, known.match, world.access.policy, world.clock, SITE, may_read)
    acts = AccessActs(world.access, world.dossier, world.attending, lambda: dmp, may_read)
    for ask in (
        lambda: records.professionals(PATIENT, AuthorisationFilter.ALL),
        lambda: records.web_address("DossierPatient", PATIENT),
        lambda: acts.administrative(PATIENT),
    ):
        with pytest.raises(ContextError) as caught:
            ask()
        assert caught.value.code == "identity.withdrawn"
    assert records.web_address("TableauDeBord").endswith("TableauDeBord"), "about nobody"
