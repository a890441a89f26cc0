"""XML from compiled templates: a skeleton cut once at its holes, holes escaped, one join.

A hole `{name}` takes text and escapes it (element content and double-quoted attributes alike); `{!name}` takes Markup, which only
templates make. Nothing reaches a document unescaped by mistake: a plain str in a markup hole raises TypeError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter

from dmp_desktop.cda.build.text import is_xml
from dmp_desktop.errors import CdaError

NewId = Callable[[], str]
"""UUID of the next part of the document; the same document always gets the same ones."""

_HOLE = re.compile(r"\{(!?)(\w+)\}")
# What must be written otherwise, and what XML 1.0 §2.2 forbids altogether.
_SPECIAL = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_REFERENCES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    # XML 1.0 §2.11 and §3.3.3: as references, they survive the normalisation of line ends and attributes.
    ("\t", "&#9;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
)


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
    for char, reference in _REFERENCES:
        text = text.replace(char, reference)
    if not is_xml(text):
        raise CdaError(
            "cda-character",
            "Un champ contient un caractère que le format interdit.",
            "Corrigez l'identité ou l'adresse.",
        )
    return Markup(text)


def join(pieces: Iterable[Markup]) -> Markup:
    return Markup("".join(pieces))


def _getter(names: list[str]) -> Callable[[Mapping[str, str]], tuple[str, ...]]:
    """The values of `names`, in order, as one tuple whatever their number."""
    if len(names) == 1:
        (name,) = names
        return lambda values: (values[name],)
    return itemgetter(*names) if names else lambda _: ()


class Template:
    """One compiled skeleton. Its line breaks, between tags and holes, are layout only and are dropped."""

    __slots__ = ("_all", "_markups", "_pieces", "_slots", "_texts")

    def __init__(self, skeleton: str) -> None:
        cut = _HOLE.split(re.sub(r"\s*\n\s*", "", skeleton.strip()))
        self._pieces: list[str] = []
        for index in range(0, len(cut), 3):
            self._pieces += [cut[index], ""]
        self._pieces.pop()
        holes = [(cut[index] == "!", cut[index + 1]) for index in range(1, len(cut), 3)]
        self._all = _getter([name for _, name in holes])
        self._markups = _getter([name for raw, name in holes if raw])
        self._texts = _getter([name for raw, name in holes if not raw])
        self._slots = tuple((2 * rank + 1, name) for rank, (raw, name) in enumerate(holes) if not raw)

    def fill(self, **values: str) -> Markup:
        """Fill every hole. Raises KeyError when a value is missing, TypeError for text where markup is wanted.

        All texts are searched at once for characters to escape, since most documents have few.
        """
        pieces = self._pieces.copy()
        pieces[1::2] = self._all(values)
        for markup in self._markups(values):
            if type(markup) is not Markup:
                raise TypeError("text in a hole that takes markup")
        if _SPECIAL.search("".join(self._texts(values))) is not None:
            for slot, name in self._slots:
                pieces[slot] = escape(values[name])
        return Markup("".join(pieces))
