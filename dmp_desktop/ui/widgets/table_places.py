"""Columns of a table that is cut: what comes after the cut stays under its heading, whatever cells span."""

from __future__ import annotations

import re

MAX_PLACED = 100
"""Columns kept in their place; beyond, no heading is read any more."""
_SPAN = re.compile(r"""\b(col|row)span=["']?(\d{1,3})""")


class TablePlaces:
    """Follows rows and cells. `pending`: rows still covered from above, by column."""

    def __init__(self) -> None:
        self.pending: dict[int, int] = {}
        self._fresh: dict[int, int] = {}
        self._at = self._next = 0

    def begin_row(self) -> None:
        self._fresh, self._at, self._next = {}, 0, 0

    def begin_cell(self, attributes: str) -> None:
        """The cell takes the first columns that no cell from above covers."""
        spans = {name: int(count) for name, count in _SPAN.findall(attributes)}
        while self._next in self.pending:
            self._next += 1
        self._at, self._next = self._next, self._next + spans.get("col", 1)
        rows = spans.get("row", 1) - 1
        if rows > 0:
            self._fresh |= dict.fromkeys(range(self._at, min(self._next, MAX_PLACED)), rows)

    def end_row(self) -> None:
        self.pending = {column: rows - 1 for column, rows in self.pending.items() if rows > 1} | self._fresh
        self.begin_row()

    def spans_again(self) -> str:
        """An empty row whose cells cover what those above the cut still covered."""
        if not self.pending:
            return ""
        cells = (_empty(self.pending.get(column, 0) + 1) for column in range(max(self.pending) + 1))
        return f"<tr>{''.join(cells)}</tr>"

    def cells_again(self, *, in_cell: bool) -> str:
        """Empty cells for those of this row before the cut; `in_cell`: the last one goes on."""
        end = self._at if in_cell else self._next
        columns = (column for column in range(min(end, MAX_PLACED)) if column not in self.pending)
        return "".join(_empty(self._fresh.get(column, 0) + 1) for column in columns)


def _empty(rows: int) -> str:
    return f'<td rowspan="{rows}"></td>' if rows > 1 else "<td></td>"
