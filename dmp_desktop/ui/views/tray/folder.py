"""The scanner's folder: where it is, what was left there and why."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.services.tray_intake import IntakeReport
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

MOST = 8
"""Files named; the others are counted."""


class FolderPart(QWidget):
    """`chosen`: the path of a folder to watch from now on."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.where = PlainLabel(role="muted", wrap=True)
        self.told = PlainLabel(role="warning", wrap=True)
        self.choose = QPushButton(fr.CHOOSE_FOLDER)
        self.choose.clicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.told, self.where):
            column.addWidget(part)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)

    def show_report(self, report: IntakeReport, damaged: int) -> None:
        self.where.setText(fr.FOLDER.format(report.folder) if report.folder else fr.NO_FOLDER)
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
        folder = asking.folder(self, fr.CHOOSE_FOLDER, Path.home())
        if folder:
            self.chosen.emit(folder)
