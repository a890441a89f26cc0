"""Within Réglages, the folder where the practice software puts who it has open. Off until one is chosen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel


class ExchangeSection(QWidget):
    """`chosen`: the path of a folder to watch from now on, or nothing."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(fr.EXCHANGE)
        heading = PlainLabel(fr.EXCHANGE)
        heading.setProperty("strong", True)
        self.where = PlainLabel(fr.EXCHANGE_OFF, wrap=True)
        self.choose, self.stop = QPushButton(fr.EXCHANGE_CHOOSE), QPushButton(fr.EXCHANGE_STOP)
        self.choose.clicked.connect(self._choose)
        self.stop.clicked.connect(lambda: self.chosen.emit(""))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (
            heading,
            PlainLabel(fr.EXCHANGE_WHAT, role="muted", wrap=True),
            self.where,
            self.choose,
            self.stop,
        ):
            column.addWidget(part)
        self.show_folder("")

    def show_folder(self, folder: str) -> None:
        """As it is written."""
        self.where.setText(fr.EXCHANGE_FOLDER.format(folder) if folder else fr.EXCHANGE_OFF)
        self.stop.setVisible(bool(folder))

    def allow(self, why: str) -> None:
        """`why` not, in French; empty where it may be changed."""
        for button in (self.choose, self.stop):
            button.setEnabled(not why)
            button.setToolTip(why)

    def _choose(self) -> None:
        folder = asking.folder(self, fr.EXCHANGE_CHOOSE, Path.home())
        if folder:
            self.chosen.emit(folder)
