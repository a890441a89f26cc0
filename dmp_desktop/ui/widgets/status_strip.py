"""The top line: who works here, cards, DMP, documents to send. A click shows the detail below."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.widgets.labels import ElidedLabel, PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.services.session import SessionState

EXPIRY_DAYS = 30
"""From how many days before its end the card's renewal is spoken of."""


class StatusStrip(QFrame):
    """Shows no patient: it stays while the screen is masked. Until the first session it says that the program starts."""

    outbox_asked = Signal()
    lock_asked = Signal()
    place_asked = Signal()
    sign_out_asked = Signal()
    diagnostic_asked = Signal()
    told = Signal()  # something of it may be another

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._state: SessionState | None = None
        self._failed = False
        self._today: date | None = None
        self._server: bool | None = None
        self._waiting = 0
        self.who = ElidedLabel()
        self.cps = PlainLabel()
        self.server = PlainLabel()
        self.outbox = QToolButton()
        self.outbox.clicked.connect(self.outbox_asked)
        self.session = QToolButton()
        self.session.setProperty("quiet", True)
        self.session.setAccessibleName(fr.SESSION_MENU)
        self.session.setToolTip(fr.SESSION_MENU)
        self.session.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.session.setMenu(QMenu(self.session))
        self.lock = self.session.menu().addAction(f"{fr.LOCK}\t{fr.LOCK_KEY}")
        self.change_place = self.session.menu().addAction(fr.CHANGE_PLACE)
        self.sign_out = self.session.menu().addAction(fr.SIGN_OUT)
        self.lock.triggered.connect(self.lock_asked)
        self.change_place.triggered.connect(self.place_asked)
        self.sign_out.triggered.connect(self.sign_out_asked)
        self.place = QToolButton()  # where the window stands
        self.place.setProperty("quiet", True)
        self.place.setAccessibleName(fr.WINDOW_MENU)
        self.place.setToolTip(fr.WINDOW_MENU)
        self.place.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.place.hide()
        self.more = QToolButton()
        self.more.setProperty("quiet", True)
        self.more.setCheckable(True)
        self.more.setAccessibleName(fr.STRIP_NAME)
        self.more.setToolTip(fr.STRIP_TIP)
        self.more.toggled.connect(self._toggle)
        self.day = PlainLabel(role="muted", wrap=True)  # what has not left of it
        self.call = PlainLabel(role="accent", wrap=True)  # from the practice software, while nobody is there
        self.card = PlainLabel(role="warning", wrap=True)
        self.detail = PlainLabel(role="muted", wrap=True)
        for line in (self.call, self.day, self.detail):
            line.hide()
        self.can_diagnose = False
        self.diagnostic = QPushButton(fr.DIAGNOSTIC)
        self.diagnostic.setToolTip(fr.DIAGNOSTIC_TIP)
        self.diagnostic.clicked.connect(self.diagnostic_asked)
        self.diagnostic.hide()
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        line = QHBoxLayout()
        line.setSpacing(gap)
        line.addWidget(self.who, 1)
        for widget in (self.cps, self.server, self.outbox, self.session, self.place, self.more):
            line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 3, gap // 2, gap // 3)
        column.setSpacing(gap // 3)
        column.addLayout(line)
        column.addWidget(self.call)
        column.addWidget(self.day)
        column.addWidget(self.card)
        column.addWidget(self.detail)
        column.addWidget(self.diagnostic, 0, Qt.AlignmentFlag.AlignLeft)

    def offer_window(self, menu: QMenu) -> None:
        """Where the window stands, in a menu of its own: with or without a card."""
        self.place.setMenu(menu)
        self.place.show()

    @property
    def server_answered(self) -> bool | None:
        """Whether the DMP answered the last call; None before the first."""
        return self._server

    @property
    def waiting(self) -> int:
        """Documents to send."""
        return self._waiting

    def show_session(self, state: SessionState, today: date) -> None:
        self._state, self._today = state, today
        self.refresh()

    def show_start(self, *, failed: bool) -> None:
        """Whether the program could not be opened, and there will be no session."""
        self._failed = failed
        self.refresh()

    def show_server(self, answered: bool | None) -> None:
        self._server = answered
        self.refresh()

    def show_waiting(self, count: int) -> None:
        self._waiting = count
        self.refresh()

    def show_call(self, words: str) -> None:
        self.call.setText(words)
        self.call.setVisible(bool(words))

    def show_day(self, words: str) -> None:
        self.day.setText(words)
        self.day.setVisible(bool(words))

    def mousePressEvent(self, _event: object) -> None:
        self.more.toggle()

    def refresh(self) -> None:
        """All texts and icons again, in the palette in use."""
        state = None if self._failed else self._state
        start = fr.NOT_STARTED if self._failed else fr.STARTING
        self.who.setText(_who(state) if state else start)
        by_psc = state is not None and _by_psc(state)
        _mark(self.cps, fr.E_CPS if by_psc else fr.CPS, by_psc or state.cps_present if state else None)
        _mark(self.server, fr.DMP, self._server)
        self.outbox.setVisible(self._waiting > 0)
        self.outbox.setText(fr.TO_SEND.format(self._waiting))
        self.outbox.setAccessibleName(fr.OUTBOX_DETAIL.format(self._waiting))
        self.session.setIcon(icons.role_icon("person", "muted"))
        self.session.setVisible(state is not None and state.professional is not None)
        without_card = state is not None and (state.without_card or not state.cps_present)
        self.sign_out.setVisible(without_card)
        self.change_place.setVisible(state is not None and not without_card)
        self.card.setText(self._warning(state) if state else "")
        self.card.setVisible(bool(self.card.text()))
        self.place.setIcon(icons.role_icon("panel", "muted"))
        self.more.setIcon(icons.role_icon("info", "muted"))
        self.detail.setText("\n".join(self._details(state)) if state else start)
        self.told.emit()

    def _warning(self, state: SessionState) -> str:
        """Readers that cannot be used, as long as no card is seen in another one; else what is special about the card."""
        return self._card_words(state) if state.cps_present else " ".join(_unusable(state))

    def _card_words(self, state: SessionState) -> str:
        """What is special about the card in use: a test card, one that ends soon."""
        card, today = state.card, self._today
        if card is None or today is None:
            return ""
        words = [fr.TEST_CARD + "."] if card.is_test else []
        until = card.valid_until.astimezone().date()
        days = (until - today).days
        if days < 0:
            words.append(fr.CARD_EXPIRED.format(day=_day(until)))
        elif days <= EXPIRY_DAYS:
            left = fr.DAYS_LEFT.get(days) or fr.IN_DAYS.format(days)
            words.append(fr.CARD_EXPIRES.format(day=_day(until), left=left))
        return " ".join(words)

    def _details(self, state: SessionState) -> list[str]:
        return [
            fr.SERVICE_UP if state.service_up else fr.SERVICE_DOWN,
            fr.READERS.format(", ".join(state.readers) or fr.NO_READER),
            *_unusable(state),
            *([fr.E_CPS_DETAIL] if _by_psc(state) else []),
            _unread(state) if state.unread else fr.CPS_DETAIL[state.cps_present],
            fr.VITALE_DETAIL[state.vitale_present],
            fr.SERVER_DETAIL[self._server],
            fr.OUTBOX_DETAIL.format(self._waiting),
        ]

    def _toggle(self, shown: bool) -> None:
        self.detail.setVisible(shown)
        self.diagnostic.setVisible(shown and self.can_diagnose)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _by_psc(state: SessionState) -> bool:
    """An administrator came without a card too, by no e-CPS."""
    return state.without_card and state.professional is not None and state.role != "administrator"


def _who(state: SessionState) -> str:
    """Name, role, place; or why there is nobody."""
    from dmp_desktop.domain import roles
    from dmp_desktop.domain.cards import PinState  # not before there is a session: the window comes first

    if state.professional is None:
        if state.without_card:
            return fr.WITHOUT_CARD
        if state.unread:
            return _unread(state)
        if state.pin and state.pin.state is PinState.LOCKED:
            return fr.CARD_LOCKED
        if state.pin and state.pin.refused:
            return fr.CARD_UNUSABLE
        return fr.SIGNING_IN[state.phase] if state.cps_present else fr.NOT_SIGNED_IN
    who = [state.professional.display_name]
    if state.role:
        who.append(fr.ROLE_DOUBT if state.doubt else roles.WORDS[state.role])
    if state.facility:
        who.append(state.facility.name)
    return " · ".join(who)


def _unusable(state: SessionState) -> list[str]:
    from dmp_desktop.domain.cards import usable_reader  # not before there is a session: the window comes first

    return [fr.READER_UNUSABLE.format(name) for name in state.readers if not usable_reader(name)]


def _unread(state: SessionState) -> str:
    from dmp_desktop.services.session_state import BUSY  # not before there is a session: the window comes first

    return fr.CARD_BUSY if state.unread == BUSY else fr.NOT_READ


def _mark(label: PlainLabel, name: str, good: bool | None) -> None:
    mark = fr.UNKNOWN_STATE if good is None else fr.YES if good else fr.NO
    label.setText(f"{name}\N{NO-BREAK SPACE}{mark}")
    label.set_role("muted" if good is None else "success" if good else "danger")
