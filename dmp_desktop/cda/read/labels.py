"""The words of the narrative that an entry points at: the narrative is what its author signed."""

from __future__ import annotations

from dmp_desktop.cda.read.once import once
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, local, text

OTHER = "GEN-092"
"""How CI-SIS codes for "other" begin (TerminologieCISIS, 1.2.250.1.213.1.1.4.322): what it is stands in words."""


class Labels:
    """Finds the words an entry points at in the narrative; the index is made once, when first needed."""

    def __init__(self, document: Element) -> None:
        self._document = document
        self._index: dict[str, Element] | None = None

    def text(self, reference: str) -> str:
        """The words pointed at; of a table row, its cells apart."""
        target = self._target(reference)
        if target is not None and local(target) == "tr":
            return " ".join(filter(None, map(text, _cells(target))))
        return text(target)

    def of(self, coded: Element | None, *fallbacks: Element | None) -> str:
        """displayName, else the words pointed at, else the words written, else the code; for "other", the words first.

        Figures are no label: a laboratory that points at the result rather than at its name has named it in a translation.
        """
        display = _display(coded)
        if attribute(coded, "code").startswith(OTHER):
            return self.words(child(coded, "originalText"), *fallbacks) or display
        found = display or self.words(child(coded, "originalText"), *fallbacks)
        if found and not any(map(str.isalpha, found)):
            found = next((one for one in map(_display, children(coded, "translation")) if one), found)
        return found or attribute(coded, "code")

    def words(self, *places: Element | None) -> str:
        """The words the first of these points at, else those written in it."""
        for place in places:
            reference = attribute(child(place, "reference"), "value")
            found = (self.text(reference) if reference.startswith("#") else "") or text(place)
            if found.strip(".- "):  # an empty box is no word
                return found
        return ""

    def row(self, place: Element | None) -> dict[str, str]:
        """Column title -> cell of the table row pointed at; empty elsewhere, and where merged cells leave a doubt."""
        node = self._target(attribute(child(place, "reference"), "value"))
        while node is not None and local(node) not in {"tr", "section"}:
            node = node.getparent()
        if node is None or local(node) != "tr":
            return {}
        titles, cells = _titles(node), _cells(node)
        plain = not any(cell.get("colspan") or cell.get("rowspan") for cell in (*titles, *cells))
        if not plain or len(titles) != len(cells):
            return {}
        return {text(title): text(cell) for title, cell in zip(titles, cells, strict=True)}

    def _target(self, reference: str) -> Element | None:
        if not reference.startswith("#"):
            return None
        if self._index is None:
            self._index = {element.get("ID", ""): element for element in self._document.iter() if element.get("ID")}
        return self._index.get(reference[1:])


def _display(coded: Element | None) -> str:
    return " ".join(attribute(coded, "displayName").split())


def _titles(row: Element) -> list[Element]:
    """The cells of the last title row above."""
    table: Element | None = row
    while table is not None and local(table) != "table":
        table = table.getparent()
    return _titles_of(table)


@once
def _titles_of(table: Element | None) -> list[Element]:
    rows = [] if table is None else children(child(table, "thead"), "tr")
    return _cells(rows[-1]) if rows else []


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if cell.tag in (f"{Q}td", f"{Q}th")]


def author_of(element: Element | None) -> str:
    """The person, else the organisation, an entry names as its own author; '' when it names none."""
    author = child(element, "author", "assignedAuthor")
    name = child(author, "assignedPerson", "name")
    person = " ".join(text(part) for tag in ("given", "family") for part in children(name, tag))
    return person or text(name) or text(child(author, "representedOrganization", "name"))
