"""What a page made of the record stands on while the DMP is out of reach: said as long as it is so, whatever is closed above."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.widgets.labels import PlainLabel


class OfflineMark(PlainLabel):
    """Follows the record; nothing stands here when the DMP told the list now."""

    def __init__(self, record: RecordController, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, role="warning", wrap=True)
        self.hide()
        record.list_complete.connect(self._follow)
        record.closed.connect(lambda: self._follow(()))

    def _follow(self, entries: Sequence[DocumentEntry]) -> None:
        since, at_hand = getattr(entries, "offline_since", None), getattr(entries, "at_hand", None)
        read = len(entries) if at_hand is None else sum(entry.unique_id in at_hand for entry in entries)
        self.setText(fr.offline_page(since, read, len(entries)) if since else "")
        self.setVisible(bool(since))
