"""The properties of documents in the tab Documents: opened in the place of the document, left, and the list that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.services.document_changes import Change
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.properties_ports import PropertiesPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.replacing import own
from dmp_desktop.ui.views.documents.changing import Changes
from dmp_desktop.ui.views.documents.properties import PropertiesPanel
from dmp_desktop.ui.views.documents.shelving import Shelf, together

if TYPE_CHECKING:
    from dmp_desktop.ui.views.documents.view import DocumentsView

_KEYS = ("Alt+Return", "Alt+Enter")


class Altering(QObject):
    """Without a port nothing of it is shown, and the list is what the record tells."""

    def __init__(
        self,
        view: DocumentsView,
        port: PropertiesPort | None,
        record: RecordController,
        pool: TaskRunner,
        parent: QWidget,
    ) -> None:
        """`parent` holds the document, and its properties in its place."""
        super().__init__(view)
        self._view, self._record = view, record
        self._listed: list[DocumentEntry] = []
        self._stale = ""  # uniqueId of the open document, while it is listed anew
        self.shelf = Shelf(port, record, pool, view.filters.panel)
        self.panel = PropertiesPanel(parent)
        self.button, self.delete = QPushButton(fr.OPEN), QPushButton(fr.DELETE)
        self.button.setToolTip(fr.OPEN_TIP)
        self.delete.setToolTip(fr.DELETE_TIP)
        self.changes: Changes | None = None
        if port is not None:
            self.changes = Changes(port, record, pool, self.panel, lambda: view.professional, view)

    def lay_out(self) -> None:
        pane = self._view.pane
        pane.heading.put(self.button)
        pane.acts.add(self.delete)
        self.button.setVisible(self.changes is not None)
        self.delete.hide()
        self._view.filters.put(self.shelf)

    def connect_parts(self) -> None:
        view, changes = self._view, self.changes
        self.shelf.changed.connect(self._show_list)
        self.shelf.failed.connect(lambda error: view.failed.emit(error, self.shelf.ask))
        if changes is None:
            return
        view.list.changeable = True
        view.list.properties_asked.connect(self.open)
        self.button.clicked.connect(lambda: self.open(view.entry))
        self.delete.clicked.connect(lambda: self.open(view.entry, Change.DELETE))
        for keys in _KEYS:
            key = QShortcut(QKeySequence(keys), view)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(lambda: self.open(self._meant))
        changes.told.connect(view.told)
        changes.told_late.connect(view.told_late)
        changes.left.connect(self._show_document)
        changes.stale.connect(self._drop)
        self._record.list_started.connect(self.shelf.forget)

    @property
    def _meant(self) -> DocumentEntry | None:
        """With the keyboard in the list the line highlighted there, wherever the open document came from."""
        here, view = self._view.entry, self._view
        if view.list.view.hasFocus():
            return view.list.current_entry or here
        return here or view.list.current_entry

    def open(self, entry: DocumentEntry | None, wanted: Change | None = None) -> None:
        """In the place of the document; `wanted` is asked for at once."""
        if entry is None or self.changes is None or self._record.patient is None:
            return
        if self._view.entry is not entry:
            self._view.open(entry)
        self._view.pane.hide()
        self.changes.open(entry, wanted)
        self.panel.back.setFocus()

    def leave(self) -> bool:
        """Back to the document; False where it is not left for its properties."""
        if self.changes is None or not self.panel.isVisible():
            return False
        self.changes.leave()
        return True

    def follow(self, entry: DocumentEntry | None) -> None:
        """Another document is shown, or none. The keyboard stays where it is: a list is gone through by its arrows, and the
        screen that masks must not be handed it."""
        self._stale = ""
        if self.changes is not None:
            self.changes.forget()
            self.delete.setVisible(entry is not None and own(entry, self._view.professional))
        self._show_pane()

    def list_complete(self, entries: list[DocumentEntry]) -> None:
        self._listed = entries
        self._show_list()
        self.shelf.ask()

    def clear(self) -> None:
        """Nothing of the record remains."""
        self._listed = []
        self.shelf.clear()

    def _show_document(self) -> None:
        self._show_pane()
        if self._view.entry is not None:
            self._view.pane.setFocus()

    def _show_pane(self) -> None:
        self.panel.hide()
        self._view.pane.show()

    def _drop(self, entry: DocumentEntry) -> None:
        """It is no longer as it is shown, or may not be: it goes until it is told anew. Another one being read stays."""
        view = self._view
        if view.entry is not None and view.entry.unique_id == entry.unique_id:
            view.close_document()
            self._stale = entry.unique_id
        self._listed = [one for one in self._listed if one.unique_id != entry.unique_id]
        self.shelf.forget()
        view.model.complete(self._listed)

    def _show_list(self) -> None:
        view = self._view
        view.model.complete(together(self._listed, self.shelf.found), self.shelf.links)
        stale = next((entry for entry in view.model.entries if entry.unique_id == self._stale), None)
        if stale is not None:
            self._stale = ""
            if view.entry is None:
                view.open(stale)
