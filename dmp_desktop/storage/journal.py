"""Who did what, when: append-only, each record chained to the one before under a key, without any clinical text."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import journal, journal_patient, journal_told
from dmp_desktop.storage.sealing import Seal


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One act. `at` is aware; `actor` a national identifier, or of an administrator, who has none, the name; `action` a short
    stable name (`send`, `open-record`, `break-glass`); `patient` a pseudonym made by the journal; `document` a uniqueId; `result`
    a code; `reason` a choice of a list, never free text; `card` by which means; `sealed` the digest of what was told, made by the
    journal."""

    at: datetime
    actor: str
    action: str
    patient: str = ""
    document: str = ""
    card: str = ""
    result: str = ""
    reason: str = ""
    sealed: str = ""


class Journal:
    """The journal of this workstation. Changed, reordered and missing records are found by `verify`; that the last
    ones were cut off, with a `head` that was noted elsewhere."""

    def __init__(self, database: Database, seal: Seal, key: bytes) -> None:
        self._database = database
        self._seal = seal
        self._key = hashlib.sha256(b"dmp-desktop journal" + key).digest()
        self._met: dict[str, str] = {}  # numbers by pseudonym, until they are kept

    @property
    def station(self) -> str:
        """A name of this workstation that tells nothing of it."""
        return self._seal.pseudonym("station")

    def append(self, record: JournalRecord, *, ins: str = "", told: str = "") -> None:
        """Write one act, durable when this returns; `ins` becomes the record's patient, as a pseudonym, and `told`, which
        may name a person, is sealed beside it. Raises StorageError."""
        if ins:
            record = replace(record, patient=self.pseudonym(ins))
        with self._database.write() as connection:
            number, before = _end(connection)
            sealed = self._seal.seal(told.encode(), _place(number + 1)) if told else b""
            if sealed:
                record = replace(record, sealed=hashlib.sha256(sealed).hexdigest())
            self._add(connection, number + 1, before, record)
            if sealed:
                connection.execute(journal_told.insert().values(number=number + 1, sealed=sealed))

    def append_all(self, records: Collection[JournalRecord]) -> None:
        """As `append`, of acts with nothing told and their patients as pseudonyms: all of them, in their order, or none."""
        with self._database.write() as connection:
            last, chain = _end(connection)
            for number, record in enumerate(records, last + 1):
                chain = self._add(connection, number, chain, record)

    def pseudonym(self, ins: str) -> str:
        """What stands for a patient in the records: always the same for a number."""
        patient = self._seal.pseudonym(ins)
        self._met[patient] = ins
        return patient

    def number_of(self, patient: str) -> str:
        """The number a pseudonym stands for; empty where an earlier version did not keep it. Raises StorageError."""
        wanted = sa.select(journal_patient.c.sealed).where(journal_patient.c.patient == patient)
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        return self._seal.open(sealed, _patient_place(patient)).decode() if sealed else ""

    def after(self, number: int, most: int) -> list[JournalRecord]:
        """The acts that follow a number, `most` at most. Raises StorageError."""
        wanted = sa.select(journal.c.record).where(journal.c.number > number).order_by(journal.c.number).limit(most)
        with self._database.read() as connection:
            return [_record(text) for text in connection.execute(wanted).scalars()]

    def _add(self, connection: sa.Connection, number: int, before: bytes, record: JournalRecord) -> bytes:
        content = {**asdict(record), "at": record.at.isoformat()}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        chain = self._chain(number, before, text)
        connection.execute(journal.insert().values(number=number, record=text, chain=chain))
        if ins := self._met.get(record.patient):
            sealed = self._seal.seal(ins.encode(), _patient_place(record.patient))
            kept = insert(journal_patient).values(patient=record.patient, sealed=sealed)
            connection.execute(kept.on_conflict_do_nothing())
        return chain

    def told(self) -> Iterator[tuple[JournalRecord, str]]:
        """The acts with something sealed beside them, and what, the first one first. Raises StorageError."""
        which = sa.select(journal, journal_told.c.sealed).join(journal_told).order_by(journal.c.number)
        with self._database.read() as connection:
            for row in connection.execute(which):
                yield _record(row.record), self._seal.open(row.sealed, _place(row.number)).decode()

    def records(self) -> Iterator[JournalRecord]:
        """All acts, the first one first."""
        with self._database.read() as connection:
            for text in connection.execute(sa.select(journal.c.record).order_by(journal.c.number)).scalars():
                yield _record(text)

    def latest(self) -> Iterator[tuple[int, JournalRecord]]:
        """All acts with their numbers, the last one first."""
        with self._database.read() as connection:
            for row in connection.execute(sa.select(journal).order_by(journal.c.number.desc())):
                yield row.number, _record(row.record)

    def head(self) -> tuple[int, str]:
        """The number of the last record and the hexadecimal head of the chain; 0 and nothing of an empty one."""
        with self._database.read() as connection:
            last = connection.execute(sa.select(journal).order_by(journal.c.number.desc()).limit(1)).one_or_none()
        return (last.number, last.chain.hex()) if last else (0, "")

    def verify(self, noted: tuple[int, str] = (0, "")) -> tuple[int, str]:
        """How many records there are, and the head of the chain. `noted` is a head of before, kept elsewhere.

        Raises StorageError("journal-broken") at the first record that is not as it was written, or not in its place, what is
        sealed beside it included, and ("journal-cut") when the last ones are missing.
        """
        before = b""
        number = 0
        with self._database.read() as connection:
            rows = sa.select(journal, journal_told.c.sealed).outerjoin(journal_told).order_by(journal.c.number)
            read = iter(connection.execute(rows))
            while True:
                number += 1
                try:
                    row = next(read, None)
                    if row is None:
                        break
                    sound = self._sound(row, number, before, noted)
                except (TypeError, ValueError, AttributeError):  # not even the kinds of values that are written
                    row, sound = None, False
                if row is None or not sound:
                    raise StorageError(
                        "journal-broken", f"Le journal a été modifié à partir de l'acte n° {number}.", _CALL
                    )
                before = row.chain
        number -= 1
        if number < noted[0]:
            missing = f"Il manque au journal ses derniers actes : il en avait {noted[0]}, il en reste {number}."
            raise StorageError("journal-cut", missing, _CALL)
        return number, before.hex()

    def _sound(self, row: sa.Row[Any], number: int, before: bytes, noted: tuple[int, str]) -> bool:
        expected = self._chain(number, before, row.record)
        if row.number != number or not hmac.compare_digest(row.chain, expected):
            return False
        if number == noted[0] and row.chain.hex() != noted[1]:
            return False
        digest = hashlib.sha256(row.sealed).hexdigest() if row.sealed else ""
        return _record(row.record).sealed == digest

    def _chain(self, number: int, before: bytes, text: str) -> bytes:
        return hmac.new(self._key, b"%d\0%s\0%s" % (number, before, text.encode()), hashlib.sha256).digest()


def _end(connection: sa.Connection) -> tuple[int, bytes]:
    """Number and chain of the last record; 0 and nothing of an empty journal."""
    last = connection.execute(sa.select(journal).order_by(journal.c.number.desc()).limit(1)).one_or_none()
    return (last.number, last.chain) if last else (0, b"")


_CALL = "Gardez une copie du dossier des données et appelez le support."


def _record(text: str) -> JournalRecord:
    """Also of an earlier version, which sealed nothing."""
    content = json.loads(text)
    return JournalRecord(**{**content, "at": datetime.fromisoformat(content["at"])})


def _place(number: int) -> str:
    return f"journal/{number}"


def _patient_place(patient: str) -> str:
    return f"journal-patient/{patient}"
