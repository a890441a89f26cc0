"""Where the window stood and how it behaves on this workstation: a small file of its own, read before the window is painted.

Apart from `settings.json`: it changes at each move of the window, whoever is signed in, or nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCREEN_SETS = 8
"""Of how many sets of screens the place is kept: the desk, the laptop alone, the projector, a remote session…"""
FAR = 100_000
"""No screen is as many points away: a number beyond it is damage."""
SHORTCUTS = ("Ctrl+Alt+D", "Ctrl+Alt+M", "Ctrl+Alt+F12", "Ctrl+Shift+F12", "")
"""What shows the window from any program; empty: nothing does."""


@dataclass(frozen=True, slots=True)
class Place:
    """Of the window with its frame, in the system's scaled points; `docked` at the right edge, `wide` over the whole screen."""

    x: int
    y: int
    width: int
    height: int
    docked: bool = True
    wide: bool = False


@dataclass(frozen=True, slots=True)
class PanelChoices:
    """`on_top` of all programs; `shortcut`, one of SHORTCUTS; `to_tray`: the cross hides the window instead of ending the
    program, `tray_told` once that was explained; `places` by set of screens, the one used last at the end."""

    on_top: bool = False
    shortcut: str = SHORTCUTS[0]
    to_tray: bool = False
    tray_told: bool = False
    places: Mapping[str, Place] = field(default_factory=dict)

    def placed(self, screens: str, place: Place) -> dict[str, Place]:
        """The places with this one, of which the set used longest ago goes."""
        kept = {name: one for name, one in self.places.items() if name != screens} | {screens: place}
        return dict(list(kept.items())[-SCREEN_SETS:])


class PanelFile:
    """`load` never fails: what cannot be used is as it was made. `save` blocks, and raises StorageError("write-failed")."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> PanelChoices:
        try:
            stored = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return PanelChoices()
        if not isinstance(stored, dict):
            return PanelChoices()
        told: dict[str, Any] = {
            name: stored[name] for name in ("on_top", "to_tray", "tray_told") if type(stored.get(name)) is bool
        }
        if stored.get("shortcut") in SHORTCUTS:
            told["shortcut"] = stored["shortcut"]
        places = stored.get("places")
        found = {name: _place(one) for name, one in places.items()} if isinstance(places, dict) else {}
        kept = [(name, one) for name, one in found.items() if one is not None]
        return PanelChoices(**told, places=dict(kept[-SCREEN_SETS:]))

    def save(self, choices: PanelChoices) -> None:
        from dmp_desktop.platform.keystore import write_durably  # 0.1 s of imports, not before the first paint

        write_durably(self._path, json.dumps(asdict(choices), indent=1).encode())


def _place(stored: object) -> Place | None:
    if not isinstance(stored, dict):
        return None
    numbers = [stored.get(name) for name in ("x", "y", "width", "height")]
    flags = [stored.get(name) for name in ("docked", "wide")]
    if any(type(one) is not bool for one in flags):
        return None
    x, y, width, height = (one if type(one) is int and abs(one) < FAR else None for one in numbers)
    if x is None or y is None or width is None or height is None or width <= 0 or height <= 0:
        return None
    return Place(x, y, width, height, bool(flags[0]), bool(flags[1]))
