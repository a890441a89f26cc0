"""Rows of the outbox that do not open, or cannot be changed, are set aside: one of them would stop all that waits behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.errors import DAMAGED
from dmp_desktop.storage.outbox_queue import WAITING
from dmp_desktop.storage.outbox_rows import IN_ITS_ROW, update
from dmp_desktop.storage.outbox_schema import outbox
from dmp_desktop.storage.store import Store

_log = logging.getLogger(__name__)

AT_ONCE = 20
"""Rows changed in one transaction: the first change of each moves its document (`outbox_file`), and a click waits meanwhile."""


class Aside:
    """`stuck`: rows whose document stands in them and cannot be read. SQLite can neither change nor delete them: this process
    passes over them, and a start makes their file anew (`rebuild`)."""

    def __init__(self, database: Store) -> None:
        self._database = database
        self.stuck: set[int] = set()

    def readable(self, opened: Callable[[sa.Row[Any]], OutboxItem], rows: Iterable[sa.Row[Any]]) -> list[OutboxItem]:
        """The items of those that open. Call it outside of any transaction. What opens and is not understood was written by a
        later version: it is left to it. Raises StorageError when the others cannot be marked."""
        found, fresh = [], []
        for row in rows:
            try:
                found.append(opened(row))
            except StorageError as error:
                _log.warning("outbox row %d cannot be read: %s", row.id, error.code)
                if row.code != DAMAGED:
                    fresh.append(row.id)
            except (ValueError, KeyError, TypeError) as error:
                _log.warning("outbox row %d is not understood: %s", row.id, type(error).__name__)
        if fresh:
            self._set_aside(fresh)
        return found

    def count(self) -> int:
        """How many were set aside and are still there. Raises StorageError."""
        aside = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.code == DAMAGED)
        with self._database.read() as connection:
            return int(connection.execute(aside).scalar_one()) + len(self.stuck)

    def look(self, item_ids: Iterable[int]) -> set[int]:
        """Which of these are stuck; they are known from then on. Raises StorageError."""
        found = set()
        for item_id in item_ids if isinstance(self._database, Database) else ():
            try:
                with self._database.read() as connection:
                    connection.execute(sa.select(IN_ITS_ROW).where(outbox.c.id == item_id)).all()
            except StorageError as error:
                if error.code != DAMAGED:
                    raise
                found.add(item_id)
                if item_id not in self.stuck:
                    _log.warning("outbox row %d cannot be changed: its document is damaged", item_id)
        self.stuck |= found
        return found

    def change(self, where: sa.ColumnElement[bool], values: dict[str, Any]) -> list[sa.Row[Any]]:
        """As `update`, of rows that may be many: a few at a time, those that are stuck keep no other. Raises StorageError."""
        with self._database.read() as connection:
            these = connection.execute(sa.select(outbox.c.id).where(where).order_by(outbox.c.id)).scalars().all()
        free = [item_id for item_id in these if item_id not in self.stuck]
        changed = []
        for first in range(0, len(free), AT_ONCE):
            changed += self._change(free[first : first + AT_ONCE], where, values)
        return changed

    def _change(
        self, item_ids: Sequence[int], where: sa.ColumnElement[bool], values: dict[str, Any]
    ) -> list[sa.Row[Any]]:
        try:
            with self._database.write() as connection:
                return update(connection, sa.and_(where, outbox.c.id.in_(item_ids)), values)
        except StorageError as error:
            if error.code != DAMAGED or not (stuck := self.look(item_ids)):
                raise
        return self._change([one for one in item_ids if one not in stuck], where, values)

    def _set_aside(self, item_ids: Collection[int]) -> None:
        """Out of the queue, the bytes as they are; what is being sent or was is marked only."""
        out = {"state": OutboxState.REFUSED, "waiting_for": WaitingFor.NOTHING, "next_attempt_at": None}
        self.change(sa.and_(outbox.c.id.in_(item_ids), WAITING), out)
        self.change(outbox.c.id.in_(item_ids), {"code": DAMAGED})
