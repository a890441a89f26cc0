"""Who the practice software proposes, above the record: the differences side by side, two answers. It never takes the keyboard.

It unfolds where something else was to be touched a moment ago: see `settling`.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.services.context_desk import NUMBER, Difference, Proposed
from dmp_desktop.ui import formats
from dmp_desktop.ui import strings_fr as fr
from dmp_desktop.ui import strings_received_fr as received_fr
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.settling import Settling


class ProposedBar(QFrame):
    """`taken`: open the record, or take the note of the one that is open; `ignored`."""

    taken = Signal()
    ignored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(received_fr.NAME)
        self.title, self.why = IconLabel(self), PlainLabel(wrap=True)
        self.title.words.setWordWrap(True)
        self.number = PlainLabel(role="muted", wrap=True)
        self.warnings = PlainLabel(role="warning", wrap=True)
        self.more = PlainLabel(role="muted")
        self.table = QWidget(self)
        self.grid = QGridLayout(self.table)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.take, self.ignore = QPushButton(), QPushButton(received_fr.IGNORE)
        for button in (self.take, self.ignore):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it was
        self.take.clicked.connect(self.taken)
        self.ignore.clicked.connect(self.ignored)
        self.settling = Settling(self)
        self._shown: Proposed | None = None
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 2)
        self.grid.setHorizontalSpacing(gap)
        self.grid.setVerticalSpacing(gap // 3)
        for part in (self.title, self.number, self.warnings, self.table, self.why):
            column.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.ignore)
        row.addWidget(self.take)
        column.addLayout(row)

    def show_proposed(self, found: Proposed) -> None:
        """The same one again changes nothing under the mouse."""
        former, self._shown = self._shown, found
        if former == found and not self.isHidden():
            return
        patient, note = found.received.context.patient, bool(found.received.note)
        words = received_fr.PROPOSES_NOTE if note else received_fr.PROPOSES
        tone = "warning" if found.barred or found.warnings else "accent"
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        title = words.format(name=patient.display_name, born=formats.born(patient))
        self.title.show_state(title, "warning" if tone == "warning" else "info", "")
        status = fr.INS_STATUS[patient.ins.status][0]
        self.number.setText(received_fr.INS.format(ins=formats.ins(patient.ins), status=status.lower()))
        self._say(self.warnings, "\n".join(found.warnings))
        why = found.note_barred if note and found.same else found.barred or found.note_barred
        self._say(self.why, why)
        self._say(self.more, received_fr.MORE[found.more > 1].format(found.more) if found.more else "")
        self._fill(found)
        self._offer(found, note=note)
        self.show()
        if former is None or former.received.id != found.received.id:
            self.settling.begin((self.take, self.ignore))

    def _offer(self, found: Proposed, *, note: bool) -> None:
        if found.same:
            words, possible = received_fr.TAKE_NOTE, note and not found.note_barred
        else:
            both = note and not found.note_barred
            words, possible = received_fr.OPEN_AND_TAKE if both else received_fr.OPEN, not found.barred
        self.take.setText(words)
        self.take.setVisible(possible)

    def _fill(self, found: Proposed) -> None:
        while (item := self.grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.table.setVisible(bool(found.differences))
        if not found.differences:
            return
        for column, head in enumerate(("", found.against, received_fr.RECEIVED)):
            self.grid.addWidget(PlainLabel(head, self.table, role="muted", wrap=True), 0, column)
        for row, one in enumerate(found.differences, 1):
            for column, text in enumerate(_cells(one)):
                label = PlainLabel(text, self.table, wrap=True)
                label.setProperty("strong", column > 0)
                self.grid.addWidget(label, row, column)
        for column in range(3):
            self.grid.setColumnStretch(column, 1)

    @staticmethod
    def _say(label: PlainLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def clear(self) -> None:
        """Nothing of anybody stays in it."""
        self._shown = None
        self.settling.end()
        self.hide()
        self.title.show_state("", "", "")
        for label in (self.number, self.warnings, self.why, self.more):
            label.clear()
        for label in self.table.findChildren(PlainLabel):
            label.clear()

    def refresh(self) -> None:
        """Its icon, in another palette."""
        self.title.repaint_icon()


def _cells(one: Difference) -> tuple[str, str, str]:
    if one.trait == NUMBER:
        return one.trait, formats.matricule(one.here), formats.matricule(one.received)
    return one.trait, one.here or received_fr.UNKNOWN, one.received or received_fr.UNKNOWN
