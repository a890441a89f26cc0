"""Files put into a folder of the practice software: whole or not there, over no other, once.

A file is first written and flushed under a hidden name beside the others, then named in one step of the file system. What is
about to be named is told before (`intend`): a run that was cut knows, by the hidden names that are left, which files the practice
software may have had and taken away already. These are not written again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.profile import SUFFIXES, Profile

if TYPE_CHECKING:
    from dmp_desktop.services.outgoing import Made

HIDDEN = ".dmp-desktop-"
_MOST = 1_000
"""Files of one name: more come from a template that names all documents alike, in a folder that nobody empties."""
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Move:
    """One file, flushed under `hidden`, about to be `named`."""

    hidden: str
    named: str


def choose(
    stem: str, files: Sequence[Made], profile: Profile, told: Callable[[Mapping[str, tuple[str, bytes]]], bytes]
) -> dict[Path, bytes]:
    """What is to be where, the JSON last, made by `told` of the names of the others. What is there already, byte for byte, is
    the same document; a number follows the name where another one has it. Raises OSError, ContextError("profile-full")."""
    for number in range(1, _MOST + 1):
        named = stem if number == 1 else f"{stem}_{number}"
        at = {kind: profile.folder_of(kind) / f"{named}{SUFFIXES[kind]}" for kind in SUFFIXES}
        wanted = {at[one.kind]: one.content for one in files}
        if not all(map(_fits, wanted, wanted.values())):
            continue
        if "json" in profile.formats:
            wanted[at["json"]] = told({one.kind: (at[one.kind].name, one.content) for one in files})
            if not _fits(at["json"], wanted[at["json"]]):
                continue
        return wanted
    raise ContextError(
        "profile-full",
        f"Le dossier du logiciel métier contient déjà {_MOST} fichiers du même nom.",
        "Ajoutez {id} au modèle de nom, ou videz ce dossier.",
    )


def mark_of(profile: str, unique_id: str) -> str:
    """32 hex digits of a document under a profile."""
    return hashlib.sha256(f"{profile}\0{unique_id}".encode()).hexdigest()[:32]


def put(
    contents: Mapping[Path, bytes], mark: str, intend: Callable[[Sequence[Move]], None] = lambda _moves: None
) -> tuple[Path, ...]:
    """Write each, in this order, under its path or, where another file has come there meanwhile, the next free one.

    `mark` names the hidden files: hex digits that this document and this profile alone have. What is there, byte for byte, is
    left as it is. Raises OSError; nothing is then half written under its own name.
    """
    moves = []
    for number, (path, content) in enumerate(contents.items()):
        if _holds(path, content):
            continue
        hidden = path.with_name(f"{HIDDEN}{mark}-{number}.tmp")
        _write(hidden, content)
        moves.append(Move(str(hidden), str(path)))
    for folder in {Path(move.hidden).parent for move in moves}:
        _flush(folder)  # else the power could take a hidden name away that is taken for one that was renamed
    intend(moves)
    return finish(moves)


def finish(moves: Iterable[Move]) -> tuple[Path, ...]:
    """Name what is still hidden; where those that are named now are. Raises OSError."""
    named = []
    for move in moves:
        hidden, path = Path(move.hidden), _free(Path(move.named))
        try:
            hidden.rename(path)  # Windows writes over nothing; elsewhere `_free` has looked
        except FileNotFoundError:
            if not hidden.parent.is_dir():
                raise
            continue  # it had its name before the cut
        _flush(path.parent)
        named.append(path)
    return tuple(named)


def _free(path: Path) -> Path:
    numbers = count(2)
    free = path
    while os.path.lexists(free):
        free = path.with_name(f"{path.stem}_{next(numbers)}{path.suffix}")
    return free


def _write(hidden: Path, content: bytes) -> None:
    """The folder's own rights say who else reads it: the practice software may run as another user of a group."""
    with contextlib.suppress(FileNotFoundError):
        hidden.unlink()
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o660)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _fits(path: Path, content: bytes) -> bool:
    return not os.path.lexists(path) or _holds(path, content)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _flush(folder: Path) -> None:
    """The name is on the disk too. A server of files that knows no such thing keeps names by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
