"""Notes under way, each sealed under its author's own key: for anybody else these rows say only that somebody wrote."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dmp_desktop.domain.ports import Clock
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import draft as table
from dmp_desktop.storage.schema import draft_file
from dmp_desktop.storage.sealing import OwnedSeal, Seal

PURPOSE = "drafts"


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`revision` counts how often it was kept. `leaving`: uniqueId of the last document that was made of it, empty if none."""

    draft_id: str
    owner: str
    key_id: str
    patient: str
    revision: int
    leaving: str
    updated_at: datetime
    sealed: bytes


class DraftStore:
    """`names` makes pseudonyms of authors and patients; contents are sealed by what each call is given. Owner, patient and draft
    are part of what is sealed: a row moved to somebody else does not open."""

    def __init__(self, database: Database, names: Seal, clock: Clock) -> None:
        self._database = database
        self._names = names
        self._clock = clock

    def owner(self, national_id: str) -> str:
        return self._names.pseudonym(f"owner/{national_id}")

    def patient(self, ins: str) -> str:
        """`ins`: any stable name of the patient."""
        return self._names.pseudonym(f"patient/{ins}")

    def _file(self, name: str) -> str:
        """Names come from contents: a known file is not to be recognised."""
        return self._names.pseudonym(f"file/{name}")

    def keep(
        self,
        own: OwnedSeal,
        draft_id: str,
        owner: str,
        patient: str,
        content: bytes,
        files: Mapping[str, bytes],
        *,
        revision: int,
        leaving: str = "",
    ) -> bool:
        """On the disk when it returns. `revision`: how often it was kept, as the asker knows it, 0 for a new one; False, with
        nothing changed, when it has been kept or forgotten otherwise since. `owner` and `patient` are pseudonyms, and never
        change. `leaving` is of a new one. Raises StorageError."""
        place = _place(owner, patient, draft_id)
        values = {
            "key_id": own.key_id,
            "revision": revision + 1,
            "updated_at": self._clock.now(),
            "sealed": own.seal.seal(content, place),
        }
        same = (table.c.draft_id == draft_id) & (table.c.owner == owner) & (table.c.patient == patient)
        with self._database.write() as connection:
            if revision:
                known = connection.execute(table.update().where(same, table.c.revision == revision).values(**values))
                if known.rowcount != 1:
                    return False
            else:
                if connection.execute(sa.select(table.c.draft_id).where(table.c.draft_id == draft_id)).first():
                    return False
                row = {"draft_id": draft_id, "owner": owner, "patient": patient, "leaving": leaving, **values}
                connection.execute(table.insert().values(**row))
            named = {self._file(name): content for name, content in files.items()}
            self._keep_files(connection, own, draft_id, place, named)
        return True

    def _keep_files(
        self, connection: sa.Connection, own: OwnedSeal, draft_id: str, place: str, files: Mapping[str, bytes]
    ) -> None:
        """Those that are there already, under the same key, are not written again."""
        mine = draft_file.c.draft_id == draft_id
        connection.execute(
            draft_file.delete().where(mine, ~draft_file.c.name.in_(list(files)) | (draft_file.c.key_id != own.key_id))
        )
        there = set(connection.execute(sa.select(draft_file.c.name).where(mine)).scalars())
        rows = [
            {
                "draft_id": draft_id,
                "name": name,
                "key_id": own.key_id,
                "sealed": own.seal.seal(content, f"{place}/{name}"),
            }
            for name, content in files.items()
            if name not in there
        ]
        if rows:
            connection.execute(draft_file.insert(), rows)

    def mark(self, draft_id: str, unique_id: str) -> None:
        """It is about to leave as this document; on the disk when it returns. Raises StorageError."""
        with self._database.write() as connection:
            connection.execute(table.update().where(table.c.draft_id == draft_id).values(leaving=unique_id))

    def marked(self) -> dict[str, str]:
        """The uniqueId of the document each is leaving as, of those that are, by draft. Raises StorageError."""
        wanted = sa.select(table.c.draft_id, table.c.leaving).where(table.c.leaving != "")
        with self._database.read() as connection:
            return {row.draft_id: row.leaving for row in connection.execute(wanted)}

    def of(self, owner: str) -> list[DraftRow]:
        """All rows of one person (pseudonym), whatever key they are under. Raises StorageError."""
        wanted = sa.select(table).where(table.c.owner == owner).order_by(table.c.updated_at)
        with self._database.read() as connection:
            return [DraftRow(**row) for row in connection.execute(wanted).mappings()]

    def content(self, row: DraftRow, own: OwnedSeal) -> bytes:
        """Raises StorageError("storage-damaged")."""
        return own.seal.open(row.sealed, _place(row.owner, row.patient, row.draft_id))

    def file(self, row: DraftRow, name: str, own: OwnedSeal) -> bytes:
        """A file joined to it. Raises StorageError, KeyError when it is not there."""
        known = self._file(name)
        wanted = sa.select(draft_file.c.sealed).where(draft_file.c.draft_id == row.draft_id, draft_file.c.name == known)
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        if sealed is None:
            raise KeyError(name)
        return own.seal.open(sealed, f"{_place(row.owner, row.patient, row.draft_id)}/{known}")

    def forget(self, draft_ids: Collection[str]) -> int:
        """Drop them with their files; returns how many were there. Raises StorageError."""
        with self._database.write() as connection:
            gone = connection.execute(table.delete().where(table.c.draft_id.in_(list(draft_ids))))
        return gone.rowcount


def _place(owner: str, patient: str, draft_id: str) -> str:
    return f"draft/{owner}/{patient}/{draft_id}"
