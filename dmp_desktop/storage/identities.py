"""Identities as this workstation qualified them: sealed, found again by day of birth or by matricule."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import identity as table
from dmp_desktop.storage.schema import identity_number
from dmp_desktop.storage.sealing import Seal

log = logging.getLogger(__name__)


Refuse = Callable[[list[Identity]], None]
"""Raises when an identity may not be kept beside those of the same day of birth or the same number."""


class IdentityStore:
    """One row a person, by an opaque id of here: two people may have the same traits. Tables hold pseudonyms and sealed bytes."""

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    def of(self, person: str) -> Identity | None:
        """Raises StorageError."""
        return next(self._where(table.c.person == person), None)

    def put(
        self, identity: Identity, *, former: Identity | None = None, refuse: Refuse = lambda _others: None
    ) -> Identity:
        """Keep what has become of `former`; without one, or one that was never kept, somebody new. As kept, with their id.

        One transaction: nothing is lost of what was kept meanwhile. Raises StorageError, ContextError("identity.changed"), and
        what `refuse` raises.
        """
        person = former.person if former is not None and former.person else secrets.token_hex(16)
        kept = replace(identity, person=person)
        values = {
            "born": self._born(kept.traits.birth_date),
            "matricule": kept.matricule and self._matricule(kept.matricule.value),
            "to_review": kept.refused_at is not None,
            "sealed": self._seal.seal(_encode(kept), _place(person)),
            "updated_at": self._clock.now(),
            "numbered": True,
        }
        with self._database.write() as connection:
            before = next(self._read(connection, table.c.person == person), None)
            if former is not None and former.person and before != former:
                raise _changed()
            same = table.c.born == values["born"]
            if kept.matricule:
                same |= table.c.matricule == values["matricule"]
            refuse(self._readable(connection, same & (table.c.person != person)))
            statement = insert(table).values(person=person, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))
            self._number(connection, person, kept)
        return kept

    def born_on(self, day: date) -> list[Identity]:
        """Everybody known who was born that day (rule 17). Raises StorageError."""
        return list(self._where(table.c.born == self._born(day)))

    def with_matricule(self, value: str) -> list[Identity]:
        """Who has this matricule of 15 characters: several mean a mistake of identity. Raises StorageError."""
        found = self._where(table.c.matricule == self._matricule(value))
        return [one for one in found if one.matricule and one.matricule.value == value]

    def formerly(self, value: str) -> list[Identity]:
        """Who had this matricule and has it no more, whatever they have since. Raises StorageError."""
        return [one for one in self.known_as(value) if one.matricule is None or one.matricule.value != value]

    def known_as(self, value: str) -> list[Identity]:
        """Who has this matricule, or ever had it. Raises StorageError."""
        self._number_the_rest()
        known = sa.select(identity_number.c.person).where(identity_number.c.matricule == self._matricule(value))
        return list(self._where(table.c.person.in_(known)))

    def to_review(self) -> list[Identity]:
        """The work list: those INSi no longer knows. Raises StorageError."""
        return list(self._where(table.c.to_review))

    def _number(self, connection: sa.Connection, person: str, identity: Identity) -> None:
        """Index all the matricules of a person, and no other."""
        connection.execute(identity_number.delete().where(identity_number.c.person == person))
        matricules = (identity.matricule, *identity.history)
        found = {self._matricule(one.value) for one in matricules if one}
        if found:
            rows = [{"person": person, "matricule": one} for one in found]
            connection.execute(insert(identity_number), rows)

    def _number_the_rest(self) -> None:
        """What an earlier version kept: its former matricules are told within the seal only."""
        with self._database.read() as connection:
            if connection.execute(sa.select(table.c.person).where(~table.c.numbered).limit(1)).first() is None:
                return
        with self._database.write() as connection:
            for identity in self._readable(connection, ~table.c.numbered):
                self._number(connection, identity.person, identity)
                kept = table.update().where(table.c.person == identity.person)
                connection.execute(kept.values(numbered=True))

    def _where(self, which: sa.ColumnElement[bool]) -> Iterator[Identity]:
        with self._database.read() as connection:
            return self._read(connection, which)

    def _read(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> Iterator[Identity]:
        wanted = sa.select(table.c.person, table.c.sealed).where(which).order_by(table.c.updated_at.desc())
        rows = connection.execute(wanted).all()
        return (self._opened(person, sealed) for person, sealed in rows)

    def _readable(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Identity]:
        found = []
        for person, sealed in connection.execute(sa.select(table.c.person, table.c.sealed).where(which)).all():
            try:
                found.append(self._opened(person, sealed))
            except StorageError as error:  # told to whoever opens this one; no reason to open nobody
                log.warning("an identity cannot be read: %s", error.code)
        return found

    def _opened(self, person: str, sealed: bytes) -> Identity:
        return _decode(self._seal.open(sealed, _place(person)), person)

    def _born(self, day: date) -> str:
        return self._seal.pseudonym(f"born {day.isoformat()}")

    def _matricule(self, value: str) -> str:
        return self._seal.pseudonym(f"matricule {value}")


def _place(person: str) -> str:
    return f"identity/{person}"


def _changed() -> ContextError:
    return ContextError(
        "identity.changed",
        "Cette identité a changé depuis qu'elle est à l'écran : rien n'est enregistré.",
        "Relisez-la telle qu'elle est maintenant, puis recommencez si besoin.",
        field="identity",
    )


def _encode(identity: Identity) -> bytes:
    traits, check = identity.traits, identity.check
    content = {
        "traits": {
            "birth_family": traits.birth_family,
            "first_given": traits.first_given,
            "birth_given": traits.birth_given,
            "sex": traits.sex,
            "birth_date": traits.birth_date.isoformat(),
            "birth_place_cog": traits.birth_place_cog,
        },
        "check": check and {"kind": check.kind, "at": check.at.isoformat(), "by": check.by},
        "matricule": identity.matricule and _matricule_to_dict(identity.matricule),
        "history": [_matricule_to_dict(old) for old in identity.history],
        "doubt": identity.doubt,
        "refused_at": identity.refused_at and identity.refused_at.isoformat(),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _decode(content: bytes, person: str) -> Identity:
    stored: dict[str, Any] = json.loads(content)
    traits, check = stored["traits"], stored["check"]
    born, sex = date.fromisoformat(traits["birth_date"]), Sex(traits["sex"])
    return Identity(
        traits=StrictTraits(**(traits | {"birth_date": born, "sex": sex})),
        check=check and DocumentCheck(DocumentKind(check["kind"]), datetime.fromisoformat(check["at"]), check["by"]),
        matricule=stored["matricule"] and _matricule(stored["matricule"]),
        history=tuple(_matricule(old) for old in stored["history"]),
        doubt=stored["doubt"] and Doubt(stored["doubt"]),
        refused_at=stored["refused_at"] and datetime.fromisoformat(stored["refused_at"]),
        person=person,
    )


def _matricule_to_dict(matricule: Matricule) -> dict[str, Any]:
    since, until = (day and day.isoformat() for day in (matricule.since, matricule.until))
    return {"value": matricule.value, "oid": matricule.oid, "since": since, "until": until}


def _matricule(stored: dict[str, Any]) -> Matricule:
    since, until = (stored[name] and date.fromisoformat(stored[name]) for name in ("since", "until"))
    return Matricule(stored["value"], stored["oid"], since, until)
