"""Within Réglages, the practice's recovery code: shown on demand, printed, forgotten once on paper, typed where it serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_practice_fr as fr
from dmp_desktop.ui.practice_ports import PracticeCodePort
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from dmp_desktop.ui.views.settings.view import SettingsView

GROUP_SIGNS = 5
_A_LINE = 3
"""Groups on one line: they fit in the docked window."""


class PracticeCodeSection(QWidget):
    """A part of `page`, which asks for it. `ask_printer` gives None when no printer is chosen."""

    def __init__(self, port: PracticeCodePort, page: SettingsView) -> None:
        super().__init__(page)
        self._port = port
        self._page = page
        self.ask_printer: Callable[[], QPrinter | None] = lambda: asking.printer(self.window())
        self.status, self.answer = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.code = PlainLabel()
        self.code.setFont(copied_by_hand())
        self.show_code, self.print_code = QPushButton(fr.SHOW), QPushButton(fr.PRINT)
        self.last, self.printed = QLineEdit(), QPushButton(fr.PRINTED)
        self.typed = QLineEdit()
        self.recover, self.join = QPushButton(fr.RECOVER), QPushButton(fr.JOIN)
        self.unprinted = QWidget()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.setAccessibleName(fr.HEADING)
        heading = PlainLabel(fr.HEADING)
        heading.setProperty("strong", True)
        for field, name in ((self.last, fr.LAST_GROUP), (self.typed, fr.TYPED)):
            field.setAccessibleName(name)
        self.typed.setAccessibleDescription(fr.TYPED_WHAT)
        for button, tip in ((self.printed, fr.PRINTED_TIP), (self.recover, fr.RECOVER_TIP), (self.join, fr.JOIN_TIP)):
            button.setToolTip(tip)
        self.last.setMaxLength(2 * GROUP_SIGNS)  # with the spaces of who copies
        self.last.setFixedWidth(4 * GROUP_SIGNS * self.fontMetrics().averageCharWidth())
        to_paper = QVBoxLayout(self.unprinted)
        to_paper.setContentsMargins(0, 0, 0, 0)
        to_paper.addLayout(_beside(self.show_code, self.print_code))
        to_paper.addWidget(self.code)
        to_paper.addWidget(PlainLabel(fr.LAST_GROUP, wrap=True))
        to_paper.addLayout(_beside(self.last, self.printed))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading)
        column.addWidget(PlainLabel(fr.WHAT, role="muted", wrap=True))
        column.addWidget(self.status)
        column.addWidget(self.unprinted)
        column.addSpacing(self.fontMetrics().height())
        column.addWidget(PlainLabel(fr.TYPED, wrap=True))
        column.addWidget(self.typed)
        column.addWidget(PlainLabel(fr.TYPED_WHAT, role="muted", wrap=True))
        column.addLayout(_beside(self.recover, self.join))
        column.addWidget(self.answer)

    def _connect(self) -> None:
        self.show_code.clicked.connect(self._show_or_hide)
        self.print_code.clicked.connect(self._print)
        self.printed.clicked.connect(self._forget_code)
        self.recover.clicked.connect(lambda: self._send(self._port.recover, self._recovered))
        self.join.clicked.connect(lambda: self._send(self._port.join, lambda _done: self._said(fr.JOINED)))
        self.last.textChanged.connect(lambda _text: self._offer())
        self.typed.textChanged.connect(lambda _text: self._offer())

    def fill(self) -> None:
        """Whether it is on paper, as kept now."""
        self.empty()
        self.status.set_role("muted")
        self.status.setText(fr.LOADING)
        self._page.ask(self._port.to_print, self._show_state, self._refused)

    def empty(self) -> None:
        """Nothing of the code stays on the screen."""
        self._hide_code()
        self.last.clear()
        self.typed.clear()
        self.answer.clear()
        self.unprinted.hide()
        self._offer()

    def _show_state(self, to_print: bool) -> None:
        self.status.set_role("warning" if to_print else "muted")
        self.status.setText(fr.TO_PRINT if to_print else fr.ON_PAPER)
        self.unprinted.setVisible(to_print)
        self._page.lead()

    def _offer(self) -> None:
        self.printed.setEnabled(len(self.last.text().strip()) == GROUP_SIGNS)
        for button in (self.recover, self.join):
            button.setEnabled(bool(self.typed.text().strip()))

    def _show_or_hide(self) -> None:
        if self.code.text():
            self._hide_code()
        else:
            self._page.ask(self._port.code, self._show_code, self._refused)

    def _show_code(self, code: str) -> None:
        groups = code.split("-")
        told = [fr.NUMBERED.format(number, group) for number, group in enumerate(groups, 1)]
        lines = [told[start : start + _A_LINE] for start in range(0, len(told), _A_LINE)]
        self.code.setText("\n".join("  ".join(line) for line in lines))
        self.code.setAccessibleName(fr.SPOKEN.format(", ".join(" ".join(group) for group in groups)))
        self.code.show()
        self.show_code.setText(fr.HIDE)
        self.answer.clear()
        self._page.reveal(self.printed)

    def _hide_code(self) -> None:
        self.code.clear()
        self.code.setAccessibleName("")
        self.code.hide()
        self.show_code.setText(fr.SHOW)

    def _print(self) -> None:
        printer, port = self.ask_printer(), self._port
        if printer is None:
            return

        def draw() -> None:
            from dmp_desktop.ui.widgets.pdf_pane import print_pdf

            print_pdf(port.sheet(), printer)

        self._page.ask(draw, lambda _done: self._said(fr.SENT_TO_PRINTER), self._refused)

    def _forget_code(self) -> None:
        last, port = self.last.text(), self._port
        self._act(lambda: port.printed(last), lambda _done: self._said(fr.DONE))

    def _send(self, call: Callable[[str], object], done: Callable[[object], None]) -> None:
        code = self.typed.text()
        self._act(lambda: call(code), done)

    def _act(self, call: Callable[[], object], done: Callable[[object], None]) -> None:
        """What fails is told even where the page was left; what is done shows in it, when it is opened again."""

        def finished(result: object) -> None:
            if self.isVisible():
                self.fill()
                done(result)

        self._page.act(
            call, finished, lambda error: self._refused(error) if self.isVisible() else self._page.failed.emit(error)
        )

    def _recovered(self, keys: object) -> None:
        several = fr.RECOVERED_SEVERAL if isinstance(keys, int) and keys > 1 else fr.RECOVERED
        self._said(several.format(keys) if keys else fr.NOTHING_MORE)

    def _said(self, words: str) -> None:
        self._answer("success", words)

    def _refused(self, error: DmpDesktopError) -> None:
        self._answer("danger", error.told_fr)

    def _answer(self, role: str, words: str) -> None:
        self.answer.set_role(role)
        self.answer.setText(words)
        self._page.reveal(self.answer)


def copied_by_hand() -> QFont:
    """Signs of one width, larger than what is only read."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(font.pointSizeF() * 1.25)
    return font


def _beside(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(first)
    row.addWidget(second)
    row.addStretch(1)
    return row
