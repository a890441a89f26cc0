"""The journal of a practice on its server: the acts of each workstation, copied in their order, in a chain of their own.

The records are sealed under the practice key and chained under a key derived from it: who only runs the server reads none, and
cannot write one that holds. That the last ones were cut off is found with heads that were noted elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.journal import JournalRecord
from dmp_desktop.storage.sealing import Seal, derive
from dmp_desktop.storage.store import Store

Head = tuple[int, str]
"""Number of a chain's last record, and its hexadecimal head."""

_CALL = "Gardez une copie de la base du cabinet et appelez le support."

_journal = sa.Table(
    "practice_journal",
    sa.MetaData(),
    sa.Column("station", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
)
_FIELDS = frozenset(one.name for one in fields(JournalRecord))
_ORDER = (_journal.c.station, _journal.c.number)

# From one station to the next by the primary key, and to the end of each.
_HEADS = sa.text("""
WITH RECURSIVE known(station) AS (
    SELECT min(station) FROM practice_journal
    UNION ALL
    SELECT (SELECT min(station) FROM practice_journal WHERE station > known.station) FROM known
    WHERE known.station IS NOT NULL
)
SELECT known.station, last.number, last.chain FROM known CROSS JOIN LATERAL (
    SELECT number, chain FROM practice_journal WHERE practice_journal.station = known.station ORDER BY number DESC LIMIT 1
) AS last
""")


class PracticeJournal:
    """`key` is the practice's. A station is a workstation by a name that tells nothing of it. Methods raise StorageError."""

    def __init__(self, database: Store, key: bytes) -> None:
        self._database = database
        self._seal = Seal(key, "practice-journal")
        self._key = derive(key, "practice journal chain")

    def pseudonym(self, ins: str) -> str:
        """What stands for a patient, the same on every workstation of the practice."""
        return self._seal.pseudonym(f"patient {ins}")

    def count(self, station: str) -> int:
        """How many acts of a station there are."""
        with self._database.read() as connection:
            return self._end(connection, station)[0]

    def head(self, station: str) -> Head:
        """Of a station's chain; number 0 where it has none."""
        with self._database.read() as connection:
            number, chain = self._end(connection, station)
        return number, chain.hex()

    def heads(self) -> dict[str, Head]:
        """Of every station's chain: the ends alone are read."""
        with self._database.read() as connection:
            return {row.station: (row.number, bytes(row.chain).hex()) for row in connection.execute(_HEADS)}

    def chains(self, numbers: Mapping[str, int]) -> dict[str, str]:
        """The hexadecimal head each of these stations had at a number; those that have no such act are left out."""
        these = sa.tuple_(_journal.c.station, _journal.c.number).in_(list(numbers.items()))
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_journal.c.station, _journal.c.chain).where(these))
            return {row.station: bytes(row.chain).hex() for row in rows}

    def append(self, station: str, after: int, records: Sequence[JournalRecord]) -> int:
        """The acts of a station that follow its number `after`; returns the number of the last one there is. Those that another
        process of the station copied meanwhile are not copied twice."""
        with self._database.write(lock=f"journal {station}") as connection:
            number, chain = self._end(connection, station)
            rows = []
            for record in records[max(0, number - after) :] if number >= after else ():
                number += 1
                text = json.dumps({**asdict(record), "at": record.at.isoformat()}, ensure_ascii=False, sort_keys=True)
                chain = self._chain(station, number, chain, text)
                sealed = self._seal.seal(text.encode(), _place(station, number))
                rows.append({"station": station, "number": number, "sealed": sealed, "chain": chain})
            if rows:
                connection.execute(_journal.insert(), rows)
        return number

    def verify(self, noted: Mapping[str, Head] | None = None) -> dict[str, Head]:
        """The head of each station's chain. `noted` are heads of before, kept elsewhere.

        Raises StorageError("journal-broken") at the first record that is not as it was written, or not in its place, and
        ("journal-cut") when the last ones of a station are missing.
        """
        noted = noted or {}
        heads: dict[str, Head] = {}
        with self._database.read() as connection:
            for row in connection.execute(sa.select(_journal).order_by(*_ORDER)):
                number, before = heads.get(row.station, (0, ""))
                number += 1
                known = noted.get(row.station, (0, ""))
                chain = bytes(row.chain)
                if (
                    row.number != number
                    or not self._holds(row.station, number, bytes.fromhex(before), bytes(row.sealed), chain)
                    or (number == known[0] and chain.hex() != known[1])
                ):
                    told = f"Le journal du cabinet a été modifié à partir de l'acte n° {number} du poste {row.station[:8]}."
                    raise StorageError("journal-broken", told, _CALL)
                heads[row.station] = number, chain.hex()
        for station, (number, _) in noted.items():
            left = heads.get(station, (0, ""))[0]
            if left < number:
                told = f"Il manque au journal du cabinet des actes du poste {station[:8]}"
                raise StorageError("journal-cut", f"{told} : il en avait {number}, il en reste {left}.", _CALL)
        return heads

    def records(self) -> Iterator[tuple[str, int, JournalRecord | None, dict[str, Any]]]:
        """All acts that open, by station, the first one first, and what a later version says of them besides; None of one that is
        not understood: all it says is beside it."""
        with self._database.read() as connection:
            for row in connection.execute(sa.select(_journal).order_by(*_ORDER)):
                try:
                    text = self._seal.open(bytes(row.sealed), _place(row.station, row.number)).decode()
                except StorageError:  # `verify` tells of it
                    continue
                content = json.loads(text)
                known = {name: content.pop(name) for name in _FIELDS if name in content}
                try:
                    record = JournalRecord(**{**known, "at": datetime.fromisoformat(known["at"])})
                except (LookupError, TypeError, ValueError):
                    yield row.station, row.number, None, known | content
                else:
                    yield row.station, row.number, record, content

    def _holds(self, station: str, number: int, before: bytes, sealed: bytes, chain: bytes) -> bool:
        try:
            text = self._seal.open(sealed, _place(station, number)).decode()
        except StorageError:
            return False
        return hmac.compare_digest(chain, self._chain(station, number, before, text))

    def _end(self, connection: sa.Connection, station: str) -> tuple[int, bytes]:
        mine = sa.select(_journal.c.number, _journal.c.chain).where(_journal.c.station == station)
        last = connection.execute(mine.order_by(_journal.c.number.desc()).limit(1)).one_or_none()
        return (last.number, bytes(last.chain)) if last else (0, b"")

    def _chain(self, station: str, number: int, before: bytes, text: str) -> bytes:
        told = b"%s\0%d\0%s\0%s" % (station.encode(), number, before, text.encode())
        return hmac.new(self._key, told, hashlib.sha256).digest()


def _place(station: str, number: int) -> str:
    return f"practice-journal/{station}/{number}"
