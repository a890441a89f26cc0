"""Files that begin like what they are not, or stop short: what a scanner leaves when it is interrupted.

Formats: JPEG (ITU-T T.81 §B.1, §F.1.2.3), TIFF 6.0 §2 and tags 273, 279, 324, 325, 513 (§8, §15, §22), PDF (ISO 32000-1 §7.3.10).
"""

from __future__ import annotations

import re
import struct
from typing import Final

from dmp_desktop.cda import media
from dmp_desktop.cda.read.pdftext import Trial, try_to_open
from dmp_desktop.cda.render.images import JPEG_FRAMES, image_size, tiff_directories

LEAST_SIDE: Final = 16
"""Pixels of width and height: ours; what is smaller shows nothing to read."""
_SOI, _EOI, _START_OF_SCAN, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_MARKER: Final = re.compile(rb"\xff+([^\0\xff])")
_MARKER_AFTER_DATA: Final = re.compile(rb"\xff([^\0\xff\xd0-\xd7])")  # FF 00 is data, RST0 to RST7 stand among it
_PDF_OBJECT: Final = re.compile(rb"\d\s+\d+\s+obj\b")
_STRIPS: Final = ((273, 279), (324, 325))  # (offsets, byte counts) of strips, of tiles
_OLD_JPEG: Final = 513  # JPEGInterchangeFormat: the offset of the whole image
_SIZES: Final = {3: "H", 4: "I"}  # TIFF SHORT, LONG
_MAX_PARTS: Final = 1 << 20
_ENTRY = 12  # bytes of one tag


def flaw(mime: str, untrusted: bytes) -> str:
    """A French sentence, '' for a file that can be used. A PDF is opened in another process, at most ten seconds.

    Where that process does not start a PDF is judged by its structure alone; the preview then says that it was not tried.
    """
    if mime == media.PDF and try_to_open(untrusted) is Trial.FAILED:
        return "Ce PDF ne s'ouvre pas : il est incomplet, abîmé ou protégé par un mot de passe."
    if not looks_whole(mime, untrusted):
        return "Ce fichier d'image est incomplet ou abîmé."
    size = image_size(untrusted) if mime in (media.JPEG, media.TIFF) else None
    if size is not None and min(size) < LEAST_SIDE:
        told = f"{size[0]} × {size[1]} pixels, il en faut {LEAST_SIDE} de chaque côté"
        return f"Cette image est trop petite pour montrer quelque chose à lire ({told})."
    return ""


def looks_whole(mime: str, untrusted: bytes) -> bool:
    """By its structure alone, in no time: an image has a size and all its parts, a PDF an object."""
    match mime:
        case media.PDF:
            return _PDF_OBJECT.search(untrusted) is not None
        case media.JPEG:
            return image_size(untrusted) is not None and _jpeg_ends(untrusted)
        case media.TIFF:
            return image_size(untrusted) is not None and _tiff_has_its_pages(untrusted)
    return True


def _jpeg_ends(content: bytes) -> bool:
    """Its scans are followed by its own end: that of a thumbnail stands in a segment, that of another file after its start."""
    at, scanned, in_data = 2, False, False
    while found := _MARKER_AFTER_DATA.search(content, at) if in_data else _MARKER.match(content, at):
        marker = found[1][0]
        if marker in (_SOI, _EOI) or (scanned and marker in JPEG_FRAMES):
            return marker == _EOI and scanned
        at = found.end()
        if marker == _TEM:
            continue
        if at + 2 > len(content):
            return False
        at += struct.unpack_from(">H", content, at)[0]
        in_data = marker == _START_OF_SCAN
        scanned = scanned or in_data
    return False


def _tiff_has_its_pages(content: bytes) -> bool:
    """Every page is there, and all its parts. Directories that lie over each other are no scanner's, and would take ages."""
    starts, room = [], len(content)
    try:
        for start in tiff_directories(content):
            starts.append(start)
            room -= _ENTRY * max(1, _entries(content, start))
            if room < 0:
                return False
        return bool(starts) and all(_has_its_parts(content, start) for start in starts)
    except struct.error:
        return False


def _entries(content: bytes, directory: int) -> int:
    return int(struct.unpack_from("<H" if content.startswith(b"II") else ">H", content, directory)[0])


def _has_its_parts(content: bytes, directory: int) -> bool:
    """Strips or tiles of that page all stand within the file. Raises as `_arrays`."""
    tags = _arrays(content, directory)
    if _OLD_JPEG in tags:
        return max(tags[_OLD_JPEG], default=0) < len(content)
    for offsets, counts in _STRIPS:
        if offsets in tags:
            starts = tags[offsets]
            sizes = tags.get(counts, (1,) * len(starts))
            return len(starts) == len(sizes) > 0 and all(
                start + size <= len(content) for start, size in zip(starts, sizes, strict=True)
            )
    return False


def _arrays(content: bytes, directory: int) -> dict[int, tuple[int, ...]]:
    """Tags of whole numbers of a directory. Raises struct.error when they lead out of the file."""
    order = "<" if content.startswith(b"II") else ">"
    begin = directory + 2
    wanted = {_OLD_JPEG, *(tag for pair in _STRIPS for tag in pair)}
    found: dict[int, tuple[int, ...]] = {}
    for at in range(begin, begin + _ENTRY * _entries(content, directory), _ENTRY):
        tag, kind, number = struct.unpack_from(f"{order}HHI", content, at)
        if tag not in wanted or tag in found or kind not in _SIZES or number > _MAX_PARTS:
            continue
        shape = f"{order}{number}{_SIZES[kind]}"
        place = at + 8 if struct.calcsize(shape) <= 4 else struct.unpack_from(f"{order}I", content, at + 8)[0]
        found[tag] = struct.unpack_from(shape, content, place)
    return found
