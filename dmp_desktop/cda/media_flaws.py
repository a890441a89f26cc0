"""Files that begin like what they are not, or stop short: what a scanner leaves when it is interrupted.

Formats: JPEG (ITU-T T.81 §B.1), TIFF 6.0 §2 and tags 273, 279, 324, 325, 513 (§8, §15, §22), PDF (ISO 32000-1 §7.3.10).
"""

from __future__ import annotations

import re
import struct
from typing import Final

from dmp_desktop.cda import media
from dmp_desktop.cda.read.pdftext import Trial, try_to_open
from dmp_desktop.cda.render.images import image_size

LEAST_SIDE: Final = 16
"""Pixels of width and height: ours; what is smaller shows nothing to read."""
_END_OF_IMAGE: Final = b"\xff\xd9"
_START_OF_SCAN: Final = 0xDA
_PDF_OBJECT: Final = re.compile(rb"\d\s+\d+\s+obj\b")
_STRIPS: Final = ((273, 279), (324, 325))  # (offsets, byte counts) of strips, of tiles
_OLD_JPEG: Final = 513  # JPEGInterchangeFormat: the offset of the whole image
_SIZES: Final = {3: "H", 4: "I"}  # TIFF SHORT, LONG
_MAX_PARTS: Final = 1 << 20


def flaw(mime: str, untrusted: bytes) -> str:
    """A French sentence, '' for a file that can be used. A PDF is opened in another process, at most ten seconds.

    Where that process does not start a PDF is judged by its structure alone; the preview then says that it was not tried.
    """
    if mime == media.PDF and try_to_open(untrusted) is Trial.FAILED:
        return "Ce PDF ne s'ouvre pas : il est incomplet, abîmé ou protégé par un mot de passe."
    if not looks_whole(mime, untrusted):
        return "Ce fichier d'image est incomplet ou abîmé."
    return ""


def looks_whole(mime: str, untrusted: bytes) -> bool:
    """By its structure alone, in no time: an image has a plausible size and all its parts, a PDF an object."""
    match mime:
        case media.PDF:
            return _PDF_OBJECT.search(untrusted) is not None
        case media.JPEG:
            return _is_sized(untrusted) and _jpeg_ends(untrusted)
        case media.TIFF:
            return _is_sized(untrusted) and _tiff_has_its_parts(untrusted)
    return True


def _is_sized(content: bytes) -> bool:
    size = image_size(content)
    return size is not None and min(size) >= LEAST_SIDE


def _jpeg_ends(content: bytes) -> bool:
    """The scan begins and ends; a thumbnail, which has an end of its own, stands before it."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == _START_OF_SCAN:
            return content.find(_END_OF_IMAGE, at) > 0
        at += 1 if marker == 0xFF else 2 + struct.unpack_from(">H", content, at + 2)[0]
    return False


def _tiff_has_its_parts(content: bytes) -> bool:
    """Strips or tiles of the first page all stand within the file."""
    try:
        tags = _arrays(content)
    except struct.error:
        return False
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


def _arrays(content: bytes) -> dict[int, tuple[int, ...]]:
    """Tags of whole numbers of the first directory. Raises struct.error when they lead out of the file."""
    order = "<" if content.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    wanted = {_OLD_JPEG, *(tag for pair in _STRIPS for tag in pair)}
    found = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", content, at)
        if tag not in wanted or kind not in _SIZES or number > _MAX_PARTS:
            continue
        shape = f"{order}{number}{_SIZES[kind]}"
        place = at + 8 if struct.calcsize(shape) <= 4 else struct.unpack_from(f"{order}I", content, at + 8)[0]
        found[tag] = struct.unpack_from(shape, content, place)
    return found
