"""A workstation whose disk fails at each thing asked of it in turn, for test_full_disk.py: FOLDER STRIDE. Under `failing_disk.environment`.

Prints a JSON object an operation: how many things it asks of the disk, what was told, and what went wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.platform.settings import Settings, load_settings, save_settings
from dmp_desktop.storage.backup_file import open_with_station
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.storage.outbox import Outcome
from tests.helpers.clock import START
from tests.helpers.drafts import DOCTOR, Desk, draft
from tests.helpers.failing_disk import FULL, READ_ONLY, FailingDisk, How
from tests.helpers.outbox import AUTHOR
from tests.helpers.station_files import Station, new

Picture = dict[str, Any]
FEW, MOST = 32, 1000
"""Things an operation may ask of the disk: a loop that never ends is a failure."""
WAYS = ((FULL, How.ONCE), (FULL, How.FROM_THEN_ON), (READ_ONLY, How.FROM_THEN_ON))


@dataclass
class Told:
    operation: str
    asked: int = 0
    codes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        return json.dumps(asdict(self) | {"codes": sorted(self.codes)})


class Place:
    """A workstation that stays open while its disk fails; `number` tells the attempts apart."""

    def __init__(self, home: Path) -> None:
        self.station = Station(home)
        self.desk = Desk(self.station.paths.database)
        self.desk.keys.come(DOCTOR)
        self.secrets = PassphraseKeyStore(home / "secrets.json", "une phrase", cost=1 << 6)
        self.number = 0

    def close(self) -> None:
        self.station.close()
        self.desk.database.close()

    # -- what is done ----------------------------------------------------------------------------------------------------------

    def enqueue(self) -> None:
        self.station.outbox.add(new(self.number, "Toux. " * 1000), START, START)

    def enqueue_lot(self) -> None:
        self.station.outbox.add_lot([new(self.number * 10_000 + one) for one in range(3)], START, START)

    def claim_and_settle(self) -> None:
        item = self.station.outbox.add(new(self.number), START, START)
        if self.station.outbox.claim(item.id, "me", START, timedelta(minutes=5)) is None:
            assert self.station.outbox.get(item.id).state is not OutboxState.WAITING
        self.station.outbox.settle({item.id: Outcome(OutboxState.SENT, proof="urn:uuid:1")}, "me", START)

    def keep_draft(self) -> None:
        self.desk.keep(draft(self.number, "Toux. " * 1000))

    def change_draft(self) -> None:
        self.desk.keep(draft(1, f"Toux {self.number}. " * 1000))

    def journal(self) -> None:
        name = f"2.25.{self.number}"
        if all(record.document != name for record in self.station.journal.records()):
            self.station.journal.append(JournalRecord(START, AUTHOR, "send", document=name))

    def prefer(self) -> None:
        self.station.preferences.put(AUTHOR, "tab", {"tab": self.number})

    def save_settings(self) -> None:
        save_settings(self.station.paths.settings, Settings(undo_seconds=self.number % 300))

    def keep_secret(self) -> None:
        self.secrets.set("essai", str(self.number))

    def back_up(self) -> None:
        to = self.station.paths.backups / f"{self.number}.dmpsauvegarde"
        self.station.backups.make(to=to)

    # -- what is there ---------------------------------------------------------------------------------------------------------

    def picture(self) -> Picture:
        paths = self.station.paths
        backups = sorted(one.name for one in paths.backups.glob("*"))
        for name in backups:
            open_with_station(paths.backups / name, self.station.key)
        count, _head = self.station.journal.verify()
        return {
            "outbox": {item.unique_id: item.state.value for item in self.station.outbox.items()},
            "drafts": dict(sorted((one.draft_id, one.text) for one, _revision in self.desk.service.mine().drafts)),
            "journal": count,
            "preferences": self.station.preferences.get(AUTHOR, "tab"),
            "settings": load_settings(paths.settings),
            "secret": self.secrets.get("essai"),
            "backups": backups,
        }


OPERATIONS: dict[str, Callable[[Place], None]] = {
    one.__name__: one
    for one in (
        Place.enqueue,
        Place.enqueue_lot,
        Place.claim_and_settle,
        Place.keep_draft,
        Place.change_draft,
        Place.journal,
        Place.prefer,
        Place.save_settings,
        Place.keep_secret,
        Place.back_up,
    )
}
STEPS = {"claim_and_settle": 3}
"""Transactions of those that are not one: what is between them may be there."""


def tried(place: Place, operate: Callable[[Place], None], told: Told) -> bool:
    """Whether it succeeded; a failure that is not told in French is one of ours."""
    try:
        operate(place)
    except DmpDesktopError as error:
        told.codes.add(error.code)
        if not (str(error) and error.remedy_fr):
            told.wrong.append(f"{error.code} tells no remedy")
        return False
    except Exception as error:  # noqa: BLE001 - each is noted
        told.wrong.append(f"{type(error).__name__}: {error}")
        return False
    return True


def fail_everywhere(disk: FailingDisk, home: Path, name: str, stride: int) -> Told:
    """At each thing asked, or at one in `stride` where an operation asks for more than a few."""
    told, operate = Told(name), OPERATIONS[name]
    place = Place(home)
    place.number = 1
    place.keep_draft()
    place.enqueue()
    for error, how in WAYS:
        for at in [*range(1, FEW), *range(FEW, MOST, stride)]:
            place.number += 1
            for old in place.station.paths.backups.glob("*.dmpsauvegarde"):
                old.unlink()
            before = place.picture()
            disk.fail(at, error, how)
            done = tried(place, operate, told)
            asked = disk.works()
            after = fresh(place)
            if asked < at:
                told.asked = max(told.asked, asked)
                if not done:
                    told.wrong.append("it failed on a disk that did not")
                break
            where = f"{how.name} {error} at {at}"
            if not tried(place, operate, told):
                told.wrong.append(f"{where}: it does not go on")
            whole = fresh(place)
            if after != whole and (done or (after != before and name not in STEPS)):
                told.wrong.append(f"{where}: {'promised, not there' if done else 'half done'}")
            if lost := [one for one in before["outbox"] if one not in after["outbox"]]:
                told.wrong.append(f"{where}: lost {lost}")
        else:
            told.wrong.append("it never ends")
    place.close()
    return told


def fresh(place: Place) -> Picture:
    """What this process sees and what another opening of the files sees are the same."""
    seen = place.picture()
    other = Place(place.station.home)
    found = other.picture()
    other.close()
    assert found == seen, "another process would see other things"
    return seen


def main(folder: Path, stride: int) -> None:
    disk = FailingDisk()
    for name in OPERATIONS:
        print(fail_everywhere(disk, folder / name, name, stride).line(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
