"""Backups of what this workstation keeps."""

from __future__ import annotations

from dmp_desktop.services.backup import Backups, BackupSource
from dmp_desktop.wiring.base import Base


def backups_of(base: Base) -> Backups:
    source = BackupSource(base.database, base.outbox_file, base.backup_keys)
    return Backups(base.paths, source, base.clock, f"{base.software.name} {base.software.version}")
