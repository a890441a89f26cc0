"""What patients said at one workstation holds at the others: oppositions first of all, authorisations declared and withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from dmp_desktop.domain.consent import DECISIONS, AccessAct, TracedAct
from dmp_desktop.domain.ins import InsIdentity, InsStatus
from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.storage.access import AccessStore

SHARED = frozenset(DECISIONS.values()) | {
    AccessAct.AUTHORISED,
    AccessAct.AUTHORISED_ALONE,
    AccessAct.WITHDRAWN,
    AccessAct.WITHDRAWAL_ASKED,
}
"""Special accesses are of the workstation where they are open; free words never leave it."""

_FIELD = "act"


class SharedActs:
    """A SharedKind over an append-only trace: a row an act, said once."""

    name = "access"
    keeps_history = True

    def __init__(
        self, store: AccessStore, heard: Callable[[InsIdentity, TracedAct], None] = lambda _patient, _traced: None
    ) -> None:
        """`heard` is called after each act that was taken; cut before the end, it is called again."""
        self._store = store
        self._heard = heard
        self._last = 0

    def rows(self) -> Iterable[LocalRow]:
        for number, patient, traced in self._store.since(self._last, SHARED):
            told = {
                "ins": patient.value,
                "oid": patient.oid,
                "act": traced.act,
                "at": traced.at.isoformat(),
                "by": traced.by,
                "by_name": traced.by_name,
                "reason": traced.reason,
            }
            name = "/".join((patient.oid, patient.value, told["at"], traced.act, traced.by))
            yield LocalRow(name, {_FIELD: told}, traced.by)
            self._last = number

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        del known  # an act is never changed
        told = row.values[_FIELD]
        at = datetime.fromisoformat(told["at"])
        traced = TracedAct(AccessAct(told["act"]), at, told["by"], told["by_name"], told["reason"])
        patient = InsIdentity(told["ins"], told["oid"], InsStatus.QUALIFIEE)
        self._store.take(patient, traced)
        self._heard(patient, traced)
        return True
