"""Which scan of how many, what is known of it without looking at it, and the way to its neighbours."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.tray import Scan
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel


class Heading(QWidget):
    """`moved`: by how many places."""

    moved = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.which, self.facts = PlainLabel(), PlainLabel(role="muted", wrap=True)
        self.which.setProperty("strong", True)
        self.returned = PlainLabel(role="warning", wrap=True)
        self.previous, self.next = QPushButton(fr.PREVIOUS), QPushButton(fr.NEXT)
        self.previous.setToolTip(fr.PREVIOUS_TIP)
        self.next.setToolTip(fr.NEXT_TIP)
        self.previous.clicked.connect(lambda: self.moved.emit(-1))
        self.next.clicked.connect(lambda: self.moved.emit(1))
        row = QHBoxLayout()
        row.addWidget(self.which, 1)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.facts)
        column.addWidget(self.returned)

    def show_scan(self, scan: Scan, place: int, total: int) -> None:
        """`place` from 1."""
        self.which.setText((fr.WHICH_RECEIVED if scan.origin else fr.WHICH).format(place, total))
        told = _facts(scan)
        if scan.copies:
            told += f"\n{fr.COPIES.format(scan.copies)}"
        self.facts.setText(told)
        why = fr.REASON[scan.returned] if scan.returned else ""
        self.returned.setText(fr.RETURNED.format(times=fr.counted(fr.TIMES, scan.returns), why=why) if why else "")
        self.returned.setVisible(bool(why))
        self.previous.setEnabled(place > 1)
        self.next.setEnabled(place < total)


def _facts(scan: Scan) -> str:
    """Without anything of its content: who sent it, when, how much paper it is."""
    pages, day = fr.counted(fr.PAGES, scan.pages), formats.day_and_time(scan.received_at)
    origin = scan.origin
    if origin is None:
        return fr.FACTS.format(pages=pages, day=day, size=fr.size(scan.size))
    sent = fr.RECEIVED_SENT.format(formats.day(origin.sent_at.astimezone().date())) if origin.sent_at else ""
    return fr.RECEIVED.format(sender=origin.sender or fr.UNKNOWN_SENDER, sent=sent, day=day, pages=pages)
