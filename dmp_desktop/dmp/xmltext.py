"""Text into XML by templates whose every hole is escaped."""

from __future__ import annotations

import re
from html import escape

# XML 1.0 §2.2: characters no document may hold.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(value: object) -> str:
    """`value` as text for an element or a quoted attribute. Raises ValueError on a character XML forbids."""
    text = str(value)
    if _FORBIDDEN.search(text):
        raise ValueError("character forbidden in XML")
    return escape(text, quote=False).replace('"', "&quot;")
