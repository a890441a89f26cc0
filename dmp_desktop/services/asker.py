"""In whose name an act runs: of who asked for it. By the time it begins, or is answered, somebody else may be signed in."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from dmp_desktop.domain.people import Professional

T = TypeVar("T")

_ASKER: ContextVar[Professional | None] = ContextVar("asker", default=None)


def asked_by(who: Professional | None, call: Callable[[], T]) -> Callable[[], T]:
    """`call`, for another thread: it finds nobody signed in (`SignInDesk`) once that is not `who` any more. None: nobody
    asked."""

    def run() -> T:
        before = _ASKER.set(who)
        try:
            return call()
        finally:
            _ASKER.reset(before)

    return run


def asker() -> str:
    """National identifier of who asked for what runs in this thread; empty where nobody did, or who asked has none."""
    who = _ASKER.get()
    return who.national_id if who else ""
