"""Backups of what this workstation keeps."""

from __future__ import annotations

from dmp_desktop.domain.acts import Act
from dmp_desktop.services.acts import ActBook
from dmp_desktop.services.backup import BackupKind, Backups, BackupSource
from dmp_desktop.wiring.base import Base


def backups_of(base: Base, acts: ActBook) -> Backups:
    def noted(result: str, kind: BackupKind) -> None:
        """The daily one is the program's own act."""
        acts.note(Act.BACKUP, result=result, reason=kind, actor=None if kind is BackupKind.ASKED else "")

    return Backups(base.paths, source_of(base), base.clock, f"{base.software.name} {base.software.version}", noted)


def source_of(base: Base) -> BackupSource:
    return BackupSource(base.database, base.outbox_file, base.backup_keys)
