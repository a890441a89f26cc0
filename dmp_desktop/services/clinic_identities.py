"""Who was identified at one workstation is identified at the others: a number qualified at the desk is at the doctor's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.storage.identities import IdentityStore, decode, encode

_FIELD = "identity"


class SharedIdentities:
    """A SharedKind: a row a person, one field: traits, document and number were decided together."""

    name = "identity"
    keeps_history = True

    def __init__(self, store: IdentityStore, heard: Callable[[Identity], None] = lambda _identity: None) -> None:
        """`heard` is called with what became of a person, once it is here; cut before the end, it is called again."""
        self._store = store
        self._heard = heard
        self._since: datetime | None = None

    def rows(self) -> Iterable[LocalRow]:
        for moment, identity in self._store.changed(self._since):
            by = identity.check.by if identity.check else ""
            yield LocalRow(identity.person, {_FIELD: json.loads(encode(identity))}, by)
            self._since = moment

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        """Somebody known here with these very traits and no other number is the same person; others stand side by side."""
        told = decode(json.dumps(row.values[_FIELD]).encode(), row.name)
        before = decode(json.dumps(known[_FIELD]).encode(), row.name) if known else None
        taken = self._store.take(told, before)
        if taken:
            self._heard(self._store.of(row.name) or told)
        return taken
