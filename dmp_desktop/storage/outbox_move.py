"""Brings to the outbox's own file what an earlier version, or one that still runs, keeps in the encrypted database."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import StorageError
from dmp_desktop.storage import schema
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox_rows import Sealed
from dmp_desktop.storage.outbox_schema import outbox, outbox_document
from dmp_desktop.storage.sealing import Seal

AT_ONCE = 20
"""Rows a transaction: with their documents, far less than a checkpoint's worth each."""

_log = logging.getLogger(__name__)

_FORMER, _DOCUMENT = schema.outbox, schema.outbox_document
_AS_THEY_WERE = frozenset(_FORMER.c.keys()) & frozenset(outbox.c.keys()) - {"id", "subject"}


def move_former(database: Database, file: Database, seal: Seal) -> int:
    """Move all rows, the oldest first; returns how many left `database`.

    Cut anywhere, the next call goes on from there: what is on disk in `file` is known by its uniqueId, and nothing leaves
    `database` before. What is damaged stays where it is, and is logged.

    Raises StorageError.
    """
    rows, moved, last = Sealed(seal), 0, 0
    whole = sa.select(_FORMER, _DOCUMENT.c.sealed).join(_DOCUMENT).order_by(_FORMER.c.id).limit(AT_ONCE)
    while True:
        with database.read() as connection:
            batch = connection.execute(whole.where(_FORMER.c.id > last)).all()
        if not batch:
            return moved
        last = batch[-1].id
        copied = _copy(file, rows, batch)
        with database.write() as connection:
            connection.execute(_FORMER.delete().where(_FORMER.c.id.in_(copied)))
        moved += len(copied)


def _copy(file: Database, rows: Sealed, batch: Sequence[sa.Row[Any]]) -> list[int]:
    """Returns those that are now on disk in `file`, by what identified them in the database."""
    copied = []
    with file.write() as connection:
        known = outbox.c.unique_id.in_([row.unique_id for row in batch])
        there = set(connection.execute(sa.select(outbox.c.unique_id).where(known)).scalars())
        for row in batch:
            if row.unique_id not in there:
                try:
                    values = _row(rows, row)
                except StorageError as error:
                    _log.warning("former outbox item %d: %s", row.id, error.code)
                    continue
                made = connection.execute(outbox.insert().values(values).returning(outbox.c.id)).scalar_one()
                connection.execute(outbox_document.insert().values(item_id=made, sealed=row.sealed))
            copied.append(row.id)
    return copied


def _row(rows: Sealed, former: sa.Row[Any]) -> dict[str, Any]:
    subject = rows.open_subject(former.unique_id, former.subject)
    cda = rows.open_document(former.unique_id, former.sealed)
    return {name: former._mapping[name] for name in _AS_THEY_WERE} | {
        "author": rows.author(former.author_id),
        "patient": rows.patient(subject.patient.ins),
        "replaces": "",  # known from the document alone; their order is enough for those few
        "size": len(cda),
        "subject": rows.subject(former.unique_id, subject, former.author_id),
        "told": rows.told(
            former.unique_id,
            former._asdict() | {"sent_at": former.updated_at if former.state == OutboxState.SENT else None},
        ),
    }
