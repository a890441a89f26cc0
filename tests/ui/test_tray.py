"""The page of scans: nobody ticked by itself, no page on the desk's screen, one key an act, nothing lost of what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.outbox import OutboxState
from dmp_desktop.domain.tray import Reason, ScanState
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.kept_focus import KeptFocus
from dmp_desktop.ui.views.tray.stages import OUT, PREPARE, SEND, VALIDATE
from dmp_desktop.ui.views.tray.view import TrayView
from tests.helpers.fake_repository import Fault
from tests.helpers.outbox import AUTHOR, PATIENT
from tests.helpers.scans import jpeg_of, paper, pdf_of
from tests.helpers.tray_desk import DAY, DOCTOR, REPORT, SECRETARY
from tests.ui.tray import TrayRoom, settled, shown_in

TWIN = replace(
    PATIENT,
    ins=replace(PATIENT.ins, value="2790351215190" + nir_key("2790351215190")),
    birth_given="MARIE ANNE",
    birth_place_cog="75101",
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TrayRoom]:
    room = TrayRoom(tmp_path)
    yield room
    room.close()


@pytest.fixture
def view(room: TrayRoom, qtbot) -> Iterator[TrayView]:
    with shown_in(room, qtbot) as view:
        yield view


def opened(view: TrayView, qtbot) -> None:
    view.show_for(None)
    settled(view, qtbot)


def coded(room: TrayRoom) -> None:
    room.know(PATIENT)
    room.desk.drop("a.pdf", pdf_of(paper(PATIENT)))
    assert room.desk.settle() == 1


def fill_in(view: TrayView, qtbot) -> None:
    """All but the patient."""
    view.prepare.type.choose(REPORT)
    view.prepare.day.setText("02/11/2026")
    view.prepare.doctor.choose(AUTHOR)


def test_the_desk_prepares_by_keys_what_the_code_proposes(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    qtbot.waitUntil(lambda: len(view.prepare.people.buttons) == 1)
    (one,) = view.prepare.people.buttons
    assert (one.isChecked(), PATIENT.birth_family in one.accessibleName()) == (False, True)
    assert formats.ins(PATIENT.ins) in one.accessibleName()  # in groups, as on the paper and elsewhere here
    assert view.prepare.day.text() == ""
    assert view.prepare.type.currentIndex() == -1
    qtbot.keyClicks(view.prepare, "1")
    assert one.isChecked()
    fill_in(view, qtbot)
    view.prepare.setFocus()
    qtbot.keyClicks(view.prepare, "p")
    settled(view, qtbot)
    ((scan,), _damaged) = room.rows.scans()
    assert (scan.state, scan.patient, scan.type_code, scan.act_date) == (
        ScanState.TO_VALIDATE,
        replace(PATIENT, address=None),
        REPORT,
        DAY,
    )
    qtbot.waitUntil(lambda: view.nothing.text() == fr.NOTHING_TO_PREPARE)
    assert view.said.text() == fr.PREPARED


def test_no_page_and_no_word_of_it_on_the_desks_screen(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    assert not view.sheet.isVisible()
    assert view.sheet.pane is None
    assert room.acts == []  # nor was it asked for
    assert not view.trouble.isVisible()  # else it was, and was refused


def test_without_a_tick_nothing_is_prepared_and_what_is_typed_stays(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    qtbot.waitUntil(lambda: bool(view.prepare.people.buttons))
    fill_in(view, qtbot)
    view.prepare.act.click()
    qtbot.waitUntil(lambda: view.trouble.isVisible())
    settled(view, qtbot)
    assert "patient" in view.trouble.text()
    assert view.prepare.day.text() == "02/11/2026"
    assert room.rows.scans()[0][0].state is ScanState.TO_PREPARE


def test_homonyms_stand_side_by_side_and_none_is_ticked(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.know(TWIN)
    coded(room)
    opened(view, qtbot)
    qtbot.waitUntil(lambda: len(view.prepare.people.buttons) == 2)
    people = view.prepare.people
    assert [one.isChecked() for one in people.buttons] == [False, False]
    places = [one.accessibleName() for one in people.buttons]
    assert "51215" in places[0]
    assert "75101" in places[1]
    qtbot.keyClicks(view.prepare, "2")
    assert people.chosen is not None
    assert people.chosen.ins.value == TWIN.ins.value
    qtbot.keyClicks(view.prepare, "2")
    assert people.chosen is None


def test_somebody_looked_for_by_hand(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.know(PATIENT)
    room.scanned()
    opened(view, qtbot)
    qtbot.waitUntil(lambda: view.prepare.people.told.text() == fr.NOBODY)
    people = view.prepare.people
    people.born.setText("31/02/1979")
    people.search.click()
    assert view.trouble.isVisible()
    people.born.setText("12/03/1979")
    qtbot.keyClick(people.born, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(people.buttons) == 1)
    assert not people.buttons[0].isChecked()


def test_a_paper_whose_code_names_another_says_so_to_the_desk_and_to_the_doctor(
    room: TrayRoom, view: TrayView, qtbot
) -> None:
    room.know(TWIN)
    coded(room)
    opened(view, qtbot)
    people = view.prepare.people
    qtbot.waitUntil(lambda: len(people.buttons) == 2)
    assert not people.doubt.isVisible()
    coded_for, twin = people.buttons
    coded_for.click()
    assert not people.doubt.isVisible()
    twin.click()
    assert people.doubt.isVisible()
    assert people.doubt.text() == fr.CODE_OF_ANOTHER
    fill_in(view, qtbot)
    view.prepare.act.click()
    settled(view, qtbot)
    ((scan,), _damaged) = room.rows.scans()
    assert (scan.state, scan.patient and scan.patient.ins.value) == (ScanState.TO_VALIDATE, TWIN.ins.value)
    validating(room, view, qtbot)
    assert view.validate.doubt.isVisible()
    assert view.validate.doubt.text() == fr.CODE_OF_ANOTHER


def test_who_is_unknown_cannot_be_ticked(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.desk.drop("a.pdf", pdf_of(paper(PATIENT)))
    room.desk.settle()
    opened(view, qtbot)
    qtbot.waitUntil(lambda: len(view.prepare.people.buttons) == 1)
    assert not view.prepare.people.buttons[0].isEnabled()
    qtbot.keyClicks(view.prepare, "1")
    assert view.prepare.people.chosen is None


def test_what_comes_meanwhile_disturbs_nothing_that_is_typed(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    qtbot.waitUntil(lambda: bool(view.prepare.people.buttons))
    qtbot.keyClicks(view.prepare, "1")
    view.prepare.day.setText("02/1")
    room.scanned(5)
    view.look()
    settled(view, qtbot)
    assert view.prepare.heading.which.text() == fr.WHICH.format(1, 2)
    assert view.prepare.day.text() == "02/1"
    assert view.prepare.people.buttons[0].isChecked()


def validating(room: TrayRoom, view: TrayView, qtbot, *marks: int) -> None:
    for mark in marks:
        room.clock.advance(60)
        room.prepared(mark)
    room.who = DOCTOR
    opened(view, qtbot)
    qtbot.waitUntil(lambda: view.validate.yes.isEnabled())


def test_a_doctor_validates_by_a_key_once_the_pages_are_shown(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.prepared(1)
    room.who = DOCTOR
    view.show_for(None)
    assert not view.validate.yes.isEnabled()
    qtbot.waitUntil(lambda: view.validate.yes.isEnabled())
    assert view.sheet.isVisible()
    assert view.sheet.pane is not None
    assert view.sheet.pane.pages == 1
    assert "12/03/1979" in view.validate.whose.text()
    qtbot.keyClicks(view.validate, "v")
    settled(view, qtbot)
    ((scan,), _damaged) = room.rows.scans()
    assert (scan.state, scan.validated_by) == (ScanState.VALIDATED, AUTHOR)
    assert not view.sheet.isVisible()


def test_arrows_go_from_one_to_the_next_and_an_act_leads_on(room: TrayRoom, view: TrayView, qtbot) -> None:
    validating(room, view, qtbot, 1, 2, 3)
    assert view.validate.heading.which.text() == fr.WHICH.format(1, 3)
    qtbot.keyClick(view.validate, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: view.validate.yes.isEnabled())
    assert view.validate.heading.which.text() == fr.WHICH.format(2, 3)
    second = view.validate.scan
    qtbot.keyClicks(view.validate, "v")
    qtbot.waitUntil(lambda: view.validate.heading.which.text() == fr.WHICH.format(1, 2))
    assert second is not None
    assert room.now(second).state is ScanState.VALIDATED


def test_what_may_be_the_same_paper_scanned_twice_is_told(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.validated(1)
    room.prepared(2, act_date=date(2026, 11, 3))
    validating(room, view, qtbot)
    assert not view.validate.doubt.isVisible()
    validating(room, view, qtbot, 3)
    view._move(1)
    qtbot.waitUntil(lambda: view.validate.doubt.isVisible())
    assert view.validate.doubt.text() == fr.ALIKE[0]


def test_given_back_by_a_key_and_its_reason(room: TrayRoom, view: TrayView, qtbot) -> None:
    validating(room, view, qtbot, 1)
    qtbot.keyClicks(view.validate, "r")
    assert view.validate.asked.isVisible()
    qtbot.keyClick(view.validate, Qt.Key.Key_Escape)
    assert not view.validate.asked.isVisible()
    qtbot.keyClicks(view.validate, "r")
    qtbot.keyClicks(view.validate, "1")
    qtbot.waitUntil(lambda: room.rows.scans()[0][0].state is ScanState.TO_PREPARE)
    settled(view, qtbot)
    scan = room.rows.scans()[0][0]
    assert (scan.patient, scan.returned) == (None, Reason.WRONG_PATIENT)
    room.who = SECRETARY
    view.clear()
    view.forget()  # as when somebody else signs in
    opened(view, qtbot)
    assert fr.REASON[Reason.WRONG_PATIENT] in view.prepare.heading.returned.text()


def test_corrected_by_its_doctor_it_is_validated_after(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.know(PATIENT)
    validating(room, view, qtbot, 1)
    qtbot.keyClicks(view.validate, "c")
    qtbot.waitUntil(lambda: view.prepare.isVisible() and bool(view.prepare.people.buttons))
    assert view.prepare.people.buttons[0].isChecked()  # who it was prepared for
    view.prepare.day.setText("03/11/2026")
    qtbot.keyClick(view.prepare.day, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.validate.isVisible() and view.validate.yes.isEnabled())
    assert room.rows.scans()[0][0].act_date == date(2026, 11, 3)


def test_the_desk_sends_all_that_is_validated_and_failures_are_told_by_cause(
    room: TrayRoom, view: TrayView, qtbot
) -> None:
    for mark in (1, 2, 3):
        room.validated(mark)
    room.who = SECRETARY
    opened(view, qtbot)
    view.turn(SEND)
    assert view.send.send.text() == fr.SEND[1].format(3)
    view.send.send.click()
    settled(view, qtbot)
    assert len(room.outbox.items()) == 3
    assert view.said.text() == fr.SENT[1].format(3)
    room.dmp.faults.extend([Fault.REFUSED, Fault.REFUSED])
    room.deliver()
    view.look()
    qtbot.waitUntil(lambda: len(view.send.causes) == 1)
    assert not view.said.isVisible(), "two of them stopped"
    words = [part.text() for part in view.send.causes[0].findChildren(QPushButton)]
    assert words == [fr.RETRY, fr.TAKE_BACK]
    told = "\n".join(part.text() for part in view.send.causes[0].findChildren(QLabel))
    assert told.count(PATIENT.birth_family) == 2  # whose they are, one a line
    (retry, _back) = view.send.causes[0].findChildren(QPushButton)
    retry.click()
    settled(view, qtbot)
    assert view.said.text() == fr.RETRIED
    room.dmp.faults.append(Fault.REFUSED)
    room.deliver()
    view.look()
    qtbot.waitUntil(lambda: len(view.send.causes) == 1)
    assert not view.said.isVisible(), "one stopped again"
    view.send.causes[0].findChildren(QPushButton)[0].click()
    settled(view, qtbot)
    room.deliver()
    view.look()
    qtbot.waitUntil(lambda: view.send.told.text() == fr.NOTHING_TO_SEND)
    assert {item.state for item in room.outbox.items()} == {OutboxState.SENT}


def test_cleared_nothing_of_a_patient_stays(room: TrayRoom, view: TrayView, qtbot) -> None:
    validating(room, view, qtbot, 1)
    view.turn(SEND)
    view.turn(VALIDATE)
    view.clear()
    shown = " ".join(part.text() for part in view.findChildren(QPushButton))
    shown += " ".join(part.text() for part in (view.validate.whose, view.validate.told, view.folder.told))
    assert "TEST" not in shown
    assert view.sheet.pane is not None
    assert view.sheet.pane.pages == 0


def test_taken_out_and_put_back(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.scanned()
    opened(view, qtbot)
    view.prepare.setFocus()
    qtbot.keyClicks(view.prepare, "e")
    qtbot.waitUntil(lambda: room.rows.scans()[0][0].state is ScanState.DISCARDED)
    settled(view, qtbot)
    view.turn(OUT)
    (line,) = view.out.findChildren(QPushButton)
    line.click()
    qtbot.waitUntil(lambda: room.rows.scans()[0][0].state is ScanState.TO_PREPARE)
    settled(view, qtbot)
    view.turn(PREPARE)
    assert view.prepare.isVisible()


def test_what_the_folder_refuses_is_told_and_an_empty_tray_says_what_to_do(
    room: TrayRoom, view: TrayView, qtbot, tmp_path: Path
) -> None:
    room.desk.drop("ordonnance.pdf", b"%PDF-1.4 x")
    room.desk.settle()
    opened(view, qtbot)
    assert view.nothing.text() == fr.NOTHING_TO_PREPARE
    assert "ordonnance.pdf" in view.folder.told.text()
    view.folder.chosen.emit(str(tmp_path))
    settled(view, qtbot)
    assert room.settings.load().scan_folder == str(tmp_path)


def test_a_page_that_cannot_be_shown_cannot_be_validated(room: TrayRoom, view: TrayView, qtbot, monkeypatch) -> None:
    room.prepared(1)
    room.who = DOCTOR
    monkeypatch.setattr(room.port, "pages", lambda _scan: jpeg_of(paper(dpi=20), dpi=20))
    opened(view, qtbot)
    qtbot.waitUntil(lambda: view.sheet.isVisible())
    assert view.sheet.told.isVisible()
    assert not view.validate.yes.isEnabled()


def focused(view: TrayView) -> QWidget | None:
    return view.window().focusWidget()


def test_refused_the_keys_go_on_working(room: TrayRoom, view: TrayView, qtbot) -> None:
    """The form is greyed out during an act: Qt gives the keyboard to nothing then."""
    KeptFocus(view)
    coded(room)
    opened(view, qtbot)
    view.activateWindow()
    qtbot.waitUntil(lambda: bool(view.prepare.people.buttons) and view.prepare.hasFocus())
    qtbot.keyClicks(view.prepare, "p")
    qtbot.waitUntil(view.trouble.isVisible)
    settled(view, qtbot)
    assert view.prepare.hasFocus()
    qtbot.keyClicks(focused(view), "1")
    assert view.prepare.people.chosen is not None
    assert not view.trouble.isVisible()  # it said that nobody was chosen


def test_in_a_field_escape_gives_the_keys_back_and_enter_in_a_box_too(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    view.activateWindow()
    qtbot.waitUntil(lambda: bool(view.prepare.people.buttons) and view.prepare.hasFocus())
    with qtbot.assertNotEmitted(view.left):
        qtbot.keyClicks(view.prepare, "t")
        assert view.prepare.type.hasFocus()
        qtbot.keyClick(view.prepare.type, Qt.Key.Key_Return)
        assert view.prepare.hasFocus()
        qtbot.keyClicks(view.prepare, "d")
        assert view.prepare.day.hasFocus()
        qtbot.keyClick(view.prepare.day, Qt.Key.Key_Escape)
        assert view.prepare.hasFocus()
    with qtbot.waitSignal(view.left):
        qtbot.keyClick(view.prepare, Qt.Key.Key_Escape)


def test_tab_goes_through_whom_the_paper_may_be_of_as_they_stand(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    view.activateWindow()
    qtbot.waitUntil(lambda: bool(view.prepare.people.buttons) and view.prepare.hasFocus())
    (one,) = view.prepare.people.buttons
    qtbot.waitUntil(one.isVisible)
    for _step in range(2):
        qtbot.keyClick(focused(view), Qt.Key.Key_Tab)
        if one.hasFocus():
            break
    assert one.hasFocus()
    qtbot.keyClick(one, Qt.Key.Key_Tab)
    assert view.prepare.people.born.hasFocus()


def test_the_wheel_chooses_nothing(room: TrayRoom, view: TrayView, qtbot) -> None:
    coded(room)
    opened(view, qtbot)
    box = view.prepare.type
    before = box.currentIndex()
    middle = QPointF(box.rect().center())
    turned = QWheelEvent(
        middle,
        box.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, turned)
    assert box.currentIndex() == before == -1


def test_after_the_last_one_the_keyboard_is_somewhere(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.prepared()
    room.who = DOCTOR
    opened(view, qtbot)
    view.activateWindow()
    qtbot.waitUntil(view.validate.yes.isEnabled)
    qtbot.waitUntil(view.validate.hasFocus)
    qtbot.keyClicks(view.validate, "v")
    qtbot.waitUntil(lambda: view.nothing.text() == fr.NOTHING_TO_VALIDATE)
    holder = focused(view)
    assert holder is not None
    with qtbot.waitSignal(view.left):
        qtbot.keyClick(holder, Qt.Key.Key_Escape)


def test_asked_why_it_is_given_back_every_reason_is_in_sight(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.prepared()
    room.who = DOCTOR
    view.resize(420, 620)
    opened(view, qtbot)
    qtbot.waitUntil(view.validate.yes.isEnabled)
    qtbot.keyClicks(view.validate, "r")
    qtbot.waitUntil(lambda: all(not one.visibleRegion().isEmpty() for one in view.validate.reasons))
