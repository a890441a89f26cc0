"""What became of an act that somebody asked for: told to them, at once or when they are back, and to nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.access import DossierStatus
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_access_fr as fr
from dmp_desktop.ui.widgets.identity_banner import dmp_state
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow

ACT_NOTICE, LATE_NOTICE = "act", "late act"


class ActNews(QObject):
    """Made after what shows the session: what it tells comes last, and over what it was shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._w = window
        self._unread: list[tuple[Professional, Notice]] = []
        self._shown: set[str] = set()  # keys of those that the notice bar has
        self._count = 0
        self._doubt: tuple[Professional, Patient, str] | None = None  # an act whose answer was lost
        window.session.changed.connect(self._come_back)
        window.record.status_changed.connect(self._tell_truth)
        window.notices.read.connect(self._forget)

    def tell(self, who: Professional, notice: Notice) -> None:
        """`notice` names no patient: another one may be on screen by the time it is read, or none."""
        self._count += 1
        self._unread.append((who, replace(notice, key=f"{LATE_NOTICE} {self._count}", lasting=True)))
        self._come_back()

    def failed(self, who: Professional, patient: Patient, act: str, error: DmpDesktopError) -> None:
        """`act` (the words of its button), asked for a patient who may no longer be on screen. Nothing repeats an act by itself,
        whatever the error says of what is sent."""
        unknown = getattr(error, "ambiguous", False)
        if self._is_there(who) and patient == self._w.record.patient:
            if unknown:
                self._doubt = who, patient, act
                text = fr.ACT_UNKNOWN.format(act=act)
                self._tell_here(Notice(text, fr.ACT_ASKED_ANEW, "warning", error.code))
                return
            text = f"{fr.ACT_FAILED.format(act=act, why=error.why_fr)} {_remedy(error)}".strip()
            self._w.notices.tell(replace(of_error(error, key=ACT_NOTICE), text=text))
        else:
            words = fr.ACT_UNKNOWN_LATE if unknown else fr.ACT_FAILED_LATE
            remedy = fr.ACT_UNKNOWN_LATE_REMEDY if unknown else fr.ACT_LATE_REMEDY
            self.tell(who, Notice(words.format(act=act, why=error.message_fr), remedy, "danger", error.code))

    def _tell_truth(self, status: DossierStatus) -> None:
        """The DMP, asked anew, says how the record stands: it is told of the act that was not answered."""
        if self._doubt is None:
            return
        who, patient, act = self._doubt
        if patient == self._w.record.patient:
            self._doubt = None
            if self._is_there(who):
                state = _state(act, status)
                self._tell_here(Notice(fr.ACT_TRUTH.format(act=act, state=state), tone="warning"))

    def _tell_here(self, notice: Notice) -> None:
        self._w.notices.tell(replace(notice, key=ACT_NOTICE, lasting=True))

    def _come_back(self) -> None:
        """Each is told by itself, with its own way back, until it was read: whoever left before has it again."""
        for who, notice in self._unread:
            there, shown = self._is_there(who), notice.key in self._shown
            if there and not shown:
                self._shown.add(notice.key)
                self._w.notices.tell(notice)
            elif shown and not there:
                self._shown.remove(notice.key)
                self._w.notices.clear(notice.key)

    def _forget(self, read: Notice) -> None:
        self._unread = [(who, notice) for who, notice in self._unread if notice.key != read.key]

    def _is_there(self, who: Professional) -> bool:
        state = self._w.session.state
        return self._w.gate.open(state) and who.is_also(state.professional)


def _state(act: str, status: DossierStatus) -> str:
    if act in (fr.DECLARE, fr.END_ATTENDING):
        return (fr.ATTENDING_YES if status.attending else fr.ATTENDING_NO)[0]
    return dmp_state(status)[0]


def _remedy(error: DmpDesktopError) -> str:
    return fr.ACT_REMEDY if getattr(error, "retryable", False) else error.remedy_fr
