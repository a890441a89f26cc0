"""The clock of the computer is wrong: what the DMP refuses for it waits, says so, and leaves by itself, over real HTTPS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.ports import FindCriteria
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.model import Kind
from dmp_desktop.services import documents
from dmp_desktop.services.orders import DocumentOrder
from dmp_desktop.services.outbox_worker import follow
from dmp_desktop.wiring import Wiring, open_wiring
from tests.helpers.sandbox_context import context_of
from tests.helpers.seeded import seeded

HOURS = 2  # further than the life of a VIHF at the stand-in, either way


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("sandbox"))) as sandbox:
        yield sandbox


@pytest.fixture
def workstation(sandbox: Sandbox, tmp_path: Path) -> Iterator[Wiring]:
    doctor = sandbox.ready["identities"]["doctor"]
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"p12": doctor["password"], "storage": "une phrase de passe"}))
    environment = {
        "DMP_DESKTOP_HOME": str(tmp_path / "home"),
        "DMP_DESKTOP_SERVER": sandbox.url,
        "DMP_DESKTOP_CA": sandbox.ready["ca"],
        "DMP_DESKTOP_IDENTITY": f"p12:{doctor['p12']}",
        "DMP_DESKTOP_SECRETS": str(secrets),
    }
    with open_wiring(environment, undo_delay=timedelta(0)) as wiring:
        wiring.sign_in_software()
        yield wiring
    sandbox.faults.clock_off_seconds = 0.0


def enqueue(sandbox: Sandbox, wiring: Wiring) -> OutboxItem:
    context = context_of(sandbox.ready)
    order = DocumentOrder(context.patient, context.professional, context.encounter.start, "Renouvellement.")
    built = documents.builder(wiring.clock, wiring.base.entropy)(order, context)
    return wiring.outbox.enqueue(context.patient, built)


def kept(sandbox: Sandbox, item: OutboxItem) -> int:
    entries = sandbox.registry.objects(item.patient.ins.value, Kind.ENTRY)
    return sum(entry.unique_id == item.unique_id for entry in entries)


@pytest.mark.parametrize(("hours", "way"), [(HOURS, "retarde"), (-HOURS, "avance")])
def test_what_a_wrong_clock_had_refused_waits_and_leaves_by_itself(
    sandbox: Sandbox, workstation: Wiring, hours: int, way: str
) -> None:
    sandbox.faults.clock_off_seconds = hours * 3600
    outbox = workstation.outbox
    queued = enqueue(sandbox, workstation)
    outbox.deliver_due()
    [item] = outbox.items()
    assert (item.state, item.code, item.in_doubt) == (OutboxState.WAITING, "outbox-clock", False)
    assert item.message.startswith(f"L'horloge de cet ordinateur {way} sur celle du DMP")
    assert item.remedy == "Mettez l'ordinateur à l'heure : l'envoi repartira seul."
    assert kept(sandbox, item) == 0
    told = workstation.entry.server_clock.skew
    assert told is not None
    assert abs(told - timedelta(hours=hours)) < timedelta(seconds=30)

    sandbox.faults.clock_off_seconds = 0.0
    workstation.worker.start()
    last = [change.state for change in follow(outbox, [queued.id], 30, workstation.clock)][-1]
    assert last is OutboxState.SENT, "nobody did anything: the clock is right again"
    assert kept(sandbox, item) == 1


@pytest.mark.parametrize(("hours", "way"), [(HOURS, "retarde"), (-HOURS, "avance")])
def test_a_record_that_a_wrong_clock_keeps_shut_names_the_clock_alone(
    sandbox: Sandbox, workstation: Wiring, hours: int, way: str
) -> None:
    """The DMP's own words name the card, the place and the clock."""
    sandbox.faults.clock_off_seconds = hours * 3600
    repository = workstation.desk.repository()
    assert repository is not None
    patient = context_of(sandbox.ready).patient.ins
    with pytest.raises(DmpError, match=f"L'horloge de cet ordinateur {way}") as status:
        repository.status(patient)
    with pytest.raises(DmpError, match=f"L'horloge de cet ordinateur {way}"):
        list(repository.find(patient, FindCriteria()))
    assert (status.value.code, status.value.remedy_fr) == (
        "DMPInvalidVIHF",
        "Mettez l'ordinateur à l'heure, puis réessayez.",
    )


def test_a_clock_that_differs_by_less_than_the_dmp_bears_keeps_nothing_back(
    sandbox: Sandbox, workstation: Wiring
) -> None:
    sandbox.faults.clock_off_seconds = 90
    queued = enqueue(sandbox, workstation)
    workstation.outbox.deliver_due()
    [item] = workstation.outbox.some([queued.id])
    assert (item.state, kept(sandbox, item)) == (OutboxState.SENT, 1)
