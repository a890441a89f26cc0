"""The facts of a synthesis (VSM, IPS), reviewed one section at a time, by the keyboard alone if wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dmp_desktop.domain.clinical import ClinicalItem
from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.models.facts import NO_KNOWN_ALLERGY, FactsModel, Review, Section, detail, head, inside, none_known
from dmp_desktop.ui.views.compose.forms.base import Filled, KindForm
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.still_box import StillBox

LIST_LINES = 7
LAID_OUT_AT_ONCE = 40
"""Rows: each is measured, its words may need several lines."""


class OpposedFacts(QFrame):
    """What the record says and denies, side by side, each with its tick: ticking one side takes the other's ticks away."""

    ticked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("opposed")
        self.boxes: dict[ClinicalItem, QCheckBox] = {}
        self._review = Review()
        self._grid = QGridLayout(self)
        says = PlainLabel(fr.OPPOSED, role="warning", wrap=True)
        self._grid.addWidget(says, 0, 0, 1, 2)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        self.hide()

    def show_facts(self, review: Review, sides: tuple[list[ClinicalItem], list[ClinicalItem]]) -> None:
        self._review = review
        for box in self.boxes.values():
            _drop(box.parentWidget())
        self.boxes = {}
        for column, side in enumerate(sides):
            for row, item in enumerate(side, 1):
                self._grid.addWidget(self._fact(item), row, column, Qt.AlignmentFlag.AlignTop)
        self.setVisible(bool(self.boxes))

    def refresh(self) -> None:
        for item, box in self.boxes.items():
            box.setChecked(item in self._review.ticked)

    def _fact(self, item: ClinicalItem) -> QWidget:
        box = QCheckBox()
        box.setAccessibleName(f"{head(item)}, {detail(item)}")
        box.setChecked(item in self._review.ticked)
        box.clicked.connect(lambda accepted: self._tick(item, accepted))
        self.boxes[item] = box
        whole = QWidget()
        grid = QGridLayout(whole)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(box, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(PlainLabel(head(item), wrap=True), 0, 1)
        grid.addWidget(PlainLabel(detail(item), role="muted", wrap=True), 1, 1)
        grid.setColumnStretch(1, 1)
        return whole

    def _tick(self, item: ClinicalItem, accepted: bool) -> None:
        self._review.tick(item, accepted)
        self.refresh()
        self.ticked.emit()


class ReviewForm(KindForm):
    """`stop_asked`, `again_asked` and `without_asked` (a record that could not be read is done without) are about the reading of
    the record, which is not done here."""

    stop_asked = Signal()
    again_asked = Signal()
    without_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.review = Review()
        self._failed = self._why = self._refusal = ""
        self.section = Section.PROBLEMS
        self.box = StillBox()
        self.box.setAccessibleName(fr.SECTION_BOX)
        self.previous, self.next = QPushButton(fr.PREVIOUS), QPushButton(fr.NEXT)
        self.model = FactsModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setWordWrap(True)
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setBatchSize(LAID_OUT_AT_ONCE)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.opposed = OpposedFacts()
        self.no_allergy = QCheckBox(fr.NO_ALLERGY_TICK)
        self.empty = PlainLabel(role="muted", wrap=True)
        self.all = QPushButton(fr.TICK_ALL)
        self.seen = PlainLabel(role="muted")
        self._spare = QWidget()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.state = PlainLabel(wrap=True)
        self.act = QPushButton()
        self.without = QPushButton(fr.WITHOUT_RECORD)
        self.without.setToolTip(fr.WITHOUT_RECORD_TIP)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        self.list.setMinimumHeight(LIST_LINES * self.fontMetrics().height())
        self.progress.setFixedHeight(gap)
        self.previous.setToolTip(fr.PREVIOUS_TIP)
        self.next.setToolTip(fr.NEXT_TIP)
        turn = QHBoxLayout()
        turn.addWidget(self.previous)
        turn.addWidget(self.box, 1)
        turn.addWidget(self.next)
        reading = QHBoxLayout()
        reading.addWidget(self.state, 1)
        reading.addWidget(self.act)
        foot = QHBoxLayout()
        foot.addWidget(self.seen, 1)
        foot.addWidget(self.all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap // 2)
        column.addLayout(reading)
        column.addWidget(self.without, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.progress)
        column.addLayout(turn)
        column.addWidget(self.opposed)
        column.addWidget(self.no_allergy)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty)
        column.addLayout(foot)
        column.addWidget(self._spare, 1)

    def _connect(self) -> None:
        self.box.activated.connect(lambda index: self.go(Section(index)))
        self.previous.clicked.connect(lambda: self._step(-1))
        self.next.clicked.connect(lambda: self._step(1))
        for key, step in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            turn = QShortcut(QKeySequence(key), self)
            turn.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            turn.activated.connect(lambda step=step: self._step(step))
        self.all.clicked.connect(self.model.tick_all)
        self.model.ticked.connect(self._ticked)
        self.opposed.ticked.connect(self._ticked)
        self.no_allergy.clicked.connect(self._no_allergy)
        self.act.clicked.connect(self._act)
        self.without.clicked.connect(self.without_asked)

    def focus_first(self) -> None:
        self.box.setFocus()

    def chain(self) -> list[QWidget]:
        around = [self.act, self.without, self.previous, self.box, self.next]
        return [*around, *self.opposed.boxes.values(), self.no_allergy, self.list, self.all]

    def fill(self, filled: Filled) -> None:
        """The review itself comes by `show_review`; what is shown of another draft's goes."""
        del filled
        self.show_review(Review())

    def filled(self) -> Filled:
        return Filled()

    def refuse(self, path: str, sentence: str) -> bool:
        if path != "items":
            return False
        if self._failed:
            self._refusal = fr.UNREAD_TO_SEND
            self._say()
            self.act.setFocus()
            return True
        self._refusal = sentence
        self.go(next((one for one in Section if one not in self.review.seen), self.section))
        self._focus()
        return True

    def show_review(self, review: Review, *, failed: str = "") -> None:
        """A review, being read as long as it has no facts and nothing failed. `failed`: why it was not read."""
        if review is not self.review:
            self.section = Section.PROBLEMS
        self.review, self._why = review, failed or review.unread
        self._failed = f"{fr.NOT_READ} {failed}" if failed else ""
        self._refusal = ""
        self.go(self.section)

    def go(self, section: Section) -> None:
        self.section = section
        if self.review.facts is not None:
            self.review.seen.add(section)
        self._show()

    def _show(self) -> None:
        review, section = self.review, self.section
        there = review.facts is not None
        sides = review.contradicted(section)
        apart = {*sides[0], *sides[1]}
        self.model.show(review, [item for item in review.of(section) if item not in apart])
        self.list.setAccessibleName(fr.FACTS.format(fr.SECTIONS[section]))
        self.list.setVisible(bool(self.model.items))
        self._spare.setHidden(bool(self.model.items))
        if self.model.items:
            self.list.setCurrentIndex(self.model.index(0))
        self.opposed.show_facts(review, sides)
        told = any(none_known(item) for item in review.of(section))
        self.no_allergy.setVisible(there and section is Section.ALLERGIES and not told)
        self.all.setVisible(bool(self.model.items))
        self.reordered.emit()
        for part in (self.box, self.previous, self.next):
            part.setEnabled(there)
        self._say()

    def _say(self) -> None:
        """Progress, what is missing, how far the review went."""
        review = self.review
        reading = review.facts is None and not self._failed
        self.progress.setVisible(reading)
        self._refusal = "" if review.complete else self._refusal
        silent = bool(self._failed) or review.stopped
        unread = review.facts.unread if review.facts else 0
        stopped = fr.GOES_WITHOUT if review.unread else fr.STOPPED
        missing = stopped if review.stopped else fr.UNREAD.format(unread) if unread else ""
        state = self._failed or (fr.READING if reading else missing)
        words = self._refusal or state
        self.state.setText(words)
        self.state.set_role("" if reading else "warning")
        self.state.setVisible(bool(words))
        self.act.setText(fr.STOP_READING if reading else fr.READ_AGAIN)
        self.act.setVisible(bool(state))
        self.without.setVisible(bool(self._failed))
        self.no_allergy.setChecked(NO_KNOWN_ALLERGY in review.ticked)
        self.box.clear()
        for section in Section:
            facts = {*review.of(section), *((NO_KNOWN_ALLERGY,) if section is Section.ALLERGIES else ())}
            ticked, total = len(facts & review.ticked), len(review.of(section))
            words = fr.SECTION_UNREAD if silent and not ticked else fr.SECTION_CHOICE
            name = words.format(name=fr.SECTIONS[section], ticked=ticked, total=max(total, ticked))
            self.box.addItem(fr.SECTION_SEEN.format(name) if section in review.seen else name)
        self.box.setCurrentIndex(self.section)
        mine = {*review.of(self.section), *((NO_KNOWN_ALLERGY,) if self.section is Section.ALLERGIES else ())}
        untold = fr.NOTHING_TICKED if review.of(self.section) else self._untold(silent=silent, unread=unread)
        self.empty.setText("" if mine & review.ticked or reading else untold)
        self.empty.setVisible(bool(self.empty.text()))
        seen = fr.SEEN_UNREAD if silent else fr.SEEN_COUNT
        self.seen.setText(seen.format(seen=len(review.seen), total=len(Section)))

    def _untold(self, *, silent: bool, unread: int) -> str:
        """Of a section that shows no fact: what was not read is not said to be untold."""
        if silent:
            return fr.UNREAD_SECTION.format(inside(self._why) or fr.UNREAD_BY_STOP)
        return fr.NOT_TOLD_IN_READ if unread else fr.NOT_TOLD

    def _step(self, by: int) -> None:
        if self.review.facts is not None:
            self.go(Section((self.section + by) % len(Section)))
            self._focus()

    def _focus(self) -> None:
        """On what there is to tick in this section."""
        ticks = [*self.opposed.boxes.values(), *((self.list,) if self.model.items else ()), self.no_allergy]
        next((one for one in ticks if not one.isHidden()), self.box).setFocus()

    def _no_allergy(self, accepted: bool) -> None:
        self.review.tick(NO_KNOWN_ALLERGY, accepted)
        self._ticked()

    def _ticked(self) -> None:
        self.model.refresh()
        self.opposed.refresh()
        self._say()
        self.changed.emit()

    def _act(self) -> None:
        (self.stop_asked if self.review.facts is None and not self._failed else self.again_asked).emit()


def _drop(widget: QWidget | None) -> None:
    if widget:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()
