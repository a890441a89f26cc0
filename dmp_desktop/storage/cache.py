"""Documents already read, encrypted, for a limited time: never a silent archive (reference peers-and-requirements
§0.8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.ports import Clock
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import cached_document, cached_facts
from dmp_desktop.storage.sealing import Seal

DEFAULT_TTL = timedelta(hours=12)

_LIST = "list/"
"""Begins the names of lists among uniqueIds, which are OIDs."""


class CacheStore:
    """Bytes of documents by patient and uniqueId, and of lists of them by patient and reader, readable for `ttl` after they
    were put; beside a document what it says, gone with it. `patient` is any stable name of the patient (the INS): only its
    pseudonym reaches the table. With no `ttl` nothing is kept."""

    def __init__(self, database: Database, seal: Seal, clock: Clock, ttl: timedelta = DEFAULT_TTL) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._ttl = ttl

    def put(self, patient: str, unique_id: str, content: bytes) -> None:
        """Keep a document, or keep it longer; after a power cut it may have to be fetched again. Raises StorageError."""
        if self._ttl <= timedelta(0):
            return
        pseudonym = self._seal.pseudonym(patient)
        values = {
            "patient": pseudonym,
            "sealed": self._seal.seal(content, _place(pseudonym, unique_id)),
            "expires_at": self._clock.now() + self._ttl,
        }
        statement = insert(cached_document).values(unique_id=unique_id, **values)
        with self._database.write(durable=False) as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["unique_id"], set_=values))

    def put_list(self, patient: str, owner: str, content: bytes) -> None:
        """Keep what the DMP listed for `owner` (national identifier): others may not see the same. Raises StorageError."""
        self.put(patient, self._list_id(patient, owner), content)

    def get_list(self, patient: str, owner: str) -> bytes | None:
        """The last list, None when there is none or it is no longer to be read."""
        return self.get(patient, self._list_id(patient, owner))

    def ids(self, patient: str) -> frozenset[str]:
        """uniqueIds of the patient's documents that may still be read."""
        kept = cached_document.c.unique_id
        wanted = sa.select(kept).where(
            cached_document.c.patient == self._seal.pseudonym(patient), ~kept.startswith(_LIST), ~self._over()
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def get(self, patient: str, unique_id: str) -> bytes | None:
        """The bytes, or None when they are not there, no longer to be read, or another patient's."""
        pseudonym = self._seal.pseudonym(patient)
        wanted = sa.select(cached_document.c.sealed).where(
            cached_document.c.unique_id == unique_id, cached_document.c.patient == pseudonym, ~self._over()
        )
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        return None if sealed is None else self._seal.open(sealed, _place(pseudonym, unique_id))

    def put_facts(self, patient: str, facts: Mapping[str, bytes]) -> None:
        """Keep what documents say, by uniqueId, beside those that are there; the others are left out. Raises StorageError."""
        pseudonym = self._seal.pseudonym(patient)
        statement = insert(cached_facts)
        renewed = {"patient": statement.excluded.patient, "sealed": statement.excluded.sealed}
        with self._database.write(durable=False) as connection:
            there = connection.execute(self._readable(pseudonym, facts, cached_document.c.unique_id)).scalars().all()
            rows = [
                {"unique_id": one, "patient": pseudonym, "sealed": self._seal.seal(facts[one], _facts(pseudonym, one))}
                for one in there
            ]
            if rows:
                connection.execute(statement.on_conflict_do_update(index_elements=["unique_id"], set_=renewed), rows)

    def get_facts(self, patient: str, unique_ids: Iterable[str]) -> dict[str, bytes]:
        """Those that are there, of documents that may still be read. Raises StorageError."""
        pseudonym = self._seal.pseudonym(patient)
        wanted = self._readable(pseudonym, unique_ids, cached_facts.c.unique_id, cached_facts.c.sealed).join(
            cached_facts, cached_facts.c.unique_id == cached_document.c.unique_id
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(cached_facts.c.patient == pseudonym)).all()
        return {one: self._seal.open(sealed, _facts(pseudonym, one)) for one, sealed in rows}

    def purge(self) -> int:
        """Drop what is no longer to be read; returns how many. `get` never gives them anyway."""
        return self._delete(self._over())

    def forget(self, unique_ids: Collection[str]) -> int:
        """Drop documents that were masked or deleted."""
        return self._delete(cached_document.c.unique_id.in_(unique_ids))

    def forget_list(self, patient: str, owner: str) -> int:
        """Drop the last list: the DMP is asked for the whole of it again."""
        return self.forget([self._list_id(patient, owner)])

    def forget_patient(self, patient: str) -> int:
        """Drop all of a patient's documents and lists: opposition, access withdrawn."""
        return self._delete(cached_document.c.patient == self._seal.pseudonym(patient))

    def clear(self) -> int:
        return self._delete(sa.true())

    def _list_id(self, patient: str, owner: str) -> str:
        return _LIST + self._seal.pseudonym(f"{owner}/{patient}")

    def _readable(self, pseudonym: str, unique_ids: Iterable[str], *columns: sa.Column[Any]) -> sa.Select[Any]:
        """Of the patient's documents that may still be read."""
        document = cached_document.c
        return (
            sa.select(*columns)
            .select_from(cached_document)
            .where(document.unique_id.in_(list(unique_ids)), document.patient == pseudonym, ~self._over())
        )

    def _over(self) -> sa.ColumnElement[bool]:
        """Its time is over; or it would last longer than anything put now: the clock was set back, or the time to live cut."""
        now, until = self._clock.now(), cached_document.c.expires_at
        return sa.or_(until <= now, until > now + self._ttl)

    def _delete(self, which: sa.ColumnElement[bool]) -> int:
        with self._database.write() as connection:
            return connection.execute(cached_document.delete().where(which)).rowcount


def _place(pseudonym: str, unique_id: str) -> str:
    return f"cache/{pseudonym}/{unique_id}"


def _facts(pseudonym: str, unique_id: str) -> str:
    return f"facts/{pseudonym}/{unique_id}"
