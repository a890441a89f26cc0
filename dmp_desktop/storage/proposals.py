"""Notes proposed to a doctor, as rows: sealed twice, for nobody but that doctor and the author opens what is in them."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dmp_desktop.domain.proposals import Answer, Proposal, Said
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import proposal as table
from dmp_desktop.storage.sealing import Seal

log = logging.getLogger(__name__)


class ProposalStore:
    """`seal` is of the workstation: the row says who proposed to whom, and when. Each is bound to its id and its revision: one
    put back as it was does not open. Methods raise StorageError."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def all(self) -> tuple[list[Proposal], int]:
        """The first proposed first; and how many there are besides that cannot be read."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(table)).all()
        found = []
        for row in rows:
            try:
                found.append(self._opened(row))
            except (StorageError, KeyError, TypeError, ValueError) as error:
                log.warning("a proposed note cannot be read: %s", getattr(error, "code", type(error).__name__))
        return sorted(found, key=lambda one: one.proposed_at), len(rows) - len(found)

    def get(self, proposal_id: str) -> Proposal | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.proposal_id == proposal_id)).one_or_none()
        return None if row is None else self._opened(row)

    def change(self, proposal_id: str, to: Callable[[Proposal | None], Proposal | None]) -> Proposal | None:
        """What `to` makes of it as it is now, on the disk when it returns; None, with nothing changed, where `to` says so."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(table).where(table.c.proposal_id == proposal_id)).one_or_none()
            here = None if row is None else self._opened(row)
            wanted = to(here)
            if wanted is None:
                return None
            kept = replace(wanted, revision=here.revision + 1 if here else 0)
            if here is None:
                connection.execute(table.insert().values(proposal_id=proposal_id, **self._values(kept)))
            else:
                same = table.c.proposal_id == proposal_id
                connection.execute(table.update().where(same).values(**self._values(kept)))
        return kept

    def purge(self, before: datetime) -> int:
        """Forget what was over before a moment; how many."""
        gone = [one.id for one in self.all()[0] if one.over and one.changed_at < before]
        with self._database.write() as connection:
            return connection.execute(table.delete().where(table.c.proposal_id.in_(gone))).rowcount

    def _opened(self, row: sa.Row[Any]) -> Proposal:
        told = json.loads(self._seal.open(row.sealed, _place(row.proposal_id, row.revision)))
        made = from_fields(row.proposal_id, told)
        return replace(made, revision=row.revision)

    def _values(self, one: Proposal) -> dict[str, Any]:
        clear = json.dumps(fields_of(one), ensure_ascii=False).encode()
        return {"revision": one.revision, "sealed": self._seal.seal(clear, _place(one.id, one.revision))}


PROPOSED, ANSWER = "proposed", "answer"


def fields_of(one: Proposal) -> dict[str, Any]:
    """As JSON holds it: what its author says, and what the doctor answers."""
    proposed = {
        "round": one.round,
        "author_id": one.author_id,
        "author_name": one.author_name,
        "doctor_id": one.doctor_id,
        "doctor_name": one.doctor_name,
        "proposed_at": one.proposed_at.isoformat(),
        "box": _text(one.box),
        "keys": {name: _text(key) for name, key in one.keys.items()},
        "own": _text(one.own),
        "own_key": one.own_key,
        "withdrawn": one.withdrawn,
    }
    return {PROPOSED: proposed, ANSWER: _plain_answer(one.answer)}


def from_fields(proposal_id: str, told: Mapping[str, Any]) -> Proposal:
    """Raises KeyError, TypeError, ValueError for what no version wrote."""
    proposed = dict(told[PROPOSED])
    return Proposal(
        id=proposal_id,
        round=int(proposed["round"]),
        author_id=proposed["author_id"],
        author_name=proposed["author_name"],
        doctor_id=proposed["doctor_id"],
        doctor_name=proposed["doctor_name"],
        proposed_at=datetime.fromisoformat(proposed["proposed_at"]),
        box=_bytes(proposed["box"]),
        keys={name: _bytes(key) for name, key in proposed["keys"].items()},
        own=_bytes(proposed["own"]),
        own_key=proposed["own_key"],
        withdrawn=bool(proposed["withdrawn"]),
        answer=_answer(told.get(ANSWER)),
    )


def _plain_answer(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {
        "said": answer.said.value,
        "round": answer.round,
        "at": answer.at.isoformat(),
        "words": _text(answer.words),
        "made": answer.made,
        "unique_id": answer.unique_id,
    }


def _answer(told: Mapping[str, Any] | None) -> Answer | None:
    if told is None:
        return None
    at = datetime.fromisoformat(told["at"])
    return Answer(
        Said(told["said"]), int(told["round"]), at, _bytes(told["words"]), int(told["made"]), told["unique_id"]
    )


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(told: str) -> bytes:
    return base64.b64decode(told, validate=True)


def _place(proposal_id: str, revision: int) -> str:
    return f"proposal/{proposal_id}/{revision}"
