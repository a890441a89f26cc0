"""What this workstation knows of the rows its practice shares: a log of changes, on its disk before any server hears of them.

Each change of a field is a row of its own, sealed, never edited: it names the changes of that field its author had seen. Those
that nobody has seen yet are the field's heads; the latest one is shown, several with different values are a conflict. Two logs
that hold the same changes tell the same, in whatever order they came.

A store takes part without knowing of it: write a `domain.shared.SharedKind` over it (`rows` and `take`), and give it to
`services.clinic_share.ClinicShare` in `wiring/clinic.py`. Without a clinic nothing of this is used.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.shared import Said, SharedRow
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import shared_change, shared_cursor
from dmp_desktop.storage.sealing import Seal

_SEEN_MOST = 60
"""Ancestors a change names: where the middle of a chain was forgotten, its end still covers its beginning."""

_TOLD = frozenset(("row", "field", "value", "by", "at", "seen", "keeps"))
_LATER = ""
"""`row` of what is not understood: the pseudonym is not known."""
NOT_UNDERSTOOD = (AttributeError, LookupError, TypeError, ValueError)
"""What `Change.unpacked` raises for what no version up to this one wrote."""

_INSTANT = timedelta(microseconds=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """One change, open. `seen`: the changes of the same field its author knew of; `keeps`: whether those stay once replaced;
    `more`: what a later version says besides, kept as it is."""

    change: str
    kind: str
    row: str = field(repr=False)
    which: str
    value: Any = field(repr=False)
    by: str
    at: datetime
    seen: tuple[str, ...] = ()
    until: datetime | None = None
    keeps: bool = True
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def packed(self) -> bytes:
        """What is sealed: all but the kind and the end, which are beside it."""
        told = {"row": self.row, "field": self.which, "value": self.value, "by": self.by, "at": self.at.isoformat()}
        told |= {"seen": self.seen, "keeps": self.keeps}
        return json.dumps({**self.more, **told}, ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def unpacked(cls, change: str, kind: str, until: datetime | None, content: bytes) -> Change:
        """Raises NOT_UNDERSTOOD."""
        told = json.loads(content)
        at, seen = datetime.fromisoformat(told["at"]), tuple(told["seen"])
        more = {name: told[name] for name in told if name not in _TOLD}
        row, which, value = told["row"], told["field"], told["value"]
        return cls(change, kind, row, which, value, told["by"], at, seen, until, told["keeps"], more)


@dataclass(frozen=True, slots=True)
class Closed:
    """A change that is not understood: a later version wrote it. `content` is as it was within the seal."""

    change: str
    kind: str
    until: datetime | None
    content: bytes = field(repr=False)


class SharedRows:
    """The log in the workstation's own database. `seal`: of this workstation; the server has its own. Methods raise
    StorageError."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def say(
        self,
        kind: str,
        name: str,
        values: Mapping[str, Any],
        by: str,
        now: datetime,
        *,
        until: datetime | None = None,
        keeps: bool = True,
    ) -> int:
        """Note of `values` what differs from what this workstation's own store had before; returns how many fields. Durable when
        it returns.

        A field left out is left alone. What differs was said having seen all that was applied here: it settles a conflict; what
        is the same as what is shown does not. `now` is this workstation's clock: the server's, as far as known, is noted.
        """
        mine = self._of(kind, name)
        with self._database.read() as connection:
            shown = _heads(self._open(connection, mine & shared_change.c.applied))
        if all(_shows(shown.get(which, []), value) for which, value in values.items()):
            return 0
        with self._database.write() as connection:
            heads = _heads(self._open(connection, mine & shared_change.c.applied))
            waiting = self._open(connection, mine & ~shared_change.c.applied)
            latest = _heads(self._open(connection, mine)) if waiting else heads
            skew = _skew(connection)
            fresh, written = [], list[str]()
            for which, value in values.items():
                at = now + skew
                before = heads.get(which, [])
                if _shows(before, value):
                    continue
                if _shows(latest.get(which, []), value):  # taken from the others, and cut before that was noted
                    written += [one.change for one in waiting if one.which == which]
                    continue
                if not before and which in latest:  # it was here before the practice was met: it does not win over that
                    at = min(at, *(one.at - _INSTANT for one in latest[which]))
                seen = dict.fromkeys([one.change for one in before] + [old for one in before for old in one.seen])
                ancestors = tuple(seen)[:_SEEN_MOST]
                fresh.append(Change(secrets.token_hex(16), kind, name, which, value, by, at, ancestors, until, keeps))
            self._insert(connection, fresh, applied=True)
            self._apply(connection, written)
            self._drop_replaced(connection, fresh)
        return len(fresh)

    def settle(self, kind: str, name: str, which: str, change: str, by: str, now: datetime) -> bool:
        """Of what is said of a field, `change` holds: said again having seen all of them. Durable when it returns; it is taken as
        what comes from others is. False, with nothing changed, where that one is said no more."""
        with self._database.write() as connection:
            heads = _heads(self._open(connection, self._of(kind, name))).get(which, [])
            chosen = next((one for one in heads if one.change == change), None)
            if chosen is None:
                return False
            seen = dict.fromkeys([one.change for one in heads] + [old for one in heads for old in one.seen])
            at = max(now + _skew(connection), heads[0].at + _INSTANT)
            said = replace(
                chosen, change=secrets.token_hex(16), by=by, at=at, seen=tuple(seen)[: max(_SEEN_MOST, len(heads))]
            )
            self._insert(connection, [said], applied=False)
        return True

    def row(self, kind: str, name: str, *, applied: bool = False) -> SharedRow:
        """As all that came here tells it; `applied`: as far as it was written to this workstation's own store."""
        which = self._of(kind, name)
        with self._database.read() as connection:
            return _row(kind, name, self._open(connection, which & shared_change.c.applied if applied else which))

    def rows(self, kind: str) -> list[SharedRow]:
        """All of a kind that can be read."""
        with self._database.read() as connection:
            changes = self._open(connection, (shared_change.c.kind == kind) & (shared_change.c.row != _LATER))
        by_name: dict[str, list[Change]] = {}
        for change in changes:
            by_name.setdefault(change.row, []).append(change)
        return [_row(kind, name, found) for name, found in by_name.items()]

    def history(self, kind: str, name: str) -> list[tuple[str, Said]]:
        """Everything said of a row that was kept, field by field, the latest first."""
        with self._database.read() as connection:
            found = self._open(connection, self._of(kind, name))
        return [(one.which, _said(one)) for one in sorted(found, key=_order, reverse=True)]

    def to_take(self, kind: str) -> list[tuple[str, tuple[str, ...]]]:
        """Rows with changes this workstation's own store does not have yet, and which changes."""
        wanted = (shared_change.c.kind == kind) & ~shared_change.c.applied & (shared_change.c.row != _LATER)
        with self._database.read() as connection:
            found = self._open(connection, wanted)
        names: dict[str, list[str]] = {}
        for change in found:
            names.setdefault(change.row, []).append(change.change)
        return [(name, tuple(changes)) for name, changes in names.items()]

    def taken(self, changes: Collection[str]) -> None:
        """These are in this workstation's own store."""
        with self._database.write() as connection:
            self._apply(connection, changes)

    def purge(self, now: datetime) -> int:
        """Forget what may be forgotten by now."""
        with self._database.write() as connection:
            return connection.execute(shared_change.delete().where(shared_change.c.expires_at < now)).rowcount

    # -- for the server's side (storage.clinic_rows_server) ----------------------------------------------------------------------

    def untold(self, most: int) -> list[Change]:
        """What the server was not told yet, in the order it was said."""
        wanted = sa.select(shared_change).where(shared_change.c.number.is_(None)).order_by(sa.literal_column("rowid"))
        with self._database.read() as connection:
            return self._opened(connection.execute(wanted.limit(most)).all())

    def not_after(self, limit: datetime) -> None:
        """What the server does not have yet was said at `limit` (its clock) at the latest: one clock that is wrong would be right
        for ever."""
        with self._database.write() as connection:
            for one in self._open(connection, shared_change.c.number.is_(None)):
                if one.at > limit:
                    sealed = self._seal.seal(replace(one, at=limit).packed(), _place(one.kind, one.change))
                    this = shared_change.c.change == one.change
                    connection.execute(shared_change.update().where(this).values(sealed=sealed))

    def told(self, numbers: Mapping[str, int]) -> None:
        """The server has these, under these numbers."""
        with self._database.write() as connection:
            for change, number in numbers.items():
                connection.execute(shared_change.update().where(shared_change.c.change == change).values(number=number))

    def receive(self, changes: Sequence[tuple[int, Change]], upto: int) -> int:
        """Changes of the server by their number; those that were said here are known. Returns how many are new; `upto` is the
        last number looked at."""
        with self._database.write() as connection:
            ids = [change.change for _, change in changes]
            known = sa.select(shared_change.c.change).where(shared_change.c.change.in_(ids))
            there = set(connection.execute(known).scalars())
            numbers = {change.change: number for number, change in changes}
            self._insert(connection, [one for _, one in changes if one.change not in there], False, numbers)
            connection.execute(shared_cursor.update().values(number=upto))
        return len(ids) - len(there)

    def keep(self, changes: Mapping[int, Closed]) -> None:
        """What is not understood stays, by the server's numbers, until a version that understands it is here (`adopt`)."""
        rows = [
            {
                "change": one.change,
                "kind": one.kind,
                "row": _LATER,
                "number": number,
                "applied": False,
                "expires_at": one.until,
                "sealed": self._seal.seal(one.content, _place(one.kind, one.change)),
            }
            for number, one in changes.items()
        ]
        with self._database.write() as connection:
            connection.execute(insert(shared_change).on_conflict_do_nothing(), rows)

    def adopt(self) -> int:
        """Of what was not understood, what is by now: it is to be taken as what comes. Returns how many."""
        with self._database.write() as connection:
            kept = connection.execute(sa.select(shared_change).where(shared_change.c.row == _LATER)).all()
            found = self._opened(kept)
            for one in found:
                known = {"row": self._seal.pseudonym(f"{one.kind} {one.row}")}
                connection.execute(shared_change.update().where(shared_change.c.change == one.change).values(known))
        return len(found)

    def cursor(self) -> tuple[str, int]:
        """The server's epoch, empty before the first one, and the last of its numbers that was looked at."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(shared_cursor)).one()
        return row.epoch, row.number

    def begin(self, epoch: str) -> None:
        """Another server, or one that was put back as it was: it is told everything anew, and asked for everything."""
        with self._database.write() as connection:
            connection.execute(shared_cursor.update().values(epoch=epoch, number=0))
            connection.execute(shared_change.update().values(number=None))

    def set_skew(self, skew: timedelta) -> None:
        """The server's clock less this workstation's."""
        with self._database.write() as connection:
            connection.execute(shared_cursor.update().values(skew=int(skew / timedelta(microseconds=1))))

    # -- within ------------------------------------------------------------------------------------------------------------------

    def _of(self, kind: str, name: str) -> sa.ColumnElement[bool]:
        return (shared_change.c.kind == kind) & (shared_change.c.row == self._seal.pseudonym(f"{kind} {name}"))

    def _insert(
        self,
        connection: sa.Connection,
        changes: Sequence[Change],
        applied: bool,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        rows = [
            {
                "change": one.change,
                "kind": one.kind,
                "row": self._seal.pseudonym(f"{one.kind} {one.row}"),
                "number": (numbers or {}).get(one.change),
                "applied": applied,
                "expires_at": one.until,
                "sealed": self._seal.seal(one.packed(), _place(one.kind, one.change)),
            }
            for one in changes
        ]
        if rows:
            connection.execute(shared_change.insert(), rows)

    def _apply(self, connection: sa.Connection, changes: Collection[str]) -> None:
        these = shared_change.c.change.in_(tuple(changes))
        if changes:
            connection.execute(shared_change.update().where(these).values(applied=True))
            self._drop_replaced(connection, self._open(connection, these))

    def _drop_replaced(self, connection: sa.Connection, changes: Iterable[Change]) -> None:
        """Of a kind without history, what these replace having seen it."""
        seen = {old for one in changes if not one.keeps for old in one.seen}
        if seen:
            connection.execute(shared_change.delete().where(shared_change.c.change.in_(seen), shared_change.c.applied))

    def _open(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Change]:
        return self._opened(connection.execute(sa.select(shared_change).where(which)).all())

    def _opened(self, rows: Iterable[sa.Row[Any]]) -> list[Change]:
        found = []
        for row in rows:
            try:
                clear = self._seal.open(row.sealed, _place(row.kind, row.change))
                found.append(Change.unpacked(row.change, row.kind, row.expires_at, clear))
            except StorageError as error:  # bars nothing else
                _log.warning("a shared change cannot be read: %s", error.code)
            except NOT_UNDERSTOOD as error:
                _log.warning("a shared change is not understood: %s", type(error).__name__)
        return found


def _place(kind: str, change: str) -> str:
    return f"shared/{kind}/{change}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _shows(heads: Sequence[Change], value: Any) -> bool:
    return bool(heads) and _text(heads[0].value) == _text(value)


def _order(change: Change) -> tuple[datetime, str]:
    return change.at, change.change


def _said(change: Change) -> Said:
    return Said(change.change, change.value, change.by, change.at)


def _heads(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Of each field what nobody replaced, the latest first."""
    found = list(changes)
    seen = {old for one in found for old in one.seen}
    heads: dict[str, list[Change]] = {}
    for one in sorted(found, key=_order, reverse=True):
        if one.change not in seen:
            heads.setdefault(one.which, []).append(one)
    return heads


def _row(kind: str, name: str, changes: Iterable[Change]) -> SharedRow:
    heads = _heads(changes)
    others = {
        which: tuple(_said(one) for one in found[1:] if _text(one.value) != _text(found[0].value))
        for which, found in heads.items()
    }
    said = {which: _said(found[0]) for which, found in heads.items()}
    return SharedRow(kind, name, said, {which: found for which, found in others.items() if found})


def _skew(connection: sa.Connection) -> timedelta:
    return timedelta(microseconds=connection.execute(sa.select(shared_cursor.c.skew)).scalar_one())
