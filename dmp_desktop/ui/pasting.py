"""One act: what another program has put in the clipboard, read once and then, becomes a note of the open record, or proposes a
patient. The clipboard is never watched; nothing of it is kept but the draft.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut

from dmp_desktop.domain import roles
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.domain.ports import Clock
from dmp_desktop.domain.roles import Task
from dmp_desktop.ui import strings_received_fr as fr
from dmp_desktop.ui.received_ports import PastingPort
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

if TYPE_CHECKING:
    from dmp_desktop.exchange.note_file import FileNote
    from dmp_desktop.services.pasted import Pasted
    from dmp_desktop.ui.main_window import MainWindow

NOTICE = "pasted"
RTF = ("text/rtf", "application/rtf", 'application/x-qt-windows-mime;value="Rich Text Format"')


class Pasting(QObject):
    """In the menu of other acts, and by its keys."""

    def __init__(self, window: MainWindow, port: PastingPort, clock: Clock) -> None:
        super().__init__(window)
        self._w, self._port, self._clock = window, port, clock
        self.line = window.banner.offer_act(f"{fr.PASTE}\t{_keys()}", self.paste, of_patient=False)
        QShortcut(QKeySequence(fr.PASTE_KEY), window).activated.connect(self.paste)

    def paste(self) -> None:
        state = self._w.session.state
        if not self._w.gate.open(state) or state.professional is None:
            return
        data = QGuiApplication.clipboard().mimeData()
        if data is not None and data.hasUrls():
            self._tell(fr.PASTE_FILE, "warning")
            return
        pasted, patient, who = read(data), state.patient, state.professional
        self._w.notices.clear(NOTICE)
        self._w.tasks.general.submit(
            lambda: self._port.take(pasted),
            lambda note: self._taken(note, patient, who),
            lambda error: self._w.notices.tell(of_error(error, key=NOTICE)),
        )

    def _taken(self, note: FileNote | None, patient: Patient | None, who: Professional) -> None:
        """Of whom the record was open when it was asked for, or of nobody."""
        state = self._w.session.state
        if not self._w.gate.open(state) or state.role is None:
            return
        if note is None:
            self._tell(fr.PASTED_PATIENT, "success")
        elif why := roles.refusal(state.role, Task.WRITE_NOTES):
            self._tell(why, "warning")
        elif patient is None:
            self._tell(fr.PASTE_NO_PATIENT, "warning")
        elif state.patient != patient or not who.is_also(state.professional):
            self._tell(fr.PASTE_OTHER, "warning")
        else:
            began = self._clock.now().astimezone(UTC)
            draft = self._w.drafts.receive(patient, who, note.text, began, uuid4().hex)
            self._w.conductor.show_draft(draft)
            self._w.keeper.save_now()
            doubts = " ".join(fr.PASTED_DOUBT.format(doubt) for doubt in note.doubts)
            self._tell(f"{fr.PASTED_NOTE} {doubts}".strip(), "warning" if doubts else "success")

    def _tell(self, words: str, tone: str) -> None:
        self._w.notices.tell(Notice(words, tone=tone, key=NOTICE))


def offer_pasting(window: MainWindow, port: PastingPort | None, clock: Clock) -> None:
    if port is not None:
        Pasting(window, port, clock)


def read(data: QMimeData | None) -> Pasted:
    """One look, in the forms there are. The plainest is enough: what it says was chosen by who copied it."""
    from dmp_desktop.services.pasted import Pasted

    if data is None:
        return Pasted()
    if text := data.text().strip() if data.hasText() else "":
        return Pasted(text)
    rtf = next((bytes(data.data(name).data()) for name in RTF if data.hasFormat(name)), b"")
    return Pasted("", rtf, data.html() if data.hasHtml() and not rtf else "")


def _keys() -> str:
    return QKeySequence(fr.PASTE_KEY).toString(QKeySequence.SequenceFormat.NativeText)
