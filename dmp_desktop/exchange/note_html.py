"""The words of a note that another program gives as HTML (its clipboard). What is no text is told, never shown."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

_BLOCKS: Final = (
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
)
_LINE: Final = frozenset((*_BLOCKS, "table", "tr", "ul", "h1", "h2", "h3", "h4", "h5", "h6"))
_ALONE: Final = frozenset(("br", "hr"))
_CELL: Final = frozenset(("td", "th"))
_UNSEEN: Final = frozenset(("head", "script", "style", "title", "template", "del"))
_LEFT_OUT: Final = {
    "img": "image",
    "svg": "image",
    "object": "objet",
    "iframe": "objet",
    "input": "champ",
    "del": "texte barré",
}


def html_note(untrusted: str) -> tuple[str, set[str]]:
    """Its text, and what was left out of it, in French. Never fails: whatever is no markup is text."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = etree.fromstring(untrusted.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return "", set()
    parts: list[str] = []
    left_out: set[str] = set()
    unseen = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if event == "start":
            unseen += tag in _UNSEEN
            if tag in _LEFT_OUT:
                left_out.add(_LEFT_OUT[tag])
            parts.append(_before(tag))
            words = element.text
        else:
            unseen -= event == "end" and tag in _UNSEEN
            parts.append("\n" if event == "end" and tag in _LINE and tag not in _ALONE else "")
            words = element.tail
        if words and not unseen:
            parts.append(re.sub(r"\s+", " ", words))
    lines = [re.sub(r" +", " ", line).strip() for line in "".join(parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), left_out


def _before(tag: str) -> str:
    return "\n" if tag in _LINE else "\t" if tag in _CELL else ""
