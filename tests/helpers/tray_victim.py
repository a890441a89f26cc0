"""A workstation that takes scans until it is killed: `python -m tests.helpers.tray_victim PLACE`. Says READY once it looks."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.helpers.scans import Desk


def main(place: Path) -> None:
    desk = Desk.at(place)
    print("READY", flush=True)
    while True:
        desk.settle()
        desk.settle_received()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
