"""What an image's first bytes say of it: type and size in pixels, before anyone decodes it; and the pages of a TIFF.

Formats: PNG (ISO 15948 §11.2.2), GIF 89a §18, JPEG (ITU-T T.81 §B.2.2), TIFF 6.0 §2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

TIFF: Final = "image/tiff"
MAX_DECODED: Final = 240_000_000  # bytes; Qt decodes at most 256 MB
MAX_PAGES: Final = 100
_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
)
JPEG_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOFn
_JPEG_ALONE = frozenset({0x01, 0xFF, *range(0xD0, 0xD9)})  # markers without a length
_WIDTH, _HEIGHT, _BITS, _SAMPLES = 256, 257, 258, 277  # tags
_SHORT = 3


def image_type(content: bytes) -> str:
    """Media type by the first bytes (official examples call a PNG a JPEG); '' for what is no image we show."""
    return next((mime for magic, mime in _TYPES if content.startswith(magic)), "")


def image_size(content: bytes) -> tuple[int, int] | None:
    """(width, height) as the file announces them; None when it does not."""
    try:
        match image_type(content):
            case "image/png":
                return _sized(struct.unpack(">II", content[16:24]))
            case "image/gif":
                return _sized(struct.unpack("<HH", content[6:10]))
            case "image/jpeg":
                return _jpeg(content)
            case "image/tiff":
                return _tiff(content)
    except (struct.error, IndexError):
        return None
    return None


def decoded_bytes(content: bytes) -> int | None:
    """Memory it takes once decoded: 4 bytes a pixel, 1 bit for a fax; None when its size is unknown."""
    size = image_size(content)
    if size is None:
        return None
    fax = image_type(content) == TIFF and _tags(content).get(_BITS, 1) * _tags(content).get(_SAMPLES, 1) == 1
    return size[0] * size[1] * (1 if fax else 32) // 8


def tiff_pages(content: bytes) -> list[bytes]:
    """One file a page: the same bytes with the header pointing at that page's directory. At most MAX_PAGES."""
    order = "<" if content.startswith(b"II") else ">"
    starts: list[int] = []
    with suppress(struct.error):  # the chain leads out of the file: the pages before are good
        for start in islice(tiff_directories(content), MAX_PAGES):
            starts.append(start)  # noqa: PERF402 — those before the error are kept
    return [content[:4] + struct.pack(f"{order}I", start) + content[8:] for start in starts]


def tiff_directories(content: bytes) -> Iterator[int]:
    """Where the directory of each page begins, each once. Raises struct.error when their chain leads out of the file."""
    order = "<" if content.startswith(b"II") else ">"
    seen = set()
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    while start and start not in seen:
        (count,) = struct.unpack_from(f"{order}H", content, start)
        (following,) = struct.unpack_from(f"{order}I", content, start + 2 + 12 * count)
        yield start
        seen.add(start)
        start = following


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """Walks the segments to the frame header."""
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker in _JPEG_ALONE:
            at += 1 if marker == 0xFF else 2
        elif marker in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return _sized((width, height))
        else:
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None


def _tiff(content: bytes) -> tuple[int, int] | None:
    """Of the first page."""
    tags = _tags(content)
    return _sized((tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0)))


def _tags(content: bytes) -> dict[int, int]:
    """Those we need of the first directory; where a tag has several values, something else than one. Raises struct.error."""
    order = "<" if content.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    found = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", content, at)
        if tag in (_WIDTH, _HEIGHT, _BITS, _SAMPLES):
            (value,) = struct.unpack_from(f"{order}{'H' if kind == _SHORT else 'I'}", content, at + 8)
            found[tag] = value if values == 1 else values
    return found


def _sized(size: tuple[int, ...]) -> tuple[int, int] | None:
    width, height = size
    return (width, height) if width and height else None
