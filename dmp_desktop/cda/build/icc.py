"""An sRGB ICC profile of our own making, for the OutputIntent that PDF/A-1 asks for (ISO 19005-1 §6.2.2).

Form: ICC.1:1998-09 (version 2.1, the one PDF 1.4 knows), matrix and tone curve. Constants: IEC 61966-2-1 for the curve; its
primaries adapted to D50 by the Bradford transform.
"""

from __future__ import annotations

import struct
from functools import cache

_D50 = (0.9642, 1.0, 0.8249)  # ICC.1 profile connection space illuminant
_RED = (0.4360747, 0.2225045, 0.0139322)
_GREEN = (0.3850649, 0.7168786, 0.0971045)
_BLUE = (0.1430804, 0.0606169, 0.7141733)
_CURVE_POINTS = 1024
_NAME = b"sRGB (DMP Desktop)"
_LICENCE = b"MIT, DMP Desktop"


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _linear(encoded: float) -> float:
    """IEC 61966-2-1: encoded component to linear light, both in 0..1."""
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


def _curve() -> bytes:
    points = [round(65535 * _linear(index / (_CURVE_POINTS - 1))) for index in range(_CURVE_POINTS)]
    return b"curv" + bytes(4) + struct.pack(f">I{_CURVE_POINTS}H", _CURVE_POINTS, *points)


def _description() -> bytes:
    """textDescriptionType: ASCII part, empty Unicode part, empty 67-byte ScriptCode part."""
    text = _NAME + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


@cache
def srgb_profile() -> bytes:
    """The profile's bytes, always the same."""
    curve = _curve()
    tags = [
        (b"desc", _description()),
        (b"cprt", b"text" + bytes(4) + _LICENCE + b"\0"),
        (b"wtpt", _xyz(*_D50)),
        (b"rXYZ", _xyz(*_RED)),
        (b"gXYZ", _xyz(*_GREEN)),
        (b"bXYZ", _xyz(*_BLUE)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    offset = 128 + 4 + 12 * len(tags)
    table, data, places = b"", b"", dict[bytes, tuple[int, int]]()
    for signature, content in tags:
        if content not in places:
            places[content] = (offset + len(data), len(content))
            data += content + bytes(-len(content) % 4)
        table += signature + struct.pack(">II", *places[content])
    size = offset + len(data)
    header = (
        struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
        + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
        + b"acsp"
        + bytes(4 + 4 + 4 + 4 + 8 + 4)
        + _xyz(*_D50)[8:]
    ).ljust(128, b"\0")
    return header + struct.pack(">I", len(tags)) + table + data
