"""Writes a document into the folder of the practice software, killed at each thing it does to the disk in turn.

`python -m tests.helpers.outgoing_victim DIR`, with the document in DIR/document.xml. One process a point, forked from this one; the
practice software then takes away what is whole there, the next start looks, and what it took in all is printed as JSON, a line a point.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.exchange.profile import Profile
from dmp_desktop.platform.settings import Settings
from dmp_desktop.services import outgoing_run, received_files  # noqa: F401 - loaded once, before any point is counted
from dmp_desktop.services.outgoing_queue import OutgoingQueue
from dmp_desktop.services.profiles import ProfileFile
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.wiring.base import SOURCE_OID
from tests.helpers.clock import FakeClock
from tests.helpers.exchange_victim import die_at
from tests.helpers.outbox import PATIENT

NAME = "Générique"
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
FORMATS = ("cda", "hprim", "json")


class Sent:
    """An outbox that holds one document the DMP took."""

    def __init__(
        self, cda: bytes, sent_at: datetime = NOW, visibility: frozenset[Visibility] = frozenset(), number: int = 1
    ) -> None:
        entry = entry_from_cda(cda)
        self._cda = cda
        told = (
            number,
            entry.unique_id,
            "2.25.1",
            PATIENT,
            entry.title,
            "11488-4",
            OutboxState.SENT,
            WaitingFor.NOTHING,
        )
        self.item = OutboxItem(*told, sent_at, sent_at, sent_at=sent_at, visibility=visibility)

    def items(self) -> list[OutboxItem]:
        return [self.item]

    def document(self, _item_id: int) -> bytes:
        return self._cda


def queue(place: Path) -> OutgoingQueue:
    home, folder = place / "home", place / "import"
    profiles = ProfileFile(home / "logiciel-metier.json")
    if not folder.is_dir():
        home.mkdir(parents=True)
        folder.mkdir()
        profiles.save([Profile(NAME, str(folder), FORMATS, since=datetime(2026, 1, 1, tzinfo=UTC))])
    seal = Seal(b"k" * 32, "outgoing")
    return OutgoingQueue(home / "sortie", seal, profiles, Settings, home, SOURCE_OID, FakeClock())


def taken_away(place: Path, taken: list[str]) -> None:
    """What the practice software does: each file that has its name is read, then deleted."""
    for file in sorted((place / "import").iterdir()):
        if not file.name.startswith("."):
            assert file.read_bytes()
            taken.append(file.name)
            file.unlink()


def played(point: int, place: Path, outbox: Sent) -> dict[str, object] | None:
    queue(place)
    child = os.fork()
    if not child:
        die_at(point, place)
        mine = queue(place)
        mine.stage(outbox)
        mine.look()
        os._exit(0)
    killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    taken: list[str] = []
    taken_away(place, taken)
    for _start in range(2):
        again = queue(place)
        again.stage(outbox)
        again.look()
        taken_away(place, taken)
    hidden = [file.name for file in (place / "import").iterdir()]
    return {"taken": taken, "hidden": hidden, "waiting": again.report.waiting} if killed else None


def main(place: Path) -> None:
    outbox = Sent((place / "document.xml").read_bytes())
    for point in range(1, 200):
        found = played(point, place / str(point), outbox)
        if found is None:
            break
        print(json.dumps({"point": point} | found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
