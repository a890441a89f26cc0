"""Draws the page of scans, at the desk and for a doctor, narrow and wide: `python -m tests.ui.screenshots_tray [FOLDER]`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.ins import nir_key
from dmp_desktop.ui import theme
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.tray.stages import SEND, VALIDATE
from dmp_desktop.ui.views.tray.view import TrayView
from tests.helpers.fake_repository import Fault
from tests.helpers.outbox import PATIENT
from tests.helpers.scans import paper, pdf_of, tiff_of
from tests.helpers.tray_desk import DOCTOR, SECRETARY
from tests.ui.tray import TrayRoom

TWIN = replace(
    PATIENT,
    ins=replace(PATIENT.ins, value="2790351215190" + nir_key("2790351215190")),
    birth_given="MARIE ANNE",
    birth_place_cog="75101",
)


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
        stage.view.clear()
        stage.pool.close()
        room.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(gettempdir()) / "dmp-screenshots")
