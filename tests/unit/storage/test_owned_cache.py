"""What one person read is there for nobody else on the workstation; what must go goes for everybody, whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.domain.search import Passage, SearchFilters
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.migrations import MIGRATIONS, migrate
from dmp_desktop.storage.sealing import OwnedSeal, Seal
from dmp_desktop.storage.search import SearchStore
from dmp_desktop.storage.search_memory import IndexedDocument
from dmp_desktop.storage.search_text import indexed, parse_query
from tests.helpers.clock import START, FakeClock
from tests.helpers.outbox import INS, KEY
from tests.helpers.owned import seals_of

ME, COLLEAGUE = seals_of(bytes(32), "me"), seals_of(bytes([1] * 32), "colleague")
DOCTOR = "810002422979"
DOCUMENT = IndexedDocument("2.25.1", "Lettre", "1", "10", START, (), indexed("Lettre", (Passage("toux", "1", "N"),)))
TABLES = ("cached_document", "indexed_document", "cached_facts")
UNOWNED_VERSION = 10
"""Number of the last migration before what is kept was somebody's."""


class Workstation:
    """`who` is whose key is open, None: nobody's."""

    def __init__(self, path: Path) -> None:
        self.database = Database.open(path, KEY)
        self.clock = FakeClock()
        self.who: Callable[[str], OwnedSeal | None] = ME
        names = Seal(KEY, "cache")
        self.cache = CacheStore(self.database, names, self._seal, self.clock)
        self.search = SearchStore(self.database, names, self._seal, self.clock)

    def _seal(self, purpose: str) -> OwnedSeal | None:
        return self.who(purpose)

    def read(self) -> None:
        """One list and one document, with its words and what it says."""
        self.cache.put_list(INS, DOCTOR, b"list")
        self.cache.put(INS, "2.25.1", b"content")
        self.search.put(INS, DOCUMENT)
        self.cache.put_facts(INS, {"2.25.1": b"facts"})

    def there(self) -> list[object]:
        """What is there for who is signed in, each way it may be asked for."""
        return [
            self.cache.get_list(INS, DOCTOR),
            self.cache.get(INS, "2.25.1"),
            self.cache.ids(INS),
            self.cache.get_facts(INS, ["2.25.1"]),
            self.search.ids(INS),
            [hit.unique_id for hit in self.search.search(INS, parse_query("toux"), SearchFilters(), 9)],
        ]

    def rows(self) -> list[int]:
        with self.database.read() as connection:
            counted = [connection.execute(sa.text(f"SELECT count(*) FROM {table}")) for table in TABLES]
            return [one.scalar_one() for one in counted]


WHOLE = [b"list", b"content", {"2.25.1"}, {"2.25.1": b"facts"}, {"2.25.1"}, ["2.25.1"]]
NOTHING: list[object] = [None, None, frozenset(), {}, frozenset(), []]


def nobody(_purpose: str) -> None:
    return None


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Workstation]:
    station = Workstation(tmp_path / "a.db")
    yield station
    station.search.close()
    station.database.close()


def test_each_has_their_own(station: Workstation) -> None:
    station.read()
    assert station.there() == WHOLE
    for who in (COLLEAGUE, nobody):
        station.who = who
        assert station.there() == NOTHING
    station.who = COLLEAGUE
    station.read()
    assert station.there() == WHOLE
    assert station.rows() == [4, 2, 2]
    station.who = ME
    assert station.there() == WHOLE


def test_nobody_keeps_anything_and_nothing_fails(station: Workstation) -> None:
    station.who = nobody
    station.read()
    station.search.load(INS)
    station.search.sweep()
    assert station.rows() == [0, 0, 0]
    assert not station.search.put(INS, DOCUMENT)
    assert not station.search.keeps


def test_what_is_said_of_a_document_that_only_a_colleague_has_is_not_kept(station: Workstation) -> None:
    station.read()
    station.who = COLLEAGUE
    station.cache.put_facts(INS, {"2.25.1": b"facts"})
    assert not station.search.put(INS, DOCUMENT)
    assert station.rows() == [2, 1, 1]


@pytest.mark.parametrize(
    ("drop", "left"),
    [
        (lambda cache: cache.forget_patient(INS), 0),  # opposition, access withdrawn
        (lambda cache: cache.forget(["2.25.1"]), 2),  # masked, deleted: the lists stay
        (lambda cache: cache.clear(), 0),
    ],
)
def test_what_must_go_goes_for_everybody(station: Workstation, drop: Callable[[CacheStore], object], left: int) -> None:
    """A secretary notes an opposition: nobody's key is open."""
    station.read()
    station.who = COLLEAGUE
    station.read()
    station.who = nobody
    drop(station.cache)
    assert station.rows() == [left, 0, 0]


def test_a_purge_and_a_forgotten_list_ask_for_nobody_s_key(station: Workstation) -> None:
    station.read()
    station.who = nobody
    assert station.cache.forget_list(INS, DOCTOR) == 1
    station.clock.advance(12 * 3600)
    assert station.cache.purge() == 1
    assert station.rows() == [0, 0, 0]


def test_words_in_memory_end_with_whose_they_are(station: Workstation) -> None:
    station.read()
    station.search.load(INS)
    assert station.search._open is not None
    memory = station.search._open.memory
    station.who = nobody
    station.search.sweep()
    assert station.search._open is None
    assert memory.ids() == frozenset()


def test_no_word_of_it_is_in_the_rows_nor_under_the_workstation_s_key(station: Workstation) -> None:
    station.read()
    with station.database.read() as connection:
        rows = [row for table in TABLES for row in connection.execute(sa.text(f"SELECT * FROM {table}"))]
    assert len(rows) == 4
    for row in rows:
        assert not any(word in repr(row) for word in ("content", "list'", "facts", "toux", "Lettre", INS, DOCTOR))
        assert row.sealed not in (b"list", b"content")


def test_what_was_kept_under_the_workstation_s_key_is_dropped() -> None:
    """By the migration: it is a cache, and nobody's key opens it."""
    columns = "unique_id, patient, sealed"
    with sa.create_engine("sqlite://").begin() as connection:
        migrate(connection, MIGRATIONS[:UNOWNED_VERSION])
        connection.exec_driver_sql(f"INSERT INTO cached_document ({columns}, expires_at) VALUES ('1', 'p', x'00', 9)")
        for table in TABLES[1:]:
            connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ('1', 'p', x'00')")
        connection.exec_driver_sql("INSERT INTO preference VALUES ('o', 'n', x'00')")
        migrate(connection)
        for table in TABLES:
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM preference").scalar_one() == 1
