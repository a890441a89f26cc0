"""The page of identities over the real service and store: only INSi is scripted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit

from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import DocumentKind, Doubt, Identity, StrictTraits
from dmp_desktop.domain.people import Role, Sex
from dmp_desktop.services.directory import IdentifiedPatients, KnownPatients
from dmp_desktop.services.identity_desk import IdentityDesk, LastVitale
from dmp_desktop.services.identity_proposal import Proposal
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.identity.desk import DeskActs
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.helpers.identities import Practice, number
from tests.ui import fakes

ADULT = StrictTraits("TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE ANNE", Sex.FEMALE, date(1997, 2, 26), "2A020")
CHILD = StrictTraits("TEST-OUVRANT", "ROSE", "ROSE", Sex.FEMALE, date(2015, 7, 14), "63113")
ON_CARD = Beneficiary("TEST-OUVRANT", "ROSE", "20150714", number("1810663113042").value, 1)


class Reader:
    def read(self, reader: str) -> VitaleIdentity:
        return VitaleIdentity((ON_CARD,), reader)


class SlowDesk(IdentityDesk):
    """The real one; what changes something waits for `gate` before it is done."""

    gate: threading.Event

    def accept(self, proposal: Proposal) -> Identity:
        self.gate.wait(120)
        return super().accept(proposal)

    def take_with_document(self, proposal: Proposal, document: str) -> Identity:
        self.gate.wait(120)
        return super().take_with_document(proposal, document)

    def see_document(self, identity: Identity, kind: DocumentKind) -> Identity:
        self.gate.wait(120)
        return super().see_document(identity, kind)

    def correct(self, identity: Identity, traits: StrictTraits) -> Identity:
        self.gate.wait(120)
        return super().correct(identity, traits)

    def doubt(self, identity: Identity, doubt: Doubt) -> Identity:
        self.gate.wait(120)
        return super().doubt(identity, doubt)

    def clear(self, identity: Identity) -> Identity:
        self.gate.wait(120)
        return super().clear(identity)

    def homonyms(self, traits: StrictTraits) -> list[Identity]:
        self.gate.wait(120)
        return super().homonyms(traits)


def slow_desk(practice: Practice, vitale: LastVitale, role: Callable[[], Role | None]) -> SlowDesk:
    directory = IdentifiedPatients(KnownPatients([fakes.LEA, fakes.PAUL]), practice.service)
    desk = SlowDesk(practice.service, directory, vitale, role, practice.accesses.accesses)
    desk.gate = threading.Event()
    desk.gate.set()
    return desk


class Page:
    """A page in a window of its own; `role` is signed in, `inside` whether a carte Vitale is in."""

    def __init__(self, practice: Practice, qtbot, *, desk: DeskActs | None = None) -> None:
        self.role, self.inside, self.who = Role.DOCTOR, True, fakes.DOCTOR
        self.vitale = LastVitale(Reader(), practice.clock)
        self.desk = slow_desk(practice, self.vitale, lambda: self.role)
        self.pool = TaskRunner(4)
        self.view = IdentityView(self.desk, self.pool, practice.clock, lambda: self.inside, lambda: self.who, desk=desk)
        qtbot.addWidget(self.view)
        self.view.resize(420, 900)
        self.view.show()

    def show(self, qtbot, traits: StrictTraits) -> None:
        self.view.show_for(None)
        self.view.show_identity(self.desk.known(traits))
        self.settle(qtbot)

    def settle(self, qtbot) -> None:
        qtbot.waitUntil(lambda: not self.pool.busy)


def texts(view: IdentityView) -> list[str]:
    """All words on the page, in fields too."""
    widgets = [*view.findChildren(QLabel), *view.findChildren(QAbstractButton), *view.findChildren(QLineEdit)]
    return [one.text() for one in widgets if not one.isHidden() and one.isVisibleTo(view)]


LATE = 21 * 60.0
"""Seconds: longer than a reading of a carte Vitale serves."""
