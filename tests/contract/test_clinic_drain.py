"""Ten thousand documents in a clinic's shared outbox: two workstations send them at once, each once, in even memory."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.outbox_schema import outbox
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from tests.helpers.outbox import AUTHOR, FINGERPRINT, KEY, PATIENT, built
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.registry_file import RegistryFile

DOCUMENTS, EVERY, AT_ONCE = 10_000, 500, 200
GROWTH = 4_000
"""kB: less than half of the four thousand documents of 2 kB that each sends meanwhile; the allocator's own slack."""
ROOT = Path(__file__).resolve().parents[2]


def fill(database: ClinicDatabase) -> None:
    """As hand-overs leave them there, many at once."""
    store, now = OutboxStore(database, Seal(KEY, "outbox")), SystemClock().now()
    subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
    for first in range(0, DOCUMENTS, AT_ONCE):
        some = range(first, first + AT_ONCE)
        news = [
            NewItem(f"2.25.{one}", f"2.25.9{one}", AUTHOR, subject, built(one, "douleur " * 200).cda) for one in some
        ]
        store.add_lot(news, now, now)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory as Linux tells it")
@pytest.mark.timeout(1800)
def test_two_workstations_drain_ten_thousand_documents_in_even_memory(postgres: Cluster, tmp_path: Path) -> None:
    url, registry = postgres.database(), tmp_path / "registry"
    with ClinicDatabase.open(ClinicAddress.parse(url), PASSWORD, FINGERPRINT) as database:
        fill(database)
        drains = []
        for name in ("here", "there"):
            (tmp_path / name).mkdir()
            module = [sys.executable, "-m", "tests.helpers.clinic_drain"]
            told = [str(tmp_path / name), url, str(registry), str(EVERY)]
            drains.append(subprocess.Popen([*module, *told], stdout=subprocess.PIPE, text=True, cwd=ROOT))
        told_by = [[tuple(map(int, line.split())) for line in drain.communicate()[0].splitlines()] for drain in drains]
        assert [drain.returncode for drain in drains] == [0, 0]
        with database.read() as connection:
            counted = connection.execute(sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)).all()
    assert [tuple(row) for row in counted] == [(OutboxState.SENT, DOCUMENTS)]
    deposits = Counter(RegistryFile(registry).deposits())
    assert set(deposits) == {f"2.25.{number}" for number in range(DOCUMENTS)}, "lost"
    assert set(deposits.values()) == {1}, "doubled"
    assert sum(told[-1][0] for told in told_by) == DOCUMENTS
    for told in told_by:
        held = [kilobytes for taken, kilobytes in told if taken > EVERY]
        print(f"{told[-1][0]} documents sent, memory {held[0]} kB early, {held[-1]} kB late, {max(held)} kB at most")
        assert told[-1][0] > DOCUMENTS // 10, "the other one did it all"
        assert max(held) - held[0] < GROWTH
