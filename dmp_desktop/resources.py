"""Where the files of `resources/` are: beside the package in the source tree, beside the executable in the frozen program.

Imports nothing of ours: the window needs its style and its icons long before any code system.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def resources_root() -> Path:
    """The folder `resources/`. PyInstaller unpacks data files under `sys._MEIPASS`."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen if frozen else Path(__file__).parents[1]) / "resources"


def resource_path(*parts: str) -> Path:
    """Path of one resource, e.g. `resource_path("fonts", "DejaVuSans.ttf")`."""
    return resources_root().joinpath(*parts)
