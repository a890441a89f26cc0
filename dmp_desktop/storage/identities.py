"""Identities as this workstation qualified them: sealed, found again by day of birth or by matricule."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.domain.identity import DocumentCheck, Doubt, Ended, Identity, StrictTraits
from dmp_desktop.domain.ins import InsStatus
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
"""Raises when an identity may not be kept beside those of the same day of birth or a number they ever had."""


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
        kept = replace(identity, person=person, lent=False)
        self._number_the_rest()
        with self._database.write() as connection:
            before = next(self._read(connection, table.c.person == person), None)
            if former is not None and former.person and before != former.read:
                raise _changed()
            if former is not None and former.lent and former.matricule:
                since = self._had([former.matricule.value]) & (table.c.person != person)
                if self._readable(connection, since):
                    raise _changed()  # what is lent is nobody's here
            refuse(self._others(connection, kept))
            self._write(connection, kept)
        return kept

    def changed(self, since: datetime | None) -> Iterator[tuple[datetime, Identity]]:
        """Who was kept at a moment or after, or ever, and when, in that order; who does not open is left out. Raises
        StorageError."""
        wanted = sa.select(table.c.person, table.c.sealed, table.c.updated_at).order_by(table.c.updated_at)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(table.c.updated_at >= since) if since else wanted).all()
        for row in rows:
            try:
                yield row.updated_at, self._opened(row.person, row.sealed)
            except StorageError as error:
                log.warning("an identity cannot be read: %s", error.code)

    def everyone(self) -> tuple[list[Identity], int]:
        """All who are kept, and how many do not open. Raises StorageError."""
        with self._database.read() as connection:
            count = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
            found = self._readable(connection, sa.true())
        return found, count - len(found)

    def take(self, told: Identity, known: Identity | None) -> bool:
        """What another workstation knows of a person, unless they are no longer as `known` here: then False, nothing changed.

        Who is kept here with these very traits, no other number and no doubt is the same person: what is further along stays,
        under the lower of both ids, as on every workstation. Otherwise both stand side by side. Raises StorageError.
        """
        self._number_the_rest()
        with self._database.write() as connection:
            here = next(self._read(connection, table.c.person == told.person), None)
            if here is None and known is not None:
                return True  # became another's id here
            if here != known:
                return False
            kept = told
            twins = [] if here else [one for one in self._others(connection, told) if _same_person(one, told)]
            if len(twins) == 1:
                best = max(told, twins[0], key=lambda one: _RANK[one.status])
                kept = replace(best, person=min(told.person, twins[0].person))
                if kept.person != twins[0].person:
                    connection.execute(table.delete().where(table.c.person == twins[0].person))
            self._write(connection, kept)
        return True

    def _others(self, connection: sa.Connection, kept: Identity) -> list[Identity]:
        """Of the same day of birth, or who ever had one of their numbers."""
        same = (table.c.born == self._born(kept.traits.birth_date)) | self._had(kept.numbers)
        return self._readable(connection, same & (table.c.person != kept.person))

    def _write(self, connection: sa.Connection, kept: Identity) -> None:
        values = {
            "born": self._born(kept.traits.birth_date),
            "matricule": kept.matricule and self._matricule(kept.matricule.value),
            "to_review": kept.refused_at is not None,
            "sealed": self._seal.seal(encode(kept), _place(kept.person)),
            "updated_at": self._clock.now(),
            "numbered": True,
        }
        statement = insert(table).values(person=kept.person, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))
        self._number(connection, kept.person, kept)

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
        return list(self._where(self._had([value])))

    def to_review(self) -> list[Identity]:
        """The work list: those INSi no longer knows. Raises StorageError."""
        return list(self._where(table.c.to_review))

    def _had(self, values: Iterable[str]) -> sa.ColumnElement[bool]:
        """Whose one of these matricules is or was."""
        wanted = [self._matricule(value) for value in values]
        return table.c.person.in_(sa.select(identity_number.c.person).where(identity_number.c.matricule.in_(wanted)))

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
        return decode(self._seal.open(sealed, _place(person)), person)

    def _born(self, day: date) -> str:
        return self._seal.pseudonym(f"born {day.isoformat()}")

    def _matricule(self, value: str) -> str:
        return self._seal.pseudonym(f"matricule {value}")


_RANK = {InsStatus.PROVISOIRE: 0, InsStatus.VALIDEE: 1, InsStatus.RECUPEREE: 1, InsStatus.QUALIFIEE: 2}


def _same_person(one: Identity, other: Identity) -> bool:
    """Surely: all traits alike, no number of one that the other may not have, and nothing that was taken away or doubted."""
    both = (one, other)
    clear = not any(each.doubt or each.refused_at or each.ended or each.history for each in both)
    return clear and one.traits.exactly(other.traits) and (one.numbers <= other.numbers or other.numbers <= one.numbers)


def _place(person: str) -> str:
    return f"identity/{person}"


def _changed() -> ContextError:
    return ContextError(
        "identity.changed",
        "Cette identité a changé depuis qu'elle est à l'écran : rien n'est enregistré.",
        "Relisez-la telle qu'elle est maintenant, puis recommencez si besoin.",
        field="identity",
    )


def encode(identity: Identity) -> bytes:
    """All but the id they are kept under."""
    check = identity.check
    content = {
        "traits": _traits_to_dict(identity.traits),
        "check": check and asdict(check) | {"at": check.at.isoformat()},
        "matricule": identity.matricule and _matricule_to_dict(identity.matricule),
        "history": [_matricule_to_dict(old) for old in identity.history],
        "doubt": identity.doubt,
        "refused_at": identity.refused_at and identity.refused_at.isoformat(),
        "own": sorted(identity.own),
        "ended": [
            {"value": old.value, "at": old.at.isoformat(), "traits": _traits_to_dict(old.traits)}
            for old in identity.ended
        ],
    }
    return json.dumps(content, ensure_ascii=False).encode()


def decode(content: bytes, person: str) -> Identity:
    """The inverse of `encode`."""
    stored: dict[str, Any] = json.loads(content)
    check = stored["check"]
    return Identity(
        traits=_traits(stored["traits"]),
        check=check and DocumentCheck(**(check | {"at": datetime.fromisoformat(check["at"])})),
        matricule=stored["matricule"] and _matricule(stored["matricule"]),
        history=tuple(_matricule(old) for old in stored["history"]),
        doubt=stored["doubt"] and Doubt(stored["doubt"]),
        refused_at=stored["refused_at"] and datetime.fromisoformat(stored["refused_at"]),
        own=frozenset(stored.get("own", ())),  # an earlier version told neither
        ended=tuple(
            Ended(old["value"], datetime.fromisoformat(old["at"]), _traits(old["traits"]))
            for old in stored.get("ended", ())
        ),
        person=person,
    )


def _traits_to_dict(traits: StrictTraits) -> dict[str, Any]:
    return asdict(traits) | {"birth_date": traits.birth_date.isoformat()}


def _traits(stored: dict[str, Any]) -> StrictTraits:
    born, sex = date.fromisoformat(stored["birth_date"]), Sex(stored["sex"])
    return StrictTraits(**(stored | {"birth_date": born, "sex": sex}))


def _matricule_to_dict(matricule: Matricule) -> dict[str, Any]:
    since, until = (day and day.isoformat() for day in (matricule.since, matricule.until))
    return {"value": matricule.value, "oid": matricule.oid, "since": since, "until": until}


def _matricule(stored: dict[str, Any]) -> Matricule:
    since, until = (stored[name] and date.fromisoformat(stored[name]) for name in ("since", "until"))
    return Matricule(stored["value"], stored["oid"], since, until)
