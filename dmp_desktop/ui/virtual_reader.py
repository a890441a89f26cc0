"""The demo's drawn reader: cards on a table, two slots. It only tells what was done with the cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QIcon, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.ui import formats, icons
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

CARD_MIME = "application/x-dmp-desktop-card"
PROFESSIONAL_SLOT, VITALE_SLOT = 0, 1


@dataclass(frozen=True, slots=True)
class VirtualCard:
    """`name` is what the callbacks get, `label` what is shown; `professional` says which slot a click chooses."""

    name: str
    label: str
    professional: bool = False

    @property
    def icon(self) -> str:
        return "card" if self.professional else "vitale"


class VirtualReader(QFrame):
    """Click or drag a card in; click the slot to take it out. `insert(slot, name)` and `remove(slot)` must not block."""

    def __init__(
        self,
        cards: Sequence[VirtualCard],
        insert: Callable[[int, str], None],
        remove: Callable[[int], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("actions")
        self.setAccessibleName(fr.READER_NAME)
        self._cards = {card.name: card for card in cards}
        self._insert, self._remove = insert, remove
        self._held: list[str | None] = [None, None]
        self.slots = [_Slot(number, self) for number in (PROFESSIONAL_SLOT, VITALE_SLOT)]
        self.buttons = {card.name: _CardButton(card, self) for card in cards}
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 2)
        column.addWidget(PlainLabel(f"{fr.READER_NAME}. {fr.READER_HINT}", role="muted", wrap=True))
        column.addLayout(_rows(list(self.buttons.values())))
        column.addLayout(_rows(self.slots))
        self.refresh()

    def put(self, name: str, slot: int | None = None) -> None:
        """Inserts a card; what was in the slot is taken out first. Without a slot, the one for its kind."""
        card = self._cards[name]
        slot = slot if slot is not None else PROFESSIONAL_SLOT if card.professional else VITALE_SLOT
        if name in self._held:
            self.take(self._held.index(name))
        self.take(slot)
        self._held[slot] = name
        self.refresh()
        self._insert(slot, name)

    def take(self, slot: int) -> None:
        """Takes out what the slot holds, if anything."""
        if self._held[slot] is not None:
            self._held[slot] = None
            self.refresh()
            self._remove(slot)

    def refresh(self) -> None:
        for name, button in self.buttons.items():
            button.setEnabled(name not in self._held)
            button.setIcon(icons.role_icon(self._cards[name].icon, "muted" if name in self._held else "accent"))
        for number, slot in enumerate(self.slots):
            held = self._held[number]
            slot.show_card(self._cards[held] if held else None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.refresh()


class _CardButton(QPushButton):
    """A card on the table."""

    def __init__(self, card: VirtualCard, reader: VirtualReader) -> None:
        super().__init__(formats.button_text(card.label))
        self._card = card
        self._pressed = QPoint()
        self.setAccessibleName(fr.CARD_OUT.format(card.label))
        self.clicked.connect(lambda: reader.put(card.name))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        moved = (event.position().toPoint() - self._pressed).manhattanLength()
        if event.buttons() & Qt.MouseButton.LeftButton and moved >= QApplication.startDragDistance():
            self.setDown(False)
            drag = QDrag(self)
            data = QMimeData()
            data.setData(CARD_MIME, self._card.name.encode())
            drag.setMimeData(data)
            drag.setPixmap(self.grab())
            drag.exec(Qt.DropAction.MoveAction)
            return
        super().mouseMoveEvent(event)


class _Slot(QPushButton):
    """A slot of the reader, where cards are dropped."""

    def __init__(self, number: int, reader: VirtualReader) -> None:
        super().__init__()
        self._number, self._reader = number, reader
        self.setAcceptDrops(True)
        self.clicked.connect(lambda: reader.take(number))

    def show_card(self, card: VirtualCard | None) -> None:
        number = self._number + 1
        held = fr.SLOT_HOLDS.format(number, card.label) if card else fr.SLOT_EMPTY.format(number)
        self.setText(formats.button_text(held))
        self.setIcon(icons.role_icon(card.icon, "success") if card else QIcon())
        self.setAccessibleName(fr.SLOT_FULL.format(number, card.label) if card else fr.SLOT_EMPTY.format(number))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(CARD_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        name = bytes(event.mimeData().data(CARD_MIME).data()).decode()
        event.acceptProposedAction()
        self._reader.put(name, self._number)


CARDS_A_ROW = 3


def _rows(buttons: Sequence[QWidget]) -> QVBoxLayout:
    rows = QVBoxLayout()
    for start in range(0, len(buttons), CARDS_A_ROW):
        row = QHBoxLayout()
        for button in buttons[start : start + CARDS_A_ROW]:
            row.addWidget(button, 1)
        rows.addLayout(row)
    return rows
