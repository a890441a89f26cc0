"""One person of the day's list: what is known point by point, and what to do next."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.front_desk import Mark, Told, next_check
from dmp_desktop.services.front_desk import DeskLine
from dmp_desktop.ui import strings_desk_fr as fr
from dmp_desktop.ui.views.front_desk.rows import candidate_words, check_words, named
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.wrapped_button import WrappedButton

_MARKS = {Mark.DONE: ("check", "success"), Mark.TOLD: ("warning", "warning"), Mark.TO_DO: ("clock", "muted")}


class ArrivalDetail(QWidget):
    """Every act is told by a signal of its own; `next_act` is what is left to do first, by Enter or its button."""

    arrived = Signal()
    absent = Signal()
    handed = Signal()
    identity_asked = Signal()
    dmp_asked = Signal()
    meant = Signal(object)  # Identity
    unmeant = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line: DeskLine | None = None
        self.name = PlainLabel(wrap=True)
        self.name.setProperty("strong", True)
        self.homonym = IconLabel()
        self.homonym.words.setWordWrap(True)
        self.checks: list[IconLabel] = []
        self.next = QPushButton()
        self.next.setProperty("primary", True)
        self.next.clicked.connect(self.next_act)
        self.candidates = QWidget()
        self._candidates = QVBoxLayout(self.candidates)
        self._candidates.setContentsMargins(0, 0, 0, 0)
        self.acts = Flow()
        self.arrive, self.hand, self.identity = QPushButton(), QPushButton(), QPushButton(fr.IDENTITY_SEEN)
        self.dmp, self.leave, self.other = QPushButton(fr.ASK_DMP), QPushButton(), QPushButton(fr.NOT_THEM)
        for button, told in (
            (self.arrive, self.arrived),
            (self.hand, self.handed),
            (self.identity, self.identity_asked),
            (self.dmp, self.dmp_asked),
            (self.leave, self.absent),
            (self.other, self.unmeant),
        ):
            self.acts.add(button)
            button.clicked.connect(told)
        self.acts.show()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(self.fontMetrics().averageCharWidth() // 2)
        for part in (self.name, self.homonym, self.candidates, self.next, self.acts):
            self._column.addWidget(part)
        self.hide()

    def clear(self) -> None:
        self.line = None
        self.name.clear()
        for check in (self.homonym, *self.checks):
            check.show_state("", "", "")
            check.hide()
        self._offer_candidates(None)
        self.hide()

    def refresh(self) -> None:
        for check in (self.homonym, *self.checks):
            check.repaint_icon()

    def show_line(self, line: DeskLine) -> None:
        self.line = line
        self.name.setText(named(line))
        self.homonym.show_state(fr.HOMONYM_HERE if line.homonyms else "", "warning", "warning")
        self.homonym.setVisible(line.homonyms > 0)
        for place, check in enumerate(line.checks):
            label = self._label(place)
            icon, tone = _MARKS[check.mark]
            label.show_state(check_words(check, line), icon, tone)
            label.show()
        for label in self.checks[len(line.checks) :]:
            label.hide()
        self._offer_candidates(line)
        self._offer_acts(line)
        self.show()

    @property
    def only_candidate(self) -> bool:
        return self.line is not None and self.line.identity is None and len(self.line.candidates) == 1

    def confirm(self) -> None:
        """By its key: where there is one to choose from."""
        if self.only_candidate and self.line is not None:
            self.meant.emit(self.line.candidates[0])

    def next_act(self) -> None:
        """What is left to do first. To say who somebody is takes a key of its own, or a click on a name."""
        first = next_check(self.line.checks) if self.line else None
        if self.line is None or (first is not None and first.told in (Told.CONFIRM, Told.CHOOSE)):
            return
        if first is None:
            self.handed.emit()
        elif first.told is Told.NOT_ASKED:
            self.dmp_asked.emit()
        else:
            self.identity_asked.emit()

    def _label(self, place: int) -> IconLabel:
        while len(self.checks) <= place:
            label = IconLabel(self)
            label.words.setWordWrap(True)
            label.words.setProperty("strong", False)
            self.checks.append(label)
            self._column.insertWidget(len(self.checks) + 1, label)  # under the name and its homonym
        return self.checks[place]

    def _offer_candidates(self, line: DeskLine | None) -> None:
        while (item := self._candidates.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        people = line.candidates if line and line.identity is None else ()
        words = fr.IT_IS if len(people) == 1 else fr.IT_IS_ONE
        for one in people:
            button = WrappedButton(words.format(candidate_words(one)))
            button.clicked.connect(partial(self.meant.emit, one))
            self._candidates.addWidget(button)
        self.candidates.setVisible(bool(people))

    def _offer_acts(self, line: DeskLine) -> None:
        stage, first = line.arrival.stage, next_check(line.checks)
        self.arrive.setText(fr.NOT_ARRIVED if stage is Stage.ARRIVED else fr.ARRIVED)
        self.leave.setText(fr.EXPECTED_AGAIN if stage is Stage.ABSENT else fr.ABSENT)
        self.hand.setText(fr.TAKE_BACK if stage is Stage.HANDED else fr.HAND_ANYWAY)
        asked = first is not None and first.told is Told.NOT_ASKED
        handed = stage in (Stage.HANDED, Stage.SEEN)
        offered = first is None or first.told not in (Told.CONFIRM, Told.CHOOSE)
        if asked:
            self.next.setText(fr.ASK_DMP)
        elif first is None:
            self.next.setText(fr.HAND)
        else:
            self.next.setText(fr.OPINIONS if first.told is Told.NOT_NOTED else fr.IDENTITY)
        self.next.setVisible(offered and not (first is None and handed))
        self.hand.setVisible(first is not None or stage is Stage.HANDED)
        self.dmp.setVisible(not asked and line.arrival.dmp is not None)
        self.other.setVisible(bool(line.arrival.person))
