"""Pages and documents of scans on the clinic's server, sealed under the practice key: their names tell nothing either."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dmp_desktop.storage.schema import Moment
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store

metadata = sa.MetaData()

part = sa.Table(
    "shared_scan_part",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)


class ClinicScans:
    """`seal` is of the practice. A name is what the caller says: another content has another one. Methods raise StorageError."""

    def __init__(self, database: Store, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def lacking(self, names: Collection[str]) -> list[str]:
        """Those of these names that the server does not have, in their order."""
        by_pseudonym = {self._seal.pseudonym(name): name for name in names}
        with self._database.read() as connection:
            wanted = sa.select(part.c.name).where(part.c.name.in_(tuple(by_pseudonym)))
            there = set(connection.execute(wanted).scalars())
        return [name for pseudonym, name in by_pseudonym.items() if pseudonym not in there]

    def put(self, name: str, content: bytes, until: datetime) -> None:
        """Once, however often."""
        values = {"name": self._seal.pseudonym(name), "expires_at": until, "sealed": self._seal.seal(content, name)}
        with self._database.write() as connection:
            connection.execute(insert(part).values(values).on_conflict_do_nothing(index_elements=["name"]))

    def get(self, name: str) -> bytes | None:
        """None where it is not there, or not yet. Raises StorageError("storage-damaged") where it does not open."""
        with self._database.read() as connection:
            wanted = sa.select(part.c.sealed).where(part.c.name == self._seal.pseudonym(name))
            sealed = connection.execute(wanted).scalar_one_or_none()
        return None if sealed is None else self._seal.open(bytes(sealed), name)

    def forget(self, names: Collection[str], now: datetime) -> None:
        """These, and what is over by now."""
        these = part.c.name.in_([self._seal.pseudonym(name) for name in names])
        with self._database.write() as connection:
            connection.execute(part.delete().where(these | (part.c.expires_at < now)))
