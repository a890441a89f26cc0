"""The kill -9 campaign: FOLDER KILLS SEED. Prints a JSON report.

Forks, from one process that has imported everything, children that fill and send one outbox with the program's own parts (database,
locks, system clock, worker thread), and kills each after a random time. A document counts as promised once its number is in
the file `promised`, written after `enqueue` returned: what a screen would have shown.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.platform.locks import ProcessLiveness
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.services.outbox_worker import OutboxWorker
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import KEY, PATIENT, SOURCE_ID, built, read_metadata
from tests.helpers.registry_file import RegistryFile

LIFE, LONGEST_LIFE = 0.12, 2.0
"""Seconds: a child lives as long at most where the machine is quiet (its first document is promised after about 0.02), and where
it is so busy that children promise nothing."""


def service(folder: Path, database: Database, lose_every: int = 5) -> OutboxService:
    clock, entropy = SystemClock(), SystemEntropy()
    dmp = RegistryFile(folder / "registry", lose_every)
    return OutboxService(
        OutboxStore(database, Seal(KEY, "outbox")),
        lambda _author: dmp,
        read_metadata,
        source_id=SOURCE_ID,
        clock=clock,
        entropy=entropy,
        liveness=ProcessLiveness(folder / "locks", entropy, clock),
    )


def live(folder: Path, first: int) -> None:
    """Fill and send until killed."""
    database = OutboxFile.of(folder / "a.db")
    outbox = service(folder, database)
    OutboxWorker(outbox, SystemClock()).start()
    promised = os.open(folder / "promised", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in range(first, first + 10_000):
        item = outbox.enqueue(PATIENT, built(number, "douleur " * 2000), undo_delay=timedelta(0))
        os.write(promised, f"{item.unique_id}\n".encode())
        outbox.flush()


def campaign(folder: Path, kills: int, seed: int) -> None:
    chance, life, promised = random.Random(seed), LIFE, folder / "promised"
    for kill in range(4 * kills):
        if kill >= kills and promised.exists() and len(promised.read_text().splitlines()) > kills / 2:
            return
        before = promised.stat().st_size if promised.exists() else 0
        child = os.fork()
        if child == 0:
            try:
                live(folder, 1 + kill * 10_000)
            finally:
                os._exit(1)
        watch = os.pidfd_open(child)
        ended, _, _ = select.select([watch], [], [], chance.uniform(0.0, life))
        os.close(watch)
        if ended:
            raise SystemExit("a child ended before it was killed")
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        silent = not promised.exists() or promised.stat().st_size == before
        life = min(LONGEST_LIFE, life * 1.25) if silent else max(LIFE, life * 0.9)


def report(folder: Path) -> dict[str, int]:
    """Let a last process finish the work, then compare what was promised with what the registry has."""
    with OutboxFile.of(folder / "a.db") as database:
        database.check()
        outbox = service(folder, database, lose_every=1 << 30)  # the line is good again
        in_doubt = sum(item.in_doubt for item in outbox.items())
        outbox.flush()
        outbox.deliver_due()
        items = outbox.items()
    promised = set((folder / "promised").read_text().splitlines())
    deposits = Counter(RegistryFile(folder / "registry").deposits())
    return {
        "promised": len(promised),
        "deposited": len(deposits),
        "lost": len(promised - set(deposits)),
        "doubled": sum(count > 1 for count in deposits.values()),
        "unsent": sum(item.state is not OutboxState.SENT for item in items),
        "unknown": len(set(deposits) - {item.unique_id for item in items}),
        "in_doubt": in_doubt,
    }


if __name__ == "__main__":
    where = Path(sys.argv[1])
    campaign(where, int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps(report(where)))
