"""Rows of drafts: nobody else's, nothing in clear, moved rows do not open, files are written once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.schema import draft as table
from dmp_desktop.storage.schema import draft_file
from tests.helpers.drafts import DOCTOR, Desk, key_id_of
from tests.helpers.outbox import INS

WORDS = "dyspnée d'effort".encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "a.db")
    desk.keys.come(DOCTOR)
    yield desk
    desk.database.close()


def keep(desk: Desk, draft_id: str = "a", *, revision: int = 0, words: bytes = WORDS, files=None, patient=INS) -> bool:
    store, own = desk.store, desk.keys.seal("drafts")
    owner = store.owner(DOCTOR.national_id)
    return store.keep(own, draft_id, owner, store.patient(patient), words, files or {}, revision=revision)


def rows(desk: Desk):
    return desk.store.of(desk.store.owner(DOCTOR.national_id))


def test_what_was_kept_is_read_as_it_was(desk: Desk) -> None:
    assert keep(desk, files={"f1": b"%PDF"})
    (row,) = rows(desk)
    own = desk.keys.seal("drafts")
    assert (desk.store.content(row, own), desk.store.file(row, "f1", own), row.revision) == (WORDS, b"%PDF", 1)
    with pytest.raises(KeyError):
        desk.store.file(row, "f2", own)


def test_only_who_knows_the_last_revision_changes_it(desk: Desk) -> None:
    assert keep(desk)
    assert keep(desk, revision=1, words=b"2")
    assert not keep(desk, revision=1, words=b"3")
    assert not keep(desk, words=b"4")
    assert not keep(desk, "never", revision=3)
    (row,) = rows(desk)
    assert desk.store.content(row, desk.keys.seal("drafts")) == b"2"


def test_a_draft_never_changes_patient(desk: Desk) -> None:
    assert keep(desk)
    assert not keep(desk, revision=1, patient="152071038704559")


@pytest.mark.parametrize("column", ["owner", "patient", "draft_id"])
def test_a_row_moved_to_somebody_else_does_not_open(desk: Desk, column: str) -> None:
    keep(desk)
    (row,) = rows(desk)
    moved = desk.store.owner("other") if column == "owner" else "moved"
    with desk.database.write() as connection:
        connection.execute(table.update().values({column: moved}))
    (row,) = desk.store.of(moved if column == "owner" else row.owner)
    with pytest.raises(StorageError):
        desk.store.content(row, desk.keys.seal("drafts"))


def test_a_file_is_written_once_and_goes_with_its_draft(desk: Desk) -> None:
    def sealed() -> list[bytes]:
        with desk.database.read() as connection:
            return list(connection.execute(sa.select(draft_file.c.sealed)).scalars())

    keep(desk, files={"f1": b"%PDF"})
    before = sealed()
    keep(desk, revision=1, files={"f1": b"%PDF"})
    assert sealed() == before
    keep(desk, revision=2, files={"f2": b"%PDF-2"})
    (row,) = rows(desk)
    assert desk.store.file(row, "f2", desk.keys.seal("drafts")) == b"%PDF-2"
    assert len(sealed()) == 1
    assert desk.store.forget(["a"]) == 1
    assert (rows(desk), sealed(), desk.store.forget(["a"])) == ([], [], 0)


def test_another_card_of_the_same_doctor_seals_all_of_it_anew(desk: Desk) -> None:
    keep(desk, files={"f1": b"%PDF"})
    desk.keys.known.add(key_id_of(DOCTOR.national_id, "card"))
    desk.keys.come(DOCTOR, "new card")
    assert keep(desk, revision=1, files={"f1": b"%PDF"})
    (row,) = rows(desk)
    own = desk.keys.seal("drafts")
    assert row.key_id == own.key_id
    assert desk.store.file(row, "f1", own) == b"%PDF"


def test_neither_files_nor_rows_hold_a_word_in_clear(desk: Desk, tmp_path: Path) -> None:
    keep(desk, files={"f1": "ordonnance de dyspnée".encode()})
    with desk.database.read() as connection:
        told = [repr(row) for one in (table, draft_file) for row in connection.execute(sa.select(one))]
    assert len(told) == 2
    on_disk = [file.read_bytes() for file in tmp_path.iterdir()]
    for word in ("dyspn", INS, DOCTOR.national_id, "%PDF"):
        assert not any(word in row for row in told), word
        assert not any(word.encode() in content for content in on_disk), word
