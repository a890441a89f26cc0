"""Documents already read, encrypted, for a limited time: never a silent archive (reference peers-and-requirements
§0.8). Each row is under the key of who read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.ports import Clock
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import cached_document, cached_facts
from dmp_desktop.storage.sealing import OpenSeal, OwnedSeal, Seal

DEFAULT_TTL = timedelta(hours=12)

_DOCUMENTS, _FACTS = "cache", "facts"  # purposes of seals
_KEY = ["unique_id", "key_id"]
_LIST = "list/"
"""Begins the names of lists among uniqueIds, which are OIDs."""


class CacheStore:
    """Bytes of documents by patient and uniqueId, and of lists of them by patient and reader, readable for `ttl` after they
    were put; beside a document what it says, gone with it. `patient` is any stable name of the patient (the INS): only its
    pseudonym, which `names` makes, reaches the table. With no `ttl` nothing is kept.

    `open_seal` seals for who is signed in: nobody else reads it, and while nobody may, nothing is kept nor found. Dropping needs
    no key: it is everybody's rows that go.
    """

    def __init__(
        self, database: Database, names: Seal, open_seal: OpenSeal, clock: Clock, ttl: timedelta = DEFAULT_TTL
    ) -> None:
        self._database = database
        self._names = names
        self._open_seal = open_seal
        self._clock = clock
        self._ttl = ttl

    def put(self, patient: str, unique_id: str, content: bytes) -> None:
        """Keep a document, or keep it longer; after a power cut it may have to be fetched again. Raises StorageError."""
        own = self._open_seal(_DOCUMENTS)
        if own is None or self._ttl <= timedelta(0):
            return
        pseudonym = self._names.pseudonym(patient)
        values = {
            "patient": pseudonym,
            "sealed": own.seal.seal(content, _place(pseudonym, unique_id)),
            "expires_at": self._clock.now() + self._ttl,
        }
        statement = insert(cached_document).values(unique_id=unique_id, key_id=own.key_id, **values)
        with self._database.write(durable=False) as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=values))

    def put_list(self, patient: str, owner: str, content: bytes) -> None:
        """Keep what the DMP listed for `owner` (national identifier): others may not see the same. Raises StorageError."""
        self.put(patient, self._list_id(patient, owner), content)

    def get_list(self, patient: str, owner: str) -> bytes | None:
        """The last list, None when there is none or it is no longer to be read."""
        return self.get(patient, self._list_id(patient, owner))

    def ids(self, patient: str) -> frozenset[str]:
        """uniqueIds of the patient's documents that may still be read."""
        own = self._open_seal(_DOCUMENTS)
        if own is None:
            return frozenset()
        kept = cached_document.c.unique_id
        wanted = sa.select(kept).where(~kept.startswith(_LIST), *self._readable(self._names.pseudonym(patient), own))
        with self._database.read() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def get(self, patient: str, unique_id: str) -> bytes | None:
        """The bytes, or None when they are not there, no longer to be read, or another patient's."""
        own = self._open_seal(_DOCUMENTS)
        if own is None:
            return None
        pseudonym = self._names.pseudonym(patient)
        wanted = sa.select(cached_document.c.sealed).where(
            cached_document.c.unique_id == unique_id, *self._readable(pseudonym, own)
        )
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        return None if sealed is None else own.seal.open(sealed, _place(pseudonym, unique_id))

    def put_facts(self, patient: str, facts: Mapping[str, bytes]) -> None:
        """Keep what documents say, by uniqueId, beside those that are there; the others are left out. Raises StorageError."""
        own = self._open_seal(_FACTS)
        if own is None:
            return
        pseudonym = self._names.pseudonym(patient)
        statement = insert(cached_facts)
        renewed = {"patient": statement.excluded.patient, "sealed": statement.excluded.sealed}
        kept = cached_document.c.unique_id
        wanted = sa.select(kept).where(kept.in_(list(facts)), *self._readable(pseudonym, own))
        with self._database.write(durable=False) as connection:
            rows = [
                {
                    "unique_id": one,
                    "key_id": own.key_id,
                    "patient": pseudonym,
                    "sealed": own.seal.seal(facts[one], _facts(pseudonym, one)),
                }
                for one in connection.execute(wanted).scalars().all()
            ]
            if rows:
                connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=renewed), rows)

    def get_facts(self, patient: str, unique_ids: Iterable[str]) -> dict[str, bytes]:
        """Those that are there, of documents that may still be read. Raises StorageError."""
        own = self._open_seal(_FACTS)
        if own is None:
            return {}
        pseudonym, facts, document = self._names.pseudonym(patient), cached_facts.c, cached_document.c
        beside = sa.and_(document.unique_id == facts.unique_id, document.key_id == facts.key_id)
        wanted = (
            sa.select(facts.unique_id, facts.sealed)
            .join(cached_document, beside)
            .where(facts.unique_id.in_(list(unique_ids)), facts.patient == pseudonym, *self._readable(pseudonym, own))
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return {one: own.seal.open(sealed, _facts(pseudonym, one)) for one, sealed in rows}

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
        return self._delete(cached_document.c.patient == self._names.pseudonym(patient))

    def clear(self) -> int:
        return self._delete(sa.true())

    def _list_id(self, patient: str, owner: str) -> str:
        return _LIST + self._names.pseudonym(f"{owner}/{patient}")

    def _readable(self, pseudonym: str, own: OwnedSeal) -> tuple[sa.ColumnElement[bool], ...]:
        """Of the patient's documents, those of this person that may still be read."""
        document = cached_document.c
        return document.patient == pseudonym, document.key_id == own.key_id, ~self._over()

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
