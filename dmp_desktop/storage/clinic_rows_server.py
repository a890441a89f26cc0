"""The changes of shared rows on the clinic's server: sealed under the practice key, numbered in the order they were committed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.clinic_rows import NOT_UNDERSTOOD, Change, Closed, SharedRows
from dmp_desktop.storage.schema import EPOCH, Moment
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.store import Store

AT_ONCE = 200
"""Changes a transaction."""

metadata = sa.MetaData()

shared_change = sa.Table(
    "shared_change",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("change", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("arrived_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""`row` and `author` are pseudonyms under the practice key; the rest of a change is within the seal."""

_EPOCH = sa.text("SELECT epoch FROM shared_log")
_NOW = sa.text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
_COLUMNS = (shared_change.c.number, shared_change.c.change, shared_change.c.kind, shared_change.c.expires_at)
_ROWS = sa.select(*_COLUMNS, shared_change.c.sealed)

_log = logging.getLogger(__name__)


class ClinicRows:
    """`seal` is of the practice. Methods raise StorageError."""

    def __init__(self, database: Store, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def exchange(self, local: SharedRows, now: datetime) -> int:
        """Tell the server what it lacks, and take what it has besides; returns how many changes came. Cut anywhere, the next one
        goes on: a change is known by its name."""
        local.not_after(self._meet(local, now))
        while untold := local.untold(AT_ONCE):
            local.told(self._add(untold))
        came = 0
        while True:
            found, later, upto = self._after(local.cursor()[1])
            if not upto:
                return came
            if later:
                local.keep(later)
            came += local.receive(found, upto)

    def purge(self, now: datetime) -> int:
        """Forget what may be forgotten by now."""
        with self._database.write() as connection:
            return connection.execute(shared_change.delete().where(shared_change.c.expires_at < now)).rowcount

    def _meet(self, local: SharedRows, now: datetime) -> datetime:
        """Know the server by its epoch, and by how far it got; its time."""
        with self._database.read() as connection:
            epoch = connection.execute(_EPOCH).scalar_one()
            last = connection.execute(sa.text("SELECT last FROM shared_log")).scalar_one()
            there = EPOCH + _moment(connection.execute(_NOW).scalar_one())
        known, number = local.cursor()
        if known != epoch or number > last:
            local.begin(epoch)
        local.set_skew(there - now)
        return there

    def _add(self, changes: Sequence[Change]) -> dict[str, int]:
        """Numbers are given one workstation after the other: who asks for those after one misses none that is committed later."""
        with self._database.write(lock="shared rows") as connection:
            arrived = EPOCH + _moment(connection.execute(_NOW).scalar_one())
            ids = [one.change for one in changes]
            wanted = sa.select(shared_change.c.change, shared_change.c.number).where(shared_change.c.change.in_(ids))
            known = {row.change: row.number for row in connection.execute(wanted)}
            for one in changes:
                if one.change not in known:
                    made = shared_change.insert().values(self._values(one, arrived)).returning(shared_change.c.number)
                    known[one.change] = connection.execute(made).scalar_one()
            connection.execute(
                sa.text("UPDATE shared_log SET last = greatest(last, :last)"), {"last": max(known.values())}
            )
            replaced = {old for one in changes if not one.keeps for old in one.seen}
            if replaced:
                connection.execute(shared_change.delete().where(shared_change.c.change.in_(replaced)))
        return known

    def _after(self, number: int) -> tuple[list[tuple[int, Change]], dict[int, Closed], int]:
        """The next ones that can be read, those that are not understood, and the number of the last one; 0 after the end."""
        wanted = _ROWS.where(shared_change.c.number > number).order_by(shared_change.c.number).limit(AT_ONCE)
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        found, later = [], dict[int, Closed]()
        for row in rows:
            try:
                clear = self._seal.open(row.sealed, _place(row.kind, row.change))
            except StorageError as error:  # bars nothing else
                _log.warning("shared change %d cannot be read: %s", row.number, error.code)
                continue
            try:
                found.append((row.number, Change.unpacked(row.change, row.kind, row.expires_at, clear)))
            except NOT_UNDERSTOOD as error:
                _log.warning("shared change %d is not understood: %s", row.number, type(error).__name__)
                later[row.number] = Closed(row.change, row.kind, row.expires_at, clear)
        return found, later, rows[-1].number if rows else 0

    def _values(self, one: Change, arrived: datetime) -> dict[str, Any]:
        return {
            "change": one.change,
            "kind": one.kind,
            "row": self._seal.pseudonym(f"{one.kind} {one.row}"),
            "author": self._seal.pseudonym(f"author {one.by}") if one.by else "",
            "arrived_at": arrived,
            "expires_at": one.until,
            "sealed": self._seal.seal(one.packed(), _place(one.kind, one.change)),
        }


def _moment(microseconds: int) -> timedelta:
    return timedelta(microseconds=microseconds)


def _place(kind: str, change: str) -> str:
    return f"shared/{kind}/{change}"
