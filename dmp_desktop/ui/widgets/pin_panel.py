"""The PIN of the professional's card, asked inside the window: never a dialog, never twice, never by stealing the keyboard."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QPushButton, QWidget

from dmp_desktop.domain.cards import PinState
from dmp_desktop.services.session_state import PinAsked
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.widgets.centred import CentredScreen
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.pin_field import PinField

PATIENCE_MS = 300
"""A card that answers sooner needs no word of progress."""
PAUSE_S = 1.5
"""Who has typed in the window since is still writing something else, not looking at the PIN's panel."""
FIELD_CHARACTERS = 14


class PinPanel(CentredScreen):
    """`show_asked` when the session asks, `show_answered` once the card has answered an entry, `clear` when nothing is asked.

    `submitted` carries the PIN, once an entry, and the question it was typed under; the field is empty by then. `said` is for
    screen readers. `since_key` tells for how many seconds nobody has typed in the window: while somebody does, the field of a new
    question, or of one more try, does not take the keyboard (it may be clicked, or reached by Tab): what is being written is not
    a PIN, or is the one that was refused. What cannot be a PIN takes the keyboard from the field again.
    """

    submitted = Signal(str, int)
    again_asked = Signal()
    diagnostic_asked = Signal()
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("card", parent)
        self._asked: PinAsked | None = None
        self.since_key: Callable[[], float] = lambda: math.inf
        self.can_diagnose = False
        self.working = False
        self.holder = PlainLabel(wrap=True)
        self.holder.setProperty("strong", True)
        self.card = PlainLabel(role="muted", wrap=True)
        self.answer = PlainLabel(role="danger", wrap=True)
        self.warning = PlainLabel(wrap=True)
        self.field = PinField()
        self.field.setFixedWidth(FIELD_CHARACTERS * self.fontMetrics().averageCharWidth())
        self.field.setToolTip(fr.PIN_HINT)
        self.enter = QPushButton(fr.PIN_ENTER)
        self.enter.setProperty("primary", True)
        self.progress = PlainLabel(role="muted", wrap=True)
        self.caution = PlainLabel(fr.PIN_THREE, role="muted", wrap=True)
        self.again = QPushButton(fr.AGAIN)
        self.diagnostic = QPushButton(fr.DIAGNOSTIC)
        for label in (self.holder, self.card, self.answer, self.warning):
            self.put(label)
        for widget in (self.field, self.enter, self.again, self.diagnostic):
            self.put(widget, whole=False)
        self.put(self.progress)
        self.put(self.caution)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say_working)
        self._pause = QTimer(self)  # runs while a new question waits for the end of what is being typed
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._end_pause)
        self.field.returnPressed.connect(self._submit)
        self.field.strange.connect(self._drop_strange)
        self.field.textChanged.connect(self._open)
        self.enter.clicked.connect(self._submit)
        self.again.clicked.connect(self._read_again)
        self.diagnostic.clicked.connect(self.diagnostic_asked)
        self.clear()

    def show_asked(self, asked: PinAsked) -> None:
        """The same question again changes nothing: a reader plugged in must not take away the digits typed so far."""
        if asked == self._asked:
            return
        again = self._asked is not None and asked.question == self._asked.question
        self._asked = asked
        self._begin(fr.PIN_AGAIN if again else fr.PIN_PAUSE)

    def show_answered(self) -> None:
        """The card is free again; what it said came by `show_asked`, unless it is what was there already."""
        if self.working and self._asked:
            self._begin(fr.PIN_AGAIN)

    def clear(self) -> None:
        """Nothing of a card or of a PIN stays."""
        self._asked = None
        self._rest()
        for label in (self.holder, self.card, self.answer, self.warning):
            label.clear()

    def _begin(self, words: str) -> None:
        """What is asked now; `words` say why the keyboard does not go to the field while somebody is typing."""
        self._rest()
        self._show()
        self._speak()
        self._await_pause("" if self.field.isHidden() else words)
        self.lead()

    def _show(self) -> None:
        asked = self._asked
        if asked is None:
            return
        locked = asked.state is PinState.LOCKED
        last = asked.state is PinState.LAST_TRY
        open_ = not (asked.refused or locked)
        refused_title = fr.PIN_LOCKED_TITLE if locked else fr.PIN_REFUSED_TITLE
        self.title.setText(fr.PIN_TITLE if open_ else refused_title)
        self.show_icon("card" if open_ else "warning")
        self.holder.setText(asked.holder)
        self.card.setText(fr.CARD[asked.card_type])
        self.answer.setText(asked.said)
        self.warning.setText(fr.PIN_WARNING.get(asked.state, "") if open_ else "")
        self.warning.setObjectName("alarm" if last else "")
        self.warning.setMargin(
            self.fontMetrics().height() // 2 if last else 0
        )  # a style's padding is not counted in its height
        self.warning.set_role("" if last else "warning")
        self.warning.style().polish(self.warning)
        for label in (self.answer, self.warning):
            label.setVisible(bool(label.text()))
        for widget in (self.field, self.enter):
            widget.setVisible(open_)
        self.caution.setText(fr.PIN_THREE if open_ else fr.PIN_OTHER_WAYS)
        self.caution.setVisible(not self.warning.text())
        self.again.setVisible(not open_ and not locked)
        self.diagnostic.setVisible(not open_ and not locked and self.can_diagnose)

    def _submit(self) -> None:
        if self.working or self._asked is None or self.field.isHidden():
            return
        if not self.field.complete:
            self.progress.setText(fr.PIN_SHORT)
            self.said.emit(fr.PIN_SHORT)
            return
        self.working = True
        self.progress.clear()
        pin = self.field.take()
        if self.field.hasFocus() or self.enter.hasFocus():
            self.setFocus()  # else Qt leads the keyboard to the next button, which Enter would press
        for widget in (self.field, self.enter):
            widget.setEnabled(False)
        self._patience.start()
        self.submitted.emit(pin, self._asked.question)

    def _read_again(self) -> None:
        """Once: its answer comes by `show_asked`, or `show_answered`."""
        self.working = True
        self.setFocus()
        self.again.setEnabled(False)
        self.progress.setText(fr.AGAIN_WORKING)
        self.said.emit(fr.AGAIN_WORKING)
        self.again_asked.emit()

    def _rest(self) -> None:
        self.working = False
        self._patience.stop()
        self._pause.stop()
        self.progress.clear()
        self.field.wipe()
        for widget in (self.field, self.enter, self.again):
            widget.setEnabled(True)

    def _say_working(self) -> None:
        self.progress.setText(fr.PIN_WORKING)
        self.said.emit(fr.PIN_WORKING)

    def _speak(self) -> None:
        words = (self.answer.text(), self.warning.text()) if self._asked else ()
        self.said.emit(" ".join(filter(None, words)) or fr.PIN_ASKED_SAID)

    def _drop_strange(self) -> None:
        """A note, or a scanner: what follows is no more of a PIN than what came."""
        self._close_for(PAUSE_S)
        self.progress.setText(fr.PIN_STRANGE)
        self.said.emit(fr.PIN_STRANGE)

    def _await_pause(self, words: str) -> None:
        """Begin, or go on, not to lead the keyboard to the field; nothing when nobody is typing."""
        left = PAUSE_S - self.since_key()
        if left > 0:
            self._close_for(left)
            self.progress.setText(words)

    def _close_for(self, seconds: float) -> None:
        """What is typed goes nowhere; a click in the field, and digits there, open it before."""
        self.setFocus()
        self.enter.setEnabled(False)
        self._pause.start(int(seconds * 1000) + 1)

    def _open(self) -> None:
        if not self.working:
            self.enter.setEnabled(True)

    def _end_pause(self) -> None:
        words = self.progress.text()
        self.progress.clear()
        self._open()
        if not self.field.hasFocus():
            self._await_pause(words)
            self.lead()

    def lead(self) -> None:
        """The keyboard to the field, in the window the doctor already works in only."""
        if self._pause.isActive():
            if not self.field.hasFocus():
                self.setFocus()
        elif self.in_front():
            shown = (widget for widget in (self.field, self.again, self.diagnostic) if not widget.isHidden())
            next(shown, self).setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        self.field.wipe()
        super().hideEvent(event)
