"""The page of identities at the front desk, from the sign-in of a secretary to the end of her session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dmp_desktop.domain.people import Patient, Professional, Role
from dmp_desktop.domain.ports import Clock
from dmp_desktop.services.session_state import SIGNED_IN, SessionState
from dmp_desktop.ui import strings_desk_fr as desk_fr
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.views.identity.acting import Late
from dmp_desktop.ui.views.identity.desk import DeskActs
from dmp_desktop.ui.views.identity.view import IdentityView

if TYPE_CHECKING:
    from dmp_desktop.ui.main_window import MainWindow


class DeskFlow(QObject):
    """One page for as long as the window: what was asked in it may end when nobody is at the desk any more. What failed is told
    to who asked, once they are back there."""

    def __init__(self, window: MainWindow, port: IdentityPort, acts: DeskActs, clock: Clock) -> None:
        super().__init__(window)
        self._w, self._port, self._acts, self._clock = window, port, acts, clock
        self._made: IdentityView | None = None
        self._who: Professional | None = None  # at the desk
        self._last: Professional | None = None  # before the screen, whatever they do there
        self._awaited: list[Late] = []
        window.session.changed.connect(self._follow)

    def _follow(self, state: SessionState) -> None:
        at_desk = state.phase in SIGNED_IN and state.role is Role.SECRETARY
        former, self._who = self._who, state.professional if at_desk else None
        if self._who is None:
            if former is not None and self._made is not None:
                self._made.clear()
                self._w.desk.take_back(self._made)
            if self._made is not None and (state.professional is None or self._is_other(state.professional)):
                self._made.forget()
            self._last = state.professional
            return
        self._last = state.professional
        page = self.page()
        if former is None:
            self._w.desk.give(page, desk_fr.IDENTITIES_TAB)
            page.show_for(None)
            page.setFocus()  # in no field: what is typed at a sign-in ends nowhere
        elif former == self._who or former.is_also(self._who):
            page.look_at_card()
        else:
            page.clear()
            page.forget()
            page.show_for(None)  # somebody else came, without a moment in which all was covered
        self._tell()

    def _is_other(self, who: Professional) -> bool:
        return self._last is not None and not self._last.is_also(who)

    def page(self) -> IdentityView:
        """Made when first asked for."""
        if self._made is None:
            session = self._w.session
            self._made = IdentityView(
                self._port,
                self._w.tasks.general,
                self._clock,
                lambda: session.state.vitale_present,
                lambda: session.state.professional,
                self._w.desk,
                desk=self._acts,
            )
            self._made.back.hide()
            self._made.late.connect(self._keep)
            self._made.desk.noted.connect(self._noted)
        return self._made

    def _noted(self, patient: Patient, consultation: bool) -> None:
        """A doctor may have come, and opened that record, before it was."""
        if self._made is not None:
            self._w.access.follow_act(self._made, patient, anew=consultation)

    def _keep(self, late: Late) -> None:
        self._awaited.append(late)
        self._tell()

    def _tell(self) -> None:
        for late in tuple(self._awaited):
            if self._made is not None and late.who is not None and late.who.is_also(self._who):
                self._awaited.remove(late)
                self._made.tell_late(late)
                self._w.desk.front(self._made)  # a failure is not told behind another page
