"""Media types CI-SIS allows in `nonXMLBody` (reference cda.md §3) and how their files begin."""

from __future__ import annotations

from typing import Final

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"
TEXT: Final = "text/plain"

FIRST_BYTES: Final[dict[str, tuple[bytes, ...]]] = {
    PDF: (b"%PDF-",),
    JPEG: (b"\xff\xd8\xff",),
    TIFF: (b"II*\0", b"MM\0*"),
    "text/rtf": (b"{\\rtf",),
    TEXT: (b"",),
}


def media_type(untrusted: bytes) -> str | None:
    """The media type of a file by its first bytes; plain text when it decodes as UTF-8 without NUL; else None."""
    for mime, starts in FIRST_BYTES.items():
        if mime != TEXT and untrusted.startswith(starts):
            return mime
    try:
        untrusted.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if b"\0" in untrusted else TEXT
