"""Where the professional practises now, when their card knows several places."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from dmp_desktop.domain.cards import CpsActivity
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.answer_keys import NUMBERED, named
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.settling import Settling


class ActivityPicker(CentredScreen):
    """One button a place, in the order of the card. `chosen` carries the number the card gives it.

    It follows the PIN at once: what is still being typed or clicked then is not a choice, which would be remembered (`settling`).
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("person", parent)
        self.title.setText(fr.PLACES_TITLE)
        self.buttons: list[_PlaceButton] = []
        self._suggested: int | None = None
        self.settling = Settling(self)
        self.settling.settled.connect(self.lead)
        self._group = QButtonGroup(self)  # the arrows go round in it
        self._group.setExclusive(False)
        self._inside = inside = QWidget()
        self._places = QVBoxLayout(inside)
        self._places.setContentsMargins(0, 0, 0, 0)
        self._places.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName(fr.PLACES_NAME)
        self._area.viewport().installEventFilter(self)
        self.put(self._area)
        self.put(PlainLabel(fr.PLACES_KEYS, role="muted", wrap=True))
        self.put(PlainLabel(fr.PLACES_HINT, role="muted", wrap=True))

    def ask(self, places: Sequence[CpsActivity], suggested: int | None) -> None:
        """The same question again changes nothing."""
        if [button.place for button in self.buttons] == list(places) and self._suggested == suggested and places:
            return
        self.clear()
        self._suggested = suggested
        for rank, place in enumerate(places, 1):
            self._add(rank, place)
        self._make_room()
        self.settling.begin(self.buttons)
        self.lead()

    def _make_room(self) -> None:
        """For the first five; the others are a scroll away."""
        width = self._area.viewport().width()
        heights = [button.heightForWidth(width) + self._places.spacing() for button in self.buttons]
        self._area.setMinimumHeight(sum(heights[:5]))
        self._inside.setMinimumHeight(sum(heights))  # else that of the narrowest wrapping

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list has another width than before: names may take other lines."""
        if event.type() is QEvent.Type.Resize:
            self._make_room()
        return super().eventFilter(watched, event)

    def clear(self) -> None:
        self.settling.end()
        for button in self.buttons:
            self._group.removeButton(button)
            self._places.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []

    def _add(self, rank: int, place: CpsActivity) -> None:
        button = _PlaceButton(rank, place, last=place.number == self._suggested)
        button.clicked.connect(lambda: self._choose(place.number))
        self._group.addButton(button)
        self._places.insertWidget(self._places.count() - 1, button)
        button.show()  # now, not with the next event: the keyboard is led to it
        self.buttons.append(button)

    def _choose(self, number: int) -> None:
        """Once: the buttons wait for the session from then on."""
        for button in self.buttons:
            button.setEnabled(False)
        self.chosen.emit(number)

    def show_answered(self) -> None:
        if not self.settling.active:
            for button in self.buttons:
                button.setEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        answer = named(event, self.buttons)
        if event.isAutoRepeat():
            event.accept()  # a key held down since before
        elif answer:
            answer.click()
        else:
            super().keyPressEvent(event)

    def lead(self) -> None:
        """The keyboard on the place chosen last, in the window the doctor already works in only; here until it may be chosen."""
        if self.in_front() and self.settling.active:
            self.setFocus()
        elif self.in_front() and self.buttons:
            last = (button for button in self.buttons if button.place.number == self._suggested)
            next(last, self.buttons[0]).setFocus()


class _PlaceButton(QPushButton):
    """Its number and name, how one practises there below: on as many lines as they need, two places may begin alike."""

    def __init__(self, rank: int, place: CpsActivity, *, last: bool) -> None:
        super().__init__()
        self.place = place
        self.words = kind_words(place) + (f" · {fr.PLACE_LAST}" if last else "")
        name = place.facility.name or fr.PLACE_UNNAMED
        self.setAccessibleName(fr.PLACE_SPOKEN.format(number=rank, name=name, kind=self.words))
        self.setToolTip("")
        first = PlainLabel(f"{rank}   {name}" if rank <= NUMBERED else name, wrap=True)
        first.setProperty("strong", True)
        self._column = column = QVBoxLayout(self)
        self._labels = (first, PlainLabel(self.words, role="muted", wrap=True))
        for label in self._labels:
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)

    def sizeHint(self) -> QSize:
        return self._column.sizeHint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        for label in self._labels:
            label.ensurePolished()  # the style's font is another one
        return self._column.totalHeightForWidth(width)

    def minimumSizeHint(self) -> QSize:
        """Its height follows its width; that of a label which wraps would be as narrow as a word, and too high."""
        return QSize(0, self.fontMetrics().height())


def kind_words(place: CpsActivity) -> str:
    """How one practises there, in French; what is not known is not said."""
    words = (fr.MODES.get(place.mode), fr.SECTORS.get(place.facility.sector))
    return " · ".join(word for word in words if word) or fr.KIND_UNKNOWN
