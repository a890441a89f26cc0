"""How this program starts itself: by Python in a source tree, by the two programs of its own folder once packaged (ADR 34).

Below everything else: cards, documents and the window all start a part of it, and none of them may know the others.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

WINDOW, COMMAND = "dmp-desktop", "dmp"
"""The two programs of a packaged one, side by side; Windows adds `.exe`."""
NICE = 5
"""Added to our own niceness: about a third of the share of what runs beside it (nice(1), Linux weights 1024 and 335)."""
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


def start_helper(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """A process of ours that works behind the others: below normal priority, and without a window (ADR 36). `options` as Popen's.

    Raises OSError.
    """
    import subprocess  # half of the time a second start has

    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    process = subprocess.Popen(list(command), creationflags=flags, **options)  # noqa: S603 — our own program, or one the settings name
    if sys.platform != "win32":  # where a child cannot be born so without code of ours between fork and exec
        with contextlib.suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, min(os.getpriority(os.PRIO_PROCESS, 0) + NICE, 19))
    return process


def _beside(name: str) -> tuple[str]:
    return (str(Path(sys.executable).with_name(name + Path(sys.executable).suffix)),)
