"""The day's list in the window: at the desk of a secretary from her sign-in to the end of it, and the doctor's waiting room."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.people import Professional, Role
from dmp_desktop.services.front_desk import DeskLine
from dmp_desktop.services.session_state import SIGNED_IN, Phase, SessionState
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.front_desk_ports import FrontDeskPort
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.views.front_desk.link_bar import LinkBar
from dmp_desktop.ui.views.front_desk.room import WaitingRoomView
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from dmp_desktop.ui.views.identity.desk_flow import DeskFlow
from dmp_desktop.ui.widgets.notice_bar import of_error

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


class FrontDeskFlow(QObject):
    """One page for as long as the window, beside the page of identities, opened for a line and linked to it by a click."""

    changed = Signal()  # the list, from whatever thread

    def __init__(self, window: MainWindow, port: FrontDeskPort, identity: IdentityPort, identities: DeskFlow) -> None:
        super().__init__(window)
        self._w, self._port, self._identity, self._identities = window, port, identity, identities
        self._page: FrontDeskView | None = None
        self._room: WaitingRoomView | None = None
        self._bar: LinkBar | None = None
        self._who: Professional | None = None  # at the desk
        self._last: Professional | None = None
        self._awaited: tuple[DeskLine, str] | None = None  # whom the doctor opens, and their number
        self._vitale = False  # a carte Vitale is in
        self.changed.connect(self._look_again, Qt.ConnectionType.QueuedConnection)
        port.follow(self.changed.emit)
        window.session.changed.connect(self.follow)

    # The desk

    def follow(self, state: SessionState) -> None:
        self._note_seen(state)
        at_desk = state.phase in SIGNED_IN and state.role is Role.SECRETARY
        former, self._who = self._who, state.professional if at_desk else None
        if self._who is None:
            if former is not None:
                self._leave()
            if self._page is not None and not _same(self._last, state.professional):
                self._page.forget()
        elif former is None:
            page = self._made()
            self._w.desk.give(page, fr.TAB, first=True, table=True)
            page.show_for(None)
            if self._identities.page().trouble.isHidden():  # else it tells what failed once she had left
                self._w.desk.front(page)
                page.setFocus()  # in no field: what is typed at a sign-in ends nowhere
        elif not _same(former, self._who):
            self._clear()
            if self._page is not None:
                self._page.forget()
                self._page.show_for(None)
                self._w.desk.front(self._page)
        elif state.vitale_present and not self._vitale and self._page is not None:
            self._meet_card(self._page)
        self._vitale = state.vitale_present
        self._last = state.professional

    def _meet_card(self, page: FrontDeskView) -> None:
        """A carte Vitale was put in: whose it is stands on the page of identities. Nothing that is typed is taken away."""
        if page.isVisible() and not page.form_panel.isVisible():
            self._w.desk.front(self._identities.page())

    def _leave(self) -> None:
        self._clear()
        if self._page is not None:
            self._w.desk.take_back(self._page)

    def _clear(self) -> None:
        if self._page is not None:
            self._page.clear()
        if self._bar is not None:
            self._bar.clear()

    def _made(self) -> FrontDeskView:
        if self._page is None:
            page = self._page = FrontDeskView(self._port, self._w.tasks.general, self._w.desk)
            page.identity_asked.connect(self._open_identity)
            page.failed.connect(lambda error: self._w.notices.tell(of_error(error)))
            self._w.parts.append(page)
        return self._page

    def _look_again(self) -> None:
        for page in (self._page, self._room):
            if page is not None:
                page.look_again()

    # Who it is

    def _open_identity(self, line: DeskLine) -> None:
        """The one who is sure, or the only one it may be; else what the line tells, to be looked for or begun."""
        view = self._identities.page()
        if self._bar is None:
            bar = self._bar = LinkBar()
            view.column.insertWidget(0, bar)
            bar.linked.connect(self._link)
            bar.left.connect(self._back)
            view.left.connect(self._back)
        self._bar.show_line(line)
        view.show_for(None)
        self._w.desk.front(view)
        known = line.identity or (line.candidates[0] if len(line.candidates) == 1 else None)
        traits = self._port.begin(line.arrival)
        if known is not None:
            view.show_identity(known)
        elif traits is not None:
            view.begin_with(traits)
        view.setFocus()

    def _link(self) -> None:
        bar, view = self._bar, self._identities.page()
        line, identity = bar.line if bar else None, view.shown
        if line is None:
            return
        if identity is None:
            view.tell(fr.NOBODY_SHOWN)
            return

        def mean() -> Identity:
            now = self._identity.now(identity)
            self._port.means(line.arrival, now)
            return now

        view.ask(mean, lambda _identity: self._back(), view.say)

    def _back(self) -> None:
        if self._page is not None and self._who is not None:
            if self._bar is not None:
                self._bar.clear()
            self._w.desk.front(self._page)
            self._page.lead()

    # The doctor

    def room(self) -> WaitingRoomView:
        """The page, to be opened in the place of the record."""
        session = self._w.session
        room = self._room = WaitingRoomView(
            self._port, self._w.tasks.general, lambda: session.state.professional, self._w.body
        )
        room.chosen.connect(self._open_record)
        return room

    def _open_record(self, line: DeskLine) -> None:
        """As somebody who presents themselves: over another open record, the usual question is asked."""
        session, room = self._w.session, self._room

        def find() -> tuple[Beneficiary, ...]:
            (person,) = self._port.present(line.arrival)
            self._awaited = line, person.nir  # seen once it is this record that is open, maybe after the question
            return (person,)

        def presented() -> None:
            state = session.state
            if state.notice or state.phase not in (Phase.OPEN, Phase.CHOOSING):
                return
            self._note_seen(state)
            if self._w.body.currentWidget() is room:
                self._w.pages.leave()

        session.present(find, presented)

    def _note_seen(self, state: SessionState) -> None:
        """Whom the doctor clicked on is with them, once their record is the open one; another one, or none, ends the wait."""
        if self._awaited is None or state.phase is Phase.CHOOSING:
            return
        (line, number), self._awaited = self._awaited, None
        if state.phase is Phase.OPEN and state.patient is not None and state.patient.ins.value == number:
            seen = partial(self._port.seen_by, line.arrival)
            self._w.tasks.general.submit(seen, lambda _done: None, self._w.session.failed.emit)


def _same(one: Professional | None, other: Professional | None) -> bool:
    return one is not None and other is not None and (one == other or one.is_also(other))
