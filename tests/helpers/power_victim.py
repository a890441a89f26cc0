"""What a workstation's storage does in a day, made short, for test_power_loss.py: FOLDER. Each thing kept is acknowledged by its number
through the recorder (recorded_files.c), once the program would have told so.
"""

from __future__ import annotations

import ctypes
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.platform.storage_key import storage_key
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject
from tests.helpers.outbox import AUTHOR, KEY, PATIENT

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRETS, DATABASE, OUTBOX = "secrets.json", "dmp-desktop.db", "boite-envoi.db"
PHRASE = "une phrase de passe"
DOCUMENTS = 24
SENT = 1000  # + the document's number: it was told to be sent


def content(number: int) -> bytes:
    """Bytes of a document: most are small, some fill the log to where it is copied into the database."""
    return random.Random(number).randbytes(700_000 if number % 8 == 7 else 3000 + 100 * number)


def keystore(folder: Path) -> PassphraseKeyStore:
    return PassphraseKeyStore(folder / SECRETS, PHRASE, cost=1 << 6)


def main(folder: Path) -> None:
    acknowledge = ctypes.CDLL(None).dmp_acknowledge
    acknowledge.argtypes = [ctypes.c_longlong]
    for day in range(2):  # closed and opened again in between
        key = storage_key(keystore(folder), folder / DATABASE)
        with Database.open(folder / DATABASE, key) as database, OutboxFile.of(folder / OUTBOX) as file:
            notes, store = PreferenceStore(database, Seal(KEY, "preferences")), OutboxStore(file, Seal(KEY, "outbox"))
            for number in range(day * DOCUMENTS // 2, (day + 1) * DOCUMENTS // 2):
                work(notes, store, number, acknowledge)


def work(notes: PreferenceStore, store: OutboxStore, number: int, acknowledge: Callable[[int], Any]) -> None:
    subject = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
    item = store.add(NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, subject, content(number)), NOW, NOW)
    notes.put("owner", "essai", {"until": number})
    acknowledge(number)
    if number % 3 == 0:
        store.claim(item.id, "me", NOW, timedelta(minutes=5))
        store.settle({item.id: Outcome(OutboxState.SENT, proof="urn:uuid:1")}, "me", NOW)
        acknowledge(SENT + number)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
