"""`native.py FROZEN SOURCE`, asked by build_windows.ps1 once our programs are signed: tells again what the folder is made of and
its hashes, writes the MSI's source for WiX 3 and prints the version. Exit status 1 when something may not be shipped."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from installer import account, freeze, hashes, sbom  # noqa: E402 - this file is run by its path
from installer.windows import wxs  # noqa: E402

FREEZE = ROOT / "build" / "freeze"
"""Where `run.py build` leaves what it took."""


def main(frozen: Path, target: Path) -> int:
    version = freeze.version(ROOT)
    shipped = FREEZE / "dmp_desktop" / "shipped.json"
    try:
        sbom.write(frozen, shipped, account.this_python((ROOT, FREEZE)), version)
    except account.AccountError as error:
        sys.stderr.write(f"Rien n'est livré : {error}\n")
        return 1
    hashes.write(frozen)
    icon = next((ROOT / "build").rglob("dmp-desktop.ico"), None)
    target.write_text(wxs.source(wxs.Package(frozen, version, icon), for_wixl=False), encoding="utf-8")
    sys.stdout.write(version)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(Path(one).resolve() for one in sys.argv[1:3])))
