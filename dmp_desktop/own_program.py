"""How this program starts itself: by Python in a source tree, by the two programs of its own folder once packaged (ADR 34).

Below everything else: cards, documents and the window all start a part of it, and none of them may know the others.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

WINDOW, COMMAND = "dmp-desktop", "dmp"
"""The two programs of a packaged one, side by side; Windows adds `.exe`."""
_START = "import sys; from dmp_desktop.start import main; sys.exit(main())"


def packaged() -> bool:
    """Whether PyInstaller made this program: it then has no other Python than itself."""
    return bool(getattr(sys, "frozen", False))


def program_folder() -> Path | None:
    """Where the two programs of a packaged one lie; None in a source tree."""
    return Path(sys.executable).parent if packaged() else None


def window_command(*arguments: str) -> list[str]:
    """Starts the window, whichever of the two programs this is."""
    return [*(_beside(WINDOW) if packaged() else (sys.executable, "-c", _START)), *arguments]


def dmp_command(*arguments: str) -> list[str]:
    """Starts the command line `dmp …`."""
    return [*(_beside(COMMAND) if packaged() else (sys.executable, "-m", "dmp_desktop")), *arguments]


def helper_command(flag: str, from_source: Sequence[str]) -> list[str]:
    """Starts a part of the program in a process of its own: this very program by its `flag` (`start.be_a_helper`), or in a source
    tree Python with `from_source`, isolated from the user's settings."""
    return [sys.executable, flag] if packaged() else [sys.executable, "-I", *from_source]


def _beside(name: str) -> tuple[str]:
    return (str(Path(sys.executable).with_name(name + Path(sys.executable).suffix)),)
