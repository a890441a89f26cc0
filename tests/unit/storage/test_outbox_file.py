"""The outbox's own file: plain SQLite, in which nothing of a patient or of who sends can be read."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState, WaitingFor
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage import outbox_file, outbox_move, schema
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox import NewItem, OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import MIGRATIONS, OutboxFile
from dmp_desktop.storage.outbox_schema import metadata, outbox
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import Subject, encode
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, INS, KEY, PATIENT, built, open_store

SEAL = Seal(KEY, "outbox")
SUBJECT = Subject(PATIENT, "Compte rendu", "consultation", frozenset())
WORDS = (PATIENT.birth_family, "Dolancourt", INS, AUTHOR, "thoracique", "Compte rendu", "déjà un compte rendu")

SETTINGS = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
PLAIN = (
    f"SELECT {', '.join(one.name for one in outbox.c if one.name not in ('subject', 'told'))} FROM outbox ORDER BY id"
)


def new(number: int, text: str = "") -> NewItem:
    return NewItem(f"2.25.{number}", f"2.25.9{number}", AUTHOR, SUBJECT, built(number, text).cda)


def refused(store: OutboxStore) -> None:
    """A document refused in words that are about the patient."""
    item = store.add(new(1, "douleur thoracique"), START, START)
    store.claim(item.id, "me", START, timedelta(minutes=5))
    told = Outcome(OutboxState.REFUSED, code="XDSError", message="Le DMP a déjà un compte rendu.", proof="urn:uuid:1")
    [settled] = store.settle({item.id: told}, "me", START)
    assert (settled.message, settled.proof, settled.author_id) == (told.message, told.proof, AUTHOR)


def test_its_tables_are_those_described(tmp_path: Path) -> None:
    with OutboxFile.of(tmp_path / "a.db") as file, file.read() as connection:
        inspector = sa.inspect(connection)
        made = {
            table: {(column["name"], column["nullable"]) for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
        }
        level = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    described = {
        name: {(one.name, bool(one.nullable)) for one in table.columns} for name, table in metadata.tables.items()
    }
    described["outbox"] |= {("sealed", True), ("padding", True)}  # a document in its own row, on a workstation alone
    assert (made, level) == (described, len(MIGRATIONS))


def test_it_is_durable_and_for_its_user_alone(tmp_path: Path) -> None:
    with OutboxFile.of(tmp_path / "a.db") as file, file.read() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS]
        bare = file.write_bare(lambda bare: [bare.execute(f"PRAGMA {name}").fetchone()[0] for name in SETTINGS])
    assert settings == bare == ["wal", 2, 1, 1]
    assert (tmp_path / "a.db").stat().st_mode & 0o077 == 0


def test_a_file_of_an_earlier_version_keeps_its_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(outbox_file, "MIGRATIONS", MIGRATIONS[:2])
        file, store = open_store(tmp_path / "a.db")
        with file:
            portable = OutboxStore(Slow(file), SEAL)  # what a click writes is of this version
            kept = [portable.add(new(number), START, START) for number in (1, 2)]
            store.claim(kept[0].id, "me", START, timedelta(minutes=5))
    file, store = open_store(tmp_path / "a.db")
    with file:
        assert store.due(START) == [(AUTHOR, kept[1].id)]
        assert [item.id for item in store.release(lambda owner: owner == "me", START)] == [kept[0].id]
        assert store.add(new(3), START, START).id == 3
        assert [store.document(number) for number in (1, 2, 3)] == [new(number).cda for number in (1, 2, 3)]
        file.check()


def test_a_document_is_put_apart_by_the_first_change_of_its_row_and_never_written_again(tmp_path: Path) -> None:
    file, store = open_store(tmp_path / "a.db")
    with file:
        kept = [item.id for item in store.add_lot([new(1), new(2)], START, START)] + [
            store.add(new(3), START, START).id
        ]
        places = (
            "SELECT outbox.sealed IS NULL, item_id IS NOT NULL FROM outbox LEFT JOIN outbox_document ON item_id = id"
        )

        def apart() -> list[tuple[int, int]]:
            with file.read() as connection:
                return [(row[0], row[1]) for row in connection.exec_driver_sql(f"{places} ORDER BY id")]

        assert apart() == [(0, 0)] * 3
        store.hold(kept[0], START)
        assert apart() == [(1, 1), (0, 0), (0, 0)]
        store.await_card(AUTHOR, START)
        assert store.claim(kept[2], "me", START, timedelta(minutes=5))
        assert apart() == [(1, 1)] * 3
        assert [store.document(number) for number in kept] == [new(number).cda for number in (1, 2, 3)]
        parked = Outcome(OutboxState.WAITING, WaitingFor.OPPOSITION, code="c", message="Non.")
        store.add(new(4), START, START, parked)
        assert apart()[3:] == [(1, 1)], "it waits for nobody knows how long"


def test_what_is_asked_between_two_documents_walks_through_no_table(tmp_path: Path) -> None:
    """Ten thousand that wait, or were sent, slow nothing down."""
    file, store = open_store(tmp_path / "a.db")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    with file:
        store.add_lot([replace(new(number), lot="2.25.91") for number in range(20)], START, START)
        store.add(new(20), START, START)
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        try:
            store.due(START)
            store.next_due(START)
            store.release(lambda _owner: True, START)
            store.claim(21, "me", START, timedelta(minutes=5))
            store.settle({21: Outcome(OutboxState.SENT)}, "me", START)
            store.claim(1, "me", START, timedelta(minutes=5))
            store.release(lambda _owner: True, START)
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", note)
        with closing(file.own_connection()) as own:
            plans = {
                row[3] for told in asked for row in own.execute("EXPLAIN QUERY PLAN " + told[0], told[1]).fetchall()
            }
    walks = [step for step in plans if step.startswith("SCAN outbox") and "INDEX" not in step]
    assert any("outbox_sending" in step for step in plans)
    assert any("outbox_queue" in step for step in plans)
    assert walks == []


def test_its_files_hold_nothing_of_a_patient_or_of_who_sends(tmp_path: Path) -> None:
    file, store = open_store(tmp_path / "a.db")
    with file:
        refused(store)
        files = sorted(tmp_path.iterdir())
        assert "a.db-wal" in [one.name for one in files]
        on_disk = b"".join(one.read_bytes() for one in files)
        assert b"2.25.1" in on_disk  # it is plain indeed
        assert [word for word in WORDS if word.encode() in on_disk] == []


def test_what_was_changed_in_it_does_not_open(tmp_path: Path) -> None:
    """A row moved onto another is no longer read: nothing of one patient is shown for another."""
    file, store = open_store(tmp_path / "a.db")
    with file:
        for number in (1, 2):
            store.add(new(number), START, START)
        with file.write() as connection:
            other = connection.execute(sa.select(outbox.c.subject).where(outbox.c.id == 2)).scalar_one()
            connection.execute(outbox.update().where(outbox.c.id == 1).values(subject=other))
        with pytest.raises(StorageError, match="storage-damaged"):
            store.get(1)
        assert store.get(2).unique_id == "2.25.2"


def test_damage_is_told_when_it_opens_or_is_checked(tmp_path: Path) -> None:
    OutboxFile.of(tmp_path / "a.db").close()
    whole = (tmp_path / "a.db").read_bytes()
    (tmp_path / "a.db").write_bytes(b"x" + whole[1:])
    with pytest.raises(StorageError, match="storage-damaged"):
        OutboxFile.of(tmp_path / "a.db")
    (tmp_path / "a.db").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError, match="storage-damaged"), OutboxFile.of(tmp_path / "a.db") as file:
        file.check()


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    database, store = open_store(tmp_path / "a.db")
    subject = Subject(PATIENT, "t", "k", frozenset())
    with database:
        kept = store.add(NewItem("2.25.1", "2.25.91", AUTHOR, subject, b"x"), START, START)
        with database.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        database.write_bare(lambda bare: bare.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall())
        with pytest.raises(StorageError, match="storage-full"):
            store.add(NewItem("2.25.2", "2.25.92", AUTHOR, subject, bytes(100_000)), START, START)
        assert store.items() == [kept]
        again = store.add(NewItem("2.25.2", "2.25.92", AUTHOR, subject, bytes(100_000)), START, START)  # room again
        assert store.items() == [again, kept]
        database.check()


class Slow:
    """A store of which nothing but the portable way is known, as a clinic's."""

    def __init__(self, file: Database) -> None:
        self.read, self.write = file.read, file.write


@pytest.mark.parametrize("parked", [False, True])
def test_the_way_of_a_click_writes_what_the_portable_way_writes(tmp_path: Path, parked: bool) -> None:
    told, rows = [], []
    objects = Outcome(OutboxState.WAITING, WaitingFor.OPPOSITION, code="c", message="Non.", remedy="Si.")
    for name in ("quick", "portable"):
        with OutboxFile.of(tmp_path / f"{name}.db") as file:
            store = OutboxStore(file if name == "quick" else Slow(file), SEAL)
            lot = [
                replace(new(number), lot="2.25.91", submission_id="2.25.91", in_doubt=number == 2) for number in (1, 2)
            ]
            told.append(
                [
                    store.add(new(9), START, START),
                    *store.add_lot(lot, START, START + timedelta(seconds=30), objects if parked else None),
                ]
            )
            assert store.items() == told[-1][::-1]
            with file.read() as connection:
                found = connection.exec_driver_sql(PLAIN).all()
            assert [store.document(item.id) for item in told[-1]] == [new(9).cda, *(one.cda for one in lot)]
            rows.append([tuple(row) for row in found])
    assert told[0] == told[1]
    assert rows[0] == rows[1]


def test_a_lot_of_which_one_is_known_is_kept_whole_with_what_was_known(tmp_path: Path) -> None:
    file, store = open_store(tmp_path / "a.db")
    with file:
        known = store.add(new(2), START, START)
        kept = store.add_lot([new(1), new(2), new(3)], START, START)
        assert [item.unique_id for item in kept] == ["2.25.1", "2.25.2", "2.25.3"]
        assert kept[1] == known
        with pytest.raises(ContextError, match="outbox-duplicate"):
            store.add_lot([new(4), replace(new(2), cda=b"other")], START, START)
        assert len(store.items()) == 3, "all are kept or none is"


def test_several_threads_and_another_way_in_enqueue_on_one_file(tmp_path: Path) -> None:
    file, store = open_store(tmp_path / "a.db")
    other, beside = open_store(tmp_path / "a.db")
    with file, other, ThreadPoolExecutor(4) as threads:
        ways = [store, OutboxStore(Slow(other), SEAL), beside]
        kept = list(threads.map(lambda number: ways[number % 3].add(new(number), START, START).unique_id, range(60)))
        assert sorted(item.unique_id for item in store.items()) == sorted(kept)
        assert len(set(kept)) == 60


def test_after_the_file_is_closed_nothing_is_kept(tmp_path: Path) -> None:
    file, store = open_store(tmp_path / "a.db")
    with file:
        store.add(new(1), START, START)
    assert not (tmp_path / "a.db-wal").exists(), "a connection was left open"
    with pytest.raises(StorageError, match="storage-closed"):
        store.add(new(2), START, START)


def former_row(number: int, **changes: Any) -> dict[str, Any]:
    """As an earlier version kept it."""
    unique_id = f"2.25.{number}"
    return {
        "unique_id": unique_id,
        "submission_id": f"2.25.9{number}",
        "author_id": AUTHOR,
        "subject": SEAL.seal(encode(SUBJECT), f"outbox/{unique_id}/subject"),
        "state": OutboxState.WAITING,
        "waiting_for": WaitingFor.NOTHING,
        "in_doubt": False,
        "attempts": 0,
        "created_at": START,
        "updated_at": START,
        "next_attempt_at": START,
        "code": "",
        "message": "",
        "remedy": "",
        "proof": "",
        **changes,
    }


def fill_former(database: Database, count: int) -> None:
    """Waiting, being sent, sent and refused ones, in turn."""
    turns: tuple[dict[str, Any], ...] = (
        {},
        {"state": OutboxState.SENDING, "lease_owner": "me", "lease_until": START, "in_doubt": True, "attempts": 1},
        {"state": OutboxState.SENT, "proof": "urn:uuid:1", "next_attempt_at": None},
        {"state": OutboxState.REFUSED, "code": "XDSError", "message": "Non.", "remedy": "Si.", "next_attempt_at": None},
    )
    with database.write() as connection:
        for number in range(1, count + 1):
            row = former_row(number, **turns[number % 4])
            made = connection.execute(schema.outbox.insert().values(row).returning(schema.outbox.c.id)).scalar_one()
            sealed = SEAL.seal(built(number).cda, f"outbox/2.25.{number}/document")
            connection.execute(schema.outbox_document.insert().values(item_id=made, sealed=sealed))


def check_moved(store: OutboxStore, database: Database, count: int) -> None:
    items = store.items()[::-1]
    assert [item.unique_id for item in items] == [f"2.25.{number}" for number in range(1, count + 1)]
    for number, item in enumerate(items, 1):
        assert store.document(item.id) == built(number).cda
        assert (item.patient, item.author_id, item.submission_id) == (PATIENT, AUTHOR, f"2.25.9{number}")
    states = [(item.state, item.in_doubt, item.message, item.proof) for item in items[:4]]
    assert states == [
        (OutboxState.SENDING, True, "", ""),
        (OutboxState.SENT, False, "", "urn:uuid:1"),
        (OutboxState.REFUSED, False, "Non.", ""),
        (OutboxState.WAITING, False, "", ""),
    ]
    with database.read() as connection:
        for table in (schema.outbox, schema.outbox_document):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_what_an_earlier_version_kept_moves_over_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_move, "AT_ONCE", 3)
    file, store = open_store(tmp_path / "b.db")
    with Database.open(tmp_path / "a.db", KEY) as database, file:
        fill_former(database, 8)
        assert outbox_move.move_former(database, file, SEAL) == 8
        check_moved(store, database, 8)
        assert store.release(lambda owner: owner == "me", START)  # whoever was sending it is gone: taken over
        assert store.due(START) == [(AUTHOR, 1)]
        assert outbox_move.move_former(database, file, SEAL) == 0


def test_a_damaged_row_stays_and_the_others_move(tmp_path: Path) -> None:
    file, store = open_store(tmp_path / "b.db")
    with Database.open(tmp_path / "a.db", KEY) as database, file:
        fill_former(database, 3)
        with database.write() as connection:
            connection.execute(schema.outbox.update().where(schema.outbox.c.id == 2).values(subject=b"x" * 40))
        assert outbox_move.move_former(database, file, SEAL) == 2
        assert [item.unique_id for item in store.items()] == ["2.25.3", "2.25.1"]
        with database.read() as connection:
            assert connection.execute(sa.select(schema.outbox.c.unique_id)).scalars().all() == ["2.25.2"]


def move_until(database: Path, file: Path, step: int) -> None:
    """In a child: move, and die at the `step`-th line run in `outbox_move`."""
    left = step

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename != outbox_move.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    with Database.open(database, KEY) as former, OutboxFile.of(file) as own:
        sys.settrace(trace)
        outbox_move.move_former(former, own, SEAL)
        sys.settrace(None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork: Linux only")
def test_killed_at_each_step_the_move_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_move, "AT_ONCE", 2)
    killed, step = 0, 1
    while True:
        folder = tmp_path / str(step)
        folder.mkdir()
        with Database.open(folder / "a.db", KEY) as database:
            fill_former(database, 4)
        child = os.fork()
        if child == 0:
            try:
                move_until(folder / "a.db", folder / "b.db", step)
                os._exit(0)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(child, 0)
        file, store = open_store(folder / "b.db")
        with Database.open(folder / "a.db", KEY) as database, file:
            outbox_move.move_former(database, file, SEAL)
            check_moved(store, database, 4)
            file.check()
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        killed, step = killed + 1, step + 3
    assert killed > 20
