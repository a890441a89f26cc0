"""What a click waits for: documents that are new, into the workstation's own file.

`outbox_adding.enter` does as much for those that are known and on a clinic's server. Here the driver is asked itself, and nothing
is made that is neither written nor shown: once it has waited for the disk, a processor takes three times as long for each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlcipher3 import dbapi2

from dmp_desktop.domain.outbox import OutboxItem, OutboxState, WaitingFor
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.outbox_rows import NewItem, Outcome, Sealed
from dmp_desktop.storage.plan import PAGE
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
    "sealed",
    "padding",
)
_ROW = (
    f"INSERT INTO outbox ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own columns
    " ON CONFLICT (unique_id) DO NOTHING"
)
_APART = "UPDATE outbox SET sealed = sealed WHERE id = ?"
_MOST, _LEAST, _CHAINED = PAGE - 35, (PAGE - 12) * 32 // 255 - 23, PAGE - 4
"""Bytes of a row that SQLite keeps on the page of its table (fileformat2, "Cell Payload Overflow Pages"): all of them up to
`_MOST`; else `_LEAST`, or as many more as leave whole pages to the chain that takes the rest, where that is at most `_MOST`."""
_AROUND = 160
"""At most so many bytes of a row are neither texts nor blobs: its numbers, and what tells where each column begins."""
_FREE = Outcome(OutboxState.WAITING)
_UNDO = Outcome(OutboxState.WAITING, WaitingFor.UNDO)


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

    def write(connection: dbapi2.Connection) -> list[int]:
        made = [_number(connection, one) for one in closed]
        if barred:  # it may be long until something changes it
            connection.executemany(_APART, [(number,) for number in made])
        return made

    try:
        numbers = database.write_bare(write, one_statement=len(closed) == 1 and not barred)
    except _KnownError:
        return None
    return [_item(number, new, now, first, due) for number, new in zip(numbers, news, strict=True)]


def _closed(rows: Sealed, new: NewItem, now: datetime, first: Outcome, due: datetime | None) -> tuple[object, ...]:
    """In the order of COLUMNS."""
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
    document = rows.document(new.unique_id, new.cda)
    return *row, document, padding(row, len(document))


def padding(row: Iterable[object], document: int) -> bytes | None:
    """What follows a document of so many bytes in its row, so that all that stands before it is on the page of its table: a page
    of the document that is damaged then says nothing of the row. None where there is no need, or no way (`row` fills a page)."""
    before = sum(len(value) for value in row if isinstance(value, str | bytes))
    kept = _LEAST + (before + document - _LEAST) % _CHAINED  # and up to `_AROUND` more
    if before + document + _AROUND <= _MOST or before + _AROUND <= kept <= _MOST - _AROUND:
        return None
    return bytes((before + _AROUND - kept) % _CHAINED)


def _number(connection: dbapi2.Connection, row: tuple[object, ...]) -> int:
    made = connection.execute(_ROW, row)
    if not made.rowcount:
        raise _KnownError
    return int(made.lastrowid)


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
