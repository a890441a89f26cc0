"""What the inline marks of a narrative mean once it is plain words: superscripts, subscripts, what a revision deleted."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

_SUPERSCRIPTS = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
SCRIPTS: Final = {"sup": (_SUPERSCRIPTS, "^"), "sub": (_SUBSCRIPTS, "_")}
_STRUCK = frozenset({"del", "s", "strike"})
_DRAWN = re.compile(r"[0-9+\-−=()\s]*|[^\W\d_]+|[0-9]+[^\W\d_]+")  # 10⁹, Ca²⁺; 1er, Mme; HbA₁c


def is_deleted(element: etree._Element) -> bool:
    """Struck out by a revision (CDA R2 §4.3.5.6), or as XHTML does: its author says it no more."""
    return element.get("revised") == "delete" or str(element.tag).rpartition("}")[2] in _STRUCK


def scripted(name: str, words: str) -> str:
    """Words of an element of that local name: `10` and `9` raised must not read `109`.

    Unicode's raised and lowered figures; `^(…)` or `_(…)` for what it has none for; letters alone stay as they are (1er, Mme).
    """
    if name not in SCRIPTS or not words.strip():
        return words
    figures, mark = SCRIPTS[name]
    return words.translate(figures) if _DRAWN.fullmatch(words) else f"{mark}({words.strip()})"
