"""HL7 v2 data types inside XDS metadata: separators in a text are escaped (HL7 v2.5 §2.7; ITI TF-3 §4.2.3.1.7)."""

from __future__ import annotations

import re

_ESCAPES = {"\\": "E", "|": "F", "^": "S", "&": "T", "~": "R"}
_MEANINGS = {f"\\{letter}\\": separator for separator, letter in _ESCAPES.items()}
_SEPARATOR = re.compile(r"[\\|^&~]")
_ESCAPE = re.compile(r"\\[EFSTR]\\")


def escape(text: str) -> str:
    """`text` as one component."""
    return _SEPARATOR.sub(lambda found: f"\\{_ESCAPES[found[0]]}\\", text)


def unescape(component: str) -> str:
    """The text of one component; what is no known escape stays as it is."""
    return _ESCAPE.sub(lambda found: _MEANINGS[found[0]], component)
