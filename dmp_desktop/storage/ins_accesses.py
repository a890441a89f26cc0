"""The journal of accesses to INS numbers: append-only, each patient under a pseudonym, apart from the journal of acts.

Kept as long as the database: nothing here makes anything older go.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from dmp_desktop.domain.ins_access import InsAccess, Why
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import ins_access
from dmp_desktop.storage.sealing import Seal


class InsAccessStore:
    """Who, when and why are in clear, under the file's key; whose number it was is not told without the seal's."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def pseudonym(self, ins: str) -> str:
        """Of a matricule of 15 characters: never blocks."""
        return self._seal.pseudonym(ins)

    def append(self, accesses: Sequence[InsAccess]) -> None:
        """All of them or none, durable when this returns. Raises StorageError."""
        rows = [{"at": one.at, "actor": one.by, "patient": one.patient, "why": one.why} for one in accesses]
        if rows:
            with self._database.write() as connection:
                connection.execute(ins_access.insert(), rows)

    def accesses(self, ins: str = "") -> list[InsAccess]:
        """To one number, else to all, the latest first. Raises StorageError."""
        wanted = sa.select(ins_access).order_by(ins_access.c.number.desc())
        if ins:
            wanted = wanted.where(ins_access.c.patient == self.pseudonym(ins))
        with self._database.read() as connection:
            return [InsAccess(row.at, row.actor, row.patient, Why(row.why)) for row in connection.execute(wanted)]
