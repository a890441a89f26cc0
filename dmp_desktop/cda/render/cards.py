"""Wide tables as one card a row: nine columns cannot be read in a panel of 500 pixels (reference ui.md A2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dmp_desktop.cda.xml import Element, Q, local

MAX_COLUMNS = 4
Row = list[str]
_TAGS = re.compile(r"<[^>]*>")
_PARTS = frozenset({"", "caption", "col", "colgroup", "thead", "tbody", "tfoot", "tr"})


@dataclass(frozen=True, slots=True)
class WideTable:
    """Header cells; rows of as many cells, or of one cell that spans them all: a heading among the rows."""

    labels: list[Element]
    rows: list[list[Element]]


def card_table(table: Element) -> WideTable | None:
    """A table that cards can stand for: one header row, more than 4 columns, rows complete or spanning all of them.

    None for any other table, which stays as its author drew it.
    """
    if any(local(part) not in _PARTS for part in table):
        return None
    groups = [part for part in table if local(part) in {"thead", "tbody", "tfoot"}]
    head = [row for part in groups if local(part) == "thead" for row in part if local(row)]
    body = [row for part in groups if local(part) != "thead" for row in part if local(row)]
    body += [row for row in table if local(row) == "tr"]
    if not head and body and all(local(cell) == "th" for cell in body[0]):
        head, body = body[:1], body[1:]
    if len(head) != 1 or not body or not all(_plain(row) for row in (*groups, *head, *body)):
        return None
    labels, rows = _cells(head[0]), [_cells(row) for row in body]
    if len(labels) <= MAX_COLUMNS or any(len(row) != len(labels) and not _spanning(row, len(labels)) for row in rows):
        return None
    cells = [cell for row in [labels, *(row for row in rows if len(row) > 1)] for cell in row]
    if any(cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1" for cell in cells):
        return None
    if table.find(f".//{Q}table") is not None:
        return None
    return WideTable(labels, rows)


def _plain(part: Element) -> bool:
    """Nothing in it but the rows or cells expected."""
    names = {"td", "th"} if local(part) == "tr" else {"tr"}
    return all(
        (not inner.tail or inner.tail.isspace()) and (local(inner) in names or not local(inner)) for inner in part
    ) and (not part.text or part.text.isspace())


def _spanning(row: list[Element], columns: int) -> bool:
    return len(row) == 1 and row[0].get("colspan") == str(columns) and row[0].get("rowspan", "1") == "1"


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if local(cell)]


def cards(labels: list[str], rows: list[Row]) -> str:
    """HTML of the cards from HTML cells. A cell with nothing is left out; a column empty in every row is named at the end."""
    filled = [any(len(row) > 1 and not _empty(row[column]) for row in rows) for column in range(len(labels))]
    html = [_card(labels, row) if len(row) > 1 else f"<p><b>{row[0]}</b></p>" for row in rows]
    unused = [label for label, used in zip(labels, filled, strict=True) if not used and not _empty(label)]
    if unused:
        html.append(f'<p class="meta"><span class="added">Sans valeur :</span> {", ".join(unused)}</p>')
    return "".join(html)


def _card(labels: list[str], row: Row) -> str:
    pairs = [(label, cell) for label, cell in zip(labels, row, strict=True) if not _empty(cell)]
    if not pairs:
        return ""
    lines = [f'<tr><td><span class="label">{pairs[0][0]}</span> <b>{pairs[0][1]}</b></td></tr>']
    if len(pairs) > 1:
        rest = "<br>".join(f'<span class="label">{label} :</span> {cell}' for label, cell in pairs[1:])
        lines.append(f"<tr><td>{rest}</td></tr>")
    return f'<table width="100%">{"".join(lines)}</table>'


def _empty(html: str) -> bool:
    """Nothing at all in it: a dash may be a negative result, of a strip or a serology."""
    return "<img" not in html and not _TAGS.sub("", html).strip()
