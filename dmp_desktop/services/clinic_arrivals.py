"""The day's list of the front desk and the doctors' waiting room are one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dmp_desktop.domain.arrivals import Arrival, ArrivalStore
from dmp_desktop.domain.shared import LocalRow, SharedRow
from dmp_desktop.storage.arrivals import decode, encode

_KEPT = timedelta(days=2)
"""After its day began: it is over everywhere by then."""

_STEPS = "steps"


class SharedArrivals:
    """A SharedKind: a row an arrival, a field each thing known of it. Steps told on two workstations at once are joined."""

    name = "arrival"
    keeps_history = True

    def __init__(self, store: ArrivalStore, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today

    def rows(self) -> Iterable[LocalRow]:
        for day in self._store.days():
            if day >= self._today():
                until = datetime.combine(day, time(), UTC) + _KEPT
                for one in self._store.of(day).arrivals:
                    by = one.steps[-1].by if one.steps else ""
                    yield LocalRow(f"{day.isoformat()}/{one.arrival_id}", _fields(one), by, until)

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        text, _, arrival_id = row.name.partition("/")
        day = date.fromisoformat(text)
        if day < self._today():
            return True
        told = decode(json.dumps(_joined(row)).encode(), arrival_id, day)
        same = False

        def decide(arrivals: tuple[Arrival, ...]) -> Iterable[Arrival]:
            nonlocal same
            here = next((one for one in arrivals if one.arrival_id == arrival_id), None)
            ours = _fields(here) if here else {}
            same = ours == {name: known[name] for name in known if name in ours}  # a later version knows of more
            return [told] if same else []

        self._store.update(day, decide)
        return same


def _fields(one: Arrival) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(encode(one))
    return fields


def _joined(row: SharedRow) -> dict[str, Any]:
    """All steps that anybody told, in their order."""
    fields = row.values
    told = [fields[_STEPS], *(said.value for said in row.conflicts.get(_STEPS, ()))]
    steps = {json.dumps(step, sort_keys=True): step for some in told for step in some}
    return {**fields, _STEPS: sorted(steps.values(), key=lambda step: datetime.fromisoformat(step["at"]))}
