"""An act on an identity whose page was left before its answer, in the real window: told to who asked, nobody named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from dmp_desktop.demo.stage import _certificate
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.identity import Doubt
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.insi import InsiAnswer, TraitQuery
from dmp_desktop.domain.people import Role
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from dmp_desktop.services.accounts import software_account
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_access_fr as access_fr
from dmp_desktop.ui import strings_identity_fr as fr
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.helpers.identities import ScriptedInsi
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow

PARENT = "1810663113042"
FATHER, CPE = "Vitale père", "Carte CPE"
HOLD_S = 20


@pytest.fixture
def real(qapp: QApplication, tmp_path: Path) -> Iterator[RealWindow]:
    with real_window(qapp, tmp_path) as running:
        running.stage.cards[FATHER] = VitaleCard([("TEST-OUVRANT", "HUGO", "19810607", PARENT + nir_key(PARENT))])
        yield running


class HeldOnce:
    """What it stands before; the first `name` asked of it waits for `gate`."""

    def __init__(self, real: Any, name: str) -> None:
        self._real, self._name, self._first = real, name, True
        self.began, self.gate = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._name:
            return found

        def held(*args: Any, **named: Any) -> Any:
            first, self._first = self._first, False
            if first:
                self.began.set()
                assert self.gate.wait(HOLD_S)
            return found(*args, **named)

        return held


def page_of_patient(real: RealWindow) -> IdentityView:
    acts = real.window.banner.acts.menu()
    assert acts is not None
    next(line for line in acts.actions() if line.text() == fr.ASK).trigger()
    view = real.window.body.currentWidget()
    assert isinstance(view, IdentityView)
    real.until(view.person.isVisible)
    return view


def click(real: RealWindow, view: IdentityView, text: str) -> None:
    def offered() -> list[QPushButton]:
        return [one for one in view.findChildren(QPushButton) if one.isVisible() and one.text() == text]

    real.until(lambda: len(offered()) == 1 and offered()[0].isEnabled())
    offered()[0].click()


def test_a_document_refused_once_the_record_was_closed_is_told_over_the_next_one(real: RealWindow) -> None:
    real.sign_in()
    real.open("ordinary")
    patient = real.window.session.state.patient
    assert patient is not None
    view = page_of_patient(real)
    view.person.documents.widgets[0].click()
    real.until(lambda: view.said.text() == fr.SEEN_DONE)
    identities = real.desktop._wiring.identities
    held = HeldOnce(identities._store, "put")
    identities._store = held
    shown = view._identity
    assert shown is not None
    view.person.documents.widgets[1].click()
    real.until(held.began.is_set)
    view.back.click()
    assert real.window.body.currentWidget() is real.page
    real.stage.remove(1)
    real.window.session.close_patient()
    real.until(lambda: real.window.session.state.phase is Phase.READY)
    real.open("chronic")
    other = real.window.session.state.patient
    assert other is not None
    assert other != patient
    identities.doubt(shown, Doubt.FICTITIOUS)  # by somebody else, meanwhile
    held.gate.set()
    notices = real.window.notices
    real.until(lambda: notices.isVisible() and fr.SEE in notices.what.text)
    said = f"{notices.what.text} {notices.safe.text()} {notices.code.text()}"
    for one in (patient, other):
        assert one.birth_family not in said
        assert one.ins.value not in said
    assert real.window.session.state.patient == other
    assert notices.button.text() == fr.CHECK_IDENTITY
    notices.button.click()
    real.until(lambda: isinstance(real.window.body.currentWidget(), IdentityView))
    shown_again = real.window.body.currentWidget()
    real.until(lambda: patient.birth_family in shown_again.person.traits.text())


def test_insi_failing_behind_the_lock_is_told_on_return(real: RealWindow) -> None:
    real.sign_in()
    real.open("ordinary")
    view = page_of_patient(real)
    answer = threading.Event()

    def late(_query: TraitQuery) -> InsiAnswer:
        assert answer.wait(HOLD_S)
        raise DmpError("Http503", "L'INSi ne répond pas.", "Les envois reprendront seuls.", retryable=True)

    real.desktop._wiring.identities._insi = lambda: ScriptedInsi(late)
    click(real, view, fr.ASK_TRAITS)
    real.window.session.lock()
    real.until(lambda: real.window.session.state.phase is Phase.LOCKED)
    answer.set()
    real.until(lambda: not real.window.tasks.general.busy)
    notices = real.window.notices
    assert not notices.isVisible()
    real.window.session.unlock()
    real.until(lambda: notices.isVisible() and fr.ASK_TRAITS in notices.what.text)
    assert "L'INSi ne répond pas." in notices.what.text
    assert notices.safe.text() == fr.LATE_REMEDY


def test_an_opinion_refused_once_the_secretary_left_is_told_when_she_is_back(real: RealWindow) -> None:
    """Her card was out before it could be noted in her name. The doctor who comes meanwhile reads nothing of it."""
    told = real.stage.ready["identities"]["secretary"]
    account = software_account(Path(told["p12"]), lambda: told["password"])
    real.desktop._wiring.desk._accounts[account.national_id] = account
    certificates = [_certificate(Path(told["p12"]) / name, told["password"]) for name in ("auth.p12", "sign.p12")]
    real.stage.cards[CPE] = CpsCard(*certificates)
    desk = real.window.desk

    def comes_in() -> IdentityView:
        real.stage.insert(0, CPE)
        real.until(lambda: real.window.session.state.role is Role.SECRETARY and desk.isVisible())
        (view,) = desk.findChildren(IdentityView)
        if view.trouble.isHidden():  # else what is told late is in front
            desk.front(view)
        real.until(view.isVisible)
        return view

    view = comes_in()
    real.stage.insert(1, FATHER)
    real.until(lambda: view.search.card.buttons)
    view.search.card.buttons[0].click()
    real.until(lambda: view.answer.documents.isVisible() and view.form.isEnabled())
    view.answer.documents.widgets[0].click()
    real.until(lambda: view.person.status.text == "QUALIFIÉE")
    real.until(view.desk.opinions.isVisible)
    acts = view.desk._acts
    assert acts is not None
    held = HeldOnce(acts.access, "record")
    view.desk._acts = replace(acts, access=held)
    view.desk.opinions.opinions[Subject.FEEDING].oppose.click()
    real.until(held.began.is_set)
    real.stage.remove(1)
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    held.gate.set()
    real.until(lambda: not real.window.tasks.general.busy)
    real.sign_in()
    assert not real.window.notices.isVisible()
    real.stage.remove(0)
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    view = comes_in()
    real.until(view.trouble.isVisible)
    assert access_fr.NOTE_OPPOSED in view.trouble.text()
    assert "OUVRANT" not in view.trouble.text()
    assert view.person.isHidden()
