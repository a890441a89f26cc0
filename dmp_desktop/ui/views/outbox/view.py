"""The tab À envoyer: notes under way, documents waiting, sent with their proof, refused with what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from dmp_desktop.domain.outbox import OutboxItem, OutboxState
from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_outbox_fr as outbox_fr
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.outbox.card import DraftCard, OutboxCard
from dmp_desktop.ui.views.outbox.drafts_section import DraftsSection
from dmp_desktop.ui.widgets.labels import PlainLabel

SHOWN_ITEMS = 60
"""Cards built at most; older ones are counted."""
CARDS_AT_ONCE = 5

URGENCY = {
    OutboxState.REFUSED: 0,
    OutboxState.WAITING: 1,
    OutboxState.SENDING: 1,
    OutboxState.SENT: 2,
    OutboxState.REPLACED: 2,
    OutboxState.DELETED: 2,
    OutboxState.CANCELLED: 2,
}
"""What asks for the doctor first, then what is on its way, then what is done; newest first in each."""

OPEN = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.REFUSED)


class OutboxView(QWidget):
    """Cards are kept and updated in place. `clear` leaves nothing of any patient."""

    resume_asked = Signal(object)
    delete_asked = Signal(object)  # Draft
    cancel_asked = Signal(int)
    retry_asked = Signal(int)
    hold_asked = Signal(int)
    check_asked = Signal(object)  # Patient
    mail_asked = Signal(object)  # OutboxItem

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.can_check = False  # there is a page about identities
        self.can_mail = False  # messages can be made of what was sent
        self.notes: Callable[[], frozenset[str]] = frozenset  # the uniqueIds whose note may come back
        self._items: list[OutboxItem] = []
        self._lots: Counter[tuple[str, OutboxState]] = Counter()
        self._patient: Patient | None = None
        self.cards: dict[int, OutboxCard] = {}
        self.only = QCheckBox(fr.ONLY_THIS_PATIENT)
        self.only.toggled.connect(self._fill)
        self.drafts, self.queue_title = DraftsSection(), PlainLabel(fr.QUEUE)
        self.drafts.resume_asked.connect(self.resume_asked)
        self.drafts.delete_asked.connect(self.delete_asked)
        self.empty = PlainLabel(f"{fr.OUTBOX_EMPTY}\n{fr.OUTBOX_EMPTY_HINT}", role="muted", wrap=True)
        self.more = PlainLabel(role="muted")
        self.others = PlainLabel(role="muted", wrap=True)
        self.unreadable = PlainLabel(role="warning", wrap=True)
        self._to_build: list[OutboxItem] = []
        self._noted: frozenset[str] = frozenset()
        self._building = QTimer(self)
        self._building.setInterval(0)
        self._building.timeout.connect(self._build)
        self._lay_out()
        self.clear()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        self.queue_title.setProperty("strong", True)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(gap, 0, gap, gap)
        self._queue = QVBoxLayout()
        self._column.addWidget(self.unreadable)
        self._column.addWidget(self.drafts)
        self._column.addWidget(self.queue_title)
        self._column.addWidget(self.empty)
        self._column.addLayout(self._queue)
        self._column.addWidget(self.more)
        self._column.addWidget(self.others)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setAccessibleName(fr.OUTBOX_NAME)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, gap // 2, 0, 0)
        top = QHBoxLayout()
        top.setContentsMargins(gap, 0, gap, 0)
        top.addWidget(self.only)
        whole.addLayout(top)
        whole.addWidget(area, 1)

    def show_patient(self, patient: Patient | None) -> None:
        """The open record, which the box may restrict to."""
        self._patient = patient
        self.only.setVisible(patient is not None)
        if patient is None:
            self.only.setChecked(False)
        self._fill()

    def show_items(self, items: Sequence[OutboxItem], others: Sequence[str] = (), unreadable: int = 0) -> None:
        """`others`: the author of each document of a colleague that waits. They are counted, never shown. `unreadable`: how many
        of anybody's do not open any more."""
        self._items = list(items)
        self._lots = Counter((item.submission_id, item.state) for item in items if item.state in OPEN)
        self.others.setText(fr.others_wait(others) if others else "")
        self.others.setVisible(bool(others))
        self.unreadable.setText(outbox_fr.unreadable(unreadable) if unreadable else "")
        self.unreadable.setVisible(bool(unreadable))
        self._fill()

    def show_drafts(self, drafts: Sequence[Draft], *, to_validate: bool = False) -> None:
        """`to_validate`: whoever writes them never sends."""
        self.drafts.show_drafts(drafts, to_validate=to_validate)

    @property
    def draft_cards(self) -> list[DraftCard]:
        return self.drafts.cards

    def clear(self) -> None:
        self.show_drafts(())
        self.drafts.tell(0, 0, 0)
        self.show_items(())
        self.show_patient(None)

    def _fill(self) -> None:
        wanted = [item for item in self._items if self._of_patient(item)]
        wanted.sort(key=lambda item: URGENCY[item.state])
        shown = wanted[:SHOWN_ITEMS]
        for gone in set(self.cards) - {item.id for item in shown}:
            _drop(self._queue, self.cards.pop(gone))
        self._to_build, self._noted = shown, self.notes()
        self._build()
        self.empty.setVisible(not shown)
        self.queue_title.setVisible(bool(shown))
        self.more.setText(fr.MORE_SENT.format(len(wanted) - len(shown)))
        self.more.setVisible(len(wanted) > len(shown))

    def _build(self) -> None:
        """A few cards at a time: each costs milliseconds, and the window must not wait for sixty."""
        new = 0
        for place, item in enumerate(self._to_build):
            if item.id not in self.cards:
                new += 1
                if new > CARDS_AT_ONCE:
                    self._building.start()
                    return
            self._put(place, item)
        self._building.stop()

    def _put(self, place: int, item: OutboxItem) -> None:
        card = self.cards.get(item.id)
        if card is None:
            card = self.cards[item.id] = OutboxCard(item, can_check=self.can_check, can_mail=self.can_mail)
            card.mail_asked.connect(self.mail_asked)
            card.cancel_asked.connect(self.cancel_asked)
            card.retry_asked.connect(self.retry_asked)
            card.hold_asked.connect(self.hold_asked)
            card.check_asked.connect(self.check_asked)
        shown = item, self._mates(item), item.unique_id in self._noted
        if (card.item, card.mates, card.noted) != shown:
            card.show_item(*shown)
        if self._queue.indexOf(card) != place:
            self._queue.insertWidget(place, card)

    def _mates(self, item: OutboxItem) -> int:
        """How many others are to leave in the same lot."""
        return max(self._lots[item.submission_id, item.state] - 1, 0)

    def _of_patient(self, item: OutboxItem) -> bool:
        if not self.only.isChecked() or self._patient is None:
            return True
        return item.patient.ins.value == self._patient.ins.value

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            for card in (*self.cards.values(), *self.draft_cards):
                card.state.repaint_icon()


def _drop(layout: QVBoxLayout, card: QWidget) -> None:
    layout.removeWidget(card)
    card.hide()
    card.deleteLater()
