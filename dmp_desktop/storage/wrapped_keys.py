"""The keys of the professionals of this workstation, each only as its wrappings: nothing here opens without a card or the paper
code."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.vault import WrappedKey, Wrapping
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import wrapped_key
from dmp_desktop.storage.sealing import Seal


class WrappedKeyStore:
    """`seal` makes the pseudonyms of owners (national identifiers)."""

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    def of(self, owner: str) -> list[WrappedKey]:
        """Of one person, the latest first. Raises StorageError."""
        table = wrapped_key.c
        wanted = (
            sa.select(table.key_id, table.wrapping, table.salt, table.sealed)
            .where(table.owner == self._seal.pseudonym(owner))
            .order_by(table.number.desc())
        )
        with self._database.read() as connection:
            return [
                WrappedKey(key_id, Wrapping(wrapping), salt, sealed)
                for key_id, wrapping, salt, sealed in connection.execute(wanted)
            ]

    def keep(self, owner: str, wrapped: Sequence[WrappedKey]) -> None:
        """Add wrappings, durable when this returns. Raises StorageError."""
        pseudonym, now = self._seal.pseudonym(owner), self._clock.now()
        rows = [
            {
                "owner": pseudonym,
                "key_id": one.key_id,
                "wrapping": one.wrapping.value,
                "salt": one.salt,
                "sealed": one.sealed,
                "created_at": now,
            }
            for one in wrapped
        ]
        with self._database.write() as connection:
            connection.execute(wrapped_key.insert(), rows)
