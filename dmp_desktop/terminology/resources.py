"""The tables of `resources/codes/`, or those imported in their place."""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Final

from dmp_desktop.resources import resource_path

# First line of an imported table. Another one means another layout: such a table is passed over, ours is read.
FORMAT: Final = "# DMP Desktop codes 1"
_imported: Path | None = None


def use_folder(folder: Path | None) -> None:
    """Prefer the tables of `folder` (made by `importers`) to ours; None: ours only.

    To be told before the first look-up: what has been read stays as it was.
    """
    global _imported
    _imported = folder


def table_path(name: str) -> Path:
    """The file `read_table` reads: the imported one if there is one, else ours (`.tsv`, or `.tsv.xz` for a large one)."""
    if _imported is not None and _is_ours(_imported / f"{name}.tsv"):
        return _imported / f"{name}.tsv"
    plain = resource_path("codes", f"{name}.tsv")
    return plain if plain.is_file() else plain.with_suffix(".tsv.xz")


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as table:
            return table.readline().rstrip("\n") == FORMAT
    except OSError:
        return False


def read_table(name: str) -> list[tuple[str, ...]]:
    """Rows of the table NAME. Raises FileNotFoundError for a table there is none of."""
    return read_file(table_path(name))


def read_file(path: Path) -> list[tuple[str, ...]]:
    """Rows of one table: UTF-8, tab separated, `#` starts a comment line (provenance, column names); `.xz` is unpacked."""
    content = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    lines = content.decode("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
