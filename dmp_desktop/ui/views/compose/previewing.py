"""The document of a draft as its reader will see it, built off the GUI thread; what comes late is dropped."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.people import Facility
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import theme
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.tasks import Task, TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft
from dmp_desktop.ui.views.compose.sending import Changed, Renamed, build
from dmp_desktop.ui.widgets.document_pane import DocumentPane
from dmp_desktop.ui.widgets.ready_html import ReadyDocument, prepare


class Previewer(QObject):
    """`changed`: nothing was built (Draft, Note, Changed or Renamed); `failed`: Draft, DmpDesktopError."""

    changed = Signal(object, object, object)
    failed = Signal(object, object)

    def __init__(self, compose: ComposePort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._compose, self._pool = compose, pool
        self._task: Task[ReadyDocument | Changed | Renamed] | None = None
        self.pane = DocumentPane(fr.PREVIEW_NAME)

    def show(self, draft: Draft, facility: Facility) -> None:
        self.forget()
        self.pane.show_message(fr.VIEWER_LOADING)
        note, compose, palette = draft.note(), self._compose, theme.current().roles()

        def make() -> ReadyDocument | Changed | Renamed:
            built = build(note, facility, compose)
            if isinstance(built, Changed | Renamed):
                return built
            shown = compose.preview(built, palette)
            return prepare(replace(shown, notices=(*built.warnings, *shown.notices)))

        def take(made: ReadyDocument | Changed | Renamed) -> None:
            if isinstance(made, Changed | Renamed):
                self.changed.emit(draft, note, made)
            else:
                self.pane.show_document(made)

        self._task = self._pool.submit(make, take, lambda error: self.failed.emit(draft, error))

    def forget(self) -> None:
        """Nothing of a draft stays, and what is being built is not shown."""
        if self._task:
            self._task.cancel()
            self._task = None
        self.pane.forget()
