"""New files take the place of those that are there, which stay under other names: cut anywhere, the next call ends it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dmp_desktop.errors import StorageError

FOLDER = "restauration"
READY = "pret.json"
_ENDS = ("-wal", "-shm", "")
"""The log goes first: a file without its log is an earlier one, a new file beside a former log is none."""


@contextmanager
def made_anew(home: Path) -> Iterator[Path]:
    """The folder in which new files are made. What an attempt before left in it goes, and what this one leaves when it fails.

    Raises StorageError when the disk refuses.
    """
    folder = home / FOLDER
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise _refused() from error
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def ready(home: Path, names: list[str], stamp: str) -> None:
    """The new files `names` are whole: from here on they take the place, now or at the next call of `finish`. `stamp` tells the
    former ones by. Raises StorageError."""
    folder = home / FOLDER
    try:
        for name in names:
            _flush(folder / name)
        part = folder / f".{READY}"
        part.write_text(json.dumps({"names": names, "stamp": stamp}), "utf-8")
        _flush(part)
        part.replace(folder / READY)
        _flush_names(folder)
    except OSError as error:
        raise _refused() from error


def finish(home: Path) -> list[Path]:
    """End what was made `ready`; nothing when nothing was. Returns where the former files are now. Nobody has them open.

    Raises StorageError.
    """
    folder = home / FOLDER
    try:
        told = json.loads((folder / READY).read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise _refused() from error
    try:
        aside = [_swap(home, folder, name, told["stamp"]) for name in told["names"]]
        _flush_names(home)
        (folder / READY).unlink()
        shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise _refused() from error
    return [one for one in aside if one.exists()]


def _swap(home: Path, folder: Path, name: str, stamp: str) -> Path:
    new, there, aside = folder / name, home / name, home / f"{name}.{stamp}"
    if new.exists():  # else it has taken its place already
        for end in _ENDS:
            former = there.with_name(name + end)
            if former.exists():
                former.replace(aside.with_name(aside.name + end))
        _flush_names(home)
        new.replace(there)
    return aside


def _flush(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_names(folder: Path) -> None:
    if sys.platform != "win32":  # NTFS journals names itself
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refused() -> StorageError:
    return StorageError(
        "restore-disk",
        "Les données remises en état n'ont pas pu être enregistrées ; rien n'a été remplacé à moitié.",
        "Libérez de la place sur le disque, vérifiez les droits du dossier des données, puis relancez DMP Desktop.",
    )
