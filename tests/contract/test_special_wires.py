"""An emergency that the patient opposes is refused before it opens, by either wire: one tells the objection, the other judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.consent import AccessAct
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import DmpError
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.services.special_access import SpecialAccess
from dmp_desktop.services.special_rights import judge
from dmp_desktop.services.special_words import Reason
from tests.contract.test_access_contract import WiredWorld
from tests.helpers.sandbox_client import Connection, patient_of

pytestmark = pytest.mark.slow

MODES = [AccessMode.BRIS_DE_GLACE, AccessMode.CENTRE_15]


@pytest.fixture
def world(doctor: Connection, tmp_path: Path) -> Iterator[WiredWorld]:
    world = WiredWorld(tmp_path / "a.db", doctor)
    yield world
    world.database.close()


def begin(world: WiredWorld, patient: Patient, mode: AccessMode) -> SpecialAccess:
    special = world.access.special
    return special.regulate(patient) if mode is AccessMode.CENTRE_15 else special.break_glass(patient, Reason.UNABLE)


@pytest.mark.parametrize("mode", MODES)
def test_what_the_patient_opposes_never_opens(sandbox: Sandbox, world: WiredWorld, mode: AccessMode) -> None:
    with pytest.raises(DmpError) as caught:
        begin(world, patient_of(sandbox, "opposed"), mode)
    assert caught.value.code == "AccesSpecialOppose"
    assert world.access.special.current() is None
    assert not [one for one in world.accesses.unended() if one.value]


@pytest.mark.parametrize("mode", MODES)
def test_what_nothing_bars_opens_and_reads(sandbox: Sandbox, world: WiredWorld, mode: AccessMode) -> None:
    patient = patient_of(sandbox, "expired")
    assert begin(world, patient, mode).mode is mode
    assert world.dossier.entries(patient)
    world.access.special.end()
    assert AccessAct.SPECIAL_ENDED in {one.act for one in world.access.oppositions.history(patient.ins)}


@pytest.mark.parametrize("mode", MODES)
def test_the_dmp_judges_a_mode_by_itself(sandbox: Sandbox, doctor: Connection, mode: AccessMode) -> None:
    now = SystemClock().now()
    judge(doctor.client, patient_of(sandbox, "expired").ins, mode, now)
    with pytest.raises(DmpError, match="AccesSpecialOppose"):
        judge(doctor.client, patient_of(sandbox, "opposed").ins, mode, now)


def test_centre_15_is_greyed_out_where_nobody_can_be_searched_for(protocol: str, world: WiredWorld) -> None:
    why = world.access.special.regulation_refusal()
    assert (why is None) == (protocol == "xds")
    assert why is None or "FHIR" in why
