"""Small whole files of the kinds CI-SIS has a place for."""

from __future__ import annotations

import struct

from tests.hostile.pdfs import one_page

PDF = one_page(b"BT /F 9 Tf 10 10 Td (Courrier) Tj ET")


def jpeg(width: int = 160, height: int = 100) -> bytes:
    """SOI, APP0, SOF0, SOS, data, EOI (ITU-T T.81 §B.2)."""
    frame = struct.pack(">HBHHBBBB", 11, 8, height, width, 1, 1, 0x11, 0)
    scan = struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 63, 0)
    return b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0" + frame + b"\xff\xda" + scan + b"\x2a" * 200 + b"\xff\xd9"


def tiff(width: int = 160, height: int = 100, *, order: str = "<", strips: int = 2) -> bytes:
    """Black and white strips after one directory (TIFF 6.0 §2, §3)."""
    data = b"\x55" * 300
    arrays = 8 + 2 + 4 * 12 + 4
    first = arrays + 2 * 4 * strips
    offsets = struct.pack(f"{order}{strips}I", *(first + rank * len(data) for rank in range(strips)))
    counts = struct.pack(f"{order}{strips}I", *(len(data) for _ in range(strips)))
    places = (arrays, arrays + 4 * strips) if strips > 1 else (first, len(data))
    fields = [(256, 4, 1, width), (257, 3, 1, height), (273, 4, strips, places[0]), (279, 4, strips, places[1])]
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(fields))
    for tag, kind, number, value in fields:
        inline = struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value)
        out += struct.pack(f"{order}HHI", tag, kind, number) + inline
    return out + bytes(4) + offsets + counts + data * strips
