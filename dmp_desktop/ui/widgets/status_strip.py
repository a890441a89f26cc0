"""The top line: who works here, cards, DMP, documents to send. A click shows the detail below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.widgets.labels import ElidedLabel, PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.services.session import SessionState


class StatusStrip(QFrame):
    """Shows no patient: it stays while the screen is masked. Until the first session it says that the program starts."""

    outbox_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._state: SessionState | None = None
        self._failed = False
        self._server: bool | None = None
        self._waiting = 0
        self.who = ElidedLabel()
        self.cps = PlainLabel()
        self.server = PlainLabel()
        self.outbox = QToolButton()
        self.outbox.clicked.connect(self.outbox_asked)
        self.more = QToolButton()
        self.more.setProperty("quiet", True)
        self.more.setCheckable(True)
        self.more.setAccessibleName(fr.STRIP_NAME)
        self.more.setToolTip(fr.STRIP_TIP)
        self.more.toggled.connect(self._toggle)
        self.detail = PlainLabel(role="muted", wrap=True)
        self.detail.hide()
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        line = QHBoxLayout()
        line.setSpacing(gap)
        line.addWidget(self.who, 1)
        for widget in (self.cps, self.server, self.outbox, self.more):
            line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 3, gap // 2, gap // 3)
        column.setSpacing(gap // 3)
        column.addLayout(line)
        column.addWidget(self.detail)

    def show_session(self, state: SessionState) -> None:
        self._state = state
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

    def mousePressEvent(self, _event: object) -> None:
        self.more.toggle()

    def refresh(self) -> None:
        """All texts and icons again, in the palette in use."""
        state = None if self._failed else self._state
        start = fr.NOT_STARTED if self._failed else fr.STARTING
        self.who.setText(_who(state) if state else start)
        _mark(self.cps, fr.CPS, state.cps_present if state else None)
        _mark(self.server, fr.DMP, self._server)
        self.outbox.setVisible(self._waiting > 0)
        self.outbox.setText(fr.TO_SEND.format(self._waiting))
        self.outbox.setAccessibleName(fr.OUTBOX_DETAIL.format(self._waiting))
        self.more.setIcon(icons.role_icon("info", "muted"))
        self.detail.setText("\n".join(self._details(state)) if state else start)

    def _details(self, state: SessionState) -> list[str]:
        return [
            fr.SERVICE_UP if state.service_up else fr.SERVICE_DOWN,
            fr.READERS.format(", ".join(state.readers) or fr.NO_READER),
            fr.CPS_DETAIL[state.cps_present],
            fr.VITALE_DETAIL[state.vitale_present],
            fr.SERVER_DETAIL[self._server],
            fr.OUTBOX_DETAIL.format(self._waiting),
        ]

    def _toggle(self, shown: bool) -> None:
        self.detail.setVisible(shown)


def _who(state: SessionState) -> str:
    who = [state.professional.display_name if state.professional else fr.NOT_SIGNED_IN]
    if state.facility:
        who.append(state.facility.name)
    return " · ".join(who)


def _mark(label: PlainLabel, name: str, good: bool | None) -> None:
    mark = fr.UNKNOWN_STATE if good is None else fr.YES if good else fr.NO
    label.setText(f"{name}\N{NO-BREAK SPACE}{mark}")
    label.set_role("muted" if good is None else "success" if good else "danger")
