"""Within Réglages, the backups of this workstation: those there are, whether the last failed, one more now, one brought back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.services.backup import KeptBackup
from dmp_desktop.services.backup_preview import Preview
from dmp_desktop.ui import asking, formats
from dmp_desktop.ui import strings_administrator_fr as fr
from dmp_desktop.ui.administrator_ports import BackupsPort
from dmp_desktop.ui.widgets.flow import Flow
from dmp_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from dmp_desktop.ui.views.settings.view import SettingsView


class BackupsSection(QWidget):
    """A part of `page`, which asks for it. `ask_place` and `ask_backup` give an empty string when nothing was chosen."""

    def __init__(self, port: BackupsPort, page: SettingsView) -> None:
        super().__init__(page)
        self._port, self._page = port, page
        self._found: Preview | None = None
        self.ask_place: Callable[[], str] = self._ask_place
        self.ask_backup: Callable[[], str] = self._ask_backup
        self.setAccessibleName(fr.BACKUPS)
        self.status, self.answer = PlainLabel(wrap=True), PlainLabel(wrap=True)
        self.where, self.would = PlainLabel(role="muted", wrap=True), PlainLabel(wrap=True)
        self.now, self.elsewhere = QPushButton(fr.BACKUP_NOW), QPushButton(fr.BACKUP_ELSEWHERE)
        self.restore = QPushButton(fr.RESTORE)
        self.do_restore, self.cancel = QPushButton(fr.RESTORE_DO), QPushButton(fr.RESTORE_CANCEL)
        self.question = QWidget()
        self._lay_out()
        self.now.clicked.connect(lambda: self._make(None))
        self.elsewhere.clicked.connect(self._make_elsewhere)
        self.restore.clicked.connect(self._look)
        self.do_restore.clicked.connect(self._ask_restore)
        self.cancel.clicked.connect(self._drop)

    def _lay_out(self) -> None:
        heading = PlainLabel(fr.BACKUPS)
        heading.setProperty("strong", True)
        self.elsewhere.setToolTip(fr.BACKUP_ELSEWHERE_TIP)
        self.restore.setToolTip(fr.RESTORE_TIP)
        acts, answers = Flow(), Flow()
        for button in (self.now, self.elsewhere, self.restore):
            acts.add(button)
        for button in (self.do_restore, self.cancel):
            answers.add(button)
        acts.show()
        answers.show()
        asked = QVBoxLayout(self.question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.addWidget(self.would)
        asked.addWidget(answers)
        key = PlainLabel(fr.KEY_TYPED if self._port.passphrase else fr.KEY_STORE, role="muted", wrap=True)
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (heading, PlainLabel(fr.BACKUPS_WHAT, role="muted", wrap=True), self.status, self.where):
            column.addWidget(part)
        column.addWidget(acts)
        column.addWidget(self.question)
        column.addWidget(self.answer)
        column.addWidget(key)
        self.question.hide()

    def fill(self) -> None:
        """Those there are now; who may make none is told why."""
        self.empty()
        why = self._port.refusal()
        for button in (self.now, self.elsewhere, self.restore):
            button.setEnabled(not why)
            button.setToolTip(why or button.toolTip())
        self.status.set_role("warning" if why else "muted")
        self.status.setText(why or fr.LOADING)
        self.where.setText("" if why else fr.BACKUPS_WHERE.format(self._port.folder))
        if not why:
            self._page.ask(self._port.kept, self._show, self._refused)

    def empty(self) -> None:
        self.answer.clear()
        self._drop()

    def _show(self, kept: Sequence[KeptBackup]) -> None:
        if failed := self._port.failed:
            self.status.set_role("danger")
            self.status.setText(fr.BACKUPS_FAILED.format(failed.told_fr))
            return
        told = fr.BACKUPS_NONE
        if kept:
            told = fr.BACKUPS_KEPT[len(kept) > 1].format(len(kept), formats.day_and_time(kept[0].made_at))
        self.status.set_role("muted" if kept else "warning")
        self.status.setText(told)

    # -- one more --------------------------------------------------------------------------------------------------------------

    def _make_elsewhere(self) -> None:
        if chosen := self.ask_place():
            self._make(Path(chosen))

    def _make(self, to: Path | None) -> None:
        self._wait(fr.BACKUP_MAKING)
        self._page.act(lambda: self._port.make(to), self._made, self._failed)

    def _made(self, file: Path) -> None:
        self._done(fr.BACKUP_MADE.format(file))

    # -- one brought back ------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        chosen = self.ask_backup()
        if not chosen:
            return
        self._drop()
        self._wait(fr.RESTORE_READING)
        self._page.ask(lambda: self._port.preview(Path(chosen)), self._propose, self._failed)

    def _propose(self, found: Preview) -> None:
        self.fill()
        self._found = found
        self.would.setText(_words(found))
        self.do_restore.setVisible(found.missing is None or any(found.missing))
        self.question.show()
        self._page.reveal(self.question)

    def _ask_restore(self) -> None:
        found = self._found
        if found is not None:
            self._wait(fr.RESTORE_READING)
            self._page.act(
                lambda: self._port.restore_next(found.file), lambda _done: self._done(fr.RESTORE_ASKED), self._failed
            )

    def _drop(self) -> None:
        self._found = None
        self.would.clear()
        self.question.hide()

    # -- what became of it -----------------------------------------------------------------------------------------------------

    def _wait(self, words: str) -> None:
        for button in (self.now, self.elsewhere, self.restore):
            button.setEnabled(False)
        self.answer.set_role("muted")
        self.answer.setText(words)

    def _done(self, words: str) -> None:
        if self.isVisible():
            self.fill()
            self.answer.set_role("success")
            self.answer.setText(words)
            self._page.reveal(self.answer)

    def _failed(self, error: DmpDesktopError) -> None:
        if self.isVisible():
            self.fill()
            self._refused(error)
        else:
            self._page.failed.emit(error)

    def _refused(self, error: DmpDesktopError) -> None:
        self.answer.set_role("danger")
        self.answer.setText(error.told_fr)
        self._page.reveal(self.answer)

    def _ask_place(self) -> str:
        name = fr.BACKUP_NAME.format(f"{datetime.now().astimezone():%Y%m%d}")
        return asking.file_to_save(self.window(), fr.BACKUP_CHOOSE, Path.home() / name, fr.BACKUP_KINDS)

    def _ask_backup(self) -> str:
        return asking.file_to_open(self.window(), fr.RESTORE_CHOOSE, fr.BACKUP_KINDS)


def _words(found: Preview) -> str:
    day = formats.day_and_time(found.made_at)
    if found.missing is None:
        return fr.RESTORE_CODE.format(day=day, practice="" if found.same_practice else fr.RESTORE_OTHER)
    if not any(found.missing):
        return fr.RESTORE_NOTHING.format(day=day)
    documents, drafts, acts = found.missing
    return fr.RESTORE_WOULD.format(day=day, documents=documents, drafts=drafts, acts=acts)
