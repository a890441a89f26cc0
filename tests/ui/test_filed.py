"""« Documents reçus, classés »: found by type, sender and words, opened in the viewer, and nothing of them left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from dmp_desktop.services.tray import Preparation
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.tray.filed import FiledView
from tests.helpers.outbox import AUTHOR, PATIENT
from tests.helpers.tray_desk import DAY, DOCTOR, REPORT, SECRETARY
from tests.ui.tray import TrayRoom
from tests.unit.services.test_received_desk import SODIUM, hl7, pid, take

LETTER = "34112-3"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TrayRoom]:
    room = TrayRoom(tmp_path)
    for type_code, day, words in (
        (REPORT, date(2026, 10, 1), SODIUM),
        (LETTER, DAY, SODIUM.replace("Sodium", "Ferritine")),
    ):
        room.who = SECRETARY
        scan = take(room, hl7(pid(), words), f"{type_code}.hl7")[-1]
        prepared = room.port.prepare(scan, Preparation(PATIENT, type_code, day, AUTHOR))
        room.who = DOCTOR
        room.port.file(prepared)
    yield room
    room.close()


@pytest.fixture
def view(room: TrayRoom, qtbot) -> Iterator[FiledView]:
    pool, window = TaskRunner(2), QWidget()
    qtbot.addWidget(window)
    view = FiledView(room.port, pool, window)
    view.resize(420, 900)
    window.resize(420, 900)
    window.show()
    view.show_for(PATIENT)
    qtbot.waitUntil(
        lambda: view.model.total == 2 and all("MMOL" in row.searched for row in view.model.told), timeout=20000
    )
    yield view
    view.clear()
    assert pool.close()


def titles(view: FiledView) -> list[str]:
    return [row.card.date for row in view.model.rows]


def test_the_latest_act_comes_first_and_they_are_counted(view: FiledView):
    assert titles(view) == ["02/11/2026", "01/10/2026"]
    assert view.told.text() == fr.FILED_COUNT[1].format(2)
    assert "LABO TEST" in view.model.rows[0].card.detail


def test_a_word_of_the_document_finds_it(view: FiledView):
    view.filter.setText("ferritine")
    assert titles(view) == ["02/11/2026"]
    assert view.told.text() == fr.FILED_KEPT.format(1, 2)
    view.filter.setText("labo")
    assert len(titles(view)) == 2
    view.filter.setText("introuvable")
    assert titles(view) == []


def test_enter_opens_the_only_one_and_nothing_stays_once_it_is_left(view: FiledView, qtbot):
    view.filter.setText("sodium")
    view.filter.returnPressed.emit()
    qtbot.waitUntil(view.sheet.isVisible)
    assert view.sheet.pane is not None
    assert view.sheet.pane.isVisible()
    view.clear()
    assert not view.sheet.isVisible()
    assert (view.model.total, view.filter.text(), view.told.text()) == (0, "", "")


def test_who_may_not_read_is_told_and_shown_nothing(room: TrayRoom, view: FiledView, qtbot):
    failed = []
    view.unlisted.connect(lambda error, _again: failed.append(error.code))
    room.who = SECRETARY
    view.show_for(PATIENT)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed == ["BannetteReservee"]
    assert view.model.total == 0
