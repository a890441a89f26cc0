"""Cuts long HTML into pieces that lay out fast: a table of a thousand rows costs Qt seconds, sixty small ones milliseconds.

Works on the whitelisted, well-formed HTML of cda.render; understands tags, nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from dmp_desktop.ui.widgets.table_places import TablePlaces

SLICE_CHARS = 4_000
"""Measured: about 10 ms of setHtml and layout on a slow core, in a table of short cells; 40 ms at worst under 700 others."""
FORCED = 2
"""Slices' worth of one paragraph, cell, item or row after which it is cut inside: Qt lays a paragraph out whole."""
JOINER = "\u2060"
"""Ends what was cut inside a word: nothing stands between it and what follows (`joined`)."""

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head\b.*?</head>", re.DOTALL | re.IGNORECASE)
_BLANK = re.compile(r"[ \t\n]")
_VOID = frozenset({"br", "img", "hr", "meta", "link"})
_CONTAINERS = frozenset({"html", "body", "div", "table", "tbody", "ul"})
"""Elements that may be closed and opened again without changing what is read."""
_BLOCKS = _CONTAINERS | {"ol", "li", "tr", "td", "th", "thead", "p", "h1", "h2", "h3", "h4", "h5", "h6"}
_MAX_ENTITY = 10  # characters of `&quot;` and the like


@dataclass(slots=True)
class _Open:
    """An element not closed yet; `heading` is a table's own, to be repeated; `items` those a list has begun."""

    name: str
    tag: str
    heading: str = ""
    items: int = 0
    places: TablePlaces = field(default_factory=TablePlaces)


def style_of(html: str) -> tuple[str, str]:
    """(stylesheet, HTML without its head and stylesheets)."""
    sheet = "\n".join(_STYLE.findall(html))
    return sheet, _HEAD.sub("", _STYLE.sub("", html))


def slices(html: str, size: int = SLICE_CHARS) -> list[str]:
    """Pieces of about `size` characters that show, one after the other, what `html` shows.

    A cut table gets its heading row again; it is cut where no cell spans rows. What is longer than FORCED slices is cut all the
    same, even inside a word: columns and numbers of a list stay what they were.
    """
    cutter = _Cutter(html, size)
    for match in _TAG.finditer(html):
        cutter.text_until(match.start())
        if not cutter.take(match):
            return [html]  # not the HTML this was written for: leave it whole
    return cutter.finish()


class _Cutter:
    """`start`: of what no piece holds yet; `prefix` opens again what was open there."""

    def __init__(self, html: str, size: int) -> None:
        self._html, self._size = html, size
        self._pieces: list[str] = []
        self._stack: list[_Open] = []
        self._prefix, self._start, self._read, self._head = "", 0, 0, -1

    def text_until(self, end: int) -> None:
        """The words between two tags: cut in place of a blank, inside a word where there is none for a whole slice."""
        while end - self._start > FORCED * self._size and end > self._read:
            earliest = max(self._start + self._size, self._read)
            blank = _BLANK.search(self._html, earliest, min(earliest + self._size, end))
            if blank:
                self._cut(blank.start(), blank.end())
            elif end - self._start > (FORCED + 1) * self._size:
                at = self._between_signs(earliest)
                self._cut(at, at, JOINER)
            else:
                break
            self._read = max(self._read, self._start)
        self._read = max(end, self._read)

    def take(self, match: re.Match[str]) -> bool:
        """Follows a tag; False where it closes what is not open."""
        closing, name = match[1], match[2].lower()
        self._read = match.end()
        if name in _VOID or match[3].endswith("/"):
            if name in _VOID and self._forced(match.end()):
                self._cut(match.start() if name == "br" else match.end(), match.end())
            return True
        if not closing:
            self._open(name, match)
            return True
        if not self._stack or self._stack[-1].name != name:
            return False
        self._close(name, match.end())
        return True

    def finish(self) -> list[str]:
        self.text_until(len(self._html))
        rest = self._html[self._start :]
        if self._pieces and not (_TAG.sub("", rest).strip() or "<img" in rest):
            return self._pieces
        return [*self._pieces, self._prefix + rest]

    def _open(self, name: str, match: re.Match[str]) -> None:
        table = self._table()
        if name == "li" and self._stack:
            self._stack[-1].items += 1
        elif name == "tr" and table:
            table.places.begin_row()
        elif name in ("td", "th") and table:
            table.places.begin_cell(match[3])
        elif name == "thead":
            self._head = match.start()
        self._stack.append(_Open(name, match[0]))

    def _close(self, name: str, end: int) -> None:
        self._stack.pop()
        table = self._table()
        if name == "tr" and table:
            table.places.end_row()
        elif name == "thead" and self._stack and end - self._head <= self._size:
            self._stack[-1].heading = self._html[self._head : end]
        whole = all(item.name in _CONTAINERS and not item.places.pending for item in self._stack)
        if (whole and end - self._start >= self._size) or (name in _BLOCKS and self._forced(end)):
            self._cut(end, end)

    def _forced(self, end: int) -> bool:
        return end - self._start >= FORCED * self._size

    def _table(self) -> _Open | None:
        return next((item for item in reversed(self._stack) if item.name == "table"), None)

    def _between_signs(self, at: int) -> int:
        """`at`, or just behind the entity or the accents it falls in."""
        begun = self._html.rfind("&", max(at - _MAX_ENTITY, 0), at)
        if begun >= 0:
            at = max(at, self._html.find(";", begun, begun + _MAX_ENTITY) + 1)
        while unicodedata.combining(self._html[at : at + 1] or " "):
            at += 1
        return at

    def _cut(self, end: int, then: int, joiner: str = "") -> None:
        """A piece ends at `end`, the next one begins at `then`."""
        shut = "".join(f"</{item.name}>" for item in reversed(self._stack))
        self._pieces.append(self._prefix + self._html[self._start : end] + joiner + shut)
        self._prefix, self._start = "".join(map(self._again, range(len(self._stack)))), then

    def _again(self, depth: int) -> str:
        """Opens an element again: an item without its mark, a list at its number, a cell in its column."""
        item = self._stack[depth]
        inside = [one.name for one in self._stack[depth + 1 :]]
        if item.name == "li":
            return "<div>"
        if item.name == "ol":
            return f'<ol start="{item.items + 1}">'
        if item.name == "table":
            return item.tag + ("" if "tr" in inside else item.heading) + item.places.spans_again()
        if item.name == "tr":
            table = next((one for one in reversed(self._stack[:depth]) if one.name == "table"), None)
            in_cell = bool({"td", "th"} & set(inside[:1]))
            return item.tag + (table.places.cells_again(in_cell=in_cell) if table else "")
        return item.tag
