"""An address that a document gives is opened only once it was read and confirmed."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel

SCHEMES = ("http", "https")


class LinkBar(QFrame):
    """`ask` shows the whole address; nothing else than a web address is ever offered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("tone", "warning")
        self.setAccessibleName(fr.LINK_NAME)
        self._url = QUrl()
        self.words = PlainLabel(wrap=True)
        self.open, self.no = QPushButton(fr.LINK_OPEN), QPushButton(fr.LINK_NO)
        self.open.clicked.connect(self._open)
        self.no.clicked.connect(self.forget)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.open)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addLayout(row)
        self.hide()

    def ask(self, url: QUrl) -> None:
        if url.scheme() not in SCHEMES or not url.host():
            return
        self._url = url
        self.words.setText(fr.LINK_ASK.format(url.toString(QUrl.ComponentFormattingOption.FullyEncoded)))
        self.show()
        self.no.setFocus()

    def forget(self) -> None:
        self._url = QUrl()
        self.words.clear()
        self.hide()

    def _open(self) -> None:
        url = self._url
        self.forget()
        QDesktopServices.openUrl(url)
