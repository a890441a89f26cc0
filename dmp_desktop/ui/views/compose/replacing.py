"""A new version of a document: what it replaces is read off the GUI thread before the doctor writes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from dmp_desktop.domain.access import AccessMode, DossierStatus
from dmp_desktop.domain.documents import Availability, DocumentEntry, Parent
from dmp_desktop.domain.people import Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.compose_ports import ComposePort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft


class Replacer(QObject):
    """`ready`: the draft knows what it replaces, and holds the former note if it was empty."""

    ready = Signal(object)
    failed = Signal(object, object)  # Draft, DmpDesktopError

    def __init__(self, compose: ComposePort, pool: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._compose, self._pool = compose, pool
        self._asked: set[Draft] = set()

    def load(self, draft: Draft) -> None:
        """Once a draft; a failed one is asked again."""
        replaced = draft.replaces
        if replaced is None or replaced.parent or draft in self._asked:
            return
        self._asked.add(draft)
        entry, patient, compose = replaced.entry, draft.patient, self._compose

        def read() -> tuple[Parent, str]:
            return compose.replaced(entry, patient), compose.note_of(entry, patient)

        def take(found: tuple[Parent, str]) -> None:
            self._asked.discard(draft)
            replaced.parent, replaced.note = found
            draft.text = draft.text or replaced.note
            self.ready.emit(draft)

        def refused(error: DmpDesktopError) -> None:
            self._asked.discard(draft)
            self.failed.emit(draft, error)

        self._pool.submit(read, take, refused)


def own(entry: DocumentEntry, professional: Professional | None) -> bool:
    """Written by who is signed in."""
    names = (professional.national_id, professional.rpps) if professional else ()
    return any(author.person_id and author.person_id in names for author in entry.authors)


def not_replaced(entry: DocumentEntry, professional: Professional | None, status: DossierStatus | None = None) -> str:
    """Why it is not, in French; empty for one's own document, in its last version. Nothing changes in an emergency."""
    if status is not None and status.mode is AccessMode.BRIS_DE_GLACE:
        return fr.NOT_REPLACED_EMERGENCY
    if not own(entry, professional):
        return fr.NOT_REPLACED_OTHER
    if entry.status is Availability.APPROVED:
        return ""
    return fr.NOT_REPLACED_FORMER if entry.status is Availability.DEPRECATED else fr.NOT_REPLACED_INACTIVE
