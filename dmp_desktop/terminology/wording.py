"""One form for words that mean the same to a reader: no accents, no capitals, single blanks."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """`text` in small letters without accents, blanks collapsed: `Deltoïde  gauche` -> `deltoide gauche`."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
