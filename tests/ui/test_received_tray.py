"""What others sent, on the page of scans: the desk reads who sent it and no word of it, the doctor reads and files it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from dmp_desktop.domain.tray import ScanState
from dmp_desktop.services.tray import Preparation
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.views.tray.stages import FILED, VALIDATE
from dmp_desktop.ui.views.tray.view import TrayView
from tests.helpers.outbox import AUTHOR, PATIENT
from tests.helpers.tray_desk import DAY, DOCTOR, REPORT, SECRETARY
from tests.ui.tray import TrayRoom, settled, shown_in

SECRET = "SEROLOGIE-CACHEE"
MESSAGE = "\r".join(
    [
        r"MSH|^~\&|SIL|LABO TEST|CAB|LILAS|20261101100500||ORU^R01|1|P|2.5",
        f"PID|1||{PATIENT.ins.value}^^^X&{PATIENT.ins.oid}&ISO^INS||{PATIENT.birth_family}^{PATIENT.first_given}^^^^^L||"
        f"{PATIENT.birth_date:%Y%m%d}|{PATIENT.sex.value}",
        f"OBR|1|||X^{SECRET}^L",
        f"OBX|1|NM|A^{SECRET}^L||128|mmol/L|||||P",
        "OBX|2|CE|DESTDMP^x^MetaDMPMSS||Y||||||F",
    ]
).encode()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TrayRoom]:
    room = TrayRoom(tmp_path)
    room.know(PATIENT)
    room.desk.receive(f"{SECRET}.hl7", MESSAGE)
    assert room.desk.settle_received() == 1
    yield room
    room.close()


@pytest.fixture
def view(room: TrayRoom, qtbot) -> Iterator[TrayView]:
    with shown_in(room, qtbot) as view:
        yield view


def test_the_desk_reads_who_sent_it_and_no_word_of_it(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.who = SECRETARY
    view.show_for(None)
    settled(view, qtbot)
    qtbot.waitUntil(lambda: len(view.prepare.people.buttons) == 1)
    assert "LABO TEST" in view.prepare.heading.facts.text()
    assert "01/11/2026" in view.prepare.heading.facts.text()
    assert not view.sheet.isVisible()
    said = [label.text() for label in view.findChildren(QLabel)]
    assert not any(SECRET in one for one in said)
    (button,) = view.prepare.people.buttons
    assert "INS écrite dans le message" in button.accessibleName()
    assert (button.isChecked(), button.isEnabled()) == (False, True)


def test_the_doctor_reads_it_then_files_it_by_a_key_and_opens_it_again(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.who = SECRETARY
    (scan,) = room.port.overview().to_prepare
    room.port.prepare(scan, Preparation(PATIENT, REPORT, DAY, AUTHOR))
    room.who = DOCTOR
    view.show_for(None)
    settled(view, qtbot)
    qtbot.waitUntil(lambda: view.validate.yes.isEnabled())
    assert view.validate.yes.text() == fr.FILE
    assert not view.validate.visibility.isVisible()
    for told in (fr.BY_OTHERS, fr.TO_DMP[True]):
        assert told in view.validate.source.text()
    assert "provisoire" in view.validate.doubt.text()
    qtbot.keyClicks(view.validate, "v")
    qtbot.waitUntil(lambda: view.said.text() == fr.FILED_DONE)
    settled(view, qtbot)
    ((filed,), _damaged) = room.rows.scans()
    assert (filed.state, room.outbox.items()) == (ScanState.FILED, [])
    view.turn(FILED)
    (line,) = view.filed.lines
    assert "LABO TEST" in line.accessibleName()
    line.click()
    qtbot.waitUntil(lambda: view.said.text() == fr.REOPENED)
    settled(view, qtbot)
    view.turn(VALIDATE)
    assert view.validate.scan is not None
    assert view.validate.scan.id == filed.id


def test_a_scan_is_validated_as_before_after_a_message(room: TrayRoom, view: TrayView, qtbot) -> None:
    room.prepared(2)
    room.who = DOCTOR
    view.show_for(None)
    settled(view, qtbot)
    qtbot.waitUntil(lambda: view.validate.yes.isEnabled())
    assert (view.validate.yes.text(), view.validate.visibility.isVisible()) == (fr.VALIDATE, True)
    assert not view.validate.source.isVisible()


def test_the_folder_of_what_is_received_is_chosen_apart(room: TrayRoom, view: TrayView, qtbot, tmp_path: Path) -> None:
    room.who = SECRETARY
    view.show_for(None)
    settled(view, qtbot)
    view.received.chosen.emit(str(room.desk.folder))
    settled(view, qtbot)
    qtbot.waitUntil(lambda: room.settings.load().received_folder == str(room.desk.folder))
    view.folder.chosen.emit(str(room.desk.folder))
    qtbot.waitUntil(lambda: "celui des documents reçus" in view.trouble.text())
    assert room.settings.load().scan_folder == ""
