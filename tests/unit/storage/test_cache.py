from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.cache import CacheStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import cached_facts
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import INS, KEY
from tests.helpers.owned import seals_of

HOUR = 3600


class Kept:
    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self.database = Database.open(path, KEY)
        self.cache = CacheStore(self.database, Seal(KEY, "cache"), seals_of(KEY), self.clock)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "a.db")
    yield kept
    kept.database.close()


def test_a_document_is_read_again_until_its_time_is_over(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    kept.clock.advance(12 * HOUR - 1)
    assert kept.cache.get(INS, "2.25.1") == b"content"
    kept.clock.advance(1)
    assert kept.cache.get(INS, "2.25.1") is None
    assert kept.cache.purge() == 1
    assert kept.cache.purge() == 0


def test_putting_again_renews(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"old")
    kept.clock.advance(11 * HOUR)
    kept.cache.put(INS, "2.25.1", b"new")
    kept.clock.advance(11 * HOUR)
    assert kept.cache.get(INS, "2.25.1") == b"new"


def test_it_is_another_patient_s_or_unknown(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    assert kept.cache.get("153078987658513", "2.25.1") is None
    assert kept.cache.get(INS, "2.25.2") is None


def test_masking_deletion_and_opposition_drop_at_once(kept: Kept) -> None:
    for number in range(4):
        kept.cache.put(INS, f"2.25.{number}", b"content")
    kept.cache.put("153078987658513", "2.25.9", b"content")
    assert kept.cache.forget(["2.25.0", "2.25.77"]) == 1
    assert kept.cache.forget_patient(INS) == 3
    assert kept.cache.get("153078987658513", "2.25.9") == b"content"
    assert kept.cache.clear() == 1


def test_a_clock_set_back_never_prolongs(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    kept.clock.set_back(365 * 24 * HOUR)
    assert kept.cache.get(INS, "2.25.1") is None
    assert kept.cache.purge() == 1


def test_without_a_time_to_live_nothing_is_kept(kept: Kept) -> None:
    cache = CacheStore(kept.database, Seal(KEY, "cache"), seals_of(KEY), kept.clock, timedelta(0))
    cache.put(INS, "2.25.1", b"content")
    assert cache.clear() == 0


def test_a_time_to_live_cut_since_counts_for_what_was_kept_before(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    shorter = CacheStore(kept.database, Seal(KEY, "cache"), seals_of(KEY), kept.clock, timedelta(hours=1))
    assert shorter.get(INS, "2.25.1") is None
    assert shorter.ids(INS) == frozenset()
    assert shorter.purge() == 1
    with kept.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cached_document").scalar_one() == 0


def test_what_is_over_is_not_named_among_what_is_here(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    kept.clock.advance(11 * HOUR)
    kept.cache.put(INS, "2.25.2", b"content")
    kept.clock.advance(HOUR)
    assert kept.cache.ids(INS) == {"2.25.2"}


def test_a_list_is_of_who_was_told_it(kept: Kept) -> None:
    kept.cache.put_list(INS, "810002422979", b"list")
    kept.cache.put(INS, "2.25.1", b"content")
    assert kept.cache.get_list(INS, "810002422979") == b"list"
    assert kept.cache.get_list(INS, "810009999999") is None
    assert kept.cache.get_list("153078987658513", "810002422979") is None
    assert kept.cache.ids(INS) == {"2.25.1"}
    kept.cache.forget_list(INS, "810002422979")
    assert kept.cache.get_list(INS, "810002422979") is None


def test_a_list_goes_with_the_patient_and_with_time(kept: Kept) -> None:
    kept.cache.put_list(INS, "810002422979", b"list")
    kept.clock.advance(12 * HOUR)
    assert kept.cache.get_list(INS, "810002422979") is None
    kept.cache.put_list(INS, "810002422979", b"list")
    assert kept.cache.forget_patient(INS) == 1
    assert kept.cache.get_list(INS, "810002422979") is None


def test_neither_patient_nor_reader_stand_in_the_file(kept: Kept) -> None:
    kept.cache.put_list(INS, "810002422979", b"list")
    with kept.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM cached_document").all()
    assert len(rows) == 1
    assert INS not in repr(rows)
    assert "810002422979" not in repr(rows)


def rows_of_facts(kept: Kept) -> list[sa.Row[Any]]:
    with kept.database.read() as connection:
        return list(connection.execute(sa.select(cached_facts)))


def test_what_a_document_says_is_kept_only_beside_it_and_for_its_patient(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    kept.cache.put("153078987658513", "2.25.2", b"content")
    kept.cache.put_facts(INS, {"2.25.1": b"old", "2.25.2": b"other's", "2.25.3": b"no document"})
    kept.cache.put_facts(INS, {"2.25.1": b"facts"})
    assert len(rows_of_facts(kept)) == 1
    assert kept.cache.get_facts(INS, ["2.25.1", "2.25.2", "2.25.3"]) == {"2.25.1": b"facts"}
    assert kept.cache.get_facts("153078987658513", ["2.25.1"]) == {}
    assert kept.cache.get_facts(INS, []) == {}


@pytest.mark.parametrize(
    "drop",
    [
        lambda kept: kept.cache.forget(["2.25.1"]),  # masked, deleted
        lambda kept: kept.cache.forget_patient(INS),  # opposition, access withdrawn
        lambda kept: kept.cache.clear(),  # on demand
        lambda kept: (kept.clock.advance(12 * HOUR), kept.cache.purge()),
    ],
)
def test_what_a_document_says_goes_with_it(kept: Kept, drop: Callable[[Kept], object]) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    kept.cache.put_facts(INS, {"2.25.1": b"facts"})
    drop(kept)
    assert rows_of_facts(kept) == []


def test_what_a_document_says_is_told_no_longer_than_the_document(kept: Kept) -> None:
    kept.cache.put(INS, "2.25.1", b"content")
    kept.clock.advance(11 * HOUR)
    kept.cache.put_facts(INS, {"2.25.1": b"facts"})
    kept.clock.advance(HOUR - 1)
    assert kept.cache.get_facts(INS, ["2.25.1"])
    kept.clock.advance(1)
    assert kept.cache.get_facts(INS, ["2.25.1"]) == {}
    kept.cache.put_facts(INS, {"2.25.1": b"facts"})
    assert kept.cache.get_facts(INS, ["2.25.1"]) == {}


def test_facts_are_sealed_in_their_row(kept: Kept) -> None:
    for number in (1, 2):
        kept.cache.put(INS, f"2.25.{number}", b"content")
        kept.cache.put_facts(INS, {f"2.25.{number}": b"facts"})
    assert b"facts" not in b"".join(row.sealed for row in rows_of_facts(kept))
    assert INS not in repr(rows_of_facts(kept))
    with kept.database.write() as connection:
        connection.execute(cached_facts.update().values(sealed=rows_of_facts(kept)[0].sealed))
    with pytest.raises(StorageError, match="storage-damaged"):
        kept.cache.get_facts(INS, ["2.25.1", "2.25.2"])
