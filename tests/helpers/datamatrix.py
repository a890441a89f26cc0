"""A reader of square datamatrix symbols (ISO/IEC 16022, ECC 200) off a page, written from the standard: annex F for the placement.

No error is corrected: what is printed must be right. Of the encodations, ASCII only.
"""

from __future__ import annotations

from PIL import Image

_UTAH = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
DATA = {10: 3, 12: 5, 14: 8, 16: 12, 18: 18, 20: 22, 22: 30, 24: 36, 26: 44, 32: 62, 36: 86, 40: 114, 44: 144, 48: 174}
"""Codewords of data by side, table 7; larger ones interleave blocks."""


def modules_on(page: Image.Image, left: int, right: int) -> list[list[bool]]:
    """The symbol whose solid left edge is the longest dark line between two columns of pixels."""
    grey = page.convert("L")
    pixels = grey.load()
    assert pixels is not None
    dark = {x: _longest(pixels, x, grey.height) for x in range(left, right)}
    longest = max(length for length, _top in dark.values())
    edge = [x for x, (length, _top) in dark.items() if length == longest]
    top, x0 = dark[edge[0]][1], edge[0]
    width = max(x for x in range(x0, right) if pixels[x, top + longest - 2] < 128) - x0 + 1  # the solid lower edge
    half = [pixels[x, top + 1] < 128 for x in range(x0, x0 + width)]  # the upper edge alternates
    side = 2 * sum(one and not before for one, before in zip(half, [False, *half], strict=False))
    step = longest / side
    return [
        [pixels[int(x0 + (column + 0.5) * step), int(top + (row + 0.5) * step)] < 128 for column in range(side)]
        for row in range(side)
    ]


def text_of(modules: list[list[bool]]) -> str:
    side = len(modules)
    regions = 1 if side < 32 else 2
    size = side // regions - 2
    inner = [
        [modules[_at(row, size)][_at(column, size)] for column in range(regions * size)]
        for row in range(regions * size)
    ]
    words = [sum(inner[row][column] << 7 - bit for bit, (row, column) in enumerate(one)) for one in _placed(len(inner))]
    told = ""
    for word in words[: DATA[side]]:
        if word == 129:
            break
        assert 1 <= word <= 229, "not ASCII"
        told += chr(word - 1) if word <= 128 else f"{word - 130:02d}"
    return told


def _longest(pixels: object, x: int, height: int) -> tuple[int, int]:
    best = run = top = 0
    for y in range(height):
        run = run + 1 if pixels[x, y] < 128 else 0  # type: ignore[index]
        if run > best:
            best, top = run, y - run + 1
    return best, top


def _at(place: int, size: int) -> int:
    return place + 1 + 2 * (place // size)


def _placed(n: int) -> list[list[tuple[int, int]]]:
    """The eight modules of each codeword, the first bit first."""
    taken: set[tuple[int, int]] = set()
    found: list[list[tuple[int, int]]] = []

    def put(places: list[tuple[int, int]]) -> None:
        wrapped = []
        for row, column in places:
            if row < 0:
                row, column = row + n, column + 4 - (n + 4) % 8
            if column < 0:
                row, column = row + 4 - (n + 4) % 8, column + n
            wrapped.append((row, column))
        taken.update(wrapped)
        found.append(wrapped)

    def utah(row: int, column: int) -> None:
        if 0 <= row < n and 0 <= column < n and (row, column) not in taken:
            put([(row + down, column + along) for down, along in _UTAH])

    row, column = 4, 0
    while row < n or column < n:
        if corner := _corner(n, row, column):
            put(corner)
        while row >= 0 and column < n:
            utah(row, column)
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < n and column >= 0:
            utah(row, column)
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1
    return found


def _corner(n: int, row: int, column: int) -> list[tuple[int, int]]:
    """The four codewords that are bent around the corners of some sizes; at most one where the walk stands."""
    e = n - 1
    if row == n and column == 0:
        return [(e, 0), (e, 1), (e, 2), (0, e - 1), (0, e), (1, e), (2, e), (3, e)]
    if row == n - 2 and column == 0 and n % 8 == 4:
        return [(n - 3, 0), (n - 2, 0), (e, 0), (0, n - 2), (0, e), (1, e), (2, e), (3, e)]
    if row == n - 2 and column == 0 and n % 4:
        return [(n - 3, 0), (n - 2, 0), (e, 0), (0, n - 4), (0, n - 3), (0, n - 2), (0, e), (1, e)]
    if row == n + 4 and column == 2 and not n % 8:
        return [(e, 0), (e, e), (0, n - 3), (0, n - 2), (0, e), (1, n - 3), (1, n - 2), (1, e)]
    return []
