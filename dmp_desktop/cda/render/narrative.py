"""Narrative of a section (StrucDoc) -> whitelisted HTML.

Only the tags written here come out; all text is escaped; no URL is kept but `cda-media:NAME` of an image of the same document.
An unknown element shows its words. Words that are ours, not the author's, have the class `added`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from dmp_desktop.cda.inline import is_deleted
from dmp_desktop.cda.read.narrative import narrative_text
from dmp_desktop.cda.render.cards import card_table, cards
from dmp_desktop.cda.render.media import MediaShelf
from dmp_desktop.cda.xml import Element, attribute, local

MAX_CHARACTERS = 5_000_000
"""Of a whole document: 1,700 pages. Beyond, the window could not lay it out."""
_MAX_DEPTH = 60  # nested elements of one narrative; official examples reach 7. Beyond, words without layout
_XHTML = ("b", "i", "u", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "div")  # as some foreign authors write
_PLAIN = {name: name for name in ("sub", "sup", "thead", "tbody", "tr", *_XHTML)} | {
    "tfoot": "tbody",
    "strong": "b",
    "em": "i",
    **dict.fromkeys(("s", "del", "strike"), "s"),
    "pre": "div",
}
_LAYOUT = frozenset(
    {"table", "thead", "tbody", "tfoot", "tr", "list", "colgroup"}
)  # blanks between their tags mean nothing
_MAX_SPAN = 50
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


class Narrative:
    """Renders narratives of one document. `original` keeps wide tables as their author drew them.

    Afterwards `has_cards` tells whether a table was laid out otherwise than drawn, `cut` whether words were left out, `links` the
    web addresses named.
    """

    def __init__(self, shelf: MediaShelf, *, original: bool = False) -> None:
        self.has_cards = False
        self.cut = False
        self.links: list[str] = []
        self._shelf = shelf
        self._original = original
        self._left = MAX_CHARACTERS
        self._depth = 0
        self._notes: dict[str, int] = {}
        self._writers: dict[str, Callable[[Element], str]] = {
            "content": self._styled,
            "paragraph": lambda element: f"<p>{self._styled(element)}</p>",
            "br": lambda element: "<br>" + self.inside(element),
            "list": self._list,
            "item": lambda element: f"<li>{self._styled(element)}</li>",
            "table": self._table,
            "td": lambda element: self._cell(element, "td"),
            "th": lambda element: self._cell(element, "th"),
            "caption": self._caption,
            "renderMultiMedia": self._media,
            "linkHtml": self._link,
            "a": self._link,
            "footnote": self._footnote,
            "footnoteRef": self._footnote_reference,
        }

    def inside(self, element: Element) -> str:
        """HTML of an element's content."""
        if self._depth >= _MAX_DEPTH:
            return self._words(narrative_text(element, deletions=True))
        self._depth += 1
        layout = local(element) in _LAYOUT
        pieces = []
        if element.text and not (layout and element.text.isspace()):
            pieces.append(self._words(element.text))
        for inner in element:
            name = local(inner)
            if name:
                pieces.append(self._writers.get(name, self._other)(inner))
            elif inner.text and inner.text.startswith("&"):  # an entity nobody declared: HTML's, most often
                pieces.append(self._words(unescape(inner.text)))
            if inner.tail and not (layout and inner.tail.isspace()):
                pieces.append(self._words(inner.tail))
        self._depth -= 1
        return "".join(pieces)

    def plain(self, words: str) -> str:
        """Text with its own line breaks and blanks: one paragraph a line."""
        lines = self._clipped(words).splitlines()
        return "".join(f'<p class="plain">{escape(line) or "<br>"}</p>' for line in lines)

    def _words(self, text: str) -> str:
        return escape(self._clipped(text))

    def _clipped(self, text: str) -> str:
        """The text, as far as the document's budget goes."""
        self._left -= len(text)
        if self._left >= 0:
            return text
        self.cut = True
        kept = text[: max(0, self._left + len(text))]
        self._left = 0
        return kept

    def _other(self, element: Element) -> str:
        tag = _PLAIN.get(local(element), "span")
        return f"<{tag}>{self.inside(element)}</{tag}>"

    def _styled(self, element: Element) -> str:
        """styleCode: Bold, Italics, Underline, Emphasis, in any case and alone or joined.

        What a revision inserted is underlined, what it deleted struck through (CDA R2 §4.3.5.6, of `content`; also elsewhere).
        """
        html, style = self.inside(element), element.get("styleCode")
        if style:
            style = style.lower()
            if "bold" in style:
                html = f"<b>{html}</b>"
            if "ital" in style or "emphasis" in style:
                html = f"<i>{html}</i>"
            if "underline" in style:
                html = f"<u>{html}</u>"
        revised = element.get("revised")
        if revised == "insert":
            return f"<u>{html}</u>"
        return f"<s>{html}</s>" if revised == "delete" else html

    def _caption(self, element: Element) -> str:
        return f"<p><b>{self.inside(element)}</b></p>"

    def _list(self, element: Element) -> str:
        """Captions first; whatever else is no item is shown as one."""
        tag = "ol" if element.get("listType") == "ordered" else "ul"
        captions, items = [], []
        if element.text and not element.text.isspace():
            items.append(f"<li>{self._words(element.text)}</li>")
        for inner in element:
            name = local(inner)
            if name == "caption":
                captions.append(self._caption(inner))
            elif name == "item":
                items.append(self._writers[name](inner))
            elif name:
                items.append(f"<li>{self._writers.get(name, self._other)(inner)}</li>")
            if inner.tail and not inner.tail.isspace():
                items.append(f"<li>{self._words(inner.tail)}</li>")
        return f"{''.join(captions)}<{tag}>{''.join(items)}</{tag}>"

    def _table(self, element: Element) -> str:
        """Captions and stray words above; a wide table that cards can stand for is laid out as cards."""
        above = [self._caption(item) for item in element if local(item) == "caption"]
        stray = [element.text, *(inner.tail for inner in element)]
        above += [f"<p>{self._words(words)}</p>" for words in stray if words and not words.isspace()]
        wide = None if self._original else card_table(element)
        if wide is not None:
            self.has_cards = True
            labels = [self.inside(label) for label in wide.labels]
            return "".join(above) + cards(labels, [[self._styled(cell) for cell in row] for row in wide.rows])
        parts = "".join(
            self._writers.get(local(item), self._other)(item)
            for item in element
            if local(item) not in ("", "caption", "col", "colgroup")
        )
        return f"{''.join(above)}<table>{parts}</table>"

    def _cell(self, element: Element, tag: str) -> str:
        spans = "".join(
            f' {name}="{min(int(value), _MAX_SPAN)}"'
            for name in ("colspan", "rowspan")
            if (value := attribute(element, name)).isdecimal() and value.isascii() and len(value) < 6 and int(value) > 1
        )
        align = attribute(element, "align").lower()
        if align in {"left", "right", "center"}:
            spans += f' align="{align}"'
        words, row = self._styled(element), element.getparent()
        if row is not None and is_deleted(row):
            words = f"<s>{words}</s>"
        return f"<{tag}{spans}>{words}</{tag}>"

    def _media(self, element: Element) -> str:
        shown = []
        for identifier in attribute(element, "referencedObject").split():
            names = self._shelf.show(identifier)
            shown += [f'<p><img src="cda-media:{name}"></p>' for name in names]
            if not names:
                title = self._shelf.names.get(identifier)
                label = f"Pièce jointe : {escape(title)}" if title else "Pièce jointe absente de ce document"
                shown.append(f'<p class="added">{label}</p>')
        return "".join(shown) + self.inside(element)

    def _link(self, element: Element) -> str:
        """The words, then the address as text: nothing to click on."""
        words, address = self.inside(element), attribute(element, "href")
        if _WEB.match(address):
            self.links.append(address)
        shown = f' <span class="added">[{escape(address)}]</span>' if address and not address.startswith("#") else ""
        return f"{words}{shown}"

    def _footnote(self, element: Element) -> str:
        number = self._note_number(attribute(element, "ID"))
        return (
            f' <span class="added">[note {number} :</span> <i>{self._styled(element)}</i><span class="added">]</span> '
        )

    def _footnote_reference(self, element: Element) -> str:
        return f' <span class="added">[note {self._note_number(attribute(element, "IDREF"))}]</span> {self.inside(element)}'

    def _note_number(self, identifier: str) -> int:
        return self._notes.setdefault(identifier or f" {len(self._notes)}", len(self._notes) + 1)
