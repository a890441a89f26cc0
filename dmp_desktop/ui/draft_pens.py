"""What the drafts of each author are kept with, from their sign-in until their last words are on the disk."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui.draft_ports import DraftsPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft

if TYPE_CHECKING:
    from dmp_desktop.services.drafts import Pen


class Pens:
    """The card may be gone before the last words are kept: a pen outlives the session of its owner, no longer than that."""

    def __init__(self, port: DraftsPort | None, pool: TaskRunner, failed: Callable[[DmpDesktopError], None]) -> None:
        self._port, self._pool, self._failed = port, pool, failed
        self._pens: dict[str, Pen] = {}
        self._asking = False

    def of(self, draft: Draft) -> Pen | None:
        return self._pens.get(draft.author.national_id)

    def has(self, who: str) -> bool:
        """`who`: a national identifier, like below."""
        return who in self._pens

    def take(self, who: str) -> None:
        """While they are signed in. Nothing where their key is not open, or they have none."""
        pen = self._port.pen(who) if self._port else None
        if pen is not None:
            self._pens[who] = pen

    def ask(self, who: str, wanted: Callable[[], bool], then: Callable[[], None]) -> None:
        """Where the system asks the PIN of their key by itself: on a worker, once it is needed. `then`, if it was given and is
        still `wanted`."""
        port = self._port
        if port is None or who in self._pens or self._asking or not port.awaits_pin:
            return
        self._asking = True

        def take(pen: Pen | None) -> None:
            self._asking = False
            if pen is not None and wanted():
                self._pens[who] = pen
                then()

        def refused(error: DmpDesktopError) -> None:
            self._asking = False
            self._failed(error)

        self._pool.submit(lambda: port.ask_pen(who), take, refused)

    def give_back(self, needed: Collection[str]) -> None:
        """All but those of whom `needed` names."""
        self._pens = {who: pen for who, pen in self._pens.items() if who in needed}
