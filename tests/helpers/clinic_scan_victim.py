"""A workstation that shares its tray until it is killed: `python -m tests.helpers.clinic_scan_victim PLACE NAME DATABASE`.

The desk also takes and prepares what is in its folder, the doctor's validates what comes. Says READY once it begins.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dmp_desktop.domain.tray import KEPT, ScanState
from dmp_desktop.services.clinic_scans import SharedDoctors, SharedScans
from dmp_desktop.services.clinic_share import ClinicShare
from dmp_desktop.services.tray import Preparation
from dmp_desktop.storage.clinic import ClinicDatabase
from dmp_desktop.storage.clinic_address import ClinicAddress
from dmp_desktop.storage.clinic_rows import SharedRows
from dmp_desktop.storage.clinic_rows_server import ClinicRows
from dmp_desktop.storage.clinic_scans import ClinicScans
from dmp_desktop.storage.sealing import Seal
from tests.helpers.outbox import AUTHOR, FINGERPRINT, KEY, PATIENT
from tests.helpers.postgres import PASSWORD
from tests.helpers.tray_desk import DAY, DOCTOR, REPORT, SECRETARY, Practice


class Workstation:
    """`act` is what its people do once; `look` what the clinic's thread does."""

    def __init__(self, place: Path, name: str, database: ClinicDatabase) -> None:
        place.mkdir(exist_ok=True)
        self.room, self.name = Practice(place), name
        store, clock = self.room.rows, self.room.clock
        rows = SharedRows(self.room.desk.database, Seal(KEY, "shared"))
        self._scans = SharedScans(store, clock, KEPT)
        self._share = ClinicShare(rows, (SharedDoctors(store), self._scans), clock, lambda _kinds: None)
        self._server, self._parts = ClinicRows(database, Seal(KEY, "shared")), ClinicScans(database, Seal(KEY, "scan"))

    def act(self) -> None:
        room = self.room
        if self.name == "accueil":
            room.desk.settle()
            room.who = SECRETARY
            for scan in room.rows.scans()[0]:
                if scan.state is ScanState.TO_PREPARE:
                    room.service.prepare(scan, Preparation(PATIENT, REPORT, DAY, AUTHOR))
        else:
            room.who = DOCTOR
            for scan in room.rows.scans()[0]:
                if scan.state is ScanState.TO_VALIDATE:
                    room.service.validate(scan)

    def look(self) -> None:
        self._share.step(self._server)
        if self._scans.bring(self._parts):
            self._share.take()


def main(place: Path, name: str, database: str) -> None:
    with ClinicDatabase.open(ClinicAddress.parse(database), PASSWORD, FINGERPRINT) as clinic:
        workstation = Workstation(place, name, clinic)
        print("READY", flush=True)
        while True:
            workstation.act()
            workstation.look()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
