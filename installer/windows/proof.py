"""What wine can show of the program of Windows before it is frozen: every module loads, chosen unit tests pass."""

from __future__ import annotations

import json
from pathlib import Path

from installer.windows.fetch import BuildError
from installer.windows.wine import Wine, windows_path

INSIDE = Path(__file__).with_name("inside.py")
_LIMIT_S = 1800


def modules(wine: Wine, python: Path) -> str:
    """Returns how many. Raises BuildError with those that do not load under Windows' Python."""
    ended = wine.run(python / "python.exe", windows_path(INSIDE), "imports", limit=_LIMIT_S)
    try:
        told = json.loads(ended.output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise BuildError(f"Les modules ne se chargent pas ({ended.status}) :\n{ended.output[-2000:]}") from None
    if told["failed"]:
        raise BuildError(
            "Modules qui ne se chargent pas :\n" + "\n".join(f"{k} : {v}" for k, v in told["failed"].items())
        )
    return f"{told['modules']} modules chargés"


def libraries(wine: Wine, python: Path) -> str:
    """Returns what was seen. Raises BuildError when a library is loaded from the working folder or PATH once the program began,
    or when this could not be seen."""
    ended = wine.run(python / "python.exe", windows_path(INSIDE), "libraries", limit=_LIMIT_S)
    if ended.status:
        raise BuildError(f"Bibliothèques chargées d'ailleurs que de leurs dossiers :\n{ended.output[-2000:]}")
    return f"bibliothèques chargées : {ended.output.strip().splitlines()[-1]}"


def unit_tests(wine: Wine, python: Path) -> str:
    """Returns pytest's last line. Raises BuildError with what failed."""
    ended = wine.run(python / "python.exe", windows_path(INSIDE), "tests", limit=_LIMIT_S)
    if ended.status:
        raise BuildError(f"Des tests échouent sous Windows :\n{ended.output[-6000:]}")
    return ended.output.strip().splitlines()[-1]
