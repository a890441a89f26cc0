"""What can be done with the lines chosen, and what must be said of the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_viewer_fr as fr
from dmp_desktop.ui.widgets.document_tools import DocumentAct

_ACTS = {
    DocumentAct.SAVE_ORIGINAL: fr.EXPORT_ORIGINALS,
    DocumentAct.EXPORT_PDF: fr.EXPORT_PDFS,
    DocumentAct.PRINT: fr.EXPORT_PRINT,
    DocumentAct.MAIL_NOW: fr.MAIL_NOW_CHOSEN,
    DocumentAct.MAIL: fr.PREPARE_MAIL,
    DocumentAct.GIVE: fr.GIVE,
}


class SelectionBar(QWidget):
    """Hidden while no line is chosen."""

    export_asked = Signal(object)  # DocumentAct

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unfold, self.pin, self.export = QToolButton(), QToolButton(), QToolButton()
        for button, words, tip in (
            (self.unfold, fr.UNFOLD, fr.UNFOLD_TIP),
            (self.pin, fr.PIN, fr.PIN_TIP),
            (self.export, fr.EXPORT_SELECTED.format(1), fr.EXPORT_TIP),
        ):
            button.setText(words)
            button.setToolTip(tip)
        menu = QMenu(self.export)
        self.acts: dict[DocumentAct, QAction] = {}
        for act, words in _ACTS.items():
            self.acts[act] = menu.addAction(words)
            self.acts[act].triggered.connect(lambda _checked=False, act=act: self.export_asked.emit(act))
        self.export.setMenu(menu)
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.unfold)
        row.addStretch(1)
        row.addWidget(self.pin)
        row.addWidget(self.export)
        self._barred = ""
        self.hide()

    def bar_export(self, why: str) -> None:
        """Empty: who is signed in may read what is chosen."""
        self._barred = why
        self.export.setToolTip(why or fr.EXPORT_TIP)
        self.export.setAccessibleDescription(why)
        self.allow_export(True)

    def allow_export(self, allowed: bool) -> None:
        """One export at a time."""
        self.export.setEnabled(allowed and not self._barred)

    def show_selected(self, count: int, *, pinned: bool, unfolded: bool | None) -> None:
        """`unfolded` is None where there is nothing under the row."""
        self.setVisible(count > 0)
        self.unfold.setVisible(unfolded is not None)
        self.unfold.setText(fr.FOLD_BACK if unfolded else fr.UNFOLD)
        self.pin.setText(fr.UNPIN if pinned else fr.PIN)
        self.export.setText(fr.EXPORT_SELECTED.format(count))


def list_notice(entries: Sequence[DocumentEntry]) -> str:
    """Of a list told by the cache, or that does not go back to the beginning (services.dossier.RecordList)."""
    since, begins = getattr(entries, "offline_since", None), getattr(entries, "begins", None)
    words = [fr.offline(since)] if since else []
    at_hand = getattr(entries, "at_hand", None)
    if at_hand is not None:
        count = sum(entry.unique_id in at_hand for entry in entries)
        words.append(fr.AT_HAND.format(count=count, total=len(entries)) if count else fr.AT_HAND_NONE)
    if begins:
        words.append(fr.RECENT_ONLY.format(formats.day(begins)))
    return " ".join(words)
