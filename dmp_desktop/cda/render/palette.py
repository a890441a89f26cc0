"""Colours of a rendered document: the window's, passed in; no other styling comes from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colour strings `#RRGGBB`; the defaults are the light palette (design/ui.md). Raises ValueError for anything else."""

    base: str = "#FFFFFF"
    panel: str = "#F4F6F8"
    text: str = "#1B1F24"
    muted: str = "#57606A"
    accent: str = "#005A9E"
    danger: str = "#B3261E"
    border: str = "#D0D7DE"

    def __post_init__(self) -> None:
        for item in fields(self):
            if not _COLOUR.fullmatch(getattr(self, item.name)):
                raise ValueError(f"{item.name} is not a #RRGGBB colour")

    @classmethod
    def of(cls, colours: Mapping[str, str]) -> Palette:
        """From the window's palette; colours it does not know are ignored, those missing keep their default."""
        names = {item.name for item in fields(cls)}
        return cls(**{name: colour for name, colour in colours.items() if name in names})


def stylesheet(palette: Palette) -> str:
    """CSS of the subset that QTextDocument knows: simple selectors, no class-based layout."""
    p = palette
    return (
        f"body{{background-color:{p.base};color:{p.text}}}"
        f"h1{{color:{p.text};font-size:large;margin-bottom:2px}}"
        f"h2{{color:{p.accent};font-size:medium;margin-top:14px;margin-bottom:4px}}"
        f"h3,h4{{color:{p.text};font-size:medium;margin-top:10px;margin-bottom:2px}}"
        f".meta,.added,.label{{color:{p.muted}}}"
        f".warning{{color:{p.danger}}}"
        f"table{{border-collapse:collapse;margin-top:4px;margin-bottom:8px}}"
        f".plain{{white-space:pre-wrap;margin-top:0;margin-bottom:0}}"
        f"th{{background-color:{p.panel};text-align:left;padding:3px 6px;border:1px solid {p.border}}}"
        f"td{{padding:3px 6px;border:1px solid {p.border};vertical-align:top}}"
        f"p{{margin-top:3px;margin-bottom:3px}}"
    )
