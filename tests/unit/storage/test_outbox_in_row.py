"""A document that stands in its own row until that changes: damage to it takes nothing else along, and former versions beside know it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import connected
from dmp_desktop.storage.outbox import OutboxStore, Outcome
from dmp_desktop.storage.outbox_file import MIGRATIONS, OutboxFile
from dmp_desktop.storage.outbox_new import padding
from dmp_desktop.storage.outbox_rows import Sealed
from dmp_desktop.storage.outbox_schema import outbox, outbox_document
from dmp_desktop.storage.plan import PAGE
from dmp_desktop.storage.rebuild import rebuild
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import AUTHOR, KEY, open_store
from tests.helpers.station_files import Station, new

SEAL = Seal(KEY, "outbox")
TEXT = "Toux. " * 1500
LEASE = timedelta(minutes=5)
PLACES = "SELECT outbox.sealed IS NULL, item_id IS NOT NULL FROM outbox LEFT JOIN outbox_document ON item_id = id ORDER BY id"


def places(file: OutboxFile) -> list[tuple[int, int]]:
    """For each row: whether its document is out of it, and whether it is apart."""
    with file.read() as connection:
        return [(row[0], row[1]) for row in connection.exec_driver_sql(PLACES)]


def trees(path: Path) -> dict[int, str]:
    """Whose tree each page is of (fileformat2, "B-tree Pages"); the others hold what rows have no room for, or nothing."""
    content = path.read_bytes()
    found = {1: "sqlite_master"}
    with closing(connected(path)) as connection:
        left = connection.execute("SELECT rootpage, name FROM sqlite_master WHERE rootpage > 0").fetchall()
    while left:
        number, name = left.pop()
        found[number] = name
        page = content[(number - 1) * PAGE : number * PAGE]
        if page[0] in (2, 5):  # not a leaf
            cells = int.from_bytes(page[3:5], "big")
            places = [8, *(int.from_bytes(page[12 + 2 * one : 14 + 2 * one], "big") for one in range(cells))]
            left += [(int.from_bytes(page[place : place + 4], "big"), name) for place in places]
    return found


def spoil(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = random.Random(page).randbytes(PAGE)
    path.write_bytes(content)


def chain(path: Path, sealed: bytes) -> int:
    """The first page that has nothing but this document."""
    content = path.read_bytes()
    return content.index(sealed[PAGE : PAGE + 64]) // PAGE + 1


def sealed_in_row(file: OutboxFile, number: int) -> bytes:
    with file.read() as connection:
        found = connection.exec_driver_sql(f"SELECT sealed FROM outbox WHERE id = {number}").scalar_one()
    return bytes(found)


def sound_in(station: Station) -> set[int]:
    """Numbers of what can be read, each with its own bytes: nothing else passes for a document."""
    found = set()
    for item in station.outbox.items():
        with suppress(StorageError):
            assert station.outbox.document(item.id) == new(int(item.unique_id[5:]), TEXT).cda
            found.add(item.id)
    return found


def test_each_page_spoiled_in_turn_costs_what_it_held_and_that_is_told(tmp_path: Path) -> None:
    """Some documents in their rows, some apart, one sent. A page of a document costs that document alone."""
    count = 8
    with Station(tmp_path / "home") as station:
        for number in range(1, count + 1):
            station.outbox.add(new(number, TEXT), START, START)
        for number in (1, 2):
            station.outbox.claim(number, "me", START, LEASE)
        station.outbox.settle({1: Outcome(OutboxState.SENT, proof="urn:uuid:1")}, "me", START)
    path = tmp_path / "home" / "boite-envoi.db"
    kinds, whole = trees(path), path.read_bytes()
    chained = 0
    for page in range(2, len(whole) // PAGE + 1):  # without the first, nothing but the plan tells where a table is
        path.write_bytes(whole)
        spoil(path, page)
        name = kinds.get(page, "")
        folder = tmp_path / "new"
        folder.mkdir()
        told = rebuild(folder, tmp_path / "home" / "dmp-desktop.db", path, KEY)
        with Station(folder) as station:
            items, sound = station.outbox.items(), sound_in(station)
        told_lost = [item for item in items if item.code == "storage-damaged"]
        if not name:  # what a row has no room for: of at most one document
            chained += 1
            assert len(items) == count, page
            assert len(sound) == count - told.unreadable >= count - 1, page
            assert len(told_lost) == told.unreadable or 1 not in sound, "of one that was sent nothing is asked any more"
            assert all(item.state is OutboxState.REFUSED and item.message for item in told_lost)
            assert all(item.patient == items[0].patient and item.title for item in items), "whom it is about is known"
        elif name in ("outbox", "outbox_document"):
            assert told.damaged, page
            assert len(sound) + len(told_lost) >= len(items) - told.unreadable, page
        else:  # an index, the numbers: made anew
            assert len(sound) == count, (page, name)
        shutil.rmtree(folder)
    assert chained > count


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_row_that_cannot_be_changed_keeps_no_other_back(tmp_path: Path, kept: int) -> None:
    """Its chain of pages is broken: SQLite neither changes nor deletes it. The others leave, it is told, a repair lists it."""
    with Station(tmp_path / "home") as station:
        for number in (1, 2, 3):
            station.outbox.add(new(number, TEXT), START, START)
        sealed = sealed_in_row(station.file, kept)
    path = tmp_path / "home" / "boite-envoi.db"
    spoil(path, chain(path, sealed))
    others = {1, 2, 3} - {kept}
    with Station(tmp_path / "home") as station:
        store = station.outbox
        with pytest.raises(StorageError, match="storage-damaged"):
            store.cancel(kept, START)
        assert len(store.items()) == 3, "whom it is about is still shown"
        assert {item.id for item in store.await_card(AUTHOR, START)} == others
        store.hasten(START - timedelta(seconds=1))
        left = set()
        while due := store.due(START):
            [(_author, item_id)] = due
            claimed = store.claim(item_id, "me", START, LEASE)
            assert claimed
            assert store.document(item_id) == new(item_id, TEXT).cda
            store.settle({item_id: Outcome(OutboxState.SENT)}, "me", START)
            left.add(item_id)
        assert left == others
        assert store.unreadable() == 1
        with pytest.raises(StorageError, match="storage-damaged"):
            station.file.check()  # what a start does, before it makes the file anew
    (tmp_path / "new").mkdir()
    told = rebuild(tmp_path / "new", tmp_path / "home" / "dmp-desktop.db", path, KEY)
    assert (told.damaged, told.unreadable) == (True, 1)
    with Station(tmp_path / "new") as station:
        states = {item.id: (item.state, item.code) for item in station.outbox.items()}
        assert states == {one: (OutboxState.SENT, "") for one in others} | {
            kept: (OutboxState.REFUSED, "storage-damaged")
        }


def test_one_of_a_lot_that_cannot_be_changed_keeps_the_others_of_the_queue_going(tmp_path: Path) -> None:
    with Station(tmp_path / "home") as station:
        lot = [replace(new(number, TEXT), lot="2.25.91", submission_id="2.25.91") for number in (1, 2)]
        station.outbox.add_lot(lot, START, START)
        station.outbox.add(new(3, TEXT), START, START)
        sealed = sealed_in_row(station.file, 2)
    path = tmp_path / "home" / "boite-envoi.db"
    spoil(path, chain(path, sealed))
    with Station(tmp_path / "home") as station:
        assert station.outbox.claim(1, "me", START, LEASE) == ([], False), "they leave together or not at all"
        assert station.outbox.due(START, but=[1]) == [(AUTHOR, 3)]


def test_of_two_places_the_one_that_opens_is_kept(tmp_path: Path) -> None:
    with Station(tmp_path / "home") as station:
        station.outbox.add(new(1), START, START)
        with station.file.write() as connection:
            connection.exec_driver_sql("INSERT INTO outbox_document VALUES (1, x'00')")
    (tmp_path / "new").mkdir()
    told = rebuild(tmp_path / "new", tmp_path / "home" / "dmp-desktop.db", tmp_path / "home" / "boite-envoi.db", KEY)
    assert told.unreadable == 0
    with Station(tmp_path / "new") as station:
        assert station.outbox.document(1) == new(1).cda


def test_all_of_a_row_stays_on_its_page_whatever_its_document_is_long(tmp_path: Path) -> None:
    """Each length of the last page of a chain: the pages that have but a document are spoiled, the rows are read."""
    path = tmp_path / "a.db"
    file, store = open_store(path)
    with file:
        one = new(1)
        sizes = [*range(0, 9000, 61), 50_000]
        for number, size in enumerate(sizes, 1):
            other = new(number + 100)
            store.add(type(one)(other.unique_id, other.submission_id, AUTHOR, one.subject, bytes(size)), START, START)
    content, kinds = bytearray(path.read_bytes()), trees(path)
    pages = [page for page in range(1, len(content) // PAGE + 1) if page not in kinds]
    assert len(pages) > len(sizes) / 2
    for page in pages:
        content[(page - 1) * PAGE : page * PAGE] = random.Random(page).randbytes(PAGE)
    path.write_bytes(content)
    file, store = open_store(path)
    with file:
        assert len(store.items()) == len(sizes)
        assert store.unreadable() == 0
    assert padding((b"x" * 4000,), 50_000) is None or len(padding((b"x" * 4000,), 50_000) or b"") < PAGE


class Former:
    """What the version before does with the file that another one has brought up to date beside it: its own statements."""

    def __init__(self, file: OutboxFile) -> None:
        self.read, self.write = file.read, file.write
        self.rows = Sealed(SEAL)

    def document(self, item_id: int, unique_id: str) -> bytes:
        wanted = sa.select(outbox_document.c.sealed).where(outbox_document.c.item_id == item_id)
        with self.read() as connection:
            return self.rows.open_document(unique_id, connection.execute(wanted).scalar_one())


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[tuple[OutboxFile, OutboxStore, Former, OutboxStore]]:
    """This version, and the former one, whose way in was the portable one but for the click's, on one file."""
    path = tmp_path / "a.db"
    with OutboxFile.of(path) as file, OutboxFile.as_is(path) as older:
        former = Former(older)
        yield file, OutboxStore(file, SEAL), former, OutboxStore(former, SEAL)


def test_a_former_version_beside_sends_what_this_one_keeps(
    beside: tuple[OutboxFile, OutboxStore, Former, OutboxStore],
) -> None:
    file, store, former, older = beside
    for number in (1, 2, 3):
        store.add(new(number), START, START)
    assert [item.unique_id for item in older.items()] == ["2.25.3", "2.25.2", "2.25.1"]
    with pytest.raises(sa.exc.NoResultFound):  # it says so; nothing is taken for a document
        former.document(1, "2.25.1")
    assert older.claim(1, "old", START, LEASE)
    assert former.document(1, "2.25.1") == new(1).cda
    older.settle({1: Outcome(OutboxState.SENT)}, "old", START)
    assert older.cancel(2, START).state is OutboxState.CANCELLED
    assert places(file) == [(1, 1), (1, 1), (0, 0)]
    assert [store.document(number) for number in (1, 2, 3)] == [new(number).cda for number in (1, 2, 3)]
    assert older.purge(START + timedelta(days=1)) == 2
    assert [item.id for item in store.items()] == [3]


def test_this_version_sends_what_a_former_one_keeps_beside(
    beside: tuple[OutboxFile, OutboxStore, Former, OutboxStore],
) -> None:
    file, store, former, older = beside
    store.add(new(1), START, START)
    assert older.add(new(2), START, START).id == 2
    assert store.add(new(3), START, START).id == 3, "one row of numbers"
    assert places(file) == [(0, 0), (1, 1), (0, 0)]
    assert former.document(2, "2.25.2") == store.document(2) == new(2).cda
    assert store.add(new(2), START, START).id == 2, "known is known"
    assert store.claim(2, "me", START, LEASE)


def test_a_former_version_started_later_leaves_the_file_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    file, store = open_store(path)
    with file:
        store.add(new(1), START, START)
    with monkeypatch.context() as former:
        former.setattr("dmp_desktop.storage.outbox_file.MIGRATIONS", MIGRATIONS[:3])
        with pytest.raises(StorageError, match="storage-newer"):
            OutboxFile.of(path)
    file, store = open_store(path)
    with file:
        assert store.document(1) == new(1).cda


def test_what_is_deleted_before_anything_changed_leaves_no_byte(tmp_path: Path) -> None:
    """secure_delete holds for a document in its row too."""
    path = tmp_path / "a.db"
    file, store = open_store(path)
    with file:
        store.add(new(1, TEXT), START, START)
        sealed = sealed_in_row(file, 1)
        with file.write() as connection:
            connection.execute(outbox.delete())
    assert sealed[5000:5064] not in path.read_bytes()


def test_a_queue_is_moved_a_few_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand documents that wait for the card are not moved in one transaction, for which a click would wait."""
    monkeypatch.setattr("dmp_desktop.storage.outbox_aside.AT_ONCE", 3)
    file, store = open_store(tmp_path / "a.db")
    with file:
        for number in range(8):
            store.add(new(number), START, START)
        begun: list[str] = []
        note = lambda *told: begun.append(told[2])  # noqa: E731
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        try:
            assert len(store.await_card(AUTHOR, START)) == 8
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", note)
        assert sum(one.startswith("BEGIN IMMEDIATE") for one in begun) == 3
        assert places(file) == [(1, 1)] * 8
