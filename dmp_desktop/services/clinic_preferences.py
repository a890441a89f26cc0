"""What a doctor chose and taught this software follows them to the practice's other workstations; a machine's settings do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.storage.preferences import PreferenceStore

_WHOLE = ""
"""The field of a value that has none."""

PRACTICE = "cabinet"
"""Owner of what is of the practice, not of a professional: who looks after its workstations (services.administrators)."""


class SharedPreferences:
    """A SharedKind: a row a professional and name, a field each part of the value. `owner` (PS_IdNat) is signed in here: it
    knows nobody else's number."""

    name = "preference"
    keeps_history = False

    def __init__(self, store: PreferenceStore, owner: Callable[[], str | None]) -> None:
        self._store = store
        self._owner = owner
        self._met: set[str] = set()  # owners of whom others told

    def rows(self) -> Iterable[LocalRow]:
        owner = self._owner()
        for who in sorted(self._met | {PRACTICE} | ({owner} if owner else set())):
            for name, value in self._store.of(who).items():
                yield LocalRow(f"{who}/{name}", value if isinstance(value, dict) else {_WHOLE: value}, who)

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        owner, _, name = row.name.partition("/")
        self._met.add(owner)
        return self._store.replace(owner, name, _value(known), _value(row.values))


def _value(fields: Mapping[str, Any]) -> Any:
    return fields[_WHOLE] if _WHOLE in fields else dict(fields) or None
