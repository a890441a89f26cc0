"""The settings as whoever changes them has them: for who may only, and each change is an act of the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from dmp_desktop.domain import roles
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError
from dmp_desktop.platform.settings import TRAY_FOLDERS, Settings, SettingsFile
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.folders import check_changed
from dmp_desktop.services.session_state import SignedIn


class TracedSettings:
    """As SettingsFile. `who` is signed in; nobody is the workstation's own command line, which may.

    TRAY_FOLDERS are chosen by whoever scans, in the tray: they are refused to nobody.
    """

    def __init__(self, file: SettingsFile, acts: ActBook, who: Callable[[], SignedIn | None]) -> None:
        self._file = file
        self._acts = acts
        self._who = who

    def load(self) -> Settings:
        return self._file.load()

    def save(self, settings: Settings) -> None:
        """Raises StorageError("write-failed"), ContextError("role-reserved"), or where a folder is none or not apart from the
        others: nothing was then changed."""
        former = self._file.load()
        before = asdict(former)
        if any(value != before[name] for name, value in asdict(settings).items() if name not in TRAY_FOLDERS):
            self._may()
        check_changed(settings, former)
        self._file.save(settings)
        for name, value in asdict(self._file.load()).items():
            if value != before[name]:
                self._acts.note(Act.SETTINGS, result=str(value), reason=name)
        self._acts.flush()

    def _may(self) -> None:
        who = self._who()
        if who and (why := roles.refusal(who.role, Task.WORKSTATION_SETTINGS)):
            raise ContextError("role-reserved", why, roles.remedy(who.role), field="role")
