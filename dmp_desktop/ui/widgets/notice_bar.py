"""One line of news: what happened, what is safe, one button. It replaces dialogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from dmp_desktop.errors import CardError, DmpDesktopError, StorageError
from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.widgets.labels import IconLabel, PlainLabel

TONE_ICONS = {"danger": "error", "warning": "warning", "success": "check", "accent": "info"}


@dataclass(frozen=True, slots=True)
class Notice:
    """`tone` is danger, warning, success or accent; `key` tells notices apart so that their owner can take them back."""

    text: str
    safe: str = ""
    tone: str = "accent"
    code: str = ""
    button: str = ""
    act: Callable[[], None] | None = None
    key: str = ""
    diagnose: bool = False  # the diagnosis can tell more: cards, connection, what the workstation keeps


def of_error(error: DmpDesktopError, safe: str = "", retry: Callable[[], None] | None = None, key: str = "") -> Notice:
    """An error as the doctor reads it; `retry` is offered when given."""
    text = error.told_fr
    diagnose = isinstance(error, CardError | StorageError) or getattr(error, "retryable", False)
    return Notice(text, safe, "danger", error.code, fr.RETRY if retry else "", retry, key, diagnose)


class NoticeBar(QFrame):
    """Shows the last notice, until it is closed, acted upon or replaced."""

    diagnostic_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAccessibleName(fr.NOTICE_NAME)
        self.notice: Notice | None = None
        self.what = IconLabel()
        self.what.words.setWordWrap(True)
        self.safe = PlainLabel(wrap=True)
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
        self.close_notice.clicked.connect(self.clear)
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
        column.addLayout(last)

    def tell(self, notice: Notice) -> None:
        self.notice = notice
        self.setProperty("tone", notice.tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.what.show_state(notice.text, TONE_ICONS[notice.tone], "")
        self.refresh()
        self.safe.setText(notice.safe)
        self.safe.setVisible(bool(notice.safe))
        self.code.setText(fr.ERROR_CODE.format(notice.code) if notice.code else "")
        self.button.setText(notice.button)
        self.button.setVisible(bool(notice.button))
        self.code.setVisible(bool(notice.code or notice.button))
        self.diagnostic.setVisible(self.can_diagnose and notice.diagnose)
        self.show()

    def clear(self, key: str | bool = False) -> None:
        """Hides the notice; with a key, only that one."""
        if isinstance(key, str) and (self.notice is None or self.notice.key != key):
            return
        self.notice = None
        self.what.show_state("", "", "")
        self.safe.clear()
        self.hide()

    def refresh(self) -> None:
        self.close_notice.setIcon(icons.role_icon("cross", "muted"))
        if self.notice:
            side = self.fontMetrics().height()
            picture = icons.role_icon(TONE_ICONS[self.notice.tone], self.notice.tone)
            self.what.picture.setPixmap(picture.pixmap(side, side))

    def _act(self) -> None:
        act = self.notice.act if self.notice else None
        self.clear()
        if act:
            act()
