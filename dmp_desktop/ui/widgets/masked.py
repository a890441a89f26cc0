"""What is on screen while no professional card is in, or no program behind the window: nothing of a patient."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import icons
from dmp_desktop.ui import strings_window_fr as fr
from dmp_desktop.ui.widgets.labels import PlainLabel


class MaskedScreen(QWidget):
    """Says what to do, and what is kept. `show_notice` tells of the reader, `show_failure` why there is nothing to wait for."""

    retry_asked = Signal()
    diagnostic_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = fr.MASKED_HINT
        self._other_way, self._card_awaited = False, True
        self.picture = QLabel()
        self.title = PlainLabel(wrap=True)
        self.title.setObjectName("title")
        self.hint = PlainLabel(wrap=True)
        self.safe = PlainLabel(role="muted", wrap=True)
        self.notice = PlainLabel(role="warning", wrap=True)
        self.retry = QPushButton(fr.RETRY.replace("&", ""))  # the key is the notice's
        self.retry.clicked.connect(self.retry_asked)
        self.can_diagnose = False
        self.diagnostic = QPushButton(fr.DIAGNOSTIC)
        self.diagnostic.setToolTip(fr.DIAGNOSTIC_TIP)
        self.diagnostic.clicked.connect(self.diagnostic_asked)
        self.diagnostic.hide()
        column = QVBoxLayout(self)
        column.setSpacing(self.fontMetrics().height())
        column.addStretch(2)
        for widget in (self.picture, self.title, self.hint, self.safe, self.notice):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        for button in (self.retry, self.diagnostic):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(3)
        self._column = column
        self.ask_card()
        self.refresh()

    def give_way(self, leave: bool) -> None:
        """The other way in has words of its own: those on the card are not for who has taken it."""
        self._other_way = leave
        self.title.setVisible(not leave)
        self.hint.setVisible(not leave and self._card_awaited)

    def put(self, widget: QWidget) -> None:
        """Another way in, below the words."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def ask_card(self) -> None:
        self._tell(fr.MASKED_TITLE, self._hint, fr.MASKED_SAFE)
        self.retry.hide()

    def show_failure(self, error: DmpDesktopError, remedy: str, *, retry: bool) -> None:
        """Without a word on what is kept: that is not known."""
        self._tell(fr.FAILED_TITLE, f"{error.why_fr} {remedy}".strip(), fr.ERROR_CODE.format(error.code))
        self.retry.setVisible(retry)

    def show_notice(self, text: str) -> None:
        self.notice.setText(text)

    def show_card(self, *, awaited: bool, again: bool) -> None:
        """With a card in, or no service to see one by, what the notice says to do stands alone: no word on inserting one.

        `again`: a card that is in may be read once more.
        """
        self._card_awaited = awaited or not self.notice.text()
        self.hint.setVisible(self._card_awaited and not self._other_way)
        self.retry.setVisible(again)

    def offer_diagnostic(self, useful: bool) -> None:
        """`useful`: it can tell more than the notice."""
        self.diagnostic.setVisible(useful and self.can_diagnose)

    def offer_without_card(self) -> None:
        """There is another way in than a card."""
        self._hint = fr.MASKED_HINT_PSC
        self.hint.setText(self._hint)

    def _tell(self, title: str, hint: str, safe: str) -> None:
        self.title.setText(title)
        self.hint.setText(hint)
        self.hint.show()
        self.safe.setText(safe)

    def refresh(self) -> None:
        side = self.fontMetrics().height() * 4
        self.picture.setPixmap(icons.role_icon("lock", "muted").pixmap(side, side))
