"""Pro Santé Connect on the masked screen: one button, then the two ways, then what to do on the phone or in the browser."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QGuiApplication, QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import strings_card_fr as fr
from dmp_desktop.ui.sign_in_ports import PscProgress
from dmp_desktop.ui.widgets.labels import PlainLabel

RPPS_DIGITS = 11
FIELD_CHARACTERS = 18
BINDING_TIMES = 2.5
"""How much larger than other words: it is compared with another screen, at arm's length."""


class PscPanel(QWidget):
    """`show_progress` while somebody is waited for, `show_error` and `rest` when it is over. `said` is for screen readers;
    `unfolded` tells whether more than the one button is there, under a title of its own."""

    phone_asked = Signal(str)
    browser_asked = Signal()
    cancel_asked = Signal()
    said = Signal(str)
    unfolded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._url = ""
        self.open = QPushButton(fr.PSC)
        self.title = PlainLabel(fr.PSC_TITLE)
        self.title.setObjectName("title")
        self.number = QLineEdit()
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,12}"), self.number))
        self.number.setPlaceholderText(fr.PSC_NUMBER_HINT)
        self.number.setAccessibleName(fr.PSC_NUMBER_NAME)
        self.number.setFixedWidth(FIELD_CHARACTERS * self.fontMetrics().averageCharWidth())
        self.phone, self.browser = QPushButton(fr.PSC_PHONE), QPushButton(fr.PSC_BROWSER)
        self.phone.setProperty("primary", True)
        self.step = PlainLabel(wrap=True)
        self.binding = PlainLabel()
        self.binding.setObjectName("binding")
        large = self.binding.font()
        large.setPointSizeF(BINDING_TIMES * large.pointSizeF())
        self.binding.setFont(large)
        self.copy = QPushButton(fr.PSC_COPY)
        self.copy.setToolTip(fr.PSC_COPY_HINT)
        self.error = PlainLabel(role="danger", wrap=True)
        self.cancel = QPushButton(fr.PSC_CANCEL)
        self._lay_out()
        self._connect()
        self.rest()

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        number = QHBoxLayout()
        label = PlainLabel(fr.PSC_NUMBER)
        number.addStretch(1)
        number.addWidget(label)
        number.addWidget(self.number)
        number.addStretch(1)
        self.choice = QWidget()
        ways = QVBoxLayout(self.choice)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.addLayout(number)
        for button in (self.phone, self.browser):
            ways.addWidget(button, 0, centre)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open, 0, centre)
        for label in (self.title, self.step, self.binding, self.error):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.title)
        column.addWidget(self.error)
        column.addWidget(self.choice)
        column.addWidget(self.step)
        column.addWidget(self.binding)
        column.addWidget(self.copy, 0, centre)
        column.addWidget(self.cancel, 0, centre)

    def _connect(self) -> None:
        self.open.clicked.connect(lambda: self._offer())
        self.number.returnPressed.connect(self._ask_phone)
        self.phone.clicked.connect(self._ask_phone)
        self.browser.clicked.connect(self.browser_asked)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._url))
        self.cancel.clicked.connect(self._cancel)

    def suggest(self, national_id: str) -> None:
        """The number of whoever signed in so last: `8` and the RPPS, or the RPPS."""
        self.number.setText(national_id[-RPPS_DIGITS:])

    def rest(self) -> None:
        """The one button again, nothing of an attempt. The keyboard goes to it from what was there."""
        led = self._leads()
        self._show(self.open)
        self.error.clear()
        if led:
            self.open.setFocus()

    def show_waiting(self, words: str = fr.PSC_ASKING) -> None:
        led = self._leads()
        self.step.setText(words)
        self._show(self.step, self.cancel)
        if led:
            self.cancel.setFocus()
        self.said.emit(words)

    def show_progress(self, progress: PscProgress) -> None:
        self._url = progress.url
        self.step.setText(fr.PSC_STEP[progress.step])
        self.binding.setText(progress.binding)
        self.binding.setAccessibleName(fr.PSC_BINDING_NAME.format(progress.binding))
        shown = [self.step, self.cancel]
        if progress.binding:
            shown.append(self.binding)
        if progress.url:
            shown.append(self.copy)
        self._show(*shown)
        self.said.emit(" ".join(filter(None, (self.step.text(), progress.binding))))

    def show_error(self, error: DmpDesktopError) -> None:
        self._refuse(f"{error.message_fr} {error.remedy_fr}".strip())

    def _offer(self) -> None:
        self._show(self.choice, self.cancel)
        self.number.setFocus()

    def _ask_phone(self) -> None:
        if len(self.number.text()) < RPPS_DIGITS:
            self._refuse(fr.PSC_NUMBER_WRONG)
        else:
            self.phone_asked.emit(self.number.text())

    def _refuse(self, words: str) -> None:
        """And back to the number, to be corrected or asked again."""
        led = self._leads()
        self.error.setText(words)
        self._show(self.error, self.choice, self.cancel)
        if led:
            self.number.setFocus()
            self.number.selectAll()
        self.said.emit(words)

    def _leads(self) -> bool:
        """Whether the keyboard is here: it is taken from nothing else."""
        focus = self.window().focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _cancel(self) -> None:
        self.rest()
        self.cancel_asked.emit()

    def _show(self, *shown: QWidget) -> None:
        if self.binding not in shown:
            self.binding.clear()
        self.title.setVisible(self.open not in shown)
        for widget in (self.open, self.choice, self.step, self.binding, self.copy, self.error, self.cancel):
            widget.setVisible(widget in shown)
        self.unfolded.emit(self.open not in shown)
