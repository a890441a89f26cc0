"""The services of access over the real wire: what they open, declare and refuse is what the stand-in does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.access import AccessMode, Authorization, PersonQuery
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.settings import Settings
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import DOCTOR
from dmp_desktop.services.special_words import Reason
from tests.helpers.access_world import World
from tests.helpers.sandbox_client import Connection, patient_of
from tests.helpers.seeded import seeded

pytestmark = pytest.mark.slow


class WiredWorld(World):
    """The same services over our client and the sandbox."""

    def __init__(self, path: Path, connection: Connection, settings: Settings | None = None) -> None:
        self.connection = connection
        super().__init__(path, settings)
        self.who = replace(connection.account, regulation=True)

    def repository(self):  # type: ignore[no-untyped-def, override]
        return self.connection.client if self.who else None


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="module")
def doctor(sandbox: Sandbox) -> Iterator[Connection]:
    with Connection(sandbox) as connection:
        yield connection


@pytest.fixture
def world(doctor: Connection, tmp_path: Path) -> Iterator[WiredWorld]:
    world = WiredWorld(tmp_path / "a.db", doctor)
    yield world
    world.database.close()


def unauthorised(sandbox: Sandbox, world: World, story: str) -> Patient:
    """The patient of a story, without the doctor's authorisation."""
    patient = patient_of(sandbox, story)
    sandbox.registry.put_access(
        patient.ins.value, DOCTOR.national_id, Authorization.NON_EXISTE, False, world.clock.now() - timedelta(days=1)
    )
    return patient


def test_the_glass_is_broken_for_a_while(sandbox: Sandbox, world: WiredWorld) -> None:
    patient = unauthorised(sandbox, world, "ordinary")
    assert not world.dossier.status(patient).readable
    assert world.dossier.entries(patient) == []
    world.access.special.break_glass(patient, Reason.IMMEDIATE_RISK)
    assert world.dossier.status(patient).mode is AccessMode.BRIS_DE_GLACE
    entries = world.dossier.entries(patient)
    assert entries
    assert world.dossier.content(patient, entries[0])
    world.access.special.end()
    with pytest.raises(DmpError):
        world.connection.client.retrieve(patient.ins, entries[0])
    assert not world.dossier.status(patient).readable


def test_not_where_the_dmp_tells_an_objection(sandbox: Sandbox, world: WiredWorld) -> None:
    with pytest.raises(DmpError) as caught:
        world.access.special.break_glass(patient_of(sandbox, "opposed"), Reason.IMMEDIATE_RISK)
    assert caught.value.code == "AccesSpecialOppose"
    with pytest.raises(DmpError) as caught:
        world.access.special.regulate(patient_of(sandbox, "opposed"))
    assert caught.value.code == "AccesSpecialOppose"


def test_centre_15_finds_and_reads(sandbox: Sandbox, world: WiredWorld) -> None:
    patient = unauthorised(sandbox, world, "ordinary")
    found = world.access.special.search_person(PersonQuery(patient.birth_family, birth_date=patient.birth_date))
    assert [one.patient.value for one in found] == [patient.ins.value]
    world.access.special.regulate(patient)
    assert world.dossier.status(patient).readable
    assert world.dossier.entries(patient)


def test_automatic_on_opening(sandbox: Sandbox, doctor: Connection, tmp_path: Path) -> None:
    world = WiredWorld(tmp_path / "b.db", doctor, Settings(authorisation="automatic"))
    patient = unauthorised(sandbox, world, "empty")
    world.access.oppositions.record(patient, Subject.CONSULTATION, opposed=True)
    assert not world.dossier.status(patient).readable
    world.access.oppositions.record(patient, Subject.CONSULTATION, opposed=False)
    assert world.dossier.status(patient).readable
    assert doctor.client.status(patient.ins).authorization is Authorization.VALIDE
    world.database.close()


def test_declared_as_attending_and_back(sandbox: Sandbox, world: WiredWorld) -> None:
    patient = unauthorised(sandbox, world, "empty")
    assert world.attending.declare(patient).attending
    status = world.attending.end(patient)
    assert (status.attending, status.readable) == (False, True)
    assert not world.dossier.withdraw(patient).readable


def test_a_minor_s_secret_connection(sandbox: Sandbox, world: WiredWorld) -> None:
    child = patient_of(sandbox, "child")
    world.access.special.connect_secretly(child)
    assert world.dossier.status(child).readable
    assert world.dossier.entries(child)
    adult = replace(patient_of(sandbox, "chronic"), birth_date=child.birth_date)
    world.access.special.connect_secretly(adult)
    with pytest.raises(DmpError):
        world.dossier.entries(adult)


def test_a_document_masked_shown_archived_and_deleted(sandbox: Sandbox, world: WiredWorld) -> None:
    patient = patient_of(sandbox, "chronic")
    client = world.connection.client
    mine = next(
        entry
        for entry in world.dossier.entries(patient)
        if entry.authors and entry.authors[0].person_id == DOCTOR.national_id and not entry.visibility
    )

    def now(*statuses: Availability) -> object:
        found = client.find(patient.ins, FindCriteria(statuses=statuses or (Availability.APPROVED,)))
        return next((entry for entry in found if entry.unique_id == mine.unique_id), None)

    masked = frozenset({Visibility.MASQUE_PS})
    world.properties.set_visibility(patient, mine, masked, attending=True)
    entry = now()
    assert entry.visibility == masked  # type: ignore[attr-defined]
    world.properties.set_visibility(patient, entry, frozenset(), attending=True)  # type: ignore[arg-type]
    world.properties.set_status(patient, now(), Availability.ARCHIVED, attending=True)  # type: ignore[arg-type]
    archived = now(Availability.ARCHIVED)
    world.properties.set_status(patient, archived, Availability.DELETED, attending=True)  # type: ignore[arg-type]
    assert now(Availability.APPROVED, Availability.ARCHIVED) is None
