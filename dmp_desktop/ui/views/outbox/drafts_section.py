"""The notes under way in À envoyer: those of all patients, what another card keeps closed, what is left of today."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.ui import strings_drafts_fr as fr
from dmp_desktop.ui import strings_fr as window_fr
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.outbox.card import DraftCard
from dmp_desktop.ui.widgets.labels import PlainLabel


class DraftsSection(QWidget):
    """Hidden while there is nothing to say. No word of a note is on it: another patient may be before the screen."""

    resume_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[DraftCard] = []
        self.title = PlainLabel(window_fr.DRAFTS)
        self.title.setProperty("strong", True)
        self.today, self.elsewhere, self.unread = (
            PlainLabel(role=role, wrap=True) for role in ("muted", "warning", "warning")
        )
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for label in (self.title, self.today, self.elsewhere, self.unread):
            self._column.addWidget(label)
        self.tell(0, 0, 0)

    def show_drafts(self, drafts: Sequence[Draft], *, to_validate: bool) -> None:
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [DraftCard(draft, to_validate=to_validate) for draft in drafts if not draft.empty]
        for card in self.cards:
            card.resume_asked.connect(self.resume_asked)
            card.delete_asked.connect(self.delete_asked)
            self._column.addWidget(card)
        self._show()

    def tell(self, today: int, elsewhere: int, unread: int) -> None:
        """How many were begun today, are closed by another card, cannot be read."""
        told = (
            (self.today, today, fr.today),
            (self.elsewhere, elsewhere, fr.elsewhere),
            (self.unread, unread, fr.unread),
        )
        for label, count, words in told:
            label.setText(words(count) if count else "")
            label.setVisible(bool(count))
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self.cards or self.elsewhere.text() or self.unread.text()))
