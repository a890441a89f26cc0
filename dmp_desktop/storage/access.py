"""What patients said of their record and who opened it how: append-only, sealed, by patient under a pseudonym."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.consent import AccessAct, TracedAct
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import access_act
from dmp_desktop.storage.sealing import Seal

_SPECIAL = (AccessAct.GLASS_BROKEN, AccessAct.REGULATION_OPENED, AccessAct.CONFIDENTIAL_OPENED)

log = logging.getLogger(__name__)


class AccessStore:
    """The trace of one workstation. Which kind of act it was is in clear, under the file's key; whom it was about, who did it and
    why are sealed."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal
        self._followers: tuple[Callable[[InsIdentity, TracedAct], None], ...] = ()

    def follow(self, traced: Callable[[InsIdentity, TracedAct], None]) -> None:
        """Have `traced` called after each act, from the thread that wrote it."""
        self._followers += (traced,)

    def append(self, patient: InsIdentity, traced: TracedAct) -> None:
        """Durable when this returns. Not dated before what was said last of this patient: a clock may be set back. Raises
        StorageError."""
        with self._database.write() as connection:
            last = connection.execute(self._of(patient).limit(1)).one_or_none()
            traced = traced if last is None else replace(traced, at=max(traced.at, last.at))
            self._insert(connection, patient, traced)
        for follower in self._followers:
            follower(patient, traced)

    def take(self, patient: InsIdentity, traced: TracedAct) -> None:
        """An act of another workstation, once. Durable when this returns. Raises StorageError."""
        same = sa.and_(access_act.c.act == traced.act, access_act.c.at == traced.at)
        with self._database.write() as connection:
            rows = connection.execute(self._of(patient).where(same)).all()
            if all(self._open(row)["by"] != traced.by for row in rows):
                self._insert(connection, patient, traced)

    def since(self, number: int, among: Collection[AccessAct]) -> Iterator[tuple[int, InsIdentity, TracedAct]]:
        """Acts noted here after a number, in that order, each with its own; what does not open is left out.

        Raises StorageError."""
        wanted = sa.select(access_act).where(access_act.c.number > number, access_act.c.act.in_(among))
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(access_act.c.number)).all()
        for row in rows:
            try:
                told = self._open(row)
            except StorageError as error:
                log.warning("an act cannot be read: %s", error.code)
                continue
            yield row.number, InsIdentity(told["ins"], told["oid"], InsStatus.QUALIFIEE), self._traced(row)

    def everything(self) -> tuple[list[tuple[InsIdentity, TracedAct]], int]:
        """All acts, in the order they were noted in, and how many do not open. Raises StorageError."""
        found = [(patient, traced) for _number, patient, traced in self.since(0, tuple(AccessAct))]
        with self._database.read() as connection:
            count = int(connection.execute(sa.select(sa.func.count()).select_from(access_act)).scalar_one())
        return found, max(0, count - len(found))

    def _insert(self, connection: sa.Connection, patient: InsIdentity, traced: TracedAct) -> None:
        pseudonym = self._pseudonym(patient)
        told = {"ins": patient.value, "oid": patient.oid, "by": traced.by, "by_name": traced.by_name}
        told |= {"reason": traced.reason, "words": traced.words}
        values = {"patient": pseudonym, "act": traced.act, "at": traced.at}
        sealed = self._seal.seal(json.dumps(told, ensure_ascii=False).encode(), _place(pseudonym, traced.act))
        connection.execute(access_act.insert().values(sealed=sealed, **values))

    def acts(self, patient: InsIdentity) -> list[TracedAct]:
        """All of them, the latest first. Raises StorageError."""
        with self._database.read() as connection:
            return [self._traced(row) for row in connection.execute(self._of(patient))]

    def latest(self, patient: InsIdentity, among: Collection[AccessAct]) -> TracedAct | None:
        """Raises StorageError."""
        with self._database.read() as connection:
            row = connection.execute(self._of(patient).where(access_act.c.act.in_(among)).limit(1)).one_or_none()
        return None if row is None else self._traced(row)

    def latest_act(self, patient: InsIdentity, among: Collection[AccessAct]) -> AccessAct | None:
        """As `latest`, without who and why: nothing is opened. Raises StorageError."""
        with self._database.read() as connection:
            row = connection.execute(self._of(patient).where(access_act.c.act.in_(among)).limit(1)).one_or_none()
        return None if row is None else AccessAct(row.act)

    def unended(self) -> Iterable[InsIdentity]:
        """Patients whose special access was begun and never ended: the program was killed. Raises StorageError."""
        latest = (
            sa.select(sa.func.max(access_act.c.number))
            .where(access_act.c.act.in_((*_SPECIAL, AccessAct.SPECIAL_ENDED)))
            .group_by(access_act.c.patient)
        )
        begun = sa.select(access_act).where(access_act.c.number.in_(latest), access_act.c.act.in_(_SPECIAL))
        with self._database.read() as connection:
            found = [self._open(row) for row in connection.execute(begun)]
        return [InsIdentity(told["ins"], told["oid"], InsStatus.QUALIFIEE) for told in found]

    def _of(self, patient: InsIdentity) -> sa.Select[Any]:
        mine = access_act.c.patient == self._pseudonym(patient)
        return sa.select(access_act).where(mine).order_by(access_act.c.at.desc(), access_act.c.number.desc())

    def _traced(self, row: sa.Row[Any]) -> TracedAct:
        told = self._open(row)
        return TracedAct(AccessAct(row.act), row.at, told["by"], told["by_name"], told["reason"], told["words"])

    def _open(self, row: sa.Row[Any]) -> dict[str, str]:
        told: dict[str, str] = json.loads(self._seal.open(row.sealed, _place(row.patient, row.act)))
        return told

    def _pseudonym(self, patient: InsIdentity) -> str:
        return self._seal.pseudonym(f"{patient.oid}/{patient.value}")


def _place(pseudonym: str, act: str) -> str:
    return f"access/{pseudonym}/{act}"
