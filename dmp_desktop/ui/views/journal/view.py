"""The page Journal: is it as it was written, what was done by whom, its export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from dmp_desktop.domain.acts import FAMILIES, ActFamily
from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.ui import asking
from dmp_desktop.ui import strings_journal_fr as fr
from dmp_desktop.ui.journal_ports import JournalPort
from dmp_desktop.ui.models.told_rows import ToldRow
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.journal.rows import rows_of
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.told_page import ToldPage

PERIOD_DAYS = 7
SHARES = {0: 28, 1: 13, 2: 13, 3: 22, 4: 24}


class JournalView(ToldPage):
    """`ask_file` gives the name of the file to write, empty for none."""

    unread = fr.UNLISTED

    def __init__(self, port: JournalPort, pool: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(fr.TITLE, fr.NOTE, fr.COLUMNS, SHARES, pool, parent)
        self._port = port
        self._more = False
        self.ask_file: Callable[[], str] = self._ask_file
        self.period: ValueBox[int] = ValueBox(fr.PERIOD)
        self.family: ValueBox[str] = ValueBox(fr.FAMILY)
        self.period.offer(fr.PERIODS, PERIOD_DAYS)
        self.family.offer({"": fr.EVERY} | {one.value: label for one, label in FAMILIES.items()}, "")
        self.offer(self.period)
        self.offer(self.family)
        self.verify, self.export = QPushButton(fr.VERIFY), QPushButton(fr.EXPORT)
        self.verify.setToolTip(fr.VERIFY_TIP)
        self.export.setToolTip(fr.EXPORT_TIP)
        acts = QHBoxLayout()
        for button in (self.verify, self.export):
            acts.addWidget(button)
        acts.addStretch(1)
        self.rows.insertLayout(0, acts)
        self.found = PlainLabel(role="danger", wrap=True)
        self.found.hide()
        self.rows.insertWidget(0, self.found)
        self.verify.clicked.connect(self._verify)
        self.export.clicked.connect(self._export)

    def fill(self) -> None:
        """Who may verify and see no act still has the two buttons that say so."""
        why = self._port.refusal()
        self.verify.setEnabled(not why)
        self.export.setEnabled(not why)
        self._show_found("" if why else self._port.found())
        if why:
            for button in (self.verify, self.export):
                button.setToolTip(why)
            self.refuse(why)
            return
        if none := self._port.seeing_refusal():
            self.export.setEnabled(False)
            self.export.setToolTip(none)
            self.refuse(none)
            return
        days, family = self.period.chosen, self.family.chosen

        def found() -> Sequence[ToldRow]:
            told = self._port.find(days, ActFamily(family) if family else None)
            self._more = told.more
            return rows_of(told.lines)

        self.load(fr.LOADING, found)

    def count(self) -> None:
        total, own = self.model.total, self._port.reading_refusal()
        words = fr.MORE.format(total) if self._more else fr.COUNT[total > 1].format(total) if total else fr.NONE
        self.told.setText(" ".join(part for part in (words, fr.OWN_ONLY.format(own) if own else "") if part))

    def _verify(self) -> None:
        self.said.set_role("muted")
        self.said.setText(fr.VERIFYING)
        self.verify.setEnabled(False)
        self.ask(self._port.verify, self._verified, self._broken)

    def _verified(self, number: int) -> None:
        self.verify.setEnabled(True)
        self.said.set_role("success")
        sound = fr.SOUND[number > 1].format(number)
        self.said.setText(fr.SOUND_TOO.format(sound) if self._port.of_practice else sound)
        self._show_found(self._port.found())

    def _broken(self, error: DmpDesktopError) -> None:
        """It stays on the page: a notice may be closed."""
        self.verify.setEnabled(True)
        self.said.set_role("danger")
        self.said.setText(f"{error.message_fr} {error.remedy_fr}")
        self._show_found(self._port.found())
        self.failed.emit(error)

    def _show_found(self, words: str) -> None:
        self.found.setText(words)
        self.found.setVisible(bool(words))

    def _export(self) -> None:
        name = self.ask_file()
        if name:
            self.ask(lambda: self._port.export(Path(name)), self._exported)

    def _exported(self, number: int) -> None:
        self.said.set_role("success")
        self.said.setText(fr.EXPORTED[number > 1].format(number))

    def _ask_file(self) -> str:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return asking.file_to_save(self, fr.EXPORT_TITLE, Path(folder or Path.home()) / fr.EXPORT_NAME, fr.EXPORT_KINDS)
