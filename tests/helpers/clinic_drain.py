"""One workstation of a clinic that sends what waits in the shared outbox until nothing does: FOLDER URL REGISTRY EVERY.

After each EVERY documents it has sent it says how many, and how much memory it holds, in kB; at the end once more.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from dmp_desktop.domain.documents import Submission
from dmp_desktop.platform.clock import SystemClock, SystemEntropy
from dmp_desktop.services.outbox import OutboxService
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_liveness import WorkstationLiveness
from dmp_desktop.storage.clinic_outbox import ClinicOutbox, ClinicSide
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import FINGERPRINT, KEY, SOURCE_ID, Everyone, read_metadata
from tests.helpers.postgres import PASSWORD
from tests.helpers.registry_file import RegistryFile

SEAL = Seal(KEY, "outbox")
NO_LOSS = 1 << 30


class ToldRegistry(RegistryFile):
    """Says how it goes, and keeps nothing in memory."""

    def __init__(self, path: Path, every: int) -> None:
        super().__init__(path, NO_LOSS)
        self.every, self.taken = every, 0

    def submit(self, submission: Submission) -> None:
        super().submit(submission)
        self.taken += 1
        if self.taken % self.every == 0:
            self.tell()

    def tell(self) -> None:
        print(self.taken, resident(), flush=True)


def resident() -> int:
    """kB of this process in memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def main(folder: Path, url: str, registry: Path, every: int) -> None:
    address = ClinicAddress.parse(url)
    shared = ClinicDatabase.open(address, PASSWORD, FINGERPRINT)
    liveness = WorkstationLiveness(address, PASSWORD, SystemEntropy())
    liveness.ensure_held()
    dmp = ToldRegistry(registry, every)
    with OutboxFile.of(folder / "outbox.db") as file:
        outbox = ClinicOutbox(file, SEAL, lambda: ClinicSide(OutboxStore(shared, SEAL), liveness, liveness.ensure_held))
        service = OutboxService(
            outbox,
            lambda _author: dmp,
            read_metadata,
            source_id=SOURCE_ID,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            liveness=Everyone(folder.name),
            undo_delay=timedelta(0),
        )
        outbox.connect(SystemClock().now())
        while service.deliver_due() is not None:
            pass
    dmp.tell()
    liveness.close()
    shared.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
