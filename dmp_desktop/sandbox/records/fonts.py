"""The letters of the PDFs: DejaVu Sans reduced to Windows-1252, with the widths of its glyphs."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONT_FILE = Path(__file__).resolve().parents[3] / "resources" / "fonts" / "DejaVuSans.ttf"
_CODES = [code for code in range(32, 256) if code not in {127, 129, 141, 143, 144, 157, 173}]
LETTERS = bytes(_CODES).decode("cp1252")


@dataclass(frozen=True, slots=True)
class Face:
    """A subset font program, deflated, and widths by Windows-1252 code in thousandths of the size."""

    program: bytes
    length: int
    widths: tuple[int, ...]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int


@lru_cache(maxsize=1)
def face() -> Face:
    """The font, read once a process."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = []
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "FFTM"]
    with TTFont(FONT_FILE, lazy=True) as font:
        tool = subset.Subsetter(options)
        tool.populate(text=LETTERS)
        tool.subset(font)
        cmap, metrics, scale = font.getBestCmap(), font["hmtx"], 1000 / font["head"].unitsPerEm
        widths = [0] * 256
        for code, letter in zip(_CODES, LETTERS, strict=True):
            widths[code] = round(metrics[cmap[ord(letter)]][0] * scale)
        head, hhea = font["head"], font["hhea"]
        box = tuple(round(edge * scale) for edge in (head.xMin, head.yMin, head.xMax, head.yMax))
        out = io.BytesIO()
        font.save(out)
    program = out.getvalue()
    ascent, descent = round(hhea.ascent * scale), round(hhea.descent * scale)
    return Face(
        zlib.compress(program, 9), len(program), tuple(widths), (box[0], box[1], box[2], box[3]), ascent, descent
    )
