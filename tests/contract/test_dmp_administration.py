"""RecordAdministration over the real wire: who may open what, our client against the stand-in server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dmp_desktop.domain.access import (
    AccessMode,
    AuthorisationFilter,
    Authorization,
    DossierDate,
    PersonQuery,
)
from dmp_desktop.domain.dmp_ports import RecordAdministration, RecordUpdates
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import DmpRepository, FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DENIED = "DMPAccessDeniedByRightsService"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def doctor(sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox) as connection:
        yield connection


@pytest.fixture(scope="module")
def secretary(sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox, "secretary") as connection:
        yield connection


@pytest.fixture
def patient(sandbox: Sandbox) -> Patient:
    return patient_of(sandbox, "ordinary")


def refusal(code: str) -> pytest.RaisesExc[DmpError]:
    return pytest.raises(DmpError, check=lambda error: error.code == code)


def ins(sandbox: Sandbox, story: str) -> InsIdentity:
    return patient_of(sandbox, story).ins


def test_one_client_is_every_port(doctor: Connection) -> None:
    repository: DmpRepository = doctor.client
    updates: RecordUpdates = doctor.client
    administration: RecordAdministration = doctor.client
    assert repository is updates is administration


def test_my_records_the_latest_first(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    """TD0.4: those I may open and no other, with what the screen sorts by."""
    found = doctor.client.records(LONG_AGO, DossierDate.LAST_DOCUMENT)
    mine = {dossier.patient.value: dossier for dossier in found}
    assert patient.ins.value in mine
    assert not {ins(sandbox, story).value for story in ("closed", "none", "forbidden")} & mine.keys()
    told = mine[patient.ins.value]
    assert (told.birth_family, told.birth_date) == (patient.birth_family, patient.birth_date)
    documents = [entry.creation_time for entry in doctor.client.find(patient.ins, FindCriteria())]
    assert told.last_document is not None
    assert told.last_document >= max(documents)
    child = mine[ins(sandbox, "child").value]
    assert child.attending is True
    assert told.attending is False


def test_my_records_are_not_qualified_by_the_dmp(doctor: Connection) -> None:
    """An identity that comes from the DMP opens nothing: the local file must know the patient (RNIV)."""
    dossier = doctor.client.records(LONG_AGO, DossierDate.LAST_AUTHORISATION)[0]
    assert dossier.patient.status is InsStatus.PROVISOIRE
    with refusal("InsNonQualifiee"):
        doctor.client.status(dossier.patient)


def test_my_records_since_a_moment(doctor: Connection) -> None:
    found = doctor.client.records(LONG_AGO, DossierDate.LAST_DOCUMENT)
    moments = sorted(dossier.last_document for dossier in found if dossier.last_document)
    assert len(moments) > 1
    later = doctor.client.records(moments[-1], DossierDate.LAST_DOCUMENT)
    assert [dossier.last_document for dossier in later] == [moments[-1]]
    assert doctor.client.records(datetime.now(UTC) + timedelta(days=2), DossierDate.LAST_DOCUMENT) == []


def test_a_record_i_am_let_into_joins_my_records(doctor: Connection, sandbox: Sandbox) -> None:
    empty = ins(sandbox, "empty")

    def listed() -> set[str]:
        found = doctor.client.records(LONG_AGO, DossierDate.LAST_AUTHORISATION)
        return {dossier.patient.value for dossier in found}

    assert empty.value not in listed()
    doctor.client.authorise(empty)
    assert empty.value in listed()
    doctor.client.withdraw(empty)
    assert empty.value not in listed()


@pytest.mark.parametrize(("story", "opposed"), [("ordinary", False), ("opposed", True)])
def test_oppositions(doctor: Connection, sandbox: Sandbox, story: str, opposed: bool) -> None:
    """TD1.3a, which needs no authorisation."""
    told = doctor.client.administrative(ins(sandbox, story))
    assert (told.opposes_break_glass, told.opposes_emergency) == (opposed, opposed)
    assert told.attached_to_mes is True


def test_representatives_of_a_minor(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    parents = doctor.client.administrative(ins(sandbox, "child")).representatives
    assert {parent.link.code for parent in parents} == {"MTH", "FTH"}
    assert all(parent.family and parent.given for parent in parents)
    assert doctor.client.administrative(patient.ins).representatives == ()


def test_administrative_data_of_no_record(doctor: Connection, sandbox: Sandbox) -> None:
    with refusal("DMPNotFound"):
        doctor.client.administrative(ins(sandbox, "none"))


def test_who_may_open_who_is_blocked(doctor: Connection, patient: Patient) -> None:
    """TD1.6."""
    everybody = doctor.client.professionals(patient.ins, AuthorisationFilter.ALL)
    active = doctor.client.professionals(patient.ins, AuthorisationFilter.ACTIVE)
    blocked = doctor.client.professionals(patient.ins, AuthorisationFilter.FORBIDDEN)
    assert {one.national_id for one in active} | {one.national_id for one in blocked} == {
        one.national_id for one in everybody
    }
    assert [one.blocked for one in active + blocked] == [False] * len(active) + [True] * len(blocked)
    assert blocked
    mine = next(one for one in active if one.national_id == doctor.account.national_id)
    assert (mine.family, mine.specialty) == ("DUPONT", "G15_10/SM26")
    assert mine.since is not None
    assert mine.last_action is not None
    assert "MEDECIN_TRAITANT" in {one.right for one in active}


def test_attending_and_no_longer(doctor: Connection, sandbox: Sandbox) -> None:
    """TD0.3: AJOUT with the role, then without, which drops it and keeps the authorisation."""
    empty = ins(sandbox, "empty")
    doctor.client.authorise(empty, attending=True)
    assert doctor.client.status(empty).attending is True
    doctor.client.authorise(empty)
    status = doctor.client.status(empty)
    assert (status.attending, status.authorization) == (False, Authorization.VALIDE)
    doctor.client.withdraw(empty)


def query(patient: Patient) -> PersonQuery:
    return PersonQuery(patient.birth_family, patient.first_given, patient.birth_date, patient.sex)


def test_persons_are_searched_in_centre_15_only(doctor: Connection, patient: Patient) -> None:
    """TD0.5, the likeliest first."""
    with refusal(DENIED):
        doctor.client.search_person(query(patient))
    regulation = doctor.client.in_mode(AccessMode.CENTRE_15)
    first, *others = regulation.search_person(query(patient))
    assert (first.patient.value, first.match) == (patient.ins.value, 100)
    assert (first.birth_date, first.sex) == (patient.birth_date, patient.sex)
    assert patient.address
    assert first.city == patient.address.city
    assert all(other.match <= 100 for other in others)
    assert first.patient.status is InsStatus.PROVISOIRE
    assert regulation.search_person(PersonQuery("TEST-PERSONNE-DE-CE-NOM")) == []


def test_a_mode_is_one_of_a_conversation(doctor: Connection, sandbox: Sandbox) -> None:
    """Break-glass opens what nobody authorised, unless the patient opposes it; the conversation it came from stays normal."""
    glass = doctor.client.in_mode(AccessMode.BRIS_DE_GLACE)
    empty = ins(sandbox, "empty")
    assert list(glass.find(empty, FindCriteria())) == []
    with refusal(DENIED):
        list(doctor.client.find(empty, FindCriteria()))
    with refusal(DENIED):
        list(glass.find(ins(sandbox, "opposed"), FindCriteria()))


def test_secret_connection_of_a_minor(doctor: Connection, sandbox: Sandbox, patient: Patient) -> None:
    secret = doctor.client.in_mode(AccessMode.NORMAL, secret=True)
    assert list(secret.find(ins(sandbox, "child"), FindCriteria()))
    with refusal(DENIED):
        list(secret.find(patient.ins, FindCriteria()))
    assert list(doctor.client.find(patient.ins, FindCriteria())), "the conversation it came from is no secret"


def test_one_connection_whatever_the_mode(doctor: Connection, patient: Patient) -> None:
    """Each mode costs one more signature of the VIHF and none of TLS."""
    doctor.client.status(patient.ins)
    before = doctor.transport.signatures
    for mode in (AccessMode.BRIS_DE_GLACE, AccessMode.CENTRE_15):
        doctor.client.in_mode(mode).administrative(patient.ins)
    assert doctor.transport.signatures == before


def test_what_a_secretary_may_ask(secretary: Connection, sandbox: Sandbox, patient: Patient) -> None:
    """TD0.2, TD0.4, TD1.3a as the structure; never the list of documents (PDT-INF-526)."""
    assert secretary.client.status(patient.ins).exists
    assert secretary.client.administrative(patient.ins).opposes_break_glass is False
    empty = ins(sandbox, "empty")
    secretary.client.authorise(empty)
    listed = secretary.client.records(LONG_AGO, DossierDate.LAST_AUTHORISATION)
    assert empty.value in {dossier.patient.value for dossier in listed}
    secretary.client.withdraw(empty)
    with refusal(DENIED):
        list(secretary.client.find(patient.ins, FindCriteria()))


def test_only_a_qualified_ins_leaves(doctor: Connection, patient: Patient) -> None:
    provisional = replace(patient.ins, status=InsStatus.VALIDEE)
    for ask in (
        lambda: doctor.client.administrative(provisional),
        lambda: doctor.client.professionals(provisional, AuthorisationFilter.ALL),
        lambda: doctor.client.find_by_reference(provisional, ["1"]),
    ):
        with refusal("InsNonQualifiee"):
            ask()
