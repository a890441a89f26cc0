"""Where what was received came from, and how its file leaves the exchange folder: never one that was written there since."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dmp_desktop.errors import StorageError

Signature = tuple[int, int]
"""Size in bytes, time of change in ns."""
_ASIDE = re.compile(r"\.(.+)\.[0-9]+\.repris")


@dataclass(frozen=True, slots=True, repr=False)
class Origin:
    """A file of the exchange folder it came from, as it was: it leaves that folder once this is durable, or else with it."""

    path: str
    size: int
    changed_ns: int

    @property
    def signature(self) -> Signature:
        return self.size, self.changed_ns

    def __repr__(self) -> str:
        """A practice software may name a file after its patient."""
        return "Origin(…)"


def signature(file: Path) -> Signature | None:
    """Of an ordinary file; None for what is none, or is gone."""
    try:
        told = file.lstat()
    except OSError:
        return None
    return (told.st_size, told.st_mtime_ns) if stat.S_ISREG(told.st_mode) else None


def set_aside(name: str) -> str:
    """What a file was called that `leave` has set aside; empty for any other name."""
    found = _ASIDE.fullmatch(name)
    return found[1] if found else ""


def leave(origin: Origin) -> None:
    """Remove the file of the exchange folder, unless another one stands there by now: it is set aside first and looked at there,
    since who writes may replace it at any moment. Raises StorageError where it stays."""
    path = Path(origin.path)
    aside = path.with_name(f".{path.name}.{origin.changed_ns}.repris")
    try:
        if signature(aside) == origin.signature:  # cut between the two
            aside.unlink(missing_ok=True)
        if path.lstat() and signature(path) == origin.signature:
            path.rename(aside)
            if signature(aside) == origin.signature:
                aside.unlink(missing_ok=True)
            else:
                put_back(aside, path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            "exchange-stays",
            "Un fichier repris du dossier d'échange ne peut pas en être retiré.",
            "Donnez à votre compte le droit d'y écrire, ou fermez le logiciel qui le tient ouvert.",
        ) from error


def put_back(aside: Path, path: Path) -> None:
    """Over nothing that was written there meanwhile: then it stays aside. Raises OSError."""
    if os.name == "nt":  # where a name that is taken refuses
        with suppress(FileExistsError):
            aside.rename(path)
        return
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    except OSError:  # a disk without links
        if not path.exists():
            aside.rename(path)
        return
    aside.unlink()
