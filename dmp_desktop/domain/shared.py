"""What the workstations of a practice share, field by field: who said what, when, and who had not seen whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Said:
    """A value of one field (what JSON holds), said `at` (aware, by the server's clock) by `by` (a national identifier, empty for
    the program). `change` names it for ever."""

    change: str
    value: Any = field(repr=False)
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SharedRow:
    """One row: of each field what was said last, and in `conflicts` what others said without having seen it. Nothing is dropped:
    a conflict stays until somebody says the field again having seen both."""

    kind: str
    name: str = field(repr=False)
    said: Mapping[str, Said]
    conflicts: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        return {name: one.value for name, one in self.said.items()}


@dataclass(frozen=True, slots=True)
class LocalRow:
    """A row as this workstation's own store has it. `until`: when everybody may forget it; None never."""

    name: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    by: str = ""
    until: datetime | None = None


class SharedKind(Protocol):
    """How one kind of rows goes from a workstation's own store to the others', and comes back. A store knows nothing of it.

    `services.clinic_share` calls it from the clinic's thread, every few seconds. Methods raise StorageError.
    """

    @property
    def name(self) -> str:
        """Of the kind, in clear on the server: says nothing of a patient."""
        ...

    @property
    def keeps_history(self) -> bool:
        """Whether what somebody replaced having seen it stays readable."""
        ...

    def rows(self) -> Iterable[LocalRow]:
        """What there is to share: all at the first call; later those that may have changed since the one before are enough."""
        ...

    def take(self, row: SharedRow, known: Mapping[str, Any]) -> bool:
        """Write what others said into the store, unless the row there is no longer as `known` tells (empty: there was none): then
        False, and it comes again once what was written meanwhile is shared too. What is written may differ from `row` (steps of
        both sides joined): it is then shared as said after both."""
        ...
