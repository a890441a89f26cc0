"""What a secretary's card shows: no clinical content, ever."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.centred import WIDEST_CHARACTERS, CentredScreen
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel

TABLE_CHARACTERS = 180
"""A day's list in columns."""


class FrontDesk(CentredScreen):
    """What can be done now, and what cannot. `give` puts a piece of the front desk's work in it, until `take_back`: it stays
    whose it is, hidden. Of several, one is in front, the others are a click away. `cover` puts one more in the place of all,
    until `uncover`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("list", parent)
        self.title.setText(fr.DESK_TITLE)
        self._hints = [PlainLabel(fr.DESK_NOW, wrap=True), PlainLabel(fr.DESK_DOCTOR, role="muted", wrap=True)]
        self._hint = PlainLabel(fr.DESK_HINT, wrap=True)
        for label in (self._hint, *self._hints):
            self.put(label)
        self._offers: list[QPushButton] = []
        self._works: dict[QWidget, QToolButton] = {}
        self._wide: set[QWidget] = set()
        self._front: QWidget | None = None
        self._cover: QWidget | None = None
        self._ways = Flow()
        self._group = QButtonGroup(self)
        self.tabs = QWidget()
        self._tabs = QHBoxLayout(self.tabs)
        self._tabs.setContentsMargins(0, 0, 0, 0)
        self._tabs.setSpacing(0)
        for part in (self._ways, self.tabs):
            self._column.insertWidget(self._column.count() - 1, part)
        self.tabs.hide()

    def offer(self, words: str, act: Callable[[], None]) -> QPushButton:
        """A way to something else the desk does: a button, hidden at first."""
        button = QPushButton(words)
        button.clicked.connect(act)
        button.hide()
        self._offers.append(button)
        self._ways.add(button)
        self._ways.show()
        self._order_keyboard()
        return button

    def give(self, work: QWidget, name: str = "", *, first: bool = False, table: bool = False) -> None:
        """In the place of the words on what is not there, with all the height. `name` is told where there are several, `first`
        puts it before the others; the first one that is given is in front. `table`: it has a list to show in a wide window."""
        if table:
            self._wide.add(work)
        button = QToolButton()
        button.setText(name)
        button.setAccessibleName(name)
        button.setProperty("tab", True)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.front(work))
        self._group.addButton(button)
        self._tabs.insertWidget(0 if first else self._tabs.count(), button)
        self._works[work] = button
        self._column.insertWidget(self._column.count() - 1, work, 1)
        self._front = self._front or work
        self._order_keyboard()
        self._arrange()

    def front(self, work: QWidget) -> None:
        """The others are hidden, with what is in them; so is this one while something covers them all."""
        self._front = work
        self._arrange()

    def take_back(self, work: QWidget) -> None:
        self._wide.discard(work)
        button = self._works.pop(work, None)
        if button is not None:
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self._column.removeWidget(work)
        work.hide()
        if self._front is work:
            self._front = next(iter(self._works), None)
        self._arrange()

    def cover(self, work: QWidget) -> None:
        self._cover = work
        self._column.insertWidget(self._column.count() - 1, work, 1)
        self._arrange()

    def uncover(self, work: QWidget) -> None:
        """No effect where something else covers the list."""
        if self._cover is work:
            self._cover = None
            self._column.removeWidget(work)
            work.hide()
            self._arrange()

    def _order_keyboard(self) -> None:
        """Tab goes through what stands above before the work itself, made earlier or later, in the order of the screen."""
        tabs = sorted(self._works.values(), key=self._tabs.indexOf)
        before: QWidget = self.tabs
        before.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Qt orders nothing after what takes no keyboard
        for button in (*self._offers, *tabs):
            QWidget.setTabOrder(before, button)
            before = button
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _arrange(self) -> None:
        covered, several = self._cover is not None, len(self._works) > 1
        for work, button in self._works.items():
            button.setChecked(work is self._front)
            work.setVisible(work is self._front and not covered)
        self._ways.setVisible(not covered)
        self.tabs.setVisible(several and not covered)
        for part in (self.title, self._hint):
            part.setVisible(not several and not covered)
        if self._cover is not None:
            self._cover.show()
        self._make_room(bool(self._works) or covered)

    def _make_room(self, working: bool) -> None:
        wide = self._cover is None and self._front in self._wide
        self.widen(TABLE_CHARACTERS if wide else WIDEST_CHARACTERS)
        for part in (self.picture, *self._hints):
            part.setVisible(not working)
        for place, stretch in ((0, 2), (self._column.count() - 1, 3)):
            self._column.setStretch(place, 0 if working else stretch)
