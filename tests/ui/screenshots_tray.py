"""Draws the page of scans, at the desk and for a doctor, narrow and wide: `python -m tests.ui.screenshots_tray [FOLDER]`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.ins import nir_key
from dmp_desktop.domain.tray import Reason
from dmp_desktop.services.tray import Preparation
from dmp_desktop.ui import theme
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.tray.filed import FiledView
from dmp_desktop.ui.views.tray.stages import FILED, SEND, VALIDATE
from dmp_desktop.ui.views.tray.view import TrayView
from tests.helpers.fake_repository import Fault
from tests.helpers.outbox import AUTHOR, PATIENT
from tests.helpers.scans import paper, pdf_of, tiff_of
from tests.helpers.tray_desk import DAY, DOCTOR, SECRETARY
from tests.ui.tray import TrayRoom

TWIN = replace(
    PATIENT,
    ins=replace(PATIENT.ins, value="2790351215190" + nir_key("2790351215190")),
    birth_given="MARIE ANNE",
    birth_place_cog="75101",
)

MESSAGE = "\r".join(
    [
        r"MSH|^~\&|SIL|LABORATOIRE TEST DES LILAS|CAB|LILAS|20261101100500||ORU^R01|1|P|2.5",
        f"PID|1||{PATIENT.ins.value}^^^X&{PATIENT.ins.oid}&ISO^INS||{PATIENT.birth_family}^{PATIENT.first_given}^^^^^L||"
        f"{PATIENT.birth_date:%Y%m%d}|{PATIENT.sex.value}",
        "OBR|1|||BIO^Biochimie sanguine^L|||20261101",
        "OBX|1|NM|2951-2^Sodium^LN||128|mmol/L|135 - 145|L|||P",
        "OBX|2|NM|2823-3^Potassium^LN||4.1|mmol/L|3.5 - 5.0|N|||F",
        "NTE|1||Échantillon légèrement hémolysé.",
        "OBX|3|CE|DESTDMP^x^MetaDMPMSS||Y||||||F",
        "OBX|4|CE|ACK_LECTURE^x^MetaDMPMSS||Y||||||F",
    ]
).encode()


class Stage:
    def __init__(self, folder: Path, room: TrayRoom) -> None:
        self.folder, self.room = folder, room
        self.pool = TaskRunner(2)
        self.view = TrayView(room.port, self.pool)
        self.view.show()

    def shoot(self, name: str) -> None:
        for scheme, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
            theme.apply(QApplication.instance(), colours)  # type: ignore[arg-type]
            for width, height in ((420, 900), (1200, 820)):
                self.view.resize(width, height)
                self.settle()
                self.view.grab().save(str(self.folder / f"tray-{name}-{scheme}-{width}.png"))

    def settle(self) -> None:
        for _turn in range(8):
            loop = QEventLoop()
            QTimer.singleShot(60, loop.quit)
            loop.exec()

    def show(self, who: object) -> None:
        self.room.who = who  # type: ignore[assignment]
        self.view.clear()
        self.view.forget()
        self.view.show_for(None)
        self.settle()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    application.setStyle("Fusion")
    with TemporaryDirectory() as place:
        room = TrayRoom(Path(place))
        stage = Stage(folder, room)
        stage.show(SECRETARY)
        stage.shoot("empty")
        room.know(PATIENT)
        room.know(TWIN)
        room.desk.drop("1.pdf", pdf_of(paper(PATIENT), paper(mark=4)))
        room.desk.drop("courrier.pdf", b"%PDF-1.4 cut")
        room.desk.settle()
        stage.show(SECRETARY)
        stage.view.prepare.people.press(1)
        stage.shoot("prepare")
        room.prepared(3)
        room.clock.advance(60)
        room.desk.drop("2.tif", tiff_of(paper(PATIENT), paper(mark=9)))
        room.desk.settle()
        stage.show(DOCTOR)
        stage.view.turn(VALIDATE)
        stage.settle()
        stage.shoot("validate")
        stage.view.validate.no.click()
        stage.shoot("reasons")
        for mark in (5, 6, 7):
            room.validated(mark)
        room.who = SECRETARY
        room.sending.send([one for one in room.service.scans()[0] if one.unique_id][:2])
        room.dmp.faults.extend([Fault.REFUSED, Fault.REFUSED])
        room.deliver()
        stage.show(SECRETARY)
        stage.view.turn(SEND)
        stage.shoot("send")
        stage.view.turn(VALIDATE)
        stage.shoot("at-doctors")
        _received(stage, room)
        stage.view.clear()
        stage.pool.close()
        room.close()


def _received(stage: Stage, room: TrayRoom) -> None:
    """What a laboratory sent: at the desk, before its doctor, filed."""
    before = {one.id for one in room.rows.scans()[0]}
    room.desk.receive("a.hl7", MESSAGE)
    room.desk.settle_received()
    stage.show(SECRETARY)
    while (shown := stage.view.prepare.scan) is not None and shown.id in before:
        stage.view.prepare.heading.next.click()
        stage.settle()
    stage.view.prepare.people.press(1)
    stage.shoot("received")
    (scan,) = [one for one in room.rows.scans()[0] if one.id not in before]
    prepared = room.port.prepare(scan, Preparation(PATIENT, "11502-2", DAY, AUTHOR))
    room.who = DOCTOR
    for other in room.port.overview().to_validate:
        if other.id != scan.id:
            room.port.give_back(other, Reason.WRONG_ACT)
    stage.show(DOCTOR)
    stage.shoot("received-read")
    room.port.file(prepared)
    stage.show(DOCTOR)
    stage.view.turn(FILED)
    stage.shoot("received-filed")
    _filed(stage, room)


def _filed(stage: Stage, room: TrayRoom) -> None:
    """The same, found again from the record of its patient."""
    page = FiledView(room.port, stage.pool)
    page.resize(420, 900)
    page.show()
    page.show_for(PATIENT)
    stage.settle()
    page.list.asked.emit(page.model.index(0, 0))
    stage.settle()
    for scheme in ("light", "dark"):
        theme.apply(QApplication.instance(), theme.SCHEMES[scheme])
        for width in (420, 1200):
            page.resize(width, 900)
            stage.settle()
            page.grab().save(str(stage.folder / f"filed-of-patient-{width}-{scheme}.png"))
    page.clear()
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
