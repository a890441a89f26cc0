"""One line of À envoyer: what, for whom, where it is, and the one thing to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import AWAITS_FORMER, NO_FORMER, OutboxItem, OutboxState, WaitingFor
from dmp_desktop.ui import clipboard, formats
from dmp_desktop.ui import strings_card_fr as card_fr
from dmp_desktop.ui import strings_drafts_fr as drafts_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_identity_fr as identity_fr
from dmp_desktop.ui import strings_outbox_fr as outbox_fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.widgets.labels import ElidedLabel, IconLabel, PlainLabel

WITHDRAWN = ("identity.withdrawn", "identity.replaced")
"""The refusals of `services.identity`: only another look at the identity helps."""

CLOCK = "outbox-clock"
"""What `services.delivery` says of a DMP that refused the time told: the network is there."""

WAITING_ICON = {
    WaitingFor.NETWORK: "server",
    WaitingFor.CARD: "card",
    WaitingFor.INS: "person",
    WaitingFor.OPPOSITION: "forbidden",
    WaitingFor.RIGHT: "lock",
    WaitingFor.HOLD: "pause",
}
"""Beside the words: a cause is not told by its colour. Any other is a clock."""
PROVED = (OutboxState.SENT, OutboxState.REPLACED, OutboxState.DELETED)
TRIED_AGAIN = (WaitingFor.RIGHT, WaitingFor.HOLD)
"""What only somebody's word sets going again; the other causes end by themselves."""


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
        first.setSpacing(gap // 2)
        first.addWidget(self.state, 1)
        first.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 4)
        column.addLayout(first)
        for widget in (self.whose, self.title, self.cause, self.detail):
            column.addWidget(widget)


def _awaited(item: OutboxItem, icon: str) -> tuple[str, str]:
    if item.code == CLOCK and item.waiting_for is WaitingFor.NETWORK:
        return fr.WAITING_FOR.format(outbox_fr.WAITS_FOR_CLOCK), icon
    return fr.WAITING_FOR.format(fr.WAITING[item.waiting_for]), WAITING_ICON.get(item.waiting_for, icon)


class OutboxCard(_Card):
    """A document of the outbox. Kept when the item changes, so that the keyboard does not lose its place."""

    cancel_asked = Signal(int)
    retry_asked = Signal(int)
    hold_asked = Signal(int)
    check_asked = Signal(object)  # Patient
    mail_asked = Signal(object)  # OutboxItem

    def __init__(
        self, item: OutboxItem, parent: QWidget | None = None, *, can_check: bool = False, can_mail: bool = False
    ) -> None:
        super().__init__(parent)
        self.item = item
        self._can_check, self._can_mail = can_check, can_mail
        self.mates, self.noted = 0, False
        self.check = QPushButton(identity_fr.CHECK_IDENTITY)
        self.check.clicked.connect(lambda: self.check_asked.emit(self.item.patient))
        self.hold = QPushButton(outbox_fr.HOLD)
        self.hold.clicked.connect(lambda: self.hold_asked.emit(self.item.id))
        self.again = QPushButton()
        self.again.clicked.connect(lambda: self.retry_asked.emit(self.item.id))
        self.copy = QPushButton(outbox_fr.COPY_PROOF)
        self.copy.clicked.connect(lambda: clipboard.put("\n".join(proof_of(self.item)) + "\n"))
        self.mail = QPushButton(outbox_fr.MAIL)
        self.mail.setToolTip(viewer_fr.MAIL_NOW)
        self.mail.clicked.connect(lambda: self.mail_asked.emit(self.item))
        for place, button in enumerate((self.check, self.again, self.mail, self.copy, self.hold), 1):
            self.first.insertWidget(place, button)
        self.button.clicked.connect(lambda: self.cancel_asked.emit(self.item.id))
        self.show_item(item)

    def show_item(self, item: OutboxItem, mates: int = 0, noted: bool = False) -> None:
        """`mates`: how many others are still to leave with it; `noted`: its note comes back when it is withdrawn."""
        self.item, self.mates, self.noted = item, mates, noted
        waiting, refused = item.state is OutboxState.WAITING, item.state is OutboxState.REFUSED
        words, icon, role = fr.STATE[item.state]
        if waiting:
            words, icon = _awaited(item, icon)
        self.state.show_state(words, icon, role)
        self.whose.setText(f"{item.patient.display_name}, {formats.born(item.patient)}")
        self.title.setText(item.title)
        together = [outbox_fr.TOGETHER.format(mates)] if mates else []
        self.detail.setText("\n".join([*together, *_details(item)]))
        held = item.waiting_for is WaitingFor.HOLD
        self.cause.setText(outbox_fr.HELD_WHY if held else f"{item.message} {item.remedy}".strip())
        self.cause.set_role("danger" if refused else "")
        self.cause.setVisible((waiting or refused) and bool(self.cause.text()))
        self._offer(item)

    def _offer(self, item: OutboxItem) -> None:
        """The one thing that helps, then what takes it back."""
        waiting, refused = item.state is OutboxState.WAITING, item.state is OutboxState.REFUSED
        held = item.waiting_for is WaitingFor.HOLD
        identity = (refused and item.code in WITHDRAWN) or item.waiting_for is WaitingFor.INS
        self.check.setVisible(self._can_check and identity)
        broken = refused and item.code in (*NO_FORMER, AWAITS_FORMER)  # to try it again helps nothing
        self.again.setVisible((refused and not broken) or item.waiting_for in TRIED_AGAIN)
        self.again.setText(outbox_fr.LET_GO if held else fr.RETRY_PLAIN)
        self.copy.setVisible(item.state in PROVED)
        shown = Visibility.MASQUE_PS not in item.visibility  # else no professional is sent it
        self.mail.setVisible(self._can_mail and item.state is OutboxState.SENT and shown)
        self.hold.setVisible(waiting and not item.parked)
        out = refused and bool(self.mates)  # one that is at fault keeps the others back
        back = refused and self.noted  # to be corrected
        self.button.setVisible((waiting or out or broken or back) and not item.in_doubt)
        self.button.setText(outbox_fr.TAKE_OUT if out else outbox_fr.TAKE_BACK if back else fr.CANCEL)
        names = {
            self.check: fr.CHECK_NAME,
            self.again: outbox_fr.LET_GO_NAME if held else fr.RETRY_NAME,
            self.mail: outbox_fr.MAIL_NAME,
            self.copy: outbox_fr.COPY_PROOF_NAME,
            self.hold: outbox_fr.HOLD_NAME,
            self.button: outbox_fr.TAKE_OUT_NAME if out else outbox_fr.TAKE_BACK_NAME if back else fr.CANCEL_NAME,
        }
        for button, name in names.items():
            button.setAccessibleName(name.format(item.title))


class DraftCard(_Card):
    """A note under way: whose, what, since when. Not a word of it: another patient may be before the screen."""

    resume_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, draft: Draft, parent: QWidget | None = None, *, to_validate: bool = False) -> None:
        super().__init__(parent)
        if to_validate:
            self.state.show_state(card_fr.DRAFT_TO_VALIDATE, "clock", "warning")
        else:
            self.state.show_state(fr.DRAFT_CARD, "edit", "accent")
        self.whose.setText(f"{draft.patient.display_name}, {formats.born(draft.patient)}")
        since = formats.day_and_time(draft.started_at)
        self.title.setText(drafts_fr.SINCE.format(kind=fr.KIND[draft.kind], since=since))
        self.cause.setText(draft.word)
        self.cause.setVisible(bool(draft.word))
        self.detail.hide()
        self.button.setText(fr.RESUME)
        self.button.setAccessibleName(fr.RESUME_NAME.format(draft.patient.display_name))
        self.button.clicked.connect(lambda: self.resume_asked.emit(draft))
        self.delete = QPushButton(drafts_fr.DELETE)
        self.delete.setAccessibleName(drafts_fr.DELETE_NAME.format(draft.patient.display_name))
        self.delete.setToolTip(drafts_fr.DELETE_TIP)
        self.delete.clicked.connect(lambda: self.delete_asked.emit(draft))
        self.first.insertWidget(1, self.delete)


def _details(item: OutboxItem) -> list[str]:
    """The code of a refusal, the proof of a deposit, when."""
    if item.state in PROVED:
        return proof_of(item)
    code = [window_fr.ERROR_CODE.format(item.code)] if item.state is OutboxState.REFUSED and item.code else []
    return [*code, fr.CREATED_AT.format(formats.day_and_time(item.created_at))]


def proof_of(item: OutboxItem) -> list[str]:
    """What proves a deposit, a line each: identifiers, when it was acknowledged, the code of the answer. No patient is named."""
    lines = [outbox_fr.PROOF_TITLE, outbox_fr.PROOF_DOCUMENT.format(item.unique_id)]
    lines.append(outbox_fr.PROOF_SUBMISSION.format(item.submission_id))
    if item.proof and item.proof != item.submission_id:
        lines.append(outbox_fr.PROOF_ENTRY.format(item.proof))
    lines.append(outbox_fr.PROOF_AT.format(formats.day_and_time(item.sent_at or item.updated_at)))
    if item.answer:
        lines.append(outbox_fr.PROOF_ANSWER.format(item.answer.rpartition(":")[2]))
    return lines
