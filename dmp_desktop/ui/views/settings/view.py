"""The page Réglages: what this workstation keeps, fetches ahead and sends, saved as soon as it is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from dmp_desktop.errors import DmpDesktopError
from dmp_desktop.platform.settings import LIMITS, Settings
from dmp_desktop.services.own_settings import OwnSettings
from dmp_desktop.ui import strings_settings_fr as fr
from dmp_desktop.ui.administrator_ports import AdministratorsPort, BackupsPort, ExportPort
from dmp_desktop.ui.practice_ports import PracticeCodePort
from dmp_desktop.ui.software_ports import ProfilesPort
from dmp_desktop.ui.tasks import TaskRunner
from dmp_desktop.ui.views.compose.options import ValueBox
from dmp_desktop.ui.views.settings.administrators import AdministratorsSection
from dmp_desktop.ui.views.settings.backups import BackupsSection
from dmp_desktop.ui.views.settings.call import CallSection
from dmp_desktop.ui.views.settings.exchange import ExchangeSection
from dmp_desktop.ui.views.settings.export import ExportSection
from dmp_desktop.ui.views.settings.field import NumberField
from dmp_desktop.ui.views.settings.own import OwnSettingsSection
from dmp_desktop.ui.views.settings.passphrase import PassphraseSection
from dmp_desktop.ui.views.settings.practice import PracticeCodeSection
from dmp_desktop.ui.views.settings.session import SessionStartSection
from dmp_desktop.ui.views.settings.software import SoftwareSection
from dmp_desktop.ui.views.settings.usual import UsualVisibilitySection
from dmp_desktop.ui.views.settings.window import WindowSection
from dmp_desktop.ui.widgets.labels import PlainLabel
from dmp_desktop.ui.widgets.side_page import SidePage
from dmp_desktop.ui.workstation_ports import (
    CallTokenPort,
    OwnSettingsPort,
    PassphrasePort,
    SessionStartPort,
    SettingsPort,
)

LAID_OUT_MS = 50
"""Words that wrap find their height in several rounds of events."""


class SettingsView(SidePage):
    """Read anew each time it is shown. One writing at a time; what was chosen meanwhile follows it.

    `refusal` says why who is signed in changes none of them, empty where they may: they are then shown greyed out.
    """

    def __init__(
        self,
        port: SettingsPort,
        pool: TaskRunner,
        parent: QWidget | None = None,
        *,
        practice_code: PracticeCodePort | None = None,
        backups: BackupsPort | None = None,
        passphrase: PassphrasePort | None = None,
        call_token: CallTokenPort | None = None,
        export: ExportPort | None = None,
        administrators: AdministratorsPort | None = None,
        own: OwnSettingsPort | None = None,
        chosen: Callable[[OwnSettings], None] = lambda _own: None,
        usual: Callable[[QWidget], UsualVisibilitySection] | None = None,
        window: Callable[[QWidget], WindowSection] | None = None,
        profiles: ProfilesPort | None = None,
        session_start: SessionStartPort | None = None,
        refusal: Callable[[], str] = str,
    ) -> None:
        super().__init__(fr.TITLE, pool, parent)
        self._port, self._refusal = port, refusal
        self._current = self._written = Settings()
        self._saving = self._at_code = False
        origin = Settings()
        self.numbers = {name: NumberField(name, LIMITS[name], getattr(origin, name)) for name in fr.NUMBERS}
        self.choices: dict[str, ValueBox[str]] = {name: ValueBox(label) for name, (label, *_) in fr.CHOICES.items()}
        self.exchange = ExchangeSection(self)
        self.call = CallSection(call_token, self.numbers["call_port"], self)
        self.software = SoftwareSection(profiles, self) if profiles else None
        self.code = PracticeCodeSection(practice_code, self) if practice_code else None
        self.own = OwnSettingsSection(own, self, chosen) if own else None
        self.usual = usual(self) if usual else None
        self.window_part = window(self) if window else None
        self.session_start = SessionStartSection(session_start, self) if session_start else None
        self.backups = BackupsSection(backups, self) if backups else None
        self.passphrase = PassphraseSection(passphrase, self) if passphrase else None
        self.export = ExportSection(export, self) if export else None
        self.administrators = AdministratorsSection(administrators, self) if administrators else None
        first = self.own, self.usual, self.call, self.software, self.window_part, self.session_start
        rest = self.backups, self.passphrase, self.export, self.administrators, self.code
        self._sections = [one for one in (*first, *rest) if one is not None]
        self._lay_out()
        for name, field in self.numbers.items():
            field.changed.connect(lambda value, name=name: self._change(name, value))
        for name, box in self.choices.items():
            box.offer(fr.CHOICES[name][1])
            box.activated.connect(lambda _index, name=name, box=box: self._change(name, box.chosen))

    def _lay_out(self) -> None:
        for own in (self.own, self.usual):
            if own:
                self.rows.addWidget(own)
        here = PlainLabel(fr.HERE)
        here.setProperty("strong", True)
        self.rows.addWidget(here)
        self.rows.addWidget(PlainLabel(fr.NOTE, role="muted", wrap=True))
        for name, field in self.numbers.items():
            if name not in fr.AT_ONCE:
                self.rows.addWidget(field)
        for name, box in self.choices.items():
            label, _values, what = fr.CHOICES[name]
            for part in (PlainLabel(label, wrap=True), box, PlainLabel(what, role="muted", wrap=True)):
                self.rows.addWidget(part)
        self.exchange.chosen.connect(lambda folder: self._change("exchange_folder", folder))
        self.rows.addWidget(self.exchange)
        self.rows.addWidget(self.call)
        for section in self._sections:
            if section not in (self.own, self.usual, self.call):
                self.rows.addWidget(section)
        self.rows.addStretch(1)

    def fill(self) -> None:
        """What is written now; nothing can be changed before it is known."""
        self.form.setEnabled(False)
        self.said.set_role("success")
        self.said.setText(fr.LOADING)
        self._pool.submit(self._port.load, self._show, self._fail)
        for section in self._sections:
            section.fill()

    def empty(self) -> None:
        """A code leaves the screen with the page."""
        self._at_code = False
        for section in self._sections:
            section.empty()

    def _show(self, settings: Settings) -> None:
        self._current = self._written = settings
        for name, field in self.numbers.items():
            field.show_value(getattr(settings, name))
        for name, box in self.choices.items():
            box.choose(getattr(settings, name))
        self.exchange.show_folder(settings.exchange_folder)
        self.said.clear()
        self.form.setEnabled(True)
        self._allow(self._refusal())
        self.numbers[next(iter(self.numbers))].line.setFocus()
        self.lead()

    def _allow(self, why: str) -> None:
        """The practice's code has its own rights and reasons."""
        self.exchange.allow(why)
        for part in (*self.numbers.values(), *self.choices.values()):
            part.setEnabled(not why)
            part.setToolTip(why or part.accessibleName())
        if why:
            self.said.set_role("warning")
            self.said.setText(why)

    def open_at_code(self) -> None:
        """The recovery code is what the page was opened for."""
        self._at_code = True

    def lead(self) -> None:
        """To what the page was opened for, once it is there."""
        if self._at_code and self.code:
            self.code.show_code.setFocus()
            self.reveal(self.code.answer)

    def reveal(self, part: QWidget) -> None:
        """Scroll to a part, once what has just changed is in its place."""
        QTimer.singleShot(LAID_OUT_MS, self, lambda: self._area.ensureWidgetVisible(part))

    def _change(self, name: str, value: int | str) -> None:
        chosen: dict[str, Any] = {name: value}
        self._current = replace(self._current, **chosen)
        if not self._saving:
            self._save(name)

    def _save(self, name: str) -> None:
        self._saving, wanted = True, self._current
        self._pool.submit(lambda: self._port.save(wanted), lambda _done: self._saved(wanted, name), self._not_saved)

    def _saved(self, written: Settings, name: str) -> None:
        self._saving, self._written = False, written
        self.exchange.show_folder(written.exchange_folder)
        label = fr.NUMBERS[name][0] if name in fr.NUMBERS else fr.CHOICES[name][0] if name in fr.CHOICES else ""
        self.said.setText(fr.SAVED.format(label) if label and name not in fr.AT_ONCE else fr.EXCHANGE_SAVED)
        if self._current != written:
            self._save(name)

    def _not_saved(self, error: DmpDesktopError) -> None:
        """What is shown is what is written, never what was refused by the disk."""
        self._saving = False
        self._show(self._written)
        self.failed.emit(error)

    def _fail(self, error: DmpDesktopError) -> None:
        self.said.clear()
        self.failed.emit(error)
