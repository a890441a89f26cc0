"""Notes that were sent stay on the disk, no drafts any more, until their documents are in the DMP: they may come back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui.views.compose.drafts import Draft

if TYPE_CHECKING:
    from dmp_desktop.services.drafts import Kept
    from dmp_desktop.ui.draft_keeper import DraftKeeper
    from dmp_desktop.ui.main_window import MainWindow

log = logging.getLogger(__name__)

ARRIVED = (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED)


class Departing(QObject):
    """Beside the keeper, which puts them on the disk and takes them off it."""

    left_before = Signal(object, str)  # Draft, uniqueId: sent before this program began, and not in the DMP yet

    def __init__(self, keeper: DraftKeeper, window: MainWindow) -> None:
        super().__init__(keeper)
        self._k, self._w = keeper, window
        self._left: dict[str, str] = {}  # the uniqueId each leaves as, by draft

    def departure(self, draft: Draft) -> Callable[[str], None]:
        """What a worker does just before the note becomes a document in the outbox: it is put on the disk as it was at the click
        and marked as that document, and so neither lost nor offered twice, whenever the program ends."""
        port = self._k.port
        if port is None:
            return lambda _unique_id: None
        pen, now, safe = self._k.pen_of(draft), self._k.now(draft), self._k.safe(draft)

        def leaves(unique_id: str) -> None:
            if pen is not None and not safe:
                try:
                    draft.id = port.keep(pen, now).draft_id
                except DmpDesktopError as error:
                    log.warning("a note leaves that could not be kept: %s", error.code)
            port.leaves(draft.id, unique_id)

        return leaves

    def left(self, draft: Draft, unique_id: str) -> None:
        """It is in the outbox as this document, and no draft any more."""
        if self._k.port is not None and (self._k.pen_of(draft) or self._k.knows(draft)):
            self._left[draft.id] = unique_id
            self._k.keep_last(draft)

    def take(self, kept: KeptDraft, revision: int, unique_id: str) -> None:
        """From the disk, of a former run of the program or of another window."""
        there = {draft.id for draft in self._w.drafts.all}
        if kept.draft_id not in there and kept.draft_id not in self._left and not self._k.is_gone(kept.draft_id):
            self._left[kept.draft_id] = unique_id
            self.left_before.emit(self._k.recall(kept, revision), unique_id)

    def keep_first(self, draft: Draft | None, unique_id: str, then: Callable[[], None]) -> None:
        """A note that was sent is to come back: it is on the disk before its document is taken out of the outbox."""
        port, pen = self._k.port, self._k.pen_of(draft) if draft else None
        if port is None or draft is None or pen is None:
            then()
            return
        draft_id, now = draft.id, self._k.now(draft)

        def keep() -> Kept:
            port.leaves(draft_id, unique_id)
            return port.keep(pen, now)

        def failed(error: DmpDesktopError) -> None:
            self._k.not_done(error)
            then()

        self._w.tasks.drafts.submit(keep, lambda _kept: then(), failed)

    def stays(self, draft_id: str) -> bool:
        """Whether what the disk gives is a draft: one that was sent is one again once its document is withdrawn."""
        unique_id = self._left.get(draft_id)
        if unique_id is None:
            return True
        withdrawn = unique_id in {item.unique_id for item in self._w.outbox.all if item.state is OutboxState.CANCELLED}
        if withdrawn:
            del self._left[draft_id]
        return withdrawn

    def gone_but(self, there: Collection[str]) -> Collection[str]:
        """The ids of those that are to stay on the disk, without those that are drafts again."""
        for back in [one for one in self._left if one in there]:
            del self._left[back]
        return self._left.keys()

    def settle(self) -> None:
        """What is in the DMP is forgotten on the disk, whoever wrote it."""
        arrived = {item.unique_id for item in self._w.outbox.all if item.state in ARRIVED}
        over = [draft_id for draft_id, unique_id in self._left.items() if unique_id in arrived]
        for draft_id in over:
            del self._left[draft_id]
        if over:
            self._k.forget(over)
