"""How a note leaves the composer: on its way, held for something to look at, asked about, refused, sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.outbox import OutboxItem
from dmp_desktop.domain.proposals import Prepared
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.session_state import SignedIn
from dmp_desktop.ui import strings_forms_fr as forms_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.ports import Services
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.drafts import Draft, Note
from dmp_desktop.ui.views.compose.sending import (
    Changed,
    Doubtful,
    Held,
    Renamed,
    Sensitive,
    send,
    send_together,
    traits_changed,
)

if TYPE_CHECKING:
    from dmp_desktop.ui.views.compose.view import Composer


class Dispatch(QObject):
    """Each note goes for its own patient, whatever draft is shown when the answer comes."""

    def __init__(self, composer: Composer, services: Services, pool: TaskRunner) -> None:
        super().__init__(composer)
        self._c, self._services, self._pool = composer, services, pool
        self._under_way: set[Draft] = set()
        self.departure: Callable[[Draft], Callable[[str], None]] = lambda _draft: lambda _unique_id: None
        """What is to be done on a worker just before a note leaves as a document, asked for at the click."""
        composer.sensitive.chosen.connect(self._choose_visibility)
        composer.sensitive.left.connect(self._leave_question)

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def sends(self, draft: Draft) -> bool:
        return draft in self._under_way

    def send(self) -> None:
        """The note, its author and where they practise are those of the click, whoever comes or goes before it is kept."""
        draft, by = self._c.draft, self._c.by
        if draft is None or by is None or not self._c.can_send:
            return
        if others := self._c.together.ticked:
            self._send_together([draft, *others], by)
            return
        note, draft.word = draft.note(), ""
        leaves = self.departure(draft)
        self._under_way.add(draft)
        self._c.proposer.stop()
        self._c.lock()
        self._c.changed.emit()
        self._pool.submit(
            lambda: send(note, by, self._services.compose, self._services.outbox, leaves, self._claim),
            lambda outcome: self._answered(draft, note, outcome),
            lambda error: self._not_sent(draft, error),
        )

    def _claim(self, prepared: Prepared) -> str:
        """On a worker."""
        port = self._services.proposals
        return port.claim(prepared) if port is not None else ""

    def _send_together(self, drafts: Sequence[Draft], by: SignedIn) -> None:
        """Of one patient, as each is at the click."""
        notes, leaves = [draft.note() for draft in drafts], [self.departure(draft) for draft in drafts]
        for draft in drafts:
            draft.word = ""
            self._under_way.add(draft)
        self._c.proposer.stop()
        self._c.lock()
        self._c.changed.emit()
        self._pool.submit(
            lambda: send_together(notes, by, self._services.compose, self._services.outbox, leaves),
            lambda outcome: self._answered_together(drafts, notes, outcome),
            lambda error: self._held_together(drafts, notes, Held(0, error)),
        )

    def _answered_together(
        self, drafts: Sequence[Draft], notes: Sequence[Note], outcome: list[OutboxItem] | Held
    ) -> None:
        if isinstance(outcome, Held):
            self._held_together(drafts, notes, outcome)
            return
        self._under_way.difference_update(drafts)
        if self._c.draft in drafts:
            self._c.show_draft(None)
        self._c.sent_together.emit(list(drafts), outcome)
        self._c.settled.emit()

    def _held_together(self, drafts: Sequence[Draft], notes: Sequence[Note], held: Held) -> None:
        """The one to look at comes before the eyes, unless another note was taken up since; the others stay ticked with it."""
        self._under_way.difference_update(drafts)
        first, why = drafts[held.place], held.why
        first.together = set(drafts) - {first}
        if self._c.draft in drafts and self._c.draft is not first:
            self._c.show_draft(first)
        if isinstance(why, DmpDesktopError):
            self._not_sent(first, why)
        else:
            self._answered(first, notes[held.place], why)

    def refused(self, draft: Draft, error: DmpDesktopError) -> None:
        """A field of the form at fault is shown there; the notice then names no path."""
        self._c.who_sees.ask(draft)  # it may be why
        told = draft is self._c.draft and self._c.form.refuse(error)
        self._c.failed.emit(draft, DmpDesktopError(error.code, forms_fr.REFUSED) if told else error, None)

    def changed(self, draft: Draft, note: Note, changed: Changed | Renamed) -> None:
        """What was accepted is not said any more, or the patient has other traits: they come before the eyes, nothing leaves."""
        if isinstance(changed, Renamed):
            changes = traits_changed(note.patient, changed.patient)
            draft.identify(changed.patient)
            self._c.head()
            self._c.changed.emit()
            self._c.held.emit(draft, forms_fr.PATIENT_RENAMED.format(changes), False)
            return
        if draft.text == note.text:
            self._c.proposer.stop()
            draft.propose(note.text, changed.proposals)
            self._c.take_proposals(draft)
        self._c.held.emit(draft, fr.PROPOSALS_CHANGED, False)

    def _answered(
        self, draft: Draft, note: Note, outcome: OutboxItem | Changed | Renamed | Doubtful | Sensitive
    ) -> None:
        self._under_way.discard(draft)
        if isinstance(outcome, Changed | Renamed):
            self._unlock(draft)
            self.changed(draft, note, outcome)
        elif isinstance(outcome, Doubtful):
            self._unlock(draft)
            self._show_doubts(draft, note, outcome)
        elif isinstance(outcome, Sensitive):
            self._unlock(draft)
            self._ask_who_sees(draft, outcome)
        else:
            if draft is self._c.draft:
                self._c.show_draft(None)
            self._c.sent.emit(draft, outcome)
        self._c.settled.emit()

    def _not_sent(self, draft: Draft, error: DmpDesktopError) -> None:
        self._under_way.discard(draft)
        self._unlock(draft)
        self.refused(draft, error)
        self._c.settled.emit()

    def _unlock(self, draft: Draft) -> None:
        self._c.lock()
        if draft is self._c.draft and not draft.proposals_hold:
            self._c.proposer.text_changed(draft)
        self._c.changed.emit()

    def _show_doubts(self, draft: Draft, note: Note, doubtful: Doubtful) -> None:
        """What the document does not say as the note does: read once, then sent by a second click."""
        if draft is self._c.draft:
            draft.warned = (note.text, doubtful.warnings)
        self._c.held.emit(draft, fr.checks(doubtful.warnings), True)

    def _ask_who_sees(self, draft: Draft, sensitive: Sensitive) -> None:
        """Once a draft: the answer sends it."""
        self._c.held.emit(draft, "", False)
        if draft is self._c.draft:
            self._c.preview_button.setChecked(False)
            self._c.sensitive.ask(draft, sensitive.topics)

    def _choose_visibility(self, visibility: Visibility | None) -> None:
        self._c.sensitive.close_question()
        draft = self._c.draft
        if draft:
            draft.visibility, draft.visibility_chosen = visibility, True
            self._c.options.show_draft(draft)
            self.send()

    def _leave_question(self) -> None:
        self._c.sensitive.close_question()
        self._c.editor.setFocus()
