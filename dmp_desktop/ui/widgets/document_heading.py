"""What stands above a document: its title, who wrote it, and what its reader must know before reading it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dmp_desktop.services.opened import OpenedDocument
from dmp_desktop.services.visibility import warnings
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_viewer_fr as viewer_fr
from dmp_desktop.ui.models.documents import author_label, state_label
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.laid_out_once import laid_out_once


def mismatch_words(mismatches: Sequence[str]) -> str:
    """Each trait that differs, the sentence they share said once."""
    said: dict[str, list[str]] = {}
    for sentence in mismatches:
        head, _colon, trait = sentence.rstrip(".").rpartition(" : ")
        said.setdefault(head or sentence, []).extend([trait] if head else [])
    lines = [f"{head} : {', '.join(traits)}." if traits else head for head, traits in said.items()]
    return "\n".join((viewer_fr.MISMATCH, *lines)) if lines else ""


class DocumentHeading(QWidget):
    """Empty, it takes no room but that of what was `put` beside the title."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = PlainLabel(wrap=True)
        self.title.setProperty("strong", True)
        self.source = PlainLabel(role="muted", wrap=True)
        self.mismatch = PlainLabel(wrap=True)
        self.mismatch.setProperty("strong", True)
        self.mismatch.setObjectName("mismatch")
        self.notices = PlainLabel(role="warning", wrap=True)
        self._row = QHBoxLayout()
        self._row.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.fontMetrics().averageCharWidth() // 3)
        column.addLayout(self._row)
        for label in (self.source, self.mismatch, self.notices):
            column.addWidget(label)

    def put(self, widget: QWidget) -> None:
        """Beside the title, where it stays."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)

    def show_document(self, opened: OpenedDocument) -> None:
        entry = opened.entry
        self.title.setText(entry.title)
        source = [fr.BY.format(author=author_label(entry), day=formats.day(entry.creation_time)), state_label(entry)]
        self.source.setText(" · ".join(source))
        self.mismatch.setText(mismatch_words(opened.mismatches))
        self.notices.setText("\n".join((*warnings(entry.visibility), *opened.notices)))
        with laid_out_once(self):
            for label in (self.title, self.source):
                label.show()
            for label in (self.mismatch, self.notices):
                label.setVisible(bool(label.text()))

    def forget(self) -> None:
        for label in (self.title, self.source, self.mismatch, self.notices):
            label.clear()
            label.hide()
