"""A narrative as plain words: for a reader of text, for quotes, for full-text search."""

from __future__ import annotations

from collections.abc import Iterator

from dmp_desktop.cda.inline import SCRIPTS, is_deleted, scripted
from dmp_desktop.cda.xml import Element, children, local, text

_BLOCKS = frozenset({"paragraph", "list", "item", "table", "tr", "caption", "title"})
_LAYOUT = frozenset({"table", "thead", "tbody", "tfoot", "tr", "list"})  # blanks between their tags mean nothing


def narrative_text(narrative: Element, *, deletions: bool = False) -> str:
    """A narrative as plain text: one line a row or paragraph, cells apart, the author's line breaks kept.

    What its author deleted is left out; with `deletions` it is there, marked as such.
    """
    pieces: list[str] = []
    _walk(narrative, pieces, deletions)
    lines = ["\t".join(cell.strip() for cell in line.split("\t")).strip() for line in "".join(pieces).split("\n")]
    return "\n".join(line for index, line in enumerate(lines) if line or (index and lines[index - 1]))


def section_title(section: Element) -> str:
    """All its titles; a well-made section has one."""
    return " – ".join(filter(None, map(text, children(section, "title"))))


def section_text(section: Element, *, deletions: bool = False) -> str:
    """All its narratives, where a well-made section has one, and the words it holds outside any."""
    narratives = [narrative_text(part, deletions=deletions) for part in children(section, "text")]
    return "\n".join([*narratives, *stray_words(section)]).strip("\n")


def stray_words(section: Element) -> Iterator[str]:
    """Words directly in a section, where the standard wants none."""
    for words in (section.text, *(part.tail for part in section)):
        if words and not words.isspace():
            yield " ".join(words.split())


def _walk(element: Element, pieces: list[str], deletions: bool) -> None:
    name = local(element)
    if name in _BLOCKS or name == "br":
        pieces.append("\n")
    if is_deleted(element):
        words = _apart(element, name, deletions).strip() if deletions else ""
        pieces += [f"[supprimé : {words}]"] if words else []
    elif name in SCRIPTS:
        pieces.append(scripted(name, _apart(element, name, deletions)))
    else:
        _inside(element, name, pieces, deletions)
    if name in {"td", "th"}:
        pieces.append("\t")
    if name in _BLOCKS:
        pieces.append("\n")


def _apart(element: Element, name: str, deletions: bool) -> str:
    pieces: list[str] = []
    _inside(element, name, pieces, deletions)
    return "".join(pieces)


def _inside(element: Element, name: str, pieces: list[str], deletions: bool) -> None:
    layout = name in _LAYOUT
    if element.text and not layout:
        pieces.append(element.text)
    for inner in element:
        if local(inner):
            _walk(inner, pieces, deletions)
        if inner.tail and not layout:
            pieces.append(inner.tail)
