"""Changes of the open document: offered, asked about where they are for good, made, told with the way back, listed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.domain.people import Patient, Professional
from dmp_desktop.errors import DmpDesktopError, DmpError
from dmp_desktop.services.document_changes import REVERSE, Change, Offer
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_properties_fr as fr
from dmp_desktop.ui.properties_ports import PropertiesPort
from dmp_desktop.ui.record import RecordController
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.documents.properties import PropertiesPanel, agreed
from dmp_desktop.ui.widgets.notice_bar import Notice, of_error

KEY = "properties"
_STALE = frozenset(("XDSMetadataVersionError", "DocumentInconnu"))
"""Refusals that say the list is out of date."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asked for what."""

    who: Professional
    change: Change


class Changes(QObject):
    """One document at a time. What comes late for another one, another record or somebody else changes and shows nothing; that
    it was not done is told to who asked, without saying whose record it was.

    `ask` puts the question before what is for good; it may be replaced. `awaited` tells whether what is to replace the document
    of this uniqueId has not left yet.
    """

    told = Signal(object)  # Notice
    told_late = Signal(object, object)  # Professional who asked, Notice
    left = Signal()
    stale = Signal(object)  # the DocumentEntry that is no longer as it was listed, or may not be

    def __init__(
        self,
        port: PropertiesPort,
        record: RecordController,
        pool: TaskRunner,
        panel: PropertiesPanel,
        who: Callable[[], Professional | None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._port, self._record, self._pool, self._panel, self._who = port, record, pool, panel, who
        self.entry: DocumentEntry | None = None
        self.ask: Callable[[DocumentEntry, Change], bool] = self._agreed
        self.awaited: Callable[[str], bool] = lambda _unique_id: False
        self._parent = parent
        self._turn = 0
        self._wanted: Change | None = None
        self._under_way: set[tuple[Patient, str]] = set()  # uniqueIds of what is being changed
        panel.asked.connect(self._asked)
        panel.left.connect(self.leave)

    def open(self, entry: DocumentEntry, wanted: Change | None = None) -> None:
        """Shows the panel; `wanted` is asked for at once when it is offered."""
        patient = self._record.patient
        if patient is None:
            return
        self.forget()
        self.entry, self._wanted = entry, wanted
        self._panel.show_entry(entry)
        turn, attending = self._turn, self._attending
        self._pool.submit(
            lambda: self._port.deposited(patient, entry),
            lambda when: self._panel.show_deposited(when) if turn == self._turn else None,
            lambda _error: self._panel.show_deposited(None) if turn == self._turn else None,
        )
        if (patient, entry.unique_id) in self._under_way:
            self._panel.work()
            return
        self._pool.submit(
            lambda: self._port.offers(patient, entry, attending=attending),
            lambda offers: self._offered(offers) if turn == self._turn else None,
            lambda error: self._refused(error) if turn == self._turn else None,
        )

    def leave(self) -> None:
        self.forget()
        self.left.emit()

    def forget(self) -> None:
        self._turn += 1
        self.entry = self._wanted = None
        self._panel.clear()

    @property
    def _attending(self) -> bool:
        return self._record.status is not None and self._record.status.attending

    def _offered(self, offers: tuple[Offer, ...]) -> None:
        self._panel.show_offers(offers)
        wanted, self._wanted = self._wanted, None
        offer = next((one for one in offers if one.change is wanted and one.why is None), None)
        if offer:
            self._asked(offer)

    def _asked(self, offer: Offer) -> None:
        patient, entry, who, turn = self._record.patient, self.entry, self._who(), self._turn
        if patient is None or entry is None or who is None:
            return
        if offer.final and not self.ask(entry, offer.change):
            return
        if turn != self._turn or patient != self._record.patient or who != self._who():
            return  # the question was answered for another document, another record, or by somebody else
        self._panel.work()
        attending, by, change = self._attending, who.national_id, offer.change
        self._run(
            patient,
            entry,
            lambda: self._port.change(patient, entry, change, attending=attending, by=by),
            lambda: self._changed(patient, entry, offer, who),
            Wish(who, change),
        )

    def _changed(self, patient: Patient, entry: DocumentEntry, offer: Offer, who: Professional) -> None:
        change, attending, by = offer.change, self._attending, who.national_id

        def back() -> None:
            if patient == self._record.patient:
                self._run(
                    patient,
                    entry,
                    lambda: self._port.take_back(patient, entry, change, attending=attending, by=by),
                    lambda: self._tell_done(entry, Notice(fr.DONE[REVERSE[change]], tone="success", key=KEY)),
                    Wish(who, REVERSE[change]),
                )

        notice = Notice(fr.DONE[change], tone="success", key=KEY)
        self._tell_done(entry, notice if offer.final else replace(notice, button=fr.WAY_BACK, act=back))

    def _tell_done(self, entry: DocumentEntry, notice: Notice) -> None:
        """The list is asked for again: synthesis, search and Nouveautés follow it."""
        if self.entry is not None and self.entry.unique_id == entry.unique_id:
            self.forget()
        self.stale.emit(entry)
        self.told.emit(notice)
        self._record.refresh()

    def _run(
        self,
        patient: Patient,
        entry: DocumentEntry,
        work: Callable[[], None],
        done: Callable[[], None],
        wish: Wish,
    ) -> None:
        """What was done in a record is told in that record only; what was not is told in any case. One change of a document
        at a time, whichever way it was asked for."""
        key = (patient, entry.unique_id)
        if key in self._under_way:
            return
        self._under_way.add(key)

        def finished(_nothing: None) -> None:
            self._under_way.discard(key)
            if patient == self._record.patient:
                done()

        def failed(error: DmpDesktopError) -> None:
            self._under_way.discard(key)
            if patient == self._record.patient and wish.who == self._who():
                self._failed(entry, error)
            else:
                self.told_late.emit(wish.who, _late(entry, wish.change, error))

        self._pool.submit(work, finished, failed)

    def _failed(self, entry: DocumentEntry, error: DmpDesktopError) -> None:
        if isinstance(error, DmpError) and error.ambiguous:
            self._tell_done(entry, Notice(fr.UNKNOWN, tone="warning", code=error.code, key=KEY, lasting=True))
        elif error.code in _STALE:
            self._tell_done(entry, of_error(error, fr.STALE, key=KEY))
        else:
            self.told.emit(of_error(error, fr.NOTHING_DONE, key=KEY))
            if self.entry is not None and self.entry.unique_id == entry.unique_id:
                self.open(self.entry)

    def _agreed(self, entry: DocumentEntry, change: Change) -> bool:
        patient = self._record.patient
        awaited = change is Change.DELETE and self.awaited(entry.unique_id)
        more = fr.AWAITED_BY if awaited else ""
        return patient is not None and agreed(self._parent, patient, entry, change, more)

    def _refused(self, error: DmpDesktopError) -> None:
        self._panel.say(error.told_fr)


def _late(entry: DocumentEntry, change: Change, error: DmpDesktopError) -> Notice:
    """Over another record or none: no name, no title, and no remedy of a moment that has passed."""
    unknown = isinstance(error, DmpError) and error.ambiguous
    words = fr.LATE_UNKNOWN if unknown else fr.LATE_NOT_DONE
    text = words.format(change=fr.CHANGES[change].rstrip("…"), day=formats.day(entry.creation_time))
    return Notice(text, f"{error.message_fr} {fr.LATE_REMEDY}", "danger", error.code)
