"""What shows patients, as the window has it: refused to a role that may see none, whatever page would ask.

Each service keeps its own rules of who does what; this table only says which of them there is nothing of for somebody without
any access to patients. A method is refused unless it is named here as one that tells nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dmp_desktop.domain import roles
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError
from dmp_desktop.services.administrators import TECHNICAL
from dmp_desktop.services.session_state import SignedIn


@dataclass(frozen=True, slots=True)
class Guard:
    """`free` methods are for everybody: they forget something, or tell that something changed."""

    task: Task
    free: frozenset[str] = frozenset()


def _guard(*free: str) -> Guard:
    return Guard(Task.SEE_PATIENTS, frozenset(free))


GUARDS: dict[str, Guard] = {
    "dossier": _guard("clear", "forget_patient"),
    "compose": _guard("formats", "default_format", "document_types", "vaccines", "rapid_tests"),
    "outbox": _guard("subscribe"),
    "digest": _guard(),
    "search": _guard(),
    "reading": _guard("forget"),
    "entries": _guard(),
    "records": _guard(),
    "identity": _guard(),
    "properties": _guard(),
    "access": _guard(),
    "tray": _guard(),
    "mail": _guard("forget", "drop"),
    "proposals": _guard(),
    "front_desk": _guard("follow"),
    "pasting": _guard(),
    "contexts": _guard("follow", "forget", "answered", "waits"),
}
"""By the name of the port (ui/ports.py)."""


def guarded(services: object, who: Callable[[], SignedIn | None], actor: Callable[[], str | None]) -> dict[str, Any]:
    """By name those of `services` that are in GUARDS, each as who is signed in may use it. `actor` tells who asked, though they
    may have left since."""
    there = {name: getattr(services, name) for name in GUARDS}
    return {name: _Guarded(one, GUARDS[name], who, actor) for name, one in there.items() if one is not None}


class _Guarded:
    __slots__ = ("_actor", "_guard", "_service", "_who")

    def __init__(
        self, service: object, guard: Guard, who: Callable[[], SignedIn | None], actor: Callable[[], str | None]
    ) -> None:
        self._service = service
        self._guard = guard
        self._who = who
        self._actor = actor

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if name in self._guard.free or not callable(found):
            return found

        @functools.wraps(found)
        def asked(*arguments: Any, **named: Any) -> Any:
            self._allow()
            return found(*arguments, **named)

        return asked

    def _allow(self) -> None:
        """Raises ContextError("role-reserved")."""
        who = self._who()
        role = who.role if who else Role.ADMINISTRATOR if (self._actor() or "").startswith(TECHNICAL) else None
        if role is not None and (why := roles.refusal(role, self._guard.task)):
            raise ContextError("role-reserved", why, roles.remedy(role), field="role")
