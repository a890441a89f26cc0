"""What a professional taught the software: hers alone, and not in clear."""

from __future__ import annotations

from pathlib import Path

from dmp_desktop.storage.database import Database
from dmp_desktop.storage.preferences import PreferenceStore
from dmp_desktop.storage.sealing import Seal

KEY = bytes(range(32))


def test_kept_by_owner_and_name(tmp_path: Path) -> None:
    with Database.open(tmp_path / "a.db", KEY) as database:
        store = PreferenceStore(database, Seal(KEY, "preference"))
        assert store.get("8100", "terms") is None
        store.put("8100", "terms", ["rgo bis"])
        store.put("8100", "terms", ["rgo ter"])
        store.put("8200", "terms", ["autre"])
        assert (store.get("8100", "terms"), store.get("8200", "terms")) == (["rgo ter"], ["autre"])
        assert store.get("8100", "form") is None
    with Database.open(tmp_path / "a.db", KEY) as database:
        assert PreferenceStore(database, Seal(KEY, "preference")).get("8100", "terms") == ["rgo ter"]
        with database.read() as connection:
            rows = connection.exec_driver_sql("SELECT owner, sealed FROM preference").all()
        assert len(rows) == 2
        assert not any(b"rgo" in sealed or "8100" in owner for owner, sealed in rows)
