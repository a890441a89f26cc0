"""A workstation's two files with something in each, to be backed up, damaged and restored."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from dmp_desktop.domain.recovery_code import recovery_code
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.backup import Backups, BackupSource
from dmp_desktop.storage.backup_file import BackupKeys
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.outbox import NewItem, OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.recovery import recovery_public
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import AUTHOR, INS, KEY, PATIENT, built

SECRET = bytes(reversed(range(32)))
CODE = recovery_code(SECRET)
SUBJECT = Subject(PATIENT, "Compte rendu", "consultation", frozenset())


def new(number: int, text: str = "") -> NewItem:
    return NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, SUBJECT, built(number, text).cda)


@dataclass
class Station:
    """One process over the files of `home`."""

    home: Path
    key: bytes = KEY
    secret: bytes = SECRET
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self._opened = ExitStack()
        self.paths = Paths(self.home).create()
        self.database = self._opened.enter_context(Database.open(self.paths.database, self.key))
        self.file = self._opened.enter_context(OutboxFile.of(self.paths.outbox))
        self.outbox = OutboxStore(self.file, Seal(self.key, "outbox"))
        self.journal = Journal(self.database, Seal(self.key, "journal"), self.key)
        self.preferences = PreferenceStore(self.database, Seal(self.key, "preference"))
        self.keys = BackupKeys(self.key, recovery_public(self.secret))
        self.source = BackupSource(self.database, self.file, lambda: self.keys)
        self.backups = Backups(self.paths, self.source, self.clock, "DMP Desktop test")

    def fill(self, count: int = 3, text: str = "") -> None:
        for number in range(1, count + 1):
            self.outbox.add(new(number, text), START, START)
            self.journal.append(JournalRecord(START, AUTHOR, "send", document=f"2.25.{number}"), ins=INS)
        self.preferences.put(AUTHOR, "habits", {"tab": 2})

    def uids(self) -> list[str]:
        return sorted(item.unique_id for item in self.outbox.items())

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Station:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
