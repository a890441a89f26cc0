"""Cuts long HTML into pieces that lay out fast: a table of a thousand rows costs Qt seconds, sixty small ones milliseconds.

Works on the whitelisted, well-formed HTML of cda.render; understands tags, nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SLICE_CHARS = 4_000
"""Measured: about 10 ms of setHtml and layout on a slow core, in a table of short cells."""

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head\b.*?</head>", re.DOTALL | re.IGNORECASE)
_VOID = frozenset({"br", "img", "hr", "meta", "link"})
_CONTAINERS = frozenset({"html", "body", "div", "table", "tbody", "ul"})
"""Elements that may be closed and opened again without changing what is read."""


@dataclass(slots=True)
class _Open:
    """An element not closed yet; `heading` is a table's own, to be repeated in each slice."""

    name: str
    tag: str
    heading: str = field(default="")


def style_of(html: str) -> tuple[str, str]:
    """(stylesheet, HTML without its head and stylesheets)."""
    sheet = "\n".join(_STYLE.findall(html))
    return sheet, _HEAD.sub("", _STYLE.sub("", html))


def slices(html: str, size: int = SLICE_CHARS) -> list[str]:
    """Pieces of about `size` characters that show, one after the other, what `html` shows.

    A cut table gets its heading row again. Tables with `rowspan` are never cut: their rows hold together.
    """
    containers = _CONTAINERS - {"table", "tbody"} if "rowspan" in html else _CONTAINERS
    pieces: list[str] = []
    stack: list[_Open] = []
    prefix, start, head_start = "", 0, -1
    for match in _TAG.finditer(html):
        closing, name = match[1], match[2].lower()
        if name in _VOID or match[3].endswith("/"):
            continue
        if not closing:
            stack.append(_Open(name, match[0]))
            head_start = match.start() if name == "thead" else head_start
            continue
        if not stack or stack[-1].name != name:
            return [html]  # not the HTML this was written for: leave it whole
        stack.pop()
        if name == "thead" and stack:
            stack[-1].heading = html[head_start : match.end()]
        if match.end() - start >= size and all(item.name in containers for item in stack):
            pieces.append(prefix + html[start : match.end()] + _closed(stack))
            prefix, start = _opened(stack), match.end()
    rest = html[start:]
    return [*pieces, prefix + rest] if _TAG.sub("", rest).strip() or "<img" in rest or not pieces else pieces


def _closed(stack: list[_Open]) -> str:
    return "".join(f"</{item.name}>" for item in reversed(stack))


def _opened(stack: list[_Open]) -> str:
    return "".join(item.tag + item.heading for item in stack)
