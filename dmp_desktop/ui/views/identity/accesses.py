"""Who got at an INS, when and why (INS/va1.39): read when asked for, hidden for who has none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.identity import Identity
from dmp_desktop.domain.ins_access import InsAccess
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.identity_ports import IdentityPort
from dmp_desktop.ui.views.identity.acting import ActingPage
from dmp_desktop.ui.widgets.labels import PlainLabel

SHOWN = 20
"""The latest ones: `dmp identity accesses` lists them all."""


class AccessesPanel(QWidget):
    """Of whoever is shown; `page` asks for it."""

    def __init__(self, page: ActingPage, port: IdentityPort) -> None:
        super().__init__()
        self._page, self._port = page, port
        self._identity: Identity | None = None
        self.ask, self.told = QPushButton(fr.ACCESSES_ASK), PlainLabel(role="muted", wrap=True)
        self.ask.clicked.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.ask)
        column.addWidget(self.told)
        self.clear()

    def clear(self) -> None:
        self._identity = None
        self.told.clear()
        self.told.hide()
        self.hide()

    def offer(self, identity: Identity) -> None:
        """Nothing for somebody without a number."""
        self.clear()
        self._identity = identity
        self.setVisible(identity.matricule is not None)

    def _ask(self) -> None:
        identity = self._identity
        if identity is not None:
            self._page.question(lambda: self._port.accesses(identity), partial(self._show, identity))

    def _show(self, identity: Identity, accesses: Sequence[InsAccess]) -> None:
        """The latest first; nothing once somebody else is shown."""
        if identity != self._identity:
            return
        lines = [fr.ACCESSES.format(len(accesses), len(accesses[:SHOWN]))]
        for one in accesses[:SHOWN]:
            day, by = formats.day_and_time(one.at), one.by or fr.ACCESS_NOBODY
            lines.append(fr.ACCESS.format(day=day, by=by, why=fr.ACCESS_WHY[one.why]))
        self.told.setText("\n".join(lines))
        self.told.show()
