"""Pictures of the real window on the real stand-in, docked or wide, light or dark."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from dmp_desktop.ui import theme
from tests.helpers.real_window import RealWindow, real_window

DOCKED, WIDE = (420, 900), (1400, 900)


def play(description: str | None, *scenes: Callable[[RealWindow, Path], None]) -> None:
    """As the command line says: `FOLDER [--dark] [--wide]`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--wide", action="store_true")
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    application.setStyle("Fusion")
    theme.apply(application, theme.DARK if told.dark else theme.LIGHT)
    with tempfile.TemporaryDirectory() as folder, real_window(application, Path(folder)) as real:
        real.window.resize(*(WIDE if told.wide else DOCKED))
        for scene in scenes:
            scene(real, told.folder)


def shoot(real: RealWindow, folder: Path, name: str) -> None:
    real.pause(0.4)
    real.desktop.picture(folder / f"{name}.png")
