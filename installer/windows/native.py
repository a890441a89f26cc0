"""`native.py FROZEN SOURCE`, asked by build_windows.ps1: writes the MSI's source for WiX 3 and prints the version."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from installer.windows import wxs  # noqa: E402 - this file is run by its path


def main(frozen: Path, target: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    icon = next((ROOT / "build").rglob("dmp-desktop.ico"), None)
    target.write_text(wxs.source(wxs.Package(frozen, version, icon), for_wixl=False), encoding="utf-8")
    sys.stdout.write(version)


if __name__ == "__main__":
    main(*(Path(one).resolve() for one in sys.argv[1:3]))
