"""`SHA256SUMS` of a program's folder, as `sha256sum --check` reads it; and what differs from it."""

from __future__ import annotations

import hashlib
from pathlib import Path

NAME = "SHA256SUMS"


def write(program: Path) -> None:
    """Of every file but itself, in the order of their names."""
    lines = [f"{digest}  {name}\n" for name, digest in listed(program).items()]
    (program / NAME).write_text("".join(lines), encoding="utf-8", newline="\n")


def differences(program: Path) -> list[str]:
    """The files that are missing, added or altered since `write`. Raises OSError without its list."""
    lines = (program / NAME).read_text(encoding="utf-8").splitlines()
    told = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = listed(program)
    return sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))


def listed(program: Path) -> dict[str, str]:
    """SHA-256 by file. A link is what it leads to: an archive of the folder may hold it either way."""
    files = [file for file in sorted(program.rglob("*")) if file.is_file() and file != program / NAME]
    return {file.relative_to(program).as_posix(): sha256(file) for file in files}


def sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
