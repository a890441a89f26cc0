"""What lies in a folder that another program writes to: which of its files may be taken, and the bytes of one."""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path

from dmp_desktop.services import tray_faults as faults
from dmp_desktop.services.files import MAX_BYTES

MAX_ENTRIES = 2_000
"""Of the folder, at one look: who has more has chosen the wrong folder, and is told."""
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")

Signature = tuple[int, int]
"""Size in bytes and time of change in nanoseconds: a file that keeps both is taken for unchanged."""


def files_in(folder: Path) -> dict[str, Signature]:
    """Ordinary files that may be scans, the oldest first. Raises OSError, ContextError for too many."""
    found = []
    with os.scandir(folder) as entries:
        listed = list(islice(entries, MAX_ENTRIES + 1))
    if len(listed) > MAX_ENTRIES:
        raise faults.full(MAX_ENTRIES)
    for entry in listed:
        if entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED):
            continue
        told = signature_of(Path(entry.path))
        if told is not None:
            found.append((told[1], entry.name, told))
    return {name: told for _time, name, told in sorted(found)}


def signature_of(file: Path) -> Signature | None:
    """Size and time of change of an ordinary file; None for what is none, or is gone."""
    try:
        told = file.lstat()
    except OSError:
        return None
    return (told.st_size, told.st_mtime_ns) if stat.S_ISREG(told.st_mode) else None


def read_file(file: Path) -> bytes:
    """Raises OSError, ContextError where it is too big by now."""
    with file.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise faults.too_big()
    return content
