"""Backups for who asks for them: who may, in the words of the table of roles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dmp_desktop.domain import roles
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.backup import BackupKind, Backups, KeptBackup
from dmp_desktop.services.session_state import SignedIn


class BackupDesk:
    """`who` is signed in; nobody is the workstation's own command line, which may. A backup is sealed: it shows nothing."""

    def __init__(self, backups: Backups, who: Callable[[], SignedIn | None]) -> None:
        self._backups = backups
        self._who = who

    @property
    def failed(self) -> StorageError | None:
        """Why the last one did not succeed; None once one did. Never blocks."""
        return self._backups.failed

    def refusal(self) -> str:
        """Why who is signed in makes none, in French; empty where they may. Never blocks."""
        who = self._who()
        return roles.refusal(who.role, Task.BACKUP) if who else ""

    def kept(self) -> list[KeptBackup]:
        """The latest first. Raises ContextError("role-reserved")."""
        self._may()
        return self._backups.kept()

    def make(self, to: Path | None = None) -> Path:
        """Where it is. Raises ContextError("role-reserved"), StorageError."""
        self._may()
        return self._backups.make(BackupKind.ASKED, to)

    def _may(self) -> None:
        if why := self.refusal():
            who = self._who()
            raise ContextError("role-reserved", why, roles.remedy(who.role) if who else "", field="role")
