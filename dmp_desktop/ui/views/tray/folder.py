"""The scanner's folder: where it is, what was left there and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.services.tray_intake import IntakeReport
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

MOST = 8
"""Files named; the others are counted."""


@dataclass(frozen=True, slots=True)
class FolderWords:
    folder: str
    none: str
    choose: str


SCANNER = FolderWords(fr.FOLDER, fr.NO_FOLDER, fr.CHOOSE_FOLDER)
RECEIVED = FolderWords(fr.RECEIVED_FOLDER, fr.NO_RECEIVED_FOLDER, fr.CHOOSE_RECEIVED)


class FolderPart(QWidget):
    """`chosen`: the path of a folder to watch from now on."""

    chosen = Signal(str)

    def __init__(self, words: FolderWords = SCANNER) -> None:
        super().__init__()
        self._words = words
        self.where = PlainLabel(role="muted", wrap=True)
        self.told = PlainLabel(role="warning", wrap=True)
        self.choose = QPushButton(words.choose)
        self.choose.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.told, self.where):
            column.addWidget(part)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)

    def show_report(self, report: IntakeReport, damaged: int) -> None:
        self.where.setText(self._words.folder.format(report.folder) if report.folder else self._words.none)
        lines = [report.fault.told_fr] if report.fault else []
        lines += [fr.REFUSED.format(one.name, one.why.told_fr) for one in report.refused[:MOST]]
        if len(report.refused) > MOST:
            lines.append(fr.REFUSED_MORE.format(len(report.refused) - MOST))
        lines += [fr.counted(fr.AGAIN, report.again), fr.counted(fr.COMING, report.coming)]
        if damaged:
            lines.append(fr.DAMAGED.format(damaged))
        self.told.setText("\n".join(filter(None, lines)))
        self.told.setVisible(bool(self.told.text()))

    def clear(self) -> None:
        """Names of files may be patients'."""
        self.told.clear()
        self.told.hide()

    def _choose(self) -> None:
        folder = asking.folder(self, self._words.choose, Path.home())
        if folder:
            self.chosen.emit(folder)
