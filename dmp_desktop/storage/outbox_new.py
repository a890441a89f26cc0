"""What a click waits for: documents that are new, into the workstation's own file.

`outbox_adding.enter` does as much for those that are known and on a clinic's server. Here the driver is asked itself, and nothing
is made that is neither written nor shown: once it has waited for the disk, a processor takes three times as long for each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlcipher3 import dbapi2

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox_rows import NewItem, Outcome, Sealed
from dmp_desktop.storage.schema import microseconds

COLUMNS = (
    "unique_id",
    "submission_id",
    "author",
    "patient",
    "replaces",
    "size",
    "subject",
    "told",
    "state",
    "waiting_for",
    "in_doubt",
    "attempts",
    "created_at",
    "updated_at",
    "next_attempt_at",
    "code",
    "lot",
)
_ROW = (
    f"INSERT INTO outbox ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own columns
    " ON CONFLICT (unique_id) DO NOTHING"
)
_FREE = Outcome(OutboxState.WAITING)
_UNDO = Outcome(OutboxState.WAITING, WaitingFor.UNDO)
_DOCUMENT = "INSERT INTO outbox_document (item_id, sealed) VALUES (?, ?)"


def enter_new(
    database: Database,
    rows: Sealed,
    news: Sequence[NewItem],
    now: datetime,
    due_at: datetime,
    barred: Outcome | None,
) -> list[OutboxItem] | None:
    """Write them where all are new in the file; None where one is known, with nothing written. Raises StorageError."""
    first = barred or (_UNDO if due_at > now else _FREE)
    due = None if barred else due_at
    closed = [_closed(rows, new, now, first, due) for new in news]  # before the transaction begins

    def write(connection: dbapi2.Connection) -> list[OutboxItem]:
        # The items too are made before the flush, not after it.
        return [_item(_number(connection, *one), new, now, first, due) for one, new in zip(closed, news, strict=True)]

    try:
        return database.write_bare(write)
    except _KnownError:
        return None


def _closed(
    rows: Sealed, new: NewItem, now: datetime, first: Outcome, due: datetime | None
) -> tuple[tuple[object, ...], bytes]:
    """The row, in the order of COLUMNS, and the document."""
    subject, moment = new.subject, microseconds(now)
    words = {"message": first.message, "remedy": first.remedy}
    row = (
        new.unique_id,
        new.submission_id,
        rows.author(new.author_id),
        rows.patient(subject.patient.ins),
        new.replaces,
        len(new.cda),
        rows.subject(new.unique_id, subject, new.author_id),
        rows.told(new.unique_id, words) if first.message or first.remedy else None,
        first.state.value,
        first.waiting_for.value,
        int(new.in_doubt),
        0,
        moment,
        moment,
        microseconds(due),
        first.code,
        new.lot,
    )
    return row, rows.document(new.unique_id, new.cda)


def _number(connection: dbapi2.Connection, row: tuple[object, ...], document: bytes) -> int:
    made = connection.execute(_ROW, row)
    if not made.rowcount:
        raise _KnownError
    number = int(made.lastrowid)
    made.execute(_DOCUMENT, (number, document))
    return number


def _item(number: int, new: NewItem, now: datetime, first: Outcome, due: datetime | None) -> OutboxItem:
    subject = new.subject
    return OutboxItem(
        id=number,
        unique_id=new.unique_id,
        submission_id=new.submission_id,
        patient=subject.patient,
        title=subject.title,
        kind=subject.kind,
        state=first.state,
        waiting_for=first.waiting_for,
        created_at=now,
        updated_at=now,
        code=first.code,
        message=first.message,
        remedy=first.remedy,
        author_id=new.author_id or subject.author_id,
        visibility=subject.visibility,
        in_doubt=new.in_doubt,
        next_attempt_at=due,
        validated_by=subject.validated_by,
        replaces=new.replaces,
    )


class _KnownError(Exception):
    """Undoes the transaction."""
