"""The consultation note a structured document of ours was made from, word for word."""

from __future__ import annotations

from dmp_desktop.cda.xml import Element, Q, parse

_NOTE_ID = "note"  # as cda.build writes it


def note_from_cda(untrusted_cda: bytes) -> str:
    """The note, `br` as line ends; empty when the document holds none that can be told apart. Raises CdaError."""
    for content in parse(untrusted_cda).iter(f"{Q}content"):
        if content.get("ID") == _NOTE_ID:
            return "".join(_words(content))
    return ""


def _words(element: Element) -> list[str]:
    words = [element.text or ""]
    for inner in element:
        words += ["\n"] if inner.tag == f"{Q}br" else _words(inner)
        words.append(inner.tail or "")
    return words
