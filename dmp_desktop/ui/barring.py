"""Why the note before the eyes does not leave, although it is ready: who is signed in, or the patient it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from dmp_desktop.domain.people import Patient, Role
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_card_fr as card_fr
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui.note_news import NOTE_NOTICE
from dmp_desktop.ui.widgets.action_bar import differ
from dmp_desktop.ui.widgets.notice_bar import Notice

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow
    from dmp_desktop.ui.views.compose.drafts import Draft


class Barring:
    """`objects` gives, in French, why nothing may be sent into a patient's DMP; to be set by who knows."""

    def __init__(self, window: MainWindow) -> None:
        self._w = window
        self.objects: Callable[[Patient], str] = lambda _patient: ""
        self.proposing: Callable[[Draft | None], str] | None = (
            None  # why a note is not proposed to a doctor, where that is done
        )

    @property
    def who(self) -> str:
        """Why who is signed in never sends; empty for who does."""
        state = self._w.session.state
        if state.role is not Role.TRAINEE:
            return ""
        return card_fr.TO_VALIDATE_DOUBT if state.doubt else card_fr.TO_VALIDATE

    def why(self, draft: Draft | None) -> str:
        """What is said beside the button that sends; empty where nothing bars it. `draft`: the note before the eyes."""
        if self.who and self.proposing is not None:
            return self.proposing(draft)
        return self.who or (self.objects(draft.patient) or self._nowhere(draft.patient) if draft else "")

    def _nowhere(self, patient: Patient) -> str:
        """The DMP says that this patient's record is not there to be fed; what it did not say bars nothing."""
        record = self._w.record
        if record.patient is None or record.status is None or differ(patient, record.patient):
            return ""
        if not record.status.exists:
            return fr.NO_RECORD_TO_FEED
        return fr.RECORD_CLOSED_TO_FEED if record.status.closed else ""

    def notice(self, draft: Draft | None) -> Notice | None:
        """What the key that sends answers. With the way to note another opinion, where that page is of the note's own patient."""
        if self.who and self.proposing is None:
            return Notice(self._w.session.state.doubt or self.who, tone="warning", key=NOTE_NOTICE)
        why = self.why(draft)
        if not why or draft is None:
            return None
        notice, record = Notice(why, fr.BUILD_SAFE, "warning", key=NOTE_NOTICE), self._w.record.patient
        if record is None or differ(draft.patient, record):
            return notice
        return replace(notice, button=access_fr.PAGE, act=self._w.access.show_page)
