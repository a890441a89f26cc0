"""One line of À envoyer: what, for whom, where it is, and the one thing to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_card_fr as card_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_identity_fr as identity_fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.labels import ElidedLabel, IconLabel, PlainLabel

WITHDRAWN = "identity.withdrawn"
"""The refusal of `services.identity`: only another look at the identity helps."""


class _Card(QFrame):
    """State and button on the first line, then lines of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.state = IconLabel()
        self.state.words.setWordWrap(True)
        self.button = QPushButton()
        self.whose = ElidedLabel()
        self.title = ElidedLabel(role="muted")
        self.cause = PlainLabel(wrap=True)
        self.detail = PlainLabel(role="muted", wrap=True)
        gap = self.fontMetrics().averageCharWidth()
        first = self.first = QHBoxLayout()
        first.addWidget(self.state, 1)
        first.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 4)
        column.addLayout(first)
        for widget in (self.whose, self.title, self.cause, self.detail):
            column.addWidget(widget)


class OutboxCard(_Card):
    """A document of the outbox. Kept when the item changes, so that the keyboard does not lose its place."""

    cancel_asked = Signal(int)
    retry_asked = Signal(int)
    check_asked = Signal(object)  # Patient

    def __init__(self, item: OutboxItem, parent: QWidget | None = None, *, can_check: bool = False) -> None:
        super().__init__(parent)
        self.item = item
        self._can_check = can_check
        self.check = QPushButton(identity_fr.CHECK_IDENTITY)
        self.check.clicked.connect(lambda: self.check_asked.emit(self.item.patient))
        self.first.insertWidget(1, self.check)
        self.button.clicked.connect(self._act)
        self.show_item(item)

    def show_item(self, item: OutboxItem) -> None:
        self.item = item
        words, icon, role = fr.STATE[item.state]
        if item.state is OutboxState.WAITING:
            words = fr.WAITING_FOR.format(fr.WAITING[item.waiting_for])
        self.state.show_state(words, icon, role)
        self.whose.setText(f"{item.patient.display_name}, {formats.born(item.patient)}")
        self.title.setText(item.title)
        self.detail.setText("\n".join(_details(item)))
        waiting, refused = item.state is OutboxState.WAITING, item.state is OutboxState.REFUSED
        self.cause.setText(f"{item.message} {item.remedy}".strip() if waiting or refused else "")
        self.cause.set_role("danger" if refused else "")
        self.cause.setVisible(bool(self.cause.text()))
        self.button.setVisible(waiting or refused)
        self.check.setVisible(self._can_check and refused and item.code == WITHDRAWN)
        self.check.setAccessibleName(fr.CHECK_NAME.format(item.title))
        self.button.setText(fr.CANCEL if waiting else fr.RETRY_PLAIN)
        self.button.setAccessibleName((fr.CANCEL_NAME if waiting else fr.RETRY_NAME).format(item.title))

    def _act(self) -> None:
        if self.item.state is OutboxState.REFUSED:
            self.retry_asked.emit(self.item.id)
        else:
            self.cancel_asked.emit(self.item.id)


class DraftCard(_Card):
    """A note under way."""

    resume_asked = Signal(object)

    def __init__(self, draft: Draft, parent: QWidget | None = None, *, to_validate: bool = False) -> None:
        super().__init__(parent)
        if to_validate:
            self.state.show_state(card_fr.DRAFT_TO_VALIDATE, "clock", "warning")
        else:
            self.state.show_state(fr.DRAFT_CARD, "edit", "accent")
        self.whose.setText(f"{draft.patient.display_name}, {formats.born(draft.patient)}")
        self.title.setText(draft.text.strip().split("\n")[0])
        self.cause.setText(draft.word)
        self.cause.setVisible(bool(draft.word))
        self.detail.hide()
        self.button.setText(fr.RESUME)
        self.button.setAccessibleName(fr.RESUME_NAME.format(draft.patient.display_name))
        self.button.clicked.connect(lambda: self.resume_asked.emit(draft))


def _details(item: OutboxItem) -> list[str]:
    """The code of a refusal, the proof of a deposit, when."""
    lines = []
    if item.state is OutboxState.REFUSED and item.code:
        lines.append(window_fr.ERROR_CODE.format(item.code))
    if item.state is OutboxState.SENT:
        lines.append(fr.SENT_AT.format(formats.day_and_time(item.updated_at)))
        lines.append(fr.PROOF.format(item.proof))
    else:
        lines.append(fr.CREATED_AT.format(formats.day_and_time(item.created_at)))
    return lines
