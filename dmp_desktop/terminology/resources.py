"""Where the files of `resources/` are: beside the package in the source tree, beside the executable in the frozen program."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def resources_root() -> Path:
    """The folder `resources/`. PyInstaller unpacks data files under `sys._MEIPASS`."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen if frozen else Path(__file__).parents[2]) / "resources"


def resource_path(*parts: str) -> Path:
    """Path of one resource, e.g. `resource_path("fonts", "DejaVuSans.ttf")`."""
    return resources_root().joinpath(*parts)


def read_table(name: str) -> list[tuple[str, ...]]:
    """Rows of `resources/codes/NAME.tsv`: UTF-8, tab separated, `#` starts a comment line (provenance, column names)."""
    text = resource_path("codes", f"{name}.tsv").read_text(encoding="utf-8")
    return [tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#")]
