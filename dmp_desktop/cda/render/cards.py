"""Wide tables as one card a row: nine columns cannot be read in a panel of 500 pixels (reference ui.md A2)."""

from __future__ import annotations

import re

from dmp_desktop.cda.xml import Element, Q, local

MAX_COLUMNS = 4
Row = list[str]
_TAGS = re.compile(r"<[^>]*>")
_NOTHING = frozenset({"", "-", "–", "—"})


def card_rows(table: Element) -> tuple[list[Element], list[list[Element]]] | None:
    """Header cells and rows of a table that cards can stand for: one header row, more than 4 columns, no span, rows complete.

    None for any other table, which stays as its author drew it.
    """
    head = [row for part in table if local(part) == "thead" for row in part if local(row) == "tr"]
    body = [row for part in table if local(part) in {"tbody", "tfoot"} for row in part if local(row) == "tr"]
    body += [row for row in table if local(row) == "tr"]
    if not head and body and all(local(cell) == "th" for cell in _cells(body[0])):
        head, body = body[:1], body[1:]
    if len(head) != 1 or not body:
        return None
    labels = _cells(head[0])
    rows = [_cells(row) for row in body]
    if len(labels) <= MAX_COLUMNS or any(len(row) != len(labels) for row in rows):
        return None
    cells = [cell for row in [labels, *rows] for cell in row]
    if any(cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1" for cell in cells):
        return None
    if any(cell.find(f".//{Q}table") is not None for cell in cells):
        return None
    return labels, rows


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if local(cell) in {"td", "th"}]


def cards(labels: list[str], rows: list[Row]) -> str:
    """HTML of the cards from HTML cells. A cell with nothing is left out; a column empty in every row is named at the end."""
    filled = [any(not _empty(row[column]) for row in rows) for column in range(len(labels))]
    html = [_card(labels, row) for row in rows]
    unused = [label for label, used in zip(labels, filled, strict=True) if not used and not _empty(label)]
    if unused:
        html.append(f'<p class="meta">Sans valeur : {", ".join(unused)}</p>')
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
    return "<img" not in html and _TAGS.sub("", html).strip() in _NOTHING
