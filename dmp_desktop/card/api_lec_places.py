"""Where the licensed Vitale reading component is on this workstation, if it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIBRARY: Final = "DMP_DESKTOP_API_LEC"
"""Path of the component's library, or `non`: it is not to be used."""
FOLDER: Final = "DMP_DESKTOP_API_LEC_CONFIG"
HELPER: Final = "DMP_DESKTOP_API_LEC_HELPER"
"""A program that speaks the protocol of `api_lec_helper`, for a component of 32 bits."""
_NO: Final = "non"
# Reference card.md §3.3, from public projects. The name of the library on macOS is not published: anything named after it.
_MACOS_FOLDER: Final = "/Library/Application Support/santesocial/apilec"
_MACOS_LIBRARY: Final = "*api*lec*.dylib"


@dataclass(frozen=True, slots=True)
class ApiLecPlace:
    """`folder` holds the component's configuration (`api_lec.ini`)."""

    library: Path
    folder: Path
    helper: Path | None = None


def find_api_lec(environment: Mapping[str, str], system: str = sys.platform) -> ApiLecPlace | None:
    """What the environment names, else what is installed; None when there is neither.

    A library that is named is believed, that it may be told when it does not load. A program that is named without its folder
    is not started: the working folder may be anybody's.
    """
    named = environment.get(LIBRARY, "")
    if named.lower() == _NO:
        return None
    library = Path(named) if named else next(_installed(environment, system), None)
    if library is None:
        return None
    folder = environment.get(FOLDER)
    helper = environment.get(HELPER)
    return ApiLecPlace(
        library,
        Path(folder) if folder else next(_folders(environment, system), library.parent),
        Path(helper) if helper and Path(helper).is_absolute() else None,
    )


def _installed(environment: Mapping[str, str], system: str) -> Iterator[Path]:
    if system == "win32":
        for variable in ("ProgramW6432", "ProgramFiles"):
            library = Path(environment.get(variable, ""), "santesocial", "api_lec", "api_lec64.dll")
            if environment.get(variable) and library.is_file():
                yield library
    elif system == "darwin":
        yield from sorted(Path(_MACOS_FOLDER).glob(_MACOS_LIBRARY))


def _folders(environment: Mapping[str, str], system: str) -> Iterator[Path]:
    """The newer place first."""
    data = environment.get("ProgramData")
    if system == "win32" and data:
        for place in (Path(data, "santesocial", "api_lec64"), Path(data, "SESAM-Vitale", "APILEC")):
            if place.is_dir():
                yield place
