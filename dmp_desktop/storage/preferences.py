"""What a professional chose or taught this software: it follows her, and says nothing of a patient."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from dmp_desktop.storage.database import Database
from dmp_desktop.storage.schema import preference
from dmp_desktop.storage.sealing import Seal


class PreferenceStore:
    """JSON values by professional (national identifier) and name, sealed: own words may be clinical."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    def get(self, owner: str, name: str) -> Any:
        """The value, None when there is none. Raises StorageError."""
        pseudonym = self._seal.pseudonym(owner)
        wanted = sa.select(preference.c.sealed).where(preference.c.owner == pseudonym, preference.c.name == name)
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        return None if sealed is None else json.loads(self._seal.open(sealed, _place(pseudonym, name)))

    def of(self, owner: str) -> dict[str, Any]:
        """All values of a professional, by name. Raises StorageError."""
        pseudonym = self._seal.pseudonym(owner)
        wanted = sa.select(preference.c.name, preference.c.sealed).where(preference.c.owner == pseudonym)
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return {row.name: json.loads(self._seal.open(row.sealed, _place(pseudonym, row.name))) for row in rows}

    def replace(self, owner: str, name: str, expected: Any, value: Any) -> bool:
        """As `put`, where the value is `expected` (None: there is none); else False, nothing changed. Raises StorageError."""
        pseudonym = self._seal.pseudonym(owner)
        this = sa.and_(preference.c.owner == pseudonym, preference.c.name == name)
        sealed = self._seal.seal(json.dumps(value, ensure_ascii=False).encode(), _place(pseudonym, name))
        with self._database.write() as connection:
            before = connection.execute(sa.select(preference.c.sealed).where(this)).scalar_one_or_none()
            if (None if before is None else json.loads(self._seal.open(before, _place(pseudonym, name)))) != expected:
                return False
            if before is None:
                connection.execute(insert(preference).values(owner=pseudonym, name=name, sealed=sealed))
            else:
                connection.execute(preference.update().where(this).values(sealed=sealed))
        return True

    def put(self, owner: str, name: str, value: Any) -> None:
        """Keep a value that JSON can hold. Raises StorageError."""
        pseudonym = self._seal.pseudonym(owner)
        sealed = self._seal.seal(json.dumps(value, ensure_ascii=False).encode(), _place(pseudonym, name))
        statement = insert(preference).values(owner=pseudonym, name=name, sealed=sealed)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["owner", "name"], set_={"sealed": sealed})
            )


def _place(pseudonym: str, name: str) -> str:
    return f"preference/{pseudonym}/{name}"
