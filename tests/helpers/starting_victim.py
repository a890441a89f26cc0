"""A workstation that starts while its disk fails, or dies, at each thing asked of it in turn, for test_starts_cut.py:
FOLDER POINTS [SCENARIO…]. Under `failing_disk.environment`.

Prints a JSON object a scenario: how many things its start asks of the disk, what was told, and what was not there afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.keystore import PassphraseKeyStore
from dmp_desktop.platform.paths import Paths
from dmp_desktop.platform.storage_key import KEY_NAME
from dmp_desktop.services.backup import BackupKind, Backups, BackupSource, kept_backups
from dmp_desktop.storage import migrations, outbox_file, schema, tables
from dmp_desktop.storage.database import Database, connected, encrypted, engine, new_file
from dmp_desktop.storage.drafts import DraftStore
from dmp_desktop.storage.journal import Journal, JournalRecord
from dmp_desktop.storage.migrations import migrate
from dmp_desktop.storage.outbox import OutboxStore
from dmp_desktop.storage.outbox_file import OutboxFile
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import OwnedSeal, Seal
from dmp_desktop.storage.subject import encode
from dmp_desktop.wiring.base import open_base
from dmp_desktop.wiring.stores import open_stores
from tests.helpers.clock import START, FakeClock
from tests.helpers.failing_disk import FULL, READ_ONLY, FailingDisk, How
from tests.helpers.outbox import AUTHOR, KEY, built
from tests.helpers.station_files import SUBJECT, new

PHRASE = "une phrase de passe"
SEAL = Seal(KEY, "outbox")
OWN = OwnedSeal("f" * 16, Seal(bytes(32), "draft"))
WITH_PREFERENCES, WITH_DRAFTS = 2, 12
"""Schema versions of the database from which on it had these tables."""
NEVER = 1 << 40
WAYS = ((0, How.KILL), (FULL, How.ONCE), (FULL, How.FROM_THEN_ON), (READ_ONLY, How.FROM_THEN_ON))


@dataclass
class Told:
    scenario: str
    asked: int = 0
    tried: int = 0
    codes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


# -- what an earlier version left ------------------------------------------------------------------------------------------------


def earlier(home: Path, version: int, outbox_version: int | None) -> None:
    """A data folder as the version with these schemas left it; None: before the outbox had a file of its own."""
    paths = _with_key(home)
    new_file(paths.database, f"x'{KEY.hex()}{_salt()}'")
    with encrypted(paths.database, KEY) as database:
        with database.write() as connection:
            migrate(connection, migrations.MIGRATIONS[:version])
        journal = Journal(database, Seal(KEY, "journal"), KEY)
        for number in range(1, 4):
            record = JournalRecord(START, AUTHOR, "send", document=f"2.25.{number}")
            journal.append(record)
        if version >= WITH_PREFERENCES:
            PreferenceStore(database, Seal(KEY, "preference")).put(AUTHOR, "habits", {"tab": 2})
        if version >= WITH_DRAFTS:
            store = DraftStore(database, Seal(KEY, "drafts"), FakeClock())
            owner, patient = store.owner(AUTHOR), store.patient("patient")
            store.keep(OWN, "d" * 32, owner, patient, b"Toux. " * 500, {"image": bytes(9000)}, revision=0)
        _former_rows(database, 3)
    if outbox_version is not None:
        _earlier_outbox(paths.outbox, outbox_version)


def _earlier_outbox(path: Path, version: int) -> None:
    """What this version writes, without the columns that version had not."""
    present = path.with_name("present.db")
    with OutboxFile.of(present) as file:
        store = OutboxStore(file, SEAL)
        for number in range(11, 14):
            store.add(new(number, "Toux. " * 300), START, START)
        with file.write() as connection:
            connection.exec_driver_sql(outbox_file.PUT_APART)  # an earlier version had no other place
    new_file(path)
    with Database(engine(path)) as former, former.write() as connection:
        migrate(connection, outbox_file.MIGRATIONS[:version])
    with closing(connected(path)) as target, closing(connected(present)) as source:
        for table in tables.names(target):
            names = ", ".join(tables.columns(target, table))
            rows = source.execute(f"SELECT {names} FROM {table}").fetchall()
            marks = ", ".join("?" * len(tables.columns(target, table)))
            target.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    for left in path.parent.glob(f"{present.name}*"):
        left.unlink()


def _former_rows(database: Database, count: int) -> None:
    with database.write() as connection:
        for number in range(1, count + 1):
            name = f"2.25.{number}"
            row = {
                "unique_id": name,
                "submission_id": f"2.25.9{number}",
                "author_id": AUTHOR,
                "subject": SEAL.seal(encode(SUBJECT), f"outbox/{name}/subject"),
                "state": "waiting",
                "waiting_for": "",
                "in_doubt": False,
                "attempts": 0,
                "created_at": START,
                "updated_at": START,
                "next_attempt_at": START,
                **dict.fromkeys(("code", "message", "remedy", "proof"), ""),
            }
            made = connection.execute(schema.outbox.insert().values(**row).returning(schema.outbox.c.id)).scalar_one()
            sealed = SEAL.seal(built(number).cda, f"outbox/{name}/document")
            connection.execute(schema.outbox_document.insert().values(item_id=made, sealed=sealed))


def _with_key(home: Path) -> Paths:
    paths = Paths(home).create()
    PassphraseKeyStore(paths.secrets, PHRASE, cost=1 << 6).set(KEY_NAME, KEY.hex())
    return paths


def _salt() -> str:
    return sha256(b"dmp-desktop database salt" + KEY).digest()[:16].hex()


def nothing(home: Path) -> None:
    """A first start; the secrets' file is there, so that it costs little to open."""
    paths = Paths(home).create()
    PassphraseKeyStore(paths.secrets, PHRASE, cost=1 << 6).set("essai", "1")


def damaged(home: Path) -> None:
    """To be made anew: pages of both files are gone, a backup is there."""
    earlier(home, len(migrations.MIGRATIONS), len(outbox_file.MIGRATIONS))
    with ExitStack() as opened:
        base = open_base(_environment(home), _ask, opened)
        stores = open_stores(base, opened)
        for number in range(21, 41):
            stores.outbox.add(new(number, "Toux. " * 300), START, START)
    with ExitStack() as opened:
        base = open_base(_environment(home), _ask, opened)
        source = BackupSource(base.database, base.outbox_file, base.backup_keys)
        Backups(base.paths, source, base.clock, "test").make(BackupKind.DAILY)
    for path in (Paths(home).database, Paths(home).outbox):
        content = bytearray(path.read_bytes())
        content[4096 * 4 : 4096 * 7] = b"x" * 4096 * 3
        path.write_bytes(content)


def _from(version: int, outbox_version: int | None) -> Callable[[Path], None]:
    return lambda home: earlier(home, version, outbox_version)


SCENARIOS: dict[str, Callable[[Path], None]] = {
    "first": nothing,
    "damaged": damaged,
    **{
        f"from-{version}": _from(version, None if version < 8 else 1 if version < 14 else 2)
        for version in range(1, len(migrations.MIGRATIONS))
    },
    f"from-{len(migrations.MIGRATIONS)}-1": _from(len(migrations.MIGRATIONS), len(outbox_file.MIGRATIONS) - 1),
}


# -- starts ----------------------------------------------------------------------------------------------------------------------


def _environment(home: Path) -> dict[str, str]:
    return {
        "DMP_DESKTOP_HOME": str(home),
        "DMP_DESKTOP_SERVER": "https://localhost:1",
        "DMP_DESKTOP_SECRETS": str(home.parent / "secrets-of-the-test.json"),
    }


def _ask(_prompt: str) -> str:
    raise AssertionError("nothing is asked for")


def start(home: Path) -> dict[str, Any]:
    """As the program does; what is there. Raises DmpDesktopError."""
    with ExitStack() as opened:
        base = open_base(_environment(home), _ask, opened)
        stores = open_stores(base, opened)
        items = stores.outbox.items()
        rows = stores.drafts.of(stores.drafts.owner(AUTHOR))
        return {
            "documents": {one.unique_id: sha256(stores.outbox.document(one.id)).hexdigest() for one in items},
            "drafts": {one.draft_id: stores.drafts.content(one, OWN).decode() for one in rows},
            "joined": [len(stores.drafts.file(one, "image", OWN)) for one in rows],
            "journal": stores.journal.verify()[0],
            "habits": stores.preferences.get(AUTHOR, "habits"),
        }


def fail_everywhere(disk: FailingDisk, folder: Path, name: str, points: int) -> Told:
    """At so many things asked of the disk, evenly spread, for each way to fail; 0: at every one."""
    template, home = folder / name, folder / "poste"
    SCENARIOS[name](template)
    told, whole = Told(name), _copied(template, home, start)
    told.asked = _copied(template, home, lambda place: _cut(disk, place, NEVER, FULL, How.ONCE))[0]
    migrated = name.startswith("from") and Paths(template).outbox.exists()
    for way, (error, how) in enumerate(WAYS):
        for at in _spread(told.asked, points, way):
            code = _copied(template, home, lambda place: _cut(disk, place, at, error, how))[1]  # noqa: B023
            told.tried += 1
            told.codes |= {code} - {""}
            where = f"{how.name} {error} at {at}"
            try:
                found = start(home)
            except Exception as failure:  # noqa: BLE001 - each is noted
                told.wrong.append(f"{where}: it does not start again: {type(failure).__name__} {failure}")
                continue
            if found != whole:
                told.wrong.append(f"{where}: {[part for part in whole if whole[part] != found[part]]} differ")
            if migrated and not any(one.kind is BackupKind.MIGRATION for one in kept_backups(Paths(home).backups)):
                told.wrong.append(f"{where}: no backup of before")
    return told


def _spread(asked: int, points: int, way: int) -> list[int]:
    if not points:
        return list(range(1, asked + 1))
    return [1 + int(asked * (one + (way + 1) / (len(WAYS) + 1)) / points) for one in range(points)]


def _copied(template: Path, home: Path, then: Callable[[Path], Any]) -> Any:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)
    return then(home)


def _cut(disk: FailingDisk, home: Path, at: int, error: int, how: How) -> tuple[int, str]:
    """How many things were asked, and what was told: nothing of a process that was killed."""
    if how is How.KILL:
        child = os.fork()
        if not child:
            disk.fail(at, error, how)
            start(home)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        return at, "" if killed else f"not killed: {status}"
    disk.fail(at, error, how)
    try:
        start(home)
    except DmpDesktopError as failure:
        return disk.works(), failure.code
    except Exception as failure:  # noqa: BLE001 - an untold one fails the test by its name
        return disk.works(), f"untold {type(failure).__name__}: {failure}"
    return disk.works(), ""


def main(folder: Path, points: int, names: list[str]) -> None:
    (folder / "secrets-of-the-test.json").write_text(json.dumps({"storage": PHRASE}))
    disk = FailingDisk()
    for name in names or SCENARIOS:
        told = fail_everywhere(disk, folder, name, points)
        print(json.dumps(asdict(told) | {"codes": sorted(told.codes)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
