"""The file a user named, written whole or not at all, and never in place of what is no file of theirs to replace."""

from __future__ import annotations

import os
import stat
from pathlib import Path

STDOUT = 1


def replaceable(file: Path) -> Path | None:
    """What a new file may take the place of, by rename: `file`, or what it points at where it is a link, which stays.

    None where it would take away more than a file: a device, a fifo, what our own output goes to (`/dev/stdout`, a terminal,
    a file somebody else appends to). `pour` writes there. Raises OSError.
    """
    try:
        found = file.stat()
    except FileNotFoundError:
        return file.resolve()
    return file.resolve() if stat.S_ISREG(found.st_mode) and not _is_output(found) else None


def pour(content: bytes, file: Path) -> None:
    """Write to what is there, after what it holds; a fifo without a reader is waited for. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "wb") as there:
        there.write(content)


def _is_output(found: os.stat_result) -> bool:
    try:
        return os.path.samestat(found, os.fstat(STDOUT))
    except OSError:  # closed
        return False
