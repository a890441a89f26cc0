"""The server's memory: one SQLite file (WAL, synchronous=FULL), so that what was acknowledged survives a kill -9."""

from __future__ import annotations

import gzip
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.model import Association, Kind, RegistryObject, association_from, dumps, object_from

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dossier (
    ins TEXT NOT NULL, oid TEXT NOT NULL, story TEXT NOT NULL, closed INTEGER NOT NULL,
    opposes_break_glass INTEGER NOT NULL, opposes_emergency INTEGER NOT NULL, PRIMARY KEY (ins, oid)) STRICT;
CREATE TABLE IF NOT EXISTS access (
    ins TEXT NOT NULL, holder TEXT NOT NULL, state TEXT NOT NULL, attending INTEGER NOT NULL, since TEXT NOT NULL,
    PRIMARY KEY (ins, holder)) STRICT;
CREATE TABLE IF NOT EXISTS object (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, ins TEXT NOT NULL, unique_id TEXT NOT NULL, status TEXT NOT NULL,
    content TEXT NOT NULL) STRICT;
DROP INDEX IF EXISTS object_unique_id;
CREATE INDEX IF NOT EXISTS object_by_unique_id ON object (unique_id);
CREATE INDEX IF NOT EXISTS object_ins ON object (ins, kind);
CREATE TABLE IF NOT EXISTS association (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, target TEXT NOT NULL, content TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS association_source ON association (source);
CREATE INDEX IF NOT EXISTS association_target ON association (target);
CREATE TABLE IF NOT EXISTS document (unique_id TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS visit (
    ins TEXT NOT NULL, holder TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (ins, holder)) STRICT;
CREATE TABLE IF NOT EXISTS fact (
    ins TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (ins, name)) STRICT;
CREATE TABLE IF NOT EXISTS seeded (story TEXT PRIMARY KEY) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Dossier:
    """State of one record. A patient without a line has no DMP."""

    ins: str
    oid: str
    story: str
    closed: bool
    opposes_break_glass: bool
    opposes_emergency: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorisation as it was last given, taken back or forbidden. `holder` is a professional or a structure."""

    ins: str
    holder: str
    state: Authorization
    attending: bool
    since: datetime

    def at(self, now: datetime, life: timedelta) -> Authorization:
        """The state at that moment: an authorisation lapses, but not that of the attending doctor [R]."""
        lapsed = self.state is Authorization.VALIDE and not self.attending and now - self.since > life
        return Authorization.EXPIRE if lapsed else self.state


class Store:
    """All reads and writes. One connection, one lock: a stand-in has one practice to serve."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable on leaving. Not re-entrant."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    # Dossiers and authorisations

    def dossier(self, patient: InsIdentity) -> Dossier | None:
        rows = self._rows("SELECT * FROM dossier WHERE ins=? AND oid=?", patient.value, patient.oid)
        if not rows:
            return None
        ins, oid, story, *flags = rows[0]
        return Dossier(str(ins), str(oid), str(story), *map(bool, flags))

    def put_dossier(self, dossier: Dossier) -> None:
        values = (
            dossier.ins,
            dossier.oid,
            dossier.story,
            dossier.closed,
            dossier.opposes_break_glass,
            dossier.opposes_emergency,
        )
        self._rows("INSERT OR REPLACE INTO dossier VALUES (?,?,?,?,?,?)", *values)

    def access(self, ins: str, holder: str) -> tuple[Authorization, bool]:
        """Authorisation of a professional or structure, and whether it is the attending doctor's."""
        rows = self._rows("SELECT state, attending FROM access WHERE ins=? AND holder=?", ins, holder)
        return (Authorization(str(rows[0][0])), bool(rows[0][1])) if rows else (Authorization.NON_EXISTE, False)

    def put_access(self, ins: str, holder: str, state: Authorization, attending: bool, since: datetime) -> None:
        values = (ins, holder, state.value, attending, since.isoformat())
        self._rows("INSERT OR REPLACE INTO access VALUES (?,?,?,?,?)", *values)

    def grant(self, ins: str, holder: str) -> Grant | None:
        found = self._grants("ins=? AND holder=?", ins, holder)
        return found[0] if found else None

    def grants_on(self, ins: str) -> list[Grant]:
        """All that concern one record."""
        return self._grants("ins=?", ins)

    def grants_of(self, holder: str) -> list[Grant]:
        """All that one professional or structure was ever given."""
        return self._grants("holder=?", holder)

    def _grants(self, where: str, *values: str) -> list[Grant]:
        sql = f"SELECT ins, holder, state, attending, since FROM access WHERE {where} ORDER BY rowid"  # noqa: S608
        return [
            Grant(str(ins), str(holder), Authorization(str(state)), bool(attending), datetime.fromisoformat(str(since)))
            for ins, holder, state, attending, since in self._rows(sql, *values)
        ]

    def dossier_of(self, ins: str) -> Dossier | None:
        """A record by the number alone, as the table of authorisations names it."""
        rows = self._rows("SELECT oid FROM dossier WHERE ins=?", ins)
        return self.dossier(InsIdentity(ins, str(rows[0][0]))) if rows else None

    def last_visit(self, ins: str, holder: str) -> datetime | None:
        rows = self._rows("SELECT last FROM visit WHERE ins=? AND holder=?", ins, holder)
        return datetime.fromisoformat(str(rows[0][0])) if rows else None

    def visit(self, ins: str, holder: str, now: datetime) -> None:
        """Remember that this holder opened this record; to the minute, so that not every reading waits for the disk."""
        last = self.last_visit(ins, holder)
        if last is None or now - last >= timedelta(minutes=1):
            self._rows("INSERT OR REPLACE INTO visit VALUES (?,?,?)", ins, holder, now.isoformat())

    def fact(self, ins: str, name: str, default: bool) -> bool:
        """A yes or no of a record that a message has changed since the first day, else `default`."""
        rows = self._rows("SELECT value FROM fact WHERE ins=? AND name=?", ins, name)
        return bool(rows[0][0]) if rows else default

    def put_fact(self, ins: str, name: str, value: bool) -> None:
        self._rows("INSERT OR REPLACE INTO fact VALUES (?,?,?)", ins, name, value)

    # Registry

    def put(self, found: RegistryObject, ins: str) -> None:
        """Add a registry object, or change it where it stands: the order is that of arrival."""
        values = (found.id, found.kind.value, ins, found.unique_id, found.status, dumps(found))
        self._rows(
            "INSERT INTO object VALUES (?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET status=excluded.status, "
            "content=excluded.content",
            *values,
        )

    def put_association(self, link: Association) -> None:
        self._rows("INSERT INTO association VALUES (?,?,?,?)", link.id, link.source, link.target, dumps(link))

    def put_document(self, unique_id: str, content: bytes) -> None:
        self._rows("INSERT INTO document VALUES (?,?)", unique_id, content)

    def objects(self, ins: str, kind: Kind) -> list[RegistryObject]:
        """All objects of a patient, in order of arrival."""
        rows = self._rows("SELECT content FROM object WHERE ins=? AND kind=? ORDER BY rowid", ins, kind.value)
        return [object_from(str(row[0])) for row in rows]

    def object(self, identifier: str) -> tuple[RegistryObject, str] | None:
        """A registry object with its patient: by its entryUUID, or the latest version of its metadata by its uniqueId."""
        rows = self._rows(
            "SELECT content, ins FROM object WHERE id=? OR unique_id=? ORDER BY id=? DESC, rowid DESC LIMIT 1",
            identifier,
            identifier,
            identifier,
        )
        return (object_from(str(rows[0][0])), str(rows[0][1])) if rows else None

    def last_submissions(self, ins: str) -> tuple[str, str]:
        """When the record last changed, and when a document was last added to it (DTM; empty when never).

        A set that only changes a document's metadata has a member with `PreviousVersion` (ITI-57), or no member.
        """
        time = "json_extract(object.content, '$.slots.submissionTime[0]')"
        rows = self._rows(
            f"SELECT max({time}), max(CASE WHEN EXISTS (SELECT 1 FROM association WHERE source=object.id "  # noqa: S608
            "AND json_extract(association.content, '$.type')=? "
            f"AND json_extract(association.content, '$.slots.PreviousVersion') IS NULL) THEN {time} END) "
            "FROM object WHERE ins=? AND kind=?",
            names.HAS_MEMBER,
            ins,
            Kind.SET.value,
        )
        changed, added = rows[0]
        return str(changed or ""), str(added or "")

    def associations(self, *identifiers: str) -> list[Association]:
        """Links that touch one of the objects."""
        marks = ",".join("?" * len(identifiers))
        sql = f"SELECT content FROM association WHERE source IN ({marks}) OR target IN ({marks}) ORDER BY rowid"  # noqa: S608
        return [association_from(str(row[0])) for row in self._rows(sql, *identifiers, *identifiers)]

    def document(self, unique_id: str) -> bytes | None:
        """The bytes of a document; the seed packs its largest (gzip), which no CDA begins like."""
        rows = self._rows("SELECT content FROM document WHERE unique_id=?", unique_id)
        content = bytes(rows[0][0]) if rows and isinstance(rows[0][0], bytes) else None
        return gzip.decompress(content) if content and content.startswith(b"\x1f\x8b") else content

    def count(self, unique_id: str) -> int:
        """How many registry objects carry this uniqueId, versions of metadata not counted: 0 or 1, whatever was sent."""
        lid = "json_extract(content, '$.lid')"
        return len(self._rows(f"SELECT DISTINCT {lid} FROM object WHERE unique_id=?", unique_id))  # noqa: S608

    # Seeding

    def is_seeded(self, story: str) -> bool:
        return bool(self._rows("SELECT 1 FROM seeded WHERE story=?", story))

    def mark_seeded(self, story: str) -> None:
        self._rows("INSERT INTO seeded VALUES (?)", story)
