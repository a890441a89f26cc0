"""The stages of the tray, by name and by how many scans are at each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton

from dmp_desktop.services.tray_desk import TrayOverview
from dmp_desktop.ui import strings_tray_fr as fr
from dmp_desktop.ui.widgets.flow import Flow

PREPARE, VALIDATE, SEND, OUT, FILED = range(5)


class StageBar(Flow):
    """`turned` (int) tells the stage asked for."""

    turned = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.buttons = [QToolButton() for _stage in range(5)]
        for number, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.setProperty("tab", True)
            button.clicked.connect(lambda _on=False, number=number: self.turned.emit(number))
            self.add(button)
        self.show()

    def hide_all(self) -> None:
        for button in self.buttons:
            button.hide()

    def show_counts(self, overview: TrayOverview, notes: int, stage: int) -> None:
        """`notes`: how many proposed ones wait beside the scans; `stage`: the one that is shown."""
        leaving = len(overview.validated) + sum(one.stopped for one in overview.leaving)
        second = fr.TO_VALIDATE if overview.sees_pages else fr.AT_DOCTORS
        counts = (
            len(overview.to_prepare),
            len(overview.to_validate) + notes,
            leaving,
            len(overview.out),
            len(overview.filed),
        )
        named = zip(self.buttons, (fr.TO_PREPARE, second, fr.TO_SEND, fr.OUT, fr.FILED), counts, strict=True)
        for number, (button, name, count) in enumerate(named):
            button.setText(fr.STAGE.format(name, count) if count else name)
            button.setVisible(number not in (OUT, FILED) or bool(count) or stage == number)
            button.setChecked(number == stage)
