"""Which other notes of the same patient leave with the one before the eyes: ticked by the doctor, never by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from dmp_desktop.services.visibility import SECRET_ONLY
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_together_fr as together_fr
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.tab_order import lead_to

MOST = 4
"""Beside the note itself: the latest begun. Others leave next."""


class TogetherBar(QWidget):
    """Nothing is shown where there is no other. `others` gives the notes of who writes for the same patient; to be set by who
    knows. `before` comes next by the Tab key."""

    changed = Signal()

    def __init__(self, now: Callable[[], datetime], before: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = before
        self.setAccessibleName(together_fr.NAME)
        self.others: Callable[[Draft], Sequence[Draft]] = lambda _draft: ()
        self._now = now
        self._draft: Draft | None = None
        self._shown: list[tuple[Draft, str]] = []
        self.boxes: list[QCheckBox] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(PlainLabel(together_fr.TITLE, role="muted", wrap=True))
        self.hide()

    @property
    def ticked(self) -> list[Draft]:
        """Those that leave with the one before the eyes."""
        return [one for one, _words in self._shown if self._draft and one in self._draft.together]

    def show_draft(self, draft: Draft | None) -> None:
        """As they are now; what may not go with it any more is not ticked any more."""
        self._draft = draft
        offered = [one for one in self.others(draft) if _goes_with(one, draft)][-MOST:] if draft else []
        if draft:
            draft.together &= set(offered)
        shown = [(one, self._words(one)) for one in offered]
        if shown != self._shown:
            self._fill(shown)
        for one, box in zip(offered, self.boxes, strict=True):
            box.setChecked(draft is not None and one in draft.together)
        self.setVisible(bool(shown))

    def _fill(self, shown: list[tuple[Draft, str]]) -> None:
        for box in self.boxes:
            self._column.removeWidget(box)
            box.hide()
            box.deleteLater()
        self._shown, self.boxes = shown, []
        for one, words in shown:
            box = QCheckBox(words)
            box.clicked.connect(lambda ticked, one=one: self._tick(one, ticked))
            self._column.addWidget(box)
            self.boxes.append(box)
        lead_to(self._before, self.boxes)

    def _tick(self, one: Draft, ticked: bool) -> None:
        if self._draft:
            (self._draft.together.add if ticked else self._draft.together.discard)(one)
            self.changed.emit()

    def _words(self, one: Draft) -> str:
        day, today = formats.day(one.started_at), formats.day(self._now())
        words = together_fr.ONE if day == today else together_fr.ONE_OF_ANOTHER_DAY
        seen = fr.VISIBILITY_CHOICE[one.visibility]
        return words.format(kind=fr.KIND[one.kind], time=f"{one.started_at.astimezone():%H:%M}", day=day, seen=seen)


def _goes_with(one: Draft, draft: Draft) -> bool:
    """What replaces another document or was proposed to its author leaves alone, and what is hidden from the parents only with
    what is too."""
    alone = any(each.replaces or each.prepared or each.proposed for each in (one, draft))
    return one.ready and not alone and (one.visibility in SECRET_ONLY) == (draft.visibility in SECRET_ONLY)
