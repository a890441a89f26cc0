"""The record becomes searchable by itself, gives way to the next one, and leaves no word behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.people import Patient
from dmp_desktop.domain.search import Passage
from dmp_desktop.errors import DmpError
from dmp_desktop.services.indexing import FIRST_REST, QUIET, REST, RecordIndexer
from dmp_desktop.services.search import SearchService
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.search import SearchStore
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import KEY, PATIENT
from tests.helpers.owned import seals_of

CODE = Code("10", "1.2.250.1.213.1.1.4.1")


class AtOnce(Executor):
    """Runs what it is given before it returns, or later when told."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] | None = None

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        if self.waiting is not None:
            self.waiting.append(lambda: work(*arguments, **options))
        else:
            work(*arguments, **options)
        return Future()


class Desk:
    def __init__(self, path: Path) -> None:
        self.database = Database.open(path, KEY)
        clock, seal = FakeClock(), Seal(KEY, "cache")
        self.cache = CacheStore(self.database, seal, seals_of(KEY), clock)
        self.search = SearchService(
            SearchStore(self.database, seal, seals_of(KEY), clock), lambda content: (Passage(content.decode()),)
        )
        self.executor = AtOnce()
        self.rests: list[float] = []
        self.meanwhile: Callable[[], bool] = lambda: False
        self.fetched: list[str] = []
        self.indexer = RecordIndexer(self.search, self.fetch, self.executor, self.rest, 1000)
        now = datetime(2026, 11, 1, tzinfo=UTC)
        self.entries = [
            DocumentEntry(f"2.25.{number}", f"Titre {number}", CODE, CODE, CODE, now - timedelta(days=number))
            for number in range(3)
        ]

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return self.meanwhile()

    def fetch(self, patient: Patient, entry: DocumentEntry) -> bytes:
        self.fetched.append(entry.unique_id)
        content = f"mot{entry.unique_id[5:]}".encode()
        self.cache.put(patient.ins.value, entry.unique_id, content)
        return content

    def found(self, words: str) -> list[str]:
        return [hit.unique_id for hit in self.search.search(PATIENT, words)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path / "a.db")
    yield one
    one.search.forget()
    one.database.close()


def test_an_opened_record_is_searched_the_latest_first_with_rests(desk: Desk) -> None:
    desk.indexer.listed(PATIENT, desk.entries[::-1])
    assert desk.fetched == ["2.25.0", "2.25.1", "2.25.2"]
    assert desk.found("mot1") == ["2.25.1"]
    assert desk.rests[0] == FIRST_REST
    assert desk.rests[1:4] == [REST] * 3


def test_a_document_that_is_read_is_searched_once_the_doctor_asks_for_nothing(desk: Desk) -> None:
    left = [desk.indexer.asked, desk.indexer.asked, lambda: None]

    def asking() -> bool:
        assert desk.found("mot1") == []
        left.pop(0)()
        return False

    desk.meanwhile = asking
    desk.indexer.fetched(PATIENT, desk.entries[1], desk.fetch(PATIENT, desk.entries[1]))
    assert desk.rests == [QUIET] * 3
    assert desk.found("mot1") == ["2.25.1"]
    desk.meanwhile = lambda: False
    desk.indexer.fetched(PATIENT, desk.entries[2], desk.fetch(PATIENT, desk.entries[2]))
    assert desk.found("mot2") == ["2.25.2"]


def test_a_document_that_cannot_be_indexed_keeps_no_other_from_it(desk: Desk) -> None:
    contents = [desk.fetch(PATIENT, one) for one in desk.entries]
    desk.executor.waiting = []
    for one, content in zip(desk.entries, contents, strict=True):
        desk.indexer.fetched(PATIENT, one, content)
    (work,) = desk.executor.waiting
    index = desk.search.index

    def failing(patient: Patient, one: DocumentEntry, content: bytes) -> bool:
        if one is desk.entries[0]:
            raise DmpError("x", "y")
        return index(patient, one, content)

    desk.search.index = failing  # type: ignore[method-assign]
    work()
    assert (desk.found("mot0"), desk.found("mot1"), desk.found("mot2")) == ([], ["2.25.1"], ["2.25.2"])


def test_what_was_read_of_a_record_that_is_left_is_not_indexed(desk: Desk) -> None:
    contents = [desk.fetch(PATIENT, one) for one in desk.entries]
    desk.executor.waiting = []
    desk.indexer.fetched(PATIENT, desk.entries[0], contents[0])
    desk.indexer.left()
    desk.executor.waiting[0]()
    assert desk.search.indexed(PATIENT) == frozenset()
    desk.executor.waiting = None
    desk.indexer.fetched(PATIENT, desk.entries[1], contents[1])
    assert desk.search.indexed(PATIENT) == {"2.25.1"}


def test_it_gives_way_to_the_next_record(desk: Desk) -> None:
    def another() -> bool:
        if desk.fetched:
            desk.meanwhile = lambda: False
            desk.indexer.listed(PATIENT, ())
        return False

    desk.meanwhile = another
    desk.indexer.listed(PATIENT, desk.entries)
    assert desk.fetched == ["2.25.0"]


def test_it_waits_while_the_doctor_asks_for_something(desk: Desk) -> None:
    left = [desk.indexer.asked, desk.indexer.asked, lambda: None]

    def asking() -> bool:
        if len(desk.rests) > 1 and left:
            assert desk.fetched == []
            left.pop(0)()
        return False

    desk.meanwhile = asking
    desk.indexer.listed(PATIENT, desk.entries)
    assert desk.rests[:4] == [FIRST_REST, REST, QUIET, QUIET]
    assert len(desk.fetched) == 3


def test_it_ends_when_the_program_does(desk: Desk) -> None:
    desk.meanwhile = lambda: bool(desk.fetched)
    desk.indexer.listed(PATIENT, desk.entries)
    assert desk.fetched == ["2.25.0"]


def test_who_leaves_leaves_no_word_and_no_work(desk: Desk) -> None:
    desk.indexer.listed(PATIENT, desk.entries)
    desk.executor.waiting = []
    desk.indexer.listed(PATIENT, desk.entries)
    desk.indexer.fetched(PATIENT, desk.entries[0], b"mot0")
    desk.indexer.left()
    desk.fetched.clear()
    for work in desk.executor.waiting:
        work()
    assert desk.fetched == []
    assert desk.search._store._open is None


def test_what_is_dropped_is_found_no_more(desk: Desk) -> None:
    desk.indexer.listed(PATIENT, desk.entries)
    desk.search.prepare(PATIENT)
    desk.cache.forget(["2.25.1"])
    desk.indexer.dropped()
    assert desk.found("mot1") == []
    assert desk.found("mot2") == ["2.25.2"]


def test_a_failure_is_no_ones_business(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> bool:
        raise DmpError("DmpInjoignable", "Le DMP est injoignable.")

    desk.meanwhile = broken
    desk.indexer.listed(PATIENT, desk.entries)
    assert "DmpInjoignable" in caplog.text
