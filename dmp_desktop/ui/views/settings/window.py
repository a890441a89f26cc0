"""Within Réglages, how the window comes before the eyes: the keys that call it from any program, what its cross does."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from dmp_desktop.platform.panel_file import SHORTCUTS
from dmp_desktop.ui import strings_panel_fr as fr
from dmp_desktop.ui.panel.choices import Choices
from dmp_desktop.ui.panel.shortcut import Shortcut
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.widgets.labels import PlainLabel


class WindowSection(QWidget):
    """Of the workstation, and anybody's to change: it takes effect at once. What the system refuses is said here."""

    def __init__(self, choices: Choices, shortcut: Shortcut, has_tray: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices, self._shortcut = choices, shortcut
        self.setAccessibleName(fr.WINDOW)
        self.keys: ValueBox[str] = ValueBox(fr.SHORTCUT)
        self.keys.offer({one: one or fr.NO_SHORTCUT for one in SHORTCUTS})
        self.told = PlainLabel(wrap=True)
        heading = PlainLabel(fr.WINDOW)
        heading.setProperty("strong", True)
        self.closing: ValueBox[bool] = ValueBox(fr.CLOSING)
        self.closing.offer(fr.CLOSINGS)
        self.closing.setEnabled(has_tray)
        what = PlainLabel(fr.CLOSING_WHAT if has_tray else fr.NO_TRAY, role="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        keys = PlainLabel(fr.SHORTCUT, wrap=True), self.keys, PlainLabel(fr.SHORTCUT_WHAT, role="muted", wrap=True)
        for part in (heading, *keys, self.told, PlainLabel(fr.CLOSING, wrap=True), self.closing, what):
            column.addWidget(part)
        self.keys.activated.connect(lambda _index: choices.change(shortcut=self.keys.chosen))
        self.closing.activated.connect(lambda _index: choices.change(to_tray=self.closing.chosen))
        shortcut.settled.connect(self._tell)

    def fill(self) -> None:
        """As it is now."""
        self.keys.choose(self._choices.now.shortcut)
        self.closing.choose(self._choices.now.to_tray and self.closing.isEnabled())
        self._tell()

    def empty(self) -> None:
        """Nothing of anybody is in it."""

    def _tell(self) -> None:
        heard, trouble = self._shortcut.heard, self._shortcut.trouble
        self.told.set_role("warning" if trouble else "muted")
        self.told.setText(trouble or (fr.SHORTCUT_HEARD.format(heard) if heard else ""))
        self.told.setVisible(bool(self.told.text()))
