"""What the Windows program is made of: the lines of `requirements.lock` that hold there, with their hashes.

pip judges the markers of a requirement for the Python that runs it, not for the `--platform` it is told: the choice is made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from packaging.markers import Marker

PYTHON = "3.13.2"
"""Of the embeddable distribution (`fetch.EMBED`)."""
WINDOWS = {
    "implementation_name": "cpython",
    "implementation_version": PYTHON,
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_release": "10",
    "platform_system": "Windows",
    "python_full_version": PYTHON,
    "python_version": PYTHON.rpartition(".")[0],
    "sys_platform": "win32",
}
RUNTIME = "dmp-desktop (pyproject.toml)"
"""Who the lock says wants what the program itself needs."""
FREEZER = "pyinstaller"
"""Makes the program and is no part of it."""
TESTS = ("pytest", "pytest-qt", "pytest-timeout", "pytest-rerunfailures", "hypothesis")

_HEAD = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")
_VIA = re.compile(r" +#(?: via)?(?: +(?P<who>.+))?$")
_HASH = re.compile(r" +(?P<hash>--hash=sha256:[0-9a-f]{64})")


@dataclass(slots=True)
class Locked:
    """One line of the lock: `name==version`, the marker it is under ("" when none), its hashes and who wants it."""

    name: str
    version: str
    marker: str
    hashes: list[str] = field(default_factory=list)
    wanted_by: list[str] = field(default_factory=list)

    @property
    def on_windows(self) -> bool:
        return not self.marker or Marker(self.marker).evaluate(WINDOWS)

    @property
    def line(self) -> str:
        """As pip reads it with --require-hashes, its marker judged already."""
        return " \\\n    ".join((f"{self.name}=={self.version}", *self.hashes))


def read_lock(path: Path) -> list[Locked]:
    """Raises ValueError on a line that is neither a requirement nor what is said of one."""
    found: list[Locked] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if head := _HEAD.match(line):
            found.append(Locked(head["name"], head["version"], head["marker"] or ""))
        elif hashed := _HASH.match(line):
            found[-1].hashes.append(hashed["hash"])
        elif via := _VIA.match(line):
            found[-1].wanted_by += [via["who"]] if via["who"] else []
        elif line.strip():
            raise ValueError(f"{path.name}: {line}")
    return found


def needed_on_windows(lock: Iterable[Locked], *roots: str) -> list[Locked]:
    """What holds on Windows and is wanted by `roots` (names of the lock, or RUNTIME), by way of others or not; in the lock's
    order. A root that is itself in the lock is among them."""
    here = [one for one in lock if one.on_windows]
    chosen = set(roots)
    while more := {one.name for one in here if one.name not in chosen and chosen.intersection(one.wanted_by)}:
        chosen |= more
    return [one for one in here if one.name in chosen]
