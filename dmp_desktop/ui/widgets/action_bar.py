"""The two acts, always in the same place: write, send. Beside sending stands for whom."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.domain.documents import DocumentKind
from dmp_desktop.domain.people import Patient
from dmp_desktop.ui import formats, icons, theme
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.widgets.labels import KeyHint, PlainLabel


class ActionBar(QFrame):
    """`show_target` says for whom the note under way is, loudly when another record is open."""

    write_asked = Signal()
    kind_asked = Signal(object)  # DocumentKind
    send_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("actions")
        self.target = PlainLabel(wrap=True)
        self.target.setProperty("strong", True)
        self.barred = PlainLabel(role="warning", wrap=True)
        self.write = QPushButton(fr.WRITE)
        self.write.setToolTip(f"{fr.WRITE.replace('&', '')} ({fr.WRITE_KEY})")
        self.write.clicked.connect(self.write_asked)
        self.kinds = QToolButton()
        self.kinds.setAccessibleName(fr.WRITE_KINDS)
        self.kinds.setToolTip(fr.WRITE_KINDS)
        self.kinds.setArrowType(Qt.ArrowType.DownArrow)
        self.kinds.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.kinds.setMenu(QMenu(self.kinds))
        self.send = QPushButton(fr.SEND)
        self.send.setProperty("primary", True)
        self.send.clicked.connect(self.send_asked)
        self.write_key, self.send_key = KeyHint(fr.WRITE_KEY), KeyHint(fr.SEND_KEY)
        self.send_key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        gap = self.fontMetrics().averageCharWidth()
        row = QHBoxLayout()
        row.setSpacing(gap // 2)
        row.addWidget(self.write)
        row.addWidget(self.kinds)
        for hint in (self.write_key, self.send_key):
            row.addWidget(hint, hint.sizeHint().width())  # as much room as its words need, beside the other's
        row.addWidget(self.send)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 3)
        column.addWidget(self.target)
        column.addWidget(self.barred)
        column.addLayout(row)
        self.show_target(None, None, ready=False)
        self.refresh()

    def offer_kinds(self, kinds: Iterable[DocumentKind]) -> None:
        """What else than the usual note may be written."""
        for kind in kinds:
            act = self.kinds.menu().addAction(fr.KIND[kind])
            act.triggered.connect(lambda _checked=False, kind=kind: self.kind_asked.emit(kind))

    def allow_writing(self, allowed: bool, kinds: bool) -> None:
        self.write.setEnabled(allowed)
        self.kinds.setEnabled(kinds)

    def show_target(
        self,
        target: Patient | None,
        record: Patient | None,
        *,
        ready: bool,
        sending: bool = False,
        barred: str = "",
        verb: str = fr.SEND,
    ) -> None:
        """`target` is the draft's patient, `record` the one whose record is open, `ready` whether sending is possible.

        `barred`: why it is not sent although it could be, and what becomes of it. `verb`: what sending
        is for who is there.
        """
        self.send.setText(verb)
        self.send.setEnabled(ready and not barred)
        self.send.setToolTip(barred or f"{verb.replace('&', '')} ({fr.SEND_KEY})")
        self.send.setAccessibleDescription(barred)
        self.target.setVisible(target is not None)
        self.barred.setText(barred)
        self.barred.setVisible(bool(barred) and target is not None)
        if target is None:
            self.target.clear()
            self._alarm(False)
            return
        other = differ(target, record)
        words = fr.SENDING if sending else fr.SEND_FOR_OTHER if other else fr.SEND_FOR
        self.target.setText(words.format(name=target.display_name, born=formats.born(target)))
        self._alarm(other)

    def refresh(self) -> None:
        self.write.setIcon(icons.role_icon("edit"))
        self.send.setIcon(icons.icon("send", theme.current().base if self.send.isEnabled() else theme.current().muted))

    def _alarm(self, other: bool) -> None:
        self.target.set_role("danger" if other else "")
        self.send.setProperty("danger", other)
        self.send.style().unpolish(self.send)
        self.send.style().polish(self.send)
        self.refresh()


def differ(target: Patient, record: Patient | None) -> bool:
    """True when a record is open and it is not the target's."""
    return record is not None and (record.ins.value, record.ins.oid) != (target.ins.value, target.ins.oid)
