"""A secretary's morning and a doctor's day in the real window over HTTPS: from an agenda to a report that was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.consent import Channel, Subject
from dmp_desktop.domain.identity import DocumentKind
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui import strings_identity_fr as identity_fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.views.front_desk.room import WaitingRoomView
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from dmp_desktop.ui.views.identity.view import IdentityView
from tests.helpers.morning import AGENDA, desk_page, secretary_comes
from tests.helpers.real_window import RealWindow, real_window

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]


@pytest.fixture
def real(qapp, tmp_path: Path) -> Iterator[RealWindow]:
    """Nothing waits to be undone."""
    (tmp_path / "poste").mkdir()
    (tmp_path / "poste" / "settings.json").write_text('{"undo_seconds": 0}')
    with real_window(qapp, tmp_path) as real:
        yield real


def press(real: RealWindow, view: FrontDeskView, key: Qt.Key) -> None:
    view.list.view.setFocus()
    QTest.keyClick(view.list.view, key)


def told(view: FrontDeskView) -> str:
    return " ".join(check.text for check in view.detail.checks if check.isVisible())


def qualify(real: RealWindow, view: FrontDeskView, arrival_id: str) -> None:
    """From the line to a qualified identity and back, as the page of identities leads."""
    view.list.choose(arrival_id)
    press(real, view, Qt.Key.Key_I)
    identities = real.window.desk.findChild(IdentityView)
    assert identities is not None
    real.until(lambda: identities.isVisible() and identities.person.isVisible())
    identities.person.ask_traits.click()
    real.until(lambda: identities.answer.take.isVisible() and identities.form.isEnabled())
    identities.answer.take.click()
    real.until(lambda: "RÉCUPÉRÉE" in identities.person.status.text)
    seen = identity_fr.DOCUMENT[DocumentKind.PASSPORT]
    next(one for one in identities.person.documents.widgets if one.text() == seen).click()
    real.until(lambda: identities.person.status.text == "QUALIFIÉE")
    real.until(identities.desk.opinions.isVisible)
    for subject in Subject:
        identities.desk.opinions.noted.emit(subject, False, Channel.COUNTER)
        real.until(lambda: identities.form.isEnabled() and identities.said.text())
    bar = real.window.desk.findChildren(QLabel)
    assert any("Pour le rendez-vous" in label.text() for label in bar)
    link = next(one for one in identities.findChildren(type(identities.back)) if one.text() == fr.LINK)
    link.click()
    real.until(view.isVisible)


def test_from_the_agenda_to_a_report_that_was_sent(real: RealWindow) -> None:
    secretary_comes(real)
    view = desk_page(real)
    real.until(view.empty_words.isVisible)
    (real.desktop._wiring.paths.home / "agenda.csv").write_text(AGENDA)
    real.until(lambda: len(view.list.model.rows) == 5)  # watched: it comes by itself
    assert "ligne 7" in view.trouble.text().lower()
    first = view.list.model.rows[0].of.arrival
    qualify(real, view, first.arrival_id)
    real.until(lambda: "INS qualifiée" in told(view))
    press(real, view, Qt.Key.Key_A)
    real.until(lambda: view.list.line.arrival.stage is Stage.ARRIVED)
    press(real, view, Qt.Key.Key_D)
    real.until(lambda: "DMP existe" in told(view))
    assert "Avis notés" in told(view)
    assert view.list.line.ready
    press(real, view, Qt.Key.Key_Return)
    real.until(lambda: view.list.line.arrival.stage is Stage.HANDED)
    shown = " ".join(label.text() for label in real.window.findChildren(QLabel) if label.isVisible())
    assert "renouvellement" not in shown
    assert "fièvre" not in shown
    real.window.session.sign_out()
    real.until(lambda: real.window.session.state.phase is Phase.MASKED)
    assert view.list.model.rows == []
    _doctor(real, first.arrival_id)


def _doctor(real: RealWindow, arrival_id: str) -> None:
    """The same workstation: waiting room, record, note, outbox."""
    window = real.window
    real.sign_in()
    menu = window.banner.acts.menu()
    assert menu is not None
    next(line for line in menu.actions() if line.text() == window_fr.WAITING_ROOM).trigger()
    room = window.body.currentWidget()
    assert isinstance(room, WaitingRoomView)
    real.until(lambda: room.list.model.rows)
    row = room.list.model.rows[0]
    assert row.of.arrival.arrival_id == arrival_id
    assert row.card.mark == fr.READINESS[True]
    where = room.list.view.visualRect(room.list.model.index(0, 0)).center()
    QTest.mouseClick(room.list.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    real.until(lambda: window.session.state.patient is not None)
    patient = window.session.state.patient
    assert patient is not None
    assert patient.birth_family == "TEST-MOREAU"
    real.until(lambda: window.body.currentWidget() is real.page)
    arrivals = real.desktop._wiring.arrivals.arrivals
    real.until(lambda: {one.arrival_id: one for one in arrivals.listed().arrivals}[arrival_id].stage is Stage.SEEN)
    window.conductor.write()
    window.composer.editor.setPlainText("TA 13/8. HTA équilibrée, poursuite du traitement.")
    real.until(lambda: window.composer.can_send)
    window.conductor.send()
    real.until(lambda: window.outbox.items)
    real.desktop._wiring.outbox.flush()
    real.until(lambda: window.outbox.items[0].state is OutboxState.SENT)
    assert window.outbox.items[0].patient.ins.value == patient.ins.value
