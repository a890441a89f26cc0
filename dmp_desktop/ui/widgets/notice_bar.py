"""One line of news: what happened, what is safe, one button. It replaces dialogs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.errors import CardError, DmpDesktopError, StorageError
from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel
from dmp_desktop.ui.widgets.settling import Settling

TONE_ICONS = {"danger": "error", "warning": "warning", "success": "check", "accent": "info"}


@dataclass(frozen=True, slots=True)
class Notice:
    """`tone` is danger, warning, success or accent; `key` tells notices apart so that their owner can take them back."""

    text: str = field(repr=False)  # it may name a patient
    safe: str = ""
    tone: str = "accent"
    code: str = ""
    button: str = ""
    act: Callable[[], None] | None = None
    key: str = ""
    diagnose: bool = False  # the diagnosis can tell more: cards, connection, what the workstation keeps
    lasting: bool = False  # what takes its place does not end it: it comes back, until it is closed or taken back
    place: bool = False  # how the workstation stands, of nobody: lasting, and still told over a screen that is covered
    until: float | None = (
        None  # on `time.monotonic`: what its button takes back happens then; counted down on the screen
    )


def of_error(error: DmpDesktopError, safe: str = "", retry: Callable[[], None] | None = None, key: str = "") -> Notice:
    """An error as the doctor reads it; `retry` is offered when given."""
    text = error.told_fr
    diagnose = isinstance(error, CardError | StorageError) or getattr(error, "retryable", False)
    return Notice(text, safe, "danger", error.code, fr.RETRY if retry else "", retry, key, diagnose)


class NoticeBar(QFrame):
    """Shows the last notice, until it is closed, acted upon or replaced; then what is `lasting` and was told before.

    `read`: a notice was closed or acted upon, by who read it.
    """

    diagnostic_asked = Signal()
    read = Signal(object)  # Notice

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(fr.NOTICE_NAME)
        self.notice: Notice | None = None
        self._waiting: list[Notice] = []  # lasting ones, the next one last
        self.what = IconLabel()
        self.what.words.setWordWrap(True)
        self.safe = PlainLabel(wrap=True)
        self.left = PlainLabel()  # a line of its own, whatever it says: nothing moves from one second to the next
        self.left.hide()
        self._second = QTimer(self)
        self._second.timeout.connect(self._count_down)
        self.code = PlainLabel(role="muted")
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        self.can_diagnose = False
        self.diagnostic = QPushButton(fr.DIAGNOSTIC)
        self.diagnostic.setToolTip(fr.DIAGNOSTIC_TIP)
        self.diagnostic.clicked.connect(self.diagnostic_asked)
        self.close_notice = QToolButton()
        self.close_notice.setProperty("quiet", True)
        self.close_notice.setAccessibleName(fr.CLOSE_NOTICE)
        self.close_notice.setToolTip(fr.CLOSE_NOTICE)
        self.close_notice.clicked.connect(lambda: self._end())
        self._settling = Settling(self)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        gap = self.fontMetrics().averageCharWidth()
        first = QHBoxLayout()
        first.addWidget(self.what, 1)
        first.addWidget(self.close_notice)
        last = QHBoxLayout()
        last.addWidget(self.code, 1)
        last.addWidget(self.diagnostic)
        last.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap // 2, gap // 2, gap // 2)
        column.setSpacing(gap // 3)
        column.addLayout(first)
        column.addWidget(self.safe)
        column.addWidget(self.left)
        column.addLayout(last)

    def tell(self, notice: Notice) -> None:
        former = self.notice
        if former is not None and (former.lasting or former.place):
            self._waiting.append(former)
        self._waiting = [one for one in self._waiting if one.key != notice.key]
        self._settling.end()
        self._show(notice)

    def reword(self, key: str, text: str) -> None:
        """Other words for what is told already, where it stands: nothing comes before the eyes a second time."""
        self._waiting = [replace(one, text=text) if one.key == key else one for one in self._waiting]
        if self.notice is not None and self.notice.key == key and self.notice.text != text:
            self.notice = replace(self.notice, text=text)
            self.what.show_state(text, TONE_ICONS[self.notice.tone], "")

    def clear(self, key: str = "") -> None:
        """Takes back what is told under a key, or everything."""
        self._waiting = [one for one in self._waiting if key and one.key != key]
        if self.notice is not None and (not key or self.notice.key == key):
            self._show_next()
        elif self.notice is not None:
            self._show_code(self.notice)

    def cover(self) -> None:
        """Nothing that was told to somebody stays above a covered screen. How the workstation stands does, until its owner takes
        it back or somebody has read it: told once, it is told again by nobody."""
        self._waiting = [one for one in self._waiting if one.place]
        if self.notice is not None and not self.notice.place:
            self._show_next()
        elif self.notice is not None:
            self._show_code(self.notice)

    @property
    def busy(self) -> bool:
        """Whether something is told to who is there, which a mere reminder must not cover."""
        return self.notice is not None and not self.notice.place

    def _show(self, notice: Notice) -> None:
        self.notice = notice
        self.setProperty("tone", notice.tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.what.show_state(notice.text, TONE_ICONS[notice.tone], "")
        self.refresh()
        self.safe.setText(notice.safe)
        self.safe.setVisible(bool(notice.safe))
        for button in (self.button, self.diagnostic, self.close_notice):
            button.setEnabled(True)
        self.button.setText(notice.button)
        self.button.setVisible(bool(notice.button))
        self._show_code(notice)
        self._show_left(notice)
        self.diagnostic.setVisible(self.can_diagnose and notice.diagnose)
        self.show()

    def _show_code(self, notice: Notice) -> None:
        """And how many more there are to be read."""
        code = fr.ERROR_CODE.format(notice.code) if notice.code else ""
        more = fr.MORE_NOTICES[len(self._waiting) > 1].format(len(self._waiting)) if self._waiting else ""
        self.code.setText(" · ".join(filter(None, (code, more))))
        self.code.setVisible(bool(self.code.text() or notice.button))

    def _show_left(self, notice: Notice) -> None:
        self.left.setVisible(notice.until is not None)
        if notice.until is None:
            self._second.stop()
            return
        self._count_down()
        # A name of its own, that does not change: a screen reader is not told of each second.
        self.left.setAccessibleName(self.left.text())
        self._second.start(1000)

    def _count_down(self) -> None:
        until = self.notice.until if self.notice else None
        if until is None:
            self._second.stop()
            return
        seconds = max(0, math.ceil(until - time.monotonic()))
        self.left.setText(fr.LEAVES_IN.format(seconds) if seconds else fr.LEAVES_NOW)
        if not seconds:
            self._second.stop()

    def _show_next(self) -> None:
        """A click on its way was meant for the one before."""
        if self._waiting:
            self._show(self._waiting.pop())
            self._settling.begin((self.button, self.diagnostic, self.close_notice))
            return
        self.notice = None
        self._second.stop()
        self.what.show_state("", "", "")
        self.safe.clear()
        self.hide()

    def refresh(self) -> None:
        self.close_notice.setIcon(icons.role_icon("cross", "muted"))
        if self.notice:
            side = self.fontMetrics().height()
            picture = icons.role_icon(TONE_ICONS[self.notice.tone], self.notice.tone)
            self.what.picture.setPixmap(picture.pixmap(side, side))

    def _end(self) -> None:
        ended = self.notice
        self._show_next()
        if ended is not None:
            self.read.emit(ended)

    def _act(self) -> None:
        act = self.notice.act if self.notice else None
        self._end()
        if act:
            act()
