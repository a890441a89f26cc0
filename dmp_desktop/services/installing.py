"""The frozen program in its place: a folder of this user's, no administrator. On Windows the MSI does it (ADR 35)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from dmp_desktop.errors import UpdateError
from dmp_desktop.own_program import program_folder
from dmp_desktop.platform.versions import CURRENT, Versions

ROOT_VARIABLE = "DMP_DESKTOP_PROGRAM"


def versions_of(environment: Mapping[str, str], user_home: Path) -> Versions:
    """DMP_DESKTOP_PROGRAM, else ~/.local/lib/dmp-desktop."""
    chosen = environment.get(ROOT_VARIABLE, "")
    return Versions(Path(chosen) if chosen else user_home / ".local/lib/dmp-desktop")


def install(environment: Mapping[str, str], user_home: Path, version: str) -> Path:
    """Put this very program in its place and have it started from there. Returns the folder to start it from. Raises
    UpdateError("install-source") in a source tree and on Windows, "update-folder"."""
    folder = program_folder()
    if folder is None or sys.platform == "win32":
        raise UpdateError(
            "install-source",
            "Seul le programme sans Python (« run.py build », Linux) s'installe ainsi.",
            "Sous Windows, installez le MSI.",
        )
    versions = versions_of(environment, user_home)
    former = versions.pointed()
    if folder.resolve() != versions.folder(version).resolve():
        versions.take(folder.resolve(), version)
    versions.point_to(version)
    versions.sweep({version, former})
    return versions.root / CURRENT
