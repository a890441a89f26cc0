"""Identities as this workstation qualified them: sealed, found again by name, by day of birth or by matricule."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.ports import Clock
from dmp_desktop.errors import StorageError
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import identity as table
from dmp_desktop.storage.schema import identity_number
from dmp_desktop.storage.sealing import Seal

log = logging.getLogger(__name__)


class IdentityStore:
    """One row a person, by `StrictTraits.name`. Tables hold pseudonyms and sealed bytes only."""

    def __init__(self, database: Database, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    def get(self, name: str) -> Identity | None:
        """Raises StorageError."""
        return next(self._where(table.c.person == self._seal.pseudonym(name)), None)

    def put(self, identity: Identity, *, former_name: str = "") -> None:
        """Keep an identity; `former_name` is the one it had when its traits were others. Raises StorageError."""
        person = self._seal.pseudonym(identity.traits.name)
        number = identity.matricule or next(reversed(identity.history), None)
        values = {
            "born": self._born(identity.traits.birth_date),
            "matricule": number and self._matricule(number.value),
            "to_review": identity.refused_at is not None,
            "sealed": self._seal.seal(_encode(identity), _place(person)),
            "updated_at": self._clock.now(),
            "numbered": True,
        }
        statement = insert(table).values(person=person, **values)
        with self._database.write() as connection:
            if former_name and former_name != identity.traits.name:
                connection.execute(table.delete().where(table.c.person == self._seal.pseudonym(former_name)))
            connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))
            self._number(connection, person, identity)

    def born_on(self, day: date) -> list[Identity]:
        """Everybody known who was born that day (rule 17). Raises StorageError."""
        return list(self._where(table.c.born == self._born(day)))

    def with_matricule(self, value: str) -> list[Identity]:
        """Who has this matricule of 15 characters: several mean a mistake of identity. Raises StorageError."""
        return [one for one in self._where(table.c.matricule == self._matricule(value)) if one.matricule]

    def formerly(self, value: str) -> list[Identity]:
        """From whom this matricule was taken away, and who has none since. Raises StorageError."""
        return [one for one in self._where(table.c.matricule == self._matricule(value)) if not one.matricule]

    def known_as(self, value: str) -> list[Identity]:
        """Who has this matricule, or ever had it. Raises StorageError."""
        self._number_the_rest()
        known = sa.select(identity_number.c.person).where(identity_number.c.matricule == self._matricule(value))
        return list(self._where(table.c.person.in_(known)))

    def to_review(self) -> list[Identity]:
        """The work list: those INSi no longer knows. Raises StorageError."""
        return list(self._where(table.c.to_review))

    def forget(self, name: str) -> None:
        """Raises StorageError."""
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.person == self._seal.pseudonym(name)))

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
            rows = connection.execute(sa.select(table.c.person, table.c.sealed).where(~table.c.numbered)).all()
            for person, sealed in rows:
                try:
                    identity = _decode(self._seal.open(sealed, _place(person)))
                except StorageError as error:  # told to whoever opens this one; no reason to open nobody
                    log.warning("an identity cannot be read: %s", error.code)
                    continue
                self._number(connection, person, identity)
                connection.execute(table.update().where(table.c.person == person).values(numbered=True))

    def _where(self, which: sa.ColumnElement[bool]) -> Iterator[Identity]:
        wanted = sa.select(table.c.person, table.c.sealed).where(which).order_by(table.c.updated_at.desc())
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return (_decode(self._seal.open(sealed, _place(person))) for person, sealed in rows)

    def _born(self, day: date) -> str:
        return self._seal.pseudonym(f"born {day.isoformat()}")

    def _matricule(self, value: str) -> str:
        return self._seal.pseudonym(f"matricule {value}")


def _place(person: str) -> str:
    return f"identity/{person}"


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


def _decode(content: bytes) -> Identity:
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
    )


def _matricule_to_dict(matricule: Matricule) -> dict[str, Any]:
    since, until = (day and day.isoformat() for day in (matricule.since, matricule.until))
    return {"value": matricule.value, "oid": matricule.oid, "since": since, "until": until}


def _matricule(stored: dict[str, Any]) -> Matricule:
    since, until = (stored[name] and date.fromisoformat(stored[name]) for name in ("since", "until"))
    return Matricule(stored["value"], stored["oid"], since, until)
