"""The folders of the program on Linux: one a version, and a link to the one that is started, replaced in one step.

<root>/versions/1.2.0/   dmp-desktop, dmp, _internal/…
<root>/current           -> versions/1.2.0
"""

from __future__ import annotations

import os
import posixpath
import shutil
import sys
import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from dmp_desktop.errors import UpdateError
from dmp_desktop.own_program import WINDOW, program_folder
from dmp_desktop.platform.keystore import flush_folder
from dmp_desktop.platform.release import numbers

VERSIONS, CURRENT = "versions", "current"
MOST_BYTES, MOST_FILES = 4_000_000_000, 100_000
"""Of what an archive holds, unpacked: today's has 231 MB in 1,500 files."""


class Versions:
    """Under `root`, which is this user's."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, version: str) -> Path:
        """Raises ValueError for what is no version."""
        numbers(version)
        return self.root / VERSIONS / version

    def pointed(self) -> str:
        """The version that is started; empty where there is none."""
        try:
            return (self.root / CURRENT).readlink().name
        except OSError:
            return ""

    def point_to(self, version: str) -> None:
        """From now on this one is started: the link is the former or the new one, never neither. Raises UpdateError."""
        link, former = self.root / f".{CURRENT}.new", self.root / CURRENT
        if former.exists() and not former.is_symlink():
            raise _refused()
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(Path(VERSIONS) / version, target_is_directory=True)
            link.replace(former)
            flush_folder(self.root)
        except OSError as error:
            raise _refused() from error

    def unpack(self, archive: Path, version: str) -> Path:
        """The program of `archive` (.tar.…), whole and flushed under its name, or not there. Raises UpdateError."""
        with self._placed(version) as part:
            part.mkdir(mode=0o755)
            try:
                with tarfile.open(archive) as content:
                    _extract(content, part)
            except tarfile.TarError as error:
                raise _not_ours() from error
            if not (part / WINDOW).is_file():
                raise _not_ours()
        return self.folder(version)

    def take(self, program: Path, version: str) -> Path:
        """As `unpack`, of a program's folder. Raises UpdateError."""
        with self._placed(version) as part:
            shutil.copytree(program, part, symlinks=True)
        return self.folder(version)

    @contextmanager
    def _placed(self, version: str) -> Iterator[Path]:
        """A folder to make, which takes the place of that version once it is whole and flushed. Raises UpdateError."""
        folder = self.folder(version)
        part = folder.with_name(f".{version}.part")
        try:
            for former in (part, folder):
                if former.exists():
                    shutil.rmtree(former)
            part.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            yield part
            os.sync()
            part.rename(folder)
            flush_folder(folder.parent)
        except OSError as error:
            raise _refused() from error

    def sweep(self, keep: Collection[str]) -> None:
        """Other versions go, and what unpacking left."""
        for folder in self._ours():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """All versions, the link, and folders that hold nothing else. Raises OSError."""
        if (self.root / CURRENT).is_symlink():
            (self.root / CURRENT).unlink()
        for folder in self._ours():
            shutil.rmtree(folder)
        for emptied in (self.root / VERSIONS, self.root):
            with suppress(OSError):
                emptied.rmdir()

    def _ours(self) -> list[Path]:
        """Versions and parts of one. What is neither is somebody's, who had a folder of that name."""
        found = (self.root / VERSIONS).glob("*")
        return [one for one in found if _is_version(one.name.removeprefix(".").removesuffix(".part"))]


def of_program() -> Versions | None:
    """Those this very program is one of; None where it was started from anywhere else."""
    folder = program_folder()
    if folder is None or sys.platform == "win32":
        return None
    here = folder.resolve()
    versions = Versions(here.parent.parent)
    told = here.parent.name == VERSIONS and _is_version(here.name) and (versions.root / CURRENT).is_symlink()
    return versions if told else None


def _is_version(name: str) -> bool:
    try:
        numbers(name)
    except ValueError:
        return False
    return True


def _extract(content: tarfile.TarFile, target: Path) -> None:
    """Below the archive's one folder: files, folders, and links that lead nowhere else. Raises UpdateError, OSError, TarError."""
    size = 0
    for number, member in enumerate(content):
        size += member.size
        path = PurePosixPath(member.name)
        if number >= MOST_FILES or size > MOST_BYTES or path.is_absolute() or ".." in path.parts:
            raise _not_ours()
        inside = PurePosixPath(*path.parts[1:])
        place = target / inside
        if any((target / above).is_symlink() for above in inside.parents if above.parts):
            raise _not_ours()
        if member.isdir():
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
        elif member.issym():
            leads = posixpath.normpath(str(inside.parent / member.linkname))
            if member.linkname.startswith("/") or leads.split("/")[0] == "..":
                raise _not_ours()
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            place.symlink_to(member.linkname)
        elif member.isfile() and path.parts[1:]:
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            source = content.extractfile(member)
            with place.open("xb") as file:
                shutil.copyfileobj(source, file, 1 << 20)  # type: ignore[arg-type]
            place.chmod(0o755 if member.mode & 0o100 else 0o644)
            os.utime(place, (member.mtime, member.mtime))
        else:
            raise _not_ours()


def _not_ours() -> UpdateError:
    return UpdateError(
        "update-content",
        "Le fichier de la mise à jour ne contient pas un programme DMP Desktop : rien n'est changé.",
        "Prévenez votre installateur.",
    )


def _refused() -> UpdateError:
    return UpdateError(
        "update-folder",
        "Le dossier du programme n'a pas pu être écrit : la version installée reste en place.",
        "Libérez de la place et vérifiez les droits de ce dossier.",
    )
