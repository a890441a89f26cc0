"""Narrative of a section (StrucDoc) -> whitelisted HTML.

Only the tags written here come out; all text is escaped; no URL is kept but `cda-media:NAME` of an image of the same document.
An unknown element shows its words.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from dmp_desktop.cda.render.cards import Row, card_rows, cards
from dmp_desktop.cda.render.media import MediaShelf
from dmp_desktop.cda.xml import Element, attribute, local

_PLAIN = {"sub": "sub", "sup": "sup", "tfoot": "tbody", "thead": "thead", "tbody": "tbody", "tr": "tr"}
_LAYOUT = frozenset(
    {"table", "thead", "tbody", "tfoot", "tr", "list", "colgroup"}
)  # blanks between their tags mean nothing
_MAX_SPAN = 50


class Narrative:
    """Renders narratives of one document. `original` keeps wide tables as their author drew them."""

    def __init__(self, shelf: MediaShelf, *, original: bool = False) -> None:
        self._shelf = shelf
        self._original = original
        self._writers: dict[str, Callable[[Element], str]] = {
            "content": self._content,
            "paragraph": lambda element: f"<p>{self.inside(element)}</p>",
            "br": lambda element: "<br>" + self.inside(element),
            "list": self._list,
            "item": lambda element: f"<li>{self.inside(element)}</li>",
            "table": self._table,
            "td": lambda element: self._cell(element, "td"),
            "th": lambda element: self._cell(element, "th"),
            "caption": lambda element: f"<p><b>{self.inside(element)}</b></p>",
            "renderMultiMedia": self._media,
            "linkHtml": self._link,
            "col": lambda _: "",
            "colgroup": lambda _: "",
        }

    def inside(self, element: Element) -> str:
        """HTML of an element's content."""
        keep_text = local(element) not in _LAYOUT
        pieces = [escape(element.text)] if element.text and keep_text else []
        for inner in element:
            name = local(inner)
            if name:
                pieces.append(self._writers.get(name, self._other)(inner))
            if inner.tail and keep_text:
                pieces.append(escape(inner.tail))
        return "".join(pieces)

    def _other(self, element: Element) -> str:
        tag = _PLAIN.get(local(element), "span")
        return f"<{tag}>{self.inside(element)}</{tag}>"

    def _content(self, element: Element) -> str:
        """styleCode: Bold, Italics, Underline, Emphasis, in any case and alone or joined; `revised="delete"` struck through."""
        style = attribute(element, "styleCode").lower()
        html = self.inside(element)
        if "bold" in style:
            html = f"<b>{html}</b>"
        if "ital" in style or "emphasis" in style:
            html = f"<i>{html}</i>"
        if "underline" in style or element.get("revised") == "insert":
            html = f"<u>{html}</u>"
        if element.get("revised") == "delete":
            html = f"<s>{html}</s>"
        return html

    def _list(self, element: Element) -> str:
        tag = "ol" if element.get("listType") == "ordered" else "ul"
        captions = "".join(self._writers["caption"](item) for item in element if local(item) == "caption")
        items = "".join(self._writers["item"](item) for item in element if local(item) == "item")
        return f"{captions}<{tag}>{items}</{tag}>"

    def _table(self, element: Element) -> str:
        captions = "".join(self._writers["caption"](item) for item in element if local(item) == "caption")
        rows = None if self._original else card_rows(element)
        if rows is not None:
            labels, body = rows
            return captions + cards([self.inside(label) for label in labels], [self._card(row) for row in body])
        parts = "".join(
            self._writers.get(local(item), self._other)(item) for item in element if local(item) not in ("", "caption")
        )
        return f"{captions}<table>{parts}</table>"

    def _card(self, row: list[Element]) -> Row:
        return [self.inside(cell) for cell in row]

    def _cell(self, element: Element, tag: str) -> str:
        spans = "".join(
            f' {name}="{min(int(value), _MAX_SPAN)}"'
            for name in ("colspan", "rowspan")
            if (value := attribute(element, name)).isdecimal() and value.isascii() and len(value) < 6 and int(value) > 1
        )
        align = attribute(element, "align").lower()
        if align in {"left", "right", "center"}:
            spans += f' align="{align}"'
        return f"<{tag}{spans}>{self.inside(element)}</{tag}>"

    def _media(self, element: Element) -> str:
        shown = []
        for identifier in attribute(element, "referencedObject").split():
            name = self._shelf.image(identifier)
            shown.append(f'<p><img src="cda-media:{name}"></p>' if name else '<p class="meta">Pièce jointe</p>')
        return "".join(shown) + self.inside(element)

    def _link(self, element: Element) -> str:
        """The words, then the address as text: nothing to click on."""
        words, address = self.inside(element), attribute(element, "href")
        shown = f' <span class="link">[{escape(address)}]</span>' if address and not address.startswith("#") else ""
        return f"{words}{shown}"
