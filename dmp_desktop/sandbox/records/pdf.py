"""PDF/A-1b pages written directly: hundreds of them at first start, where a library needs tens of milliseconds each.

ISO 19005-1: embedded font with its widths, XMP metadata, sRGB output intent, file identifier, no encryption, no transparency.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records.fonts import face

WIDTH, HEIGHT, MARGIN = 595, 842, 56
"""A4 and its margins, in points."""
BODY, TITLE, LEADING = 10, 14, 14
"""Sizes of text and distance between lines, in points."""
SCAN_WIDTH = 4000
"""Points of a scanned line."""
LINES = (HEIGHT - 2 * MARGIN) // LEADING - 3

_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part><pdfaid:conformance>B'
    "</pdfaid:conformance></rdf:Description>"
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>'
    '<rdf:li xml:lang="x-default">@@TITLE@@</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
)


def write(title: str, paragraphs: Sequence[str], padding: int = 0) -> bytes:
    """A PDF/A-1b of one or several pages. A paragraph that is empty makes an empty line. `padding`: bytes of a picture that
    fills one more page, as a scanner would have left it."""
    lines = [line for paragraph in paragraphs for line in _wrap(paragraph)]
    pages = [lines[start : start + LINES] for start in range(0, max(len(lines), 1), LINES)]
    objects = _fixed_objects(len(pages) + bool(padding), title)
    for rank, page in enumerate(pages):
        content = zlib.compress(_page(title if rank == 0 else "", page, f"{rank + 1}/{len(pages)}"))
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {len(objects) + 2} 0 R>>".encode()
        )
        objects.append(_stream(content, "/Filter/FlateDecode"))
    return _file(objects + _scan(len(objects), padding) if padding else objects)


def _scan(before: int, size: int) -> list[bytes]:
    """A page and its picture, uncompressed: grey stripes `SCAN_WIDTH` points wide."""
    height = size // SCAN_WIDTH
    row = bytes(200 + abs(column % 80 - 40) for column in range(SCAN_WIDTH))
    drawn = f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /P Do Q".encode()
    return [
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Resources<</XObject<</P {before + 3} 0 R>>>>"
        f"/Contents {before + 2} 0 R>>".encode(),
        _stream(drawn, ""),
        _stream(
            row * height,
            f"/Type/XObject/Subtype/Image/Width {SCAN_WIDTH}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8",
        ),
    ]


def _fixed_objects(pages: int, title: str) -> list[bytes]:
    """Objects 1 to 7: catalog, page tree, font, its descriptor and program, colour profile, metadata."""
    kids = " ".join(f"{8 + 2 * rank} 0 R" for rank in range(pages))
    return [
        b"<</Type/Catalog/Pages 2 0 R/Metadata 7 0 R/Lang(fr-FR)/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1"
        b"/OutputConditionIdentifier(sRGB)/Info(sRGB)/DestOutputProfile 6 0 R>>]>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        *_shared_objects(),
        _stream(_XMP.replace("@@TITLE@@", escape(title)).encode(), "/Type/Metadata/Subtype/XML"),
    ]


@lru_cache(maxsize=1)
def _shared_objects() -> tuple[bytes, ...]:
    """Objects 3 to 6, the same in every file."""
    font = face()
    widths = " ".join(str(width) for width in font.widths[32:])
    box = " ".join(str(edge) for edge in font.box)
    return (
        b"<</Type/Font/Subtype/TrueType/BaseFont/DMPSBX+DejaVuSans/FirstChar 32/LastChar 255/Encoding/WinAnsiEncoding"
        + f"/FontDescriptor 4 0 R/Widths[{widths}]>>".encode(),
        f"<</Type/FontDescriptor/FontName/DMPSBX+DejaVuSans/Flags 32/FontBBox[{box}]/ItalicAngle 0/Ascent {font.ascent}"
        f"/Descent {font.descent}/CapHeight 729/StemV 80/FontFile2 5 0 R>>".encode(),
        _stream(font.program, f"/Filter/FlateDecode/Length1 {font.length}"),
        _stream(_profile(), "/N 3/Filter/FlateDecode"),
    )


def _profile() -> bytes:
    """The sRGB profile that fpdf2 carries (ICC, free to embed)."""
    return zlib.compress(files("fpdf").joinpath("data/color_profiles/sRGB2014.icc").read_bytes())


def _stream(content: bytes, entries: str) -> bytes:
    return f"<<{entries}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    mark = hashlib.sha256(out).hexdigest()[:32]
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}trailer\n".encode()
    out += f"<</Size {len(objects) + 1}/Root 1 0 R/ID[<{mark}><{mark}>]>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _page(title: str, lines: Sequence[str], number: str) -> bytes:
    top = HEIGHT - MARGIN
    head = f"/F {TITLE} Tf 1 0 0 1 {MARGIN} {top} Tm ".encode() + _shown(title) if title else b""
    rows = b" ".join(_shown(line) + b" T*" for line in lines)
    body = f" /F {BODY} Tf {LEADING} TL 1 0 0 1 {MARGIN} {top - 2 * LEADING} Tm ".encode() + rows
    foot = f" 1 0 0 1 {WIDTH - 2 * MARGIN} {MARGIN // 2} Tm ".encode() + _shown(f"Page {number}")
    return b"BT " + head + body + foot + b" ET"


def _shown(text: str) -> bytes:
    content = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"(" + content + b") Tj"


def _wrap(paragraph: str) -> list[str]:
    widths, room = face().widths, (WIDTH - 2 * MARGIN) * 1000 // BODY
    lines, current, used = [], "", 0
    for word in paragraph.split(" "):
        needed = sum(widths[code] for code in word.encode("cp1252", "replace"))
        if current and used + widths[32] + needed > room:
            lines.append(current)
            current, used = word, needed
        else:
            used += needed + (widths[32] if current else 0)
            current = f"{current} {word}" if current else word
    return [*lines, current]
