"""Windows programs run by wine 8 (Debian 12), in a prefix of their own, without a display.

What wine 8 needs, found by trying: standard input and output both pipes (else "init_sys_streams: Invalid handle"), no DISPLAY, no
WMI (`platform.*` asks it and wine falls), no crash window.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

WINE = "/usr/lib/wine/wine64"
SERVER = "/usr/lib/wine/wineserver64"
SITE = """import sys, _winapi
sys.modules["_wmi"] = None
_winapi.__dict__.pop("CopyFile2", None)
"""
"""`sitecustomize.py` of the Python that wine runs: two functions of Windows that wine 8 lacks, and Python does without."""
_SILENT = "winedbg.exe=d;winemenubuilder.exe=d;wbemprox=d;mscoree=d;mshtml=d"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program of Windows ended. Output and errors come together, line ends as on Linux."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Wine:
    """One prefix: a Windows with its registry and its drive C."""

    prefix: Path

    @property
    def drive_c(self) -> Path:
        return self.prefix / "drive_c"

    @property
    def system32(self) -> Path:
        return self.drive_c / "windows" / "system32"

    @property
    def profile(self) -> Path:
        """The home of the one user."""
        (home,) = (one for one in (self.drive_c / "users").iterdir() if one.name != "Public")
        return home

    def make(self) -> None:
        """A fresh Windows 10; nothing happens to one that exists."""
        if not self.system32.is_dir():
            self.prefix.parent.mkdir(parents=True, exist_ok=True)
            self.run("wineboot", "-i", limit=900)
            self.run("winecfg", "-v", "win10", limit=600)

    def run(self, *command: str | Path, limit: float = 600, more: dict[str, str] | None = None) -> Ended:
        """Run a program to its end, at most `limit` seconds. Raises TimeoutExpired."""
        with self.start(*command, more=more) as process:
            try:
                output, _ = process.communicate(input="\n", timeout=limit)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Ended(process.returncode, output.replace("\r\n", "\n"))

    def start(self, *command: str | Path, more: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Run a program beside us; its input and output are pipes."""
        return subprocess.Popen(  # noqa: S603
            [WINE, *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self._environment() | (more or {}),
        )

    def stop(self) -> None:
        """Write the registry to its files and end what still runs in this prefix."""
        environment = self._environment()
        subprocess.run([SERVER, "-k"], env=environment, check=False)  # noqa: S603
        subprocess.run([SERVER, "-w"], env=environment, check=False, timeout=60)  # noqa: S603

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        return kept | {
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": _SILENT,
        }


def windows_path(path: Path) -> str:
    """A path of this machine as wine's programs see it: drive Z is the root."""
    return "Z:" + str(path.resolve()).replace("/", "\\")
