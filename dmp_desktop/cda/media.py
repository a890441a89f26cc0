"""Media types CI-SIS allows in `nonXMLBody` (reference cda.md §3) and how their files begin."""

from __future__ import annotations

from typing import Final

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"
TEXT: Final = "text/plain"

_PDF_START: Final = b"%PDF-"
_READERS_LOOK: Final = 1024
_ARCHIVE: Final = b"PK"  # a file that holds a PDF is none

FIRST_BYTES: Final[dict[str, tuple[bytes, ...]]] = {
    PDF: (_PDF_START,),
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


def is_pdf_begun_late(untrusted: bytes) -> bool:
    """A PDF after other bytes, within the first 1024 as readers take it (PDF Reference 1.7, appendix H, note 13).

    Its places are counted from its beginning or from that of the file: nobody can tell, so we neither send nor cut it.
    """
    before, found, _ = untrusted[:_READERS_LOOK].partition(_PDF_START)
    kind = media_type(untrusted)
    blank = not before.removeprefix(b"\xef\xbb\xbf").strip()
    return bool(found and before) and not before.startswith(_ARCHIVE) and (kind is None or (kind == TEXT and blank))
