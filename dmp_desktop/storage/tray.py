"""Scans in the tray, sealed: the tables tell how many there are, of when, and how far each got."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.people import Address, Sex
from dmp_desktop.domain.received import ReceivedFormat, ReceivedPatient
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.domain.tray import Origin, Part, Reason, Scan, ScanState, TrayDoctor
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import scan as table
from dmp_desktop.storage.schema import scan_part, tray_doctor
from dmp_desktop.storage.sealing import Seal
from dmp_desktop.storage.subject import patient_from_plain, plain_patient

log = logging.getLogger(__name__)

_OVER = (ScanState.SENT, ScanState.DISCARDED)


class TrayStore:
    """ScanRows of this workstation. Each sealed row is bound to its id, its state and its revision: one put back as it was, or
    made another's, does not open."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    @property
    def station(self) -> str:
        """A name of this workstation that tells nothing of it."""
        return self._seal.pseudonym("station")[:8]

    def add(self, scan: Scan, parts: Mapping[Part, bytes]) -> bool:
        digest = self._digest(scan.digest)
        known = sa.select(table.c.scan_id).where((table.c.digest == digest) | (table.c.scan_id == scan.id))
        with self._database.write() as connection:
            if connection.execute(known).first() is not None:
                return False
            connection.execute(table.insert().values(scan_id=scan.id, digest=digest, **self._values(scan)))
            self._put(connection, scan.id, parts)
        return True

    def change(self, scan: Scan, parts: Mapping[Part, bytes] | None = None) -> Scan | None:
        kept = replace(scan, revision=scan.revision + 1)
        same = (table.c.scan_id == scan.id) & (table.c.revision == scan.revision)
        with self._database.write() as connection:
            if connection.execute(table.update().where(same).values(**self._values(kept))).rowcount != 1:
                return None
            self._put(connection, scan.id, parts or {})
        return kept

    def take(self, told: Scan, parts: Mapping[Part, bytes], fits: Callable[[Scan | None], bool]) -> bool:
        """As another workstation has it, with `parts` as in `change`, where `fits` says so of what is here; else False, with
        nothing changed. On the disk when it returns. The very same file scanned here too stays beside it."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(table).where(table.c.scan_id == told.id)).one_or_none()
            here = None if row is None else self._opened(row)
            if not fits(here):
                return False
            kept = replace(told, revision=here.revision + 1 if here else 0)
            if here is not None:
                connection.execute(table.update().where(table.c.scan_id == told.id).values(**self._values(kept)))
            else:
                same = sa.select(table.c.scan_id).where(table.c.digest == self._digest(told.digest))
                again = connection.execute(same).first() is not None
                digest = self._digest(f"{told.digest} {told.id}" if again else told.digest)
                connection.execute(table.insert().values(scan_id=told.id, digest=digest, **self._values(kept)))
            self._put(connection, told.id, parts)
        return True

    def scans(self) -> tuple[list[Scan], int]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.received_at, table.c.scan_id)).all()
        found = []
        for row in rows:
            try:
                found.append(self._opened(row))
            except StorageError as error:
                log.warning("a scan cannot be read: %s", error.code)
        return found, len(rows) - len(found)

    def get(self, scan_id: str) -> Scan | None:
        return self._one(table.c.scan_id == scan_id)

    def with_digest(self, digest: str) -> Scan | None:
        return self._one(table.c.digest == self._digest(digest))

    def part(self, scan_id: str, part: Part) -> bytes | None:
        wanted = sa.select(scan_part.c.sealed).where(scan_part.c.scan_id == scan_id, scan_part.c.part == part)
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        return None if sealed is None else self._seal.open(sealed, _part_place(scan_id, part))

    def purge(self, before: datetime) -> int:
        over = table.c.state.in_(_OVER) & (table.c.updated_at < before)
        with self._database.write() as connection:
            return connection.execute(table.delete().where(over)).rowcount

    def meet(self, doctor: TrayDoctor) -> None:
        name = self._seal.pseudonym(f"doctor {doctor.national_id}")
        sealed = self._seal.seal(json.dumps(asdict(doctor), ensure_ascii=False).encode(), f"tray-doctor/{name}")
        statement = insert(tray_doctor).values(doctor=name, sealed=sealed)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["doctor"], set_={"sealed": sealed}))

    def doctors(self) -> list[TrayDoctor]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(tray_doctor)).all()
        opened = [json.loads(self._seal.open(row.sealed, f"tray-doctor/{row.doctor}")) for row in rows]
        return sorted((TrayDoctor(**one) for one in opened), key=lambda one: one.name)

    def _one(self, which: sa.ColumnElement[bool]) -> Scan | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(which)).one_or_none()
        return None if row is None else self._opened(row)

    def _opened(self, row: sa.Row[Any]) -> Scan:
        state, revision = ScanState(row.state), int(row.revision)
        told = json.loads(self._seal.open(row.sealed, _row_place(row.scan_id, state, revision)))
        times = {"received_at": row.received_at, "updated_at": row.updated_at}
        return from_plain(told, {"id": row.scan_id, "state": state, "revision": revision, **times})

    def _values(self, scan: Scan) -> dict[str, Any]:
        return {
            "state": scan.state,
            "revision": scan.revision,
            "received_at": scan.received_at,
            "updated_at": scan.updated_at,
            "sealed": self._seal.seal(
                json.dumps(plain(scan), ensure_ascii=False).encode(), _row_place(scan.id, scan.state, scan.revision)
            ),
        }

    def _put(self, connection: sa.Connection, scan_id: str, parts: Mapping[Part, bytes]) -> None:
        for part, content in parts.items():
            if not content:
                connection.execute(scan_part.delete().where(scan_part.c.scan_id == scan_id, scan_part.c.part == part))
                continue
            sealed = self._seal.seal(content, _part_place(scan_id, part))
            statement = insert(scan_part).values(scan_id=scan_id, part=part, sealed=sealed)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["scan_id", "part"], set_={"sealed": sealed})
            )

    def _digest(self, digest: str) -> str:
        """A known file is not to be recognised."""
        return self._seal.pseudonym(f"digest {digest}")


def _row_place(scan_id: str, state: ScanState, revision: int) -> str:
    return f"scan/{scan_id}/{state.value}/{revision}"


def _part_place(scan_id: str, part: Part) -> str:
    return f"scan/{scan_id}/{part.value}"


def plain(scan: Scan) -> dict[str, Any]:
    """What JSON holds of it, but for its id, state, times and revision."""
    return {
        "size": scan.size,
        "pages": scan.pages,
        "digest": scan.digest,
        "codes": [asdict(one) for one in scan.codes],
        "patient": scan.patient and plain_patient(scan.patient),
        "type_code": scan.type_code,
        "act_date": scan.act_date and scan.act_date.isoformat(),
        "author_id": scan.author_id,
        "returned": scan.returned,
        "returns": scan.returns,
        "copies": scan.copies,
        "unique_id": scan.unique_id,
        "validated_by": scan.validated_by,
        "visibility": sorted(scan.visibility),
        "queued_by": scan.queued_by,
        "queued_from": scan.queued_from,
        "made": scan.made,
    } | ({"origin": _plain_origin(scan.origin)} if scan.origin is not None else {})


def from_plain(told: dict[str, Any], row: dict[str, Any]) -> Scan:
    """The inverse of `plain`; `row` has the rest."""
    read = {
        "codes": tuple(map(_code, told["codes"])),
        "patient": told["patient"] and patient_from_plain(told["patient"]),
        "act_date": told["act_date"] and date.fromisoformat(told["act_date"]),
        "returned": told["returned"] and Reason(told["returned"]),
        "visibility": frozenset(map(Visibility, told["visibility"])),
        "origin": _origin(told["origin"]) if told.get("origin") else None,
    }
    return Scan(**{**told, **read, **row})


def _code(told: dict[str, Any]) -> ScannedIdentity:
    ins = InsIdentity(told["ins"]["value"], told["ins"]["oid"], InsStatus(told["ins"]["status"]))
    return ScannedIdentity(**{**told, "ins": ins, "sex": Sex(told["sex"])})


def _plain_origin(origin: Origin) -> dict[str, Any]:
    patient = asdict(origin.patient)
    born, sent = origin.patient.birth_date, origin.sent_at
    patient["birth_date"] = born and born.isoformat()
    lists = {"warnings": list(origin.warnings)}  # as JSON gives them back: rows are compared
    return asdict(origin) | lists | {"patient": patient, "sent_at": sent and sent.isoformat()}


def _origin(told: dict[str, Any]) -> Origin:
    whose, sent = told["patient"], told["sent_at"]
    ins, address = whose["ins"], whose["address"]
    read = {
        "birth_date": whose["birth_date"] and date.fromisoformat(whose["birth_date"]),
        "sex": whose["sex"] and Sex(whose["sex"]),
        "ins": ins and InsIdentity(ins["value"], ins["oid"], InsStatus(ins["status"])),
        "address": address and Address(**address),
    }
    patient = ReceivedPatient(**{**whose, **read})
    fixed = {"patient": patient, "sent_at": sent and datetime.fromisoformat(sent), "warnings": tuple(told["warnings"])}
    return Origin(**{**told, **fixed, "format": ReceivedFormat(told["format"])})
