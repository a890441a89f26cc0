"""What is not worked on one by one: scans at the doctors', those taken out, those to send, and what stopped them by cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.tray import Scan
from dmp_desktop.services.tray_desk import TrayOverview
from dmp_desktop.services.tray_sending import Batch, Leaving
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton

_T = TypeVar("_T")
MOST = 40
"""Lines built; the others are counted."""
NAMED = 8
"""Scans named under a cause; the others are counted."""


class ScanList(QWidget):
    """`chosen`: the scan of a line that was clicked, where lines are for that (`acts`)."""

    chosen = Signal(object)

    def __init__(self, note: str, nothing: str, *, acts: bool = True) -> None:
        super().__init__()
        self._note, self._nothing, self._acts = note, nothing, acts
        self.told = PlainLabel(role="muted", wrap=True)
        self.lines: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.told)

    def show_scans(self, scans: Sequence[Scan], words: Callable[[Scan], str]) -> None:
        self.clear()
        self.told.setText(self._note if scans else self._nothing)
        for scan in scans[:MOST]:
            line = self._made(scan, words(scan))
            self._column.addWidget(line)
            self.lines.append(line)
        if len(scans) > MOST:
            self.told.setText(f"{self._note} {fr.MORE.format(len(scans) - MOST)}")

    def _made(self, scan: Scan, words: str) -> QWidget:
        if not self._acts:
            return PlainLabel(words, wrap=True)
        line = WrappedButton(words)
        line.clicked.connect(partial(self._choose, scan))
        return line

    def clear(self) -> None:
        for line in self.lines:
            _drop(self._column, line)
        self.lines.clear()

    def _choose(self, scan: Scan, _on: bool = False) -> None:
        self.chosen.emit(scan)


class SendPanel(QWidget):
    """All that is validated leaves by one button. What stopped is told by cause, each with what can be done about it."""

    send_asked = Signal(object)  # tuple[Scan, …]
    retry_asked = Signal(object)
    back_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._ready: tuple[Scan, ...] = ()
        self.send = QPushButton()
        self.send.setProperty("primary", True)
        self.send.clicked.connect(lambda: self.send_asked.emit(self._ready))
        self.told, self.underway = PlainLabel(role="muted", wrap=True), PlainLabel(wrap=True)
        self.ready = ScanList(fr.READY_NOTE, "", acts=False)
        self.causes: list[QWidget] = []
        self._stopped = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.told, self.send):
            column.addWidget(part)
        column.addLayout(self._stopped)
        column.addWidget(self.underway)
        column.addWidget(self.ready)

    def show_overview(self, overview: TrayOverview, failed: Batch, words: Callable[[Scan], str]) -> None:
        """`failed`: what was refused at the door, the last time."""
        self.clear()
        self._ready = overview.validated
        self.send.setText(fr.counted(fr.SEND, len(self._ready)))
        self.send.setVisible(bool(self._ready))
        stopped = [one for one in overview.leaving if one.stopped]
        moving = len(overview.leaving) - len(stopped)
        self.underway.setText(fr.counted(fr.UNDERWAY, moving) if moving else "")
        self.underway.setVisible(bool(moving))
        refused = {one.scan_id: one.why.told_fr for one in failed.failures}
        at_door = [one for one in self._ready if one.id in refused]
        for why, scans in _grouped(at_door, lambda one: refused[one.id]).items():
            self._add(why, scans, words, offered=False)
        by_cause = _grouped(stopped, _why)
        for why, leaving in by_cause.items():
            known = all(one.item is not None for one in leaving)
            self._add(why, [one.scan for one in leaving], words, known=known)
        nothing = not self._ready and not stopped and not moving
        self.told.setText(fr.NOTHING_TO_SEND if nothing else "")
        self.told.setVisible(nothing)
        self.ready.show_scans(self._ready, words)

    def clear(self) -> None:
        self._ready = ()
        self.ready.clear()
        for one in self.causes:
            _drop(self._stopped, one)
        self.causes.clear()

    def _add(
        self,
        why: str,
        scans: Sequence[Scan],
        words: Callable[[Scan], str],
        *,
        offered: bool = True,
        known: bool = True,
    ) -> None:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        told = fr.CAUSE.format(count=fr.counted(fr.DOCUMENTS, len(scans)), why=why)
        column.addWidget(PlainLabel(told, role="danger", wrap=True))
        whose = [words(scan) for scan in scans[:NAMED]]
        if len(scans) > NAMED:
            whose.append(fr.MORE.format(len(scans) - NAMED))
        column.addWidget(PlainLabel("\n".join(whose), wrap=True))
        if offered:
            row = QHBoxLayout()
            retry, back = QPushButton(fr.RETRY), QPushButton(fr.TAKE_BACK)
            back.setToolTip(fr.TAKE_BACK_TIP)
            back.setVisible(known)
            retry.clicked.connect(lambda: self.retry_asked.emit(tuple(scans)))
            back.clicked.connect(lambda: self.back_asked.emit(tuple(scans)))
            for button in (retry, back):
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        self._stopped.addWidget(box)
        self.causes.append(box)


def _grouped(found: Sequence[_T], cause: Callable[[_T], str]) -> dict[str, list[_T]]:
    groups: dict[str, list[_T]] = {}
    for one in found:
        groups.setdefault(cause(one), []).append(one)
    return groups


def _why(leaving: Leaving) -> str:
    item = leaving.item
    return fr.UNSURE if item is None else f"{item.message} {item.remedy}".strip()


def _drop(layout: QVBoxLayout, widget: QWidget) -> None:
    layout.removeWidget(widget)
    widget.hide()
    widget.deleteLater()


def out_line(scan: Scan) -> str:
    return fr.RESTORE.format(pages=fr.counted(fr.PAGES, scan.pages), day=formats.day_and_time(scan.received_at))


def filed_line(scan: Scan, type_label: str) -> str:
    """`type_label`: of its type, in words."""
    patient, origin = scan.patient, scan.origin
    name, born = (patient.display_name, formats.born(patient)) if patient else ("", "")
    day = formats.day(scan.act_date) if scan.act_date else ""
    sender = (origin.sender if origin else "") or fr.UNKNOWN_SENDER
    return fr.FILED_LINE.format(name=name, born=born, type=type_label, day=day, sender=sender)
