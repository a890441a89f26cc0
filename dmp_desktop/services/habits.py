"""How a professional reads and writes: sections folded, their order, documents pinned and seen, types counted, suggestions.

It follows her.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Protocol

from dmp_desktop.domain.documents import DocumentKind, Visibility

MAX_KEPT = 5000
"""Names of documents kept (pins, seen), the oldest dropped first."""

_NAME = "reading_habits"
_KINDS = frozenset(one.value for one in DocumentKind)
_RESTRICTIONS = frozenset(one.value for one in Visibility)


class Preferences(Protocol):
    """Values by owner and name (storage.preferences)."""

    def get(self, owner: str, name: str) -> Any: ...

    def put(self, owner: str, name: str, value: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Habits:
    """`folded` and `order` are section codes (LOINC or national); `pins` and `seen` uniqueIds of documents, in the order they
    came; `counted` French labels of what Nouveautés counts apart, None for all; `suggesting` whether words are suggested while
    she types; `shown` who does not see the documents of a kind unless she says otherwise, as `KIND:RESTRICTION`."""

    folded: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    seen: tuple[str, ...] = field(default=(), repr=False)
    counted: tuple[str, ...] | None = None
    suggesting: bool = True
    shown: tuple[str, ...] = ()

    @property
    def visibilities(self) -> dict[DocumentKind, Visibility]:
        """The usual restriction of each kind that has one; what a later version knows is left alone."""
        told = [one.partition(":") for one in self.shown]
        return {
            DocumentKind(kind): Visibility(one) for kind, _colon, one in told if kind in _KINDS and one in _RESTRICTIONS
        }

    def with_visibility(self, kind: DocumentKind, usual: Visibility | None) -> tuple[str, ...]:
        """`shown`, once this is the usual restriction of a kind; None: everybody sees it."""
        others = tuple(one for one in self.shown if not one.startswith(f"{kind.value}:"))
        return others if usual is None else (*others, f"{kind.value}:{usual.value}")


class HabitStore:
    """`owner` gives the national identifier of who is signed in, None when nobody is: then nothing is kept.

    Whose habits are read or written is said each time: another may be signed in by the time the disk is there for it.
    """

    def __init__(self, preferences: Preferences, owner: Callable[[], str | None]) -> None:
        self._preferences = preferences
        self.owner = owner

    def load(self, owner: str | None) -> Habits:
        """What was kept; the defaults when nothing was. Raises StorageError."""
        kept = self._preferences.get(owner, _NAME) if owner else None
        names = {one.name for one in fields(Habits)}
        told: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in (kept or {}).items()
            if name in names
        }
        return Habits(**told)

    def save(self, owner: str | None, habits: Habits) -> None:
        """Raises StorageError."""
        if owner:
            kept = asdict(habits)
            for name in ("pins", "seen"):
                kept[name] = kept[name][-MAX_KEPT:]
            self._preferences.put(owner, _NAME, kept)
