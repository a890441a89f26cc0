"""XML from compiled templates: a skeleton cut once at its holes, holes escaped, one join.

A hole `{name}` takes text and escapes it (element content and double-quoted attributes alike); `{!name}` takes Markup, which only
templates make. Nothing reaches a document unescaped by mistake: a plain str in a markup hole raises TypeError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dmp_desktop.errors import CdaError

_HOLE = re.compile(r"\{(!?)(\w+)\}")
# What must be written otherwise, and what XML 1.0 §2.2 forbids altogether.
_SPECIAL = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    # XML 1.0 §2.11 and §3.3.3: written as references, they survive the normalisation of line ends and attributes.
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}


class Markup(str):
    """XML already escaped."""

    __slots__ = ()


EMPTY = Markup("")


def escape(text: str) -> Markup:
    """`text` for an element's content or a double-quoted attribute.

    Raises CdaError for a character XML forbids: text.xml_safe replaces them, in the note and with a warning only.
    """
    if _SPECIAL.search(text) is None:
        return Markup(text)
    try:
        return Markup(_SPECIAL.sub(lambda match: _ENTITIES[match[0]], text))
    except KeyError as error:
        raise CdaError(
            "cda-character", "Un champ contient un caractère que le format interdit.", "Corrigez l'identité ou l'adresse."
        ) from error


def join(pieces: Iterable[Markup]) -> Markup:
    return Markup("".join(pieces))


class Template:
    """One compiled skeleton. Its line breaks, between tags and holes, are layout only and are dropped."""

    __slots__ = ("_holes", "_pieces")

    def __init__(self, skeleton: str) -> None:
        cut = _HOLE.split(re.sub(r"\s*\n\s*", "", skeleton.strip()))
        self._pieces: list[str] = []
        for index in range(0, len(cut), 3):
            self._pieces += [cut[index], ""]
        self._pieces.pop()
        self._holes = tuple((cut[index] == "!", cut[index + 1]) for index in range(1, len(cut), 3))

    def __call__(self, values: Mapping[str, str]) -> Markup:
        """Fill every hole. Raises KeyError when a value is missing, TypeError for text where markup is wanted."""
        pieces = self._pieces.copy()
        at = 1
        for raw, name in self._holes:
            value = values[name]
            if not raw:
                value = escape(value)
            elif type(value) is not Markup:
                raise TypeError(f"hole {name!r} takes markup")
            pieces[at] = value
            at += 2
        return Markup("".join(pieces))

    def fill(self, **values: str) -> Markup:
        return self(values)
