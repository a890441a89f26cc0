"""A secretary's morning and a doctor's day in the real window over HTTPS: from an agenda to a report that was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.platform.paths import training_station
from dmp_desktop.services.session import Phase
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui import strings_window_fr as window_fr
from dmp_desktop.ui.views.front_desk.room import WaitingRoomView
from dmp_desktop.ui.views.front_desk.view import FrontDeskView
from tests.helpers.morning import AGENDA, desk_page, in_menu, press, qualify, secretary_comes
from tests.helpers.real_window import RealWindow, real_window

pytestmark = pytest.mark.slow


@pytest.fixture
def real(qapp, tmp_path: Path) -> Iterator[RealWindow]:
    """Nothing waits to be undone."""
    training_station(tmp_path).home.mkdir()
    (training_station(tmp_path).home / "settings.json").write_text('{"undo_seconds": 0}')
    with real_window(qapp, tmp_path) as real:
        yield real


def told(view: FrontDeskView) -> str:
    return " ".join(check.text for check in view.detail.checks if check.isVisible())


def test_from_the_agenda_to_a_report_that_was_sent(real: RealWindow) -> None:
    secretary_comes(real)
    view = desk_page(real)
    real.until(view.empty_words.isVisible)
    (real.desktop._wiring.paths.home / "agenda.csv").write_text(AGENDA)
    real.until(lambda: len(view.list.model.rows) == 5)  # watched: it comes by itself
    real.until(lambda: "ligne 7" in view.trouble.text().lower())
    first = view.list.model.rows[0].of.arrival
    qualify(real, view, first.arrival_id)
    real.until(lambda: "INS qualifiée" in told(view))
    press(view, Qt.Key.Key_A)
    real.until(lambda: view.list.line.arrival.stage is Stage.ARRIVED)
    press(view, Qt.Key.Key_D)
    real.until(lambda: "DMP existe" in told(view))
    assert "Avis notés" in told(view)
    assert "au comptoir" in told(view)
    assert view.list.line.ready
    press(view, Qt.Key.Key_Return)
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
    room = in_menu(real, window_fr.WAITING_ROOM)
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
