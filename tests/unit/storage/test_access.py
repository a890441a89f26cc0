"""The trace of consent and of special accesses: by patient, append-only, and not in clear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import START
from tests.helpers.outbox import KEY, PATIENT

ME, OTHER = PATIENT.ins, replace(PATIENT.ins, value="149052123190561")
AGREED = TracedAct(AccessAct.CONSULTATION_AGREED, START, "810002422979", "Dr Camille DUPONT")
BROKEN = TracedAct(AccessAct.GLASS_BROKEN, START, "810002422979", "Dr Camille DUPONT", "other", "chute, confus")
DECISIONS = (AccessAct.CONSULTATION_AGREED, AccessAct.CONSULTATION_OPPOSED)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "a.db", KEY) as database:
        yield database


@pytest.fixture
def store(database: Database) -> AccessStore:
    return AccessStore(database, Seal(KEY, "access"))


def test_the_latest_word_counts_and_the_former_stay(store: AccessStore) -> None:
    opposed = replace(AGREED, act=AccessAct.CONSULTATION_OPPOSED)
    for traced in (AGREED, opposed, BROKEN):
        store.append(ME, traced)
    assert store.latest(ME, DECISIONS) == opposed
    assert store.latest_act(ME, DECISIONS) is AccessAct.CONSULTATION_OPPOSED
    assert store.acts(ME) == [BROKEN, opposed, AGREED]
    assert store.acts(OTHER) == []
    assert store.latest(OTHER, DECISIONS) is store.latest_act(OTHER, DECISIONS) is None


def test_an_access_that_was_never_ended_is_found_again(store: AccessStore) -> None:
    store.append(ME, BROKEN)
    store.append(OTHER, BROKEN)
    store.append(OTHER, replace(BROKEN, act=AccessAct.SPECIAL_ENDED))
    store.append(ME, AGREED)
    assert list(store.unended()) == [ME]


def test_nothing_is_changed_afterwards(store: AccessStore, database: Database) -> None:
    store.append(ME, AGREED)
    for statement in ("DELETE FROM access_act", "UPDATE access_act SET act = 'consultation-opposed'"):
        with pytest.raises(StorageError), database.write() as connection:
            connection.exec_driver_sql(statement)
    assert store.acts(ME) == [AGREED]


def test_neither_the_patient_nor_the_reason_is_in_clear(store: AccessStore, database: Database) -> None:
    store.append(ME, BROKEN)
    with database.read() as connection:
        row = repr(connection.exec_driver_sql("SELECT * FROM access_act").all())
    assert not any(secret in row for secret in (ME.value, "810002422979", "DUPONT", "chute"))
    assert "chute" not in repr(BROKEN)
