"""The frozen program in its place: a folder of this user's, no administrator. On Windows the MSI does it (ADR 35)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from dmp_desktop.errors import UpdateError
from dmp_desktop.own_program import WINDOW, program_folder, window_command
from dmp_desktop.platform.session_entries import SessionEntries
from dmp_desktop.platform.versions import CURRENT, Versions
from dmp_desktop.resources import resources_root

ROOT_VARIABLE = "DMP_DESKTOP_PROGRAM"


class Installing:
    """For one user. Every method may block."""

    def __init__(self, environment: Mapping[str, str], user_home: Path) -> None:
        chosen = environment.get(ROOT_VARIABLE, "")
        self.versions = Versions(Path(chosen).absolute() if chosen else user_home / ".local/lib/dmp-desktop")
        self.entries = SessionEntries(environment, user_home)

    def install(self, version: str) -> Path:
        """Put this very program in its place, and in the menu. Returns the folder to start it from. Raises UpdateError:
        "install-source" in a source tree and on Windows, "update-folder", "install-entries"."""
        folder = program_folder()
        if folder is None or sys.platform == "win32":
            raise UpdateError(
                "install-source",
                "Seul le programme sans Python (« run.py build », Linux) s'installe ainsi.",
                "Sous Windows, installez le MSI.",
            )
        former = self.versions.pointed()
        if folder.resolve() != self.versions.folder(version).resolve():
            self.versions.take(folder.resolve(), version)
        self.versions.point_to(version)
        self.versions.sweep({version, former})
        self.entries.make(self._program, _icons())
        return self.versions.root / CURRENT

    def uninstall(self) -> None:
        """The program and its entries go; what it keeps of a practice stays. Raises UpdateError."""
        self.entries.remove(_icons())
        try:
            self.versions.remove()
        except OSError as error:
            raise UpdateError(
                "uninstall-left",
                "Le programme n'est plus dans le menu, mais des fichiers n'ont pas pu être effacés.",
                f"Effacez {self.versions.root}.",
            ) from error

    def opens_with_session(self) -> bool:
        """As the system has it now."""
        return self.entries.opens_with_session()

    def open_with_session(self, *, wanted: bool) -> None:
        """Raises UpdateError."""
        if wanted:
            self.entries.open_with_session([str(self._program)] if self._program.exists() else window_command())
        else:
            self.entries.open_no_more()

    @property
    def _program(self) -> Path:
        return self.versions.root / CURRENT / WINDOW


def _icons() -> Path:
    """Where the frozen program has them (`installer/freeze.py`)."""
    return resources_root().parent / "share/icons"
