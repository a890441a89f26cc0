"""A life of the program at the scans of a watched folder: taken, prepared, validated, sent in batches, until it is killed.

Whose a scan is, is told by a file of the campaign, by the digest of its bytes: the program has nothing to guess.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.tray import Part, Scan, ScanState
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.services.tray import Preparation
from dmp_desktop.services.tray_intake import Intake
from dmp_desktop.wiring import Wiring, open_wiring

UNDO = timedelta(seconds=0.1)
TYPE, AGO = "11488-4", timedelta(days=40)
HASTE = 40.0
"""Times the pace at which a file is seen to rest: a life is shorter than the two seconds."""


class _Hasty:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic() * HASTE


class Room:
    """One who does all there is to do: prepares, validates, sends, takes back now and then."""

    def __init__(self, wiring: Wiring, folder: Path, truth: dict[str, dict[str, Any]]) -> None:
        self.wiring, self.folder = wiring, folder
        self.tray, self.outbox = wiring.tray, wiring.outbox
        self.truth = {digest: patient_from_dict(told) for digest, told in truth.items()}
        store, base = self.tray.store, wiring.base
        clock = _Hasty(wiring.clock)
        lock = wiring.paths.scans_lock
        self.intake = Intake(store, lambda: folder, store.station, lock, clock, base.entropy)
        self.chance = random.Random()
        self.me = ""

    def come(self) -> None:
        with suppress(DmpDesktopError):
            self.wiring.sign_in_software()
            self.tray.service.meet()
        who = self.wiring.desk.signed_in()
        self.me = who.professional.national_id if who else ""

    def work(self, *, back: bool) -> list[Scan]:
        """One round; what there is after it."""
        with suppress(DmpDesktopError):
            self.intake.look()
        for state, act in ((ScanState.TO_PREPARE, self._prepare), (ScanState.TO_VALIDATE, self._validate)):
            self._each(self._in(state), act)
        with suppress(DmpDesktopError):
            self.tray.sending.send(self._in(ScanState.VALIDATED))
        self._each(self._in(ScanState.QUEUED), self._follow)
        if back and self.chance.random() < 0.3:
            self._each(self._in(ScanState.QUEUED)[:1], self.tray.sending.take_back)
        self.outbox.flush()
        with suppress(DmpDesktopError):
            self.tray.sending.settle()
        return self.tray.store.scans()[0]

    def _in(self, state: ScanState) -> list[Scan]:
        return [one for one in self.tray.store.scans()[0] if one.state is state]

    @staticmethod
    def _each(scans: Iterable[Scan], act: Callable[[Scan], object]) -> None:
        for scan in scans:
            with suppress(DmpDesktopError):  # told to who does it, who does it again
                act(scan)

    def _prepare(self, scan: Scan) -> None:
        day = datetime.now(UTC).date() - AGO
        self.tray.service.prepare(scan, Preparation(self._whose(scan), TYPE, day, self.me))

    def _validate(self, scan: Scan) -> None:
        hidden = frozenset({Visibility.MASQUE_PS}) if scan.size % 3 == 0 else frozenset[Visibility]()
        self.tray.service.validate(scan, hidden)

    def _follow(self, scan: Scan) -> None:
        """What nobody knows of is handed over again; what was refused is tried again."""
        for one in self.tray.sending.leaving():
            refused = one.item is not None and one.item.state is OutboxState.REFUSED
            if one.scan.id == scan.id and (one.stopped or refused):
                self.tray.sending.retry(one.scan)

    def _whose(self, scan: Scan) -> Patient:
        return self.truth[scan.digest]

    def report(self) -> None:
        """What there is in the end, a line a scan."""
        for scan in self.tray.store.scans()[0]:
            file, pdf = (self.tray.store.part(scan.id, part) or b"" for part in (Part.FILE, Part.PDF))
            told = {
                "state": scan.state.value,
                "unique_id": scan.unique_id,
                "copies": scan.copies,
                "digest": _digest(file),
            }
            print(json.dumps(told | {"pdf": _digest(pdf)}), flush=True)


def live(folder: str, truth: str, until: str = "") -> None:
    """Until it is killed; with `until` "sent", until all there is has left."""
    with open_wiring(undo_delay=UNDO) as wiring:
        room = Room(wiring, Path(folder), json.loads(Path(truth).read_text("utf-8")))
        room.come()
        wiring.worker.start()
        while True:
            scans = room.work(back=not until)
            left = [one for one in room.folder.rglob("*") if one.is_file()]
            if until and not left and all(one.state is ScanState.SENT for one in scans):
                room.report()
                return


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
