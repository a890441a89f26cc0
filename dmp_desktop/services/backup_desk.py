"""Backups for who asks for them: who may, in the words of the table of roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dmp_desktop.domain import roles
from dmp_desktop.domain.roles import Task
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.platform.paths import Paths
from dmp_desktop.services.backup import BackupKind, Backups, BackupSource, KeptBackup
from dmp_desktop.services.backup_preview import Preview, ask_next_start, preview
from dmp_desktop.services.session_state import SignedIn


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """The backups, the folders of the workstation, and what is copied."""

    backups: Backups
    paths: Paths
    source: BackupSource


class BackupDesk:
    """`who` is signed in; nobody is the workstation's own command line, which may. A backup is sealed: it shows nothing."""

    def __init__(self, kept: KeptPlace, who: Callable[[], SignedIn | None], *, passphrase: bool = False) -> None:
        self._backups, self._paths, self._source = kept.backups, kept.paths, kept.source
        self._who = who
        self._passphrase = passphrase

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

    @property
    def folder(self) -> Path:
        """Where the automatic ones are."""
        return self._paths.backups

    @property
    def passphrase(self) -> bool:
        """Whether the key of this workstation is under a passphrase, not in a key store of the system."""
        return self._passphrase

    def preview(self, file: Path) -> Preview:
        """What this backup would bring back. Raises ContextError, StorageError."""
        self._may()
        return preview(file, self._paths, self._source)

    def restore_next(self, file: Path) -> None:
        """Have the next start bring it back. Raises ContextError, StorageError."""
        self._may()
        ask_next_start(file, self._paths)

    def _may(self) -> None:
        if why := self.refusal():
            who = self._who()
            raise ContextError("role-reserved", why, roles.remedy(who.role) if who else "", field="role")
