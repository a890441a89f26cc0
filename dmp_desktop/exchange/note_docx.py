"""The words of a Word note (Office Open XML, ECMA-376 part 1 §17): its paragraphs and tables, and what was left out told.

Ours: the libraries that give a document's text leave out what was inserted under revision, which is part of what is read.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_AGAIN = ("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback", f"{_W}moveFrom")
"""The same words once more: for older programs, or where they stood before they were moved."""
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_PART = "word/document.xml"
MAX_PART_BYTES = 20_000_000
MAX_ENTRIES = 2_000
_BREAKS = {
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}tab": "\t",
    f"{_W}noBreakHyphen": "\u2011",
    f"{_W}softHyphen": "\u00ad",
}
_LEFT_OUT = {
    f"{_W}footnoteReference": "note de bas de page ou commentaire",
    f"{_W}endnoteReference": "note de bas de page ou commentaire",
    f"{_W}commentReference": "note de bas de page ou commentaire",
    f"{_W}drawing": "image ou dessin",
    f"{_W}pict": "image ou dessin",
    f"{_W}object": "objet incorporé",
    f"{_W}numPr": "puce ou numéro automatique",
    f"{_W}delText": "texte supprimé en mode révision",
    f"{_W}altChunk": "document incorporé",
    f"{_W}sym": "symbole",
    _MATH: "formule",
}


def docx_note(untrusted: bytes) -> tuple[str, set[str]]:
    """The text and the French names of what was not taken.

    Raises ValueError for what is no Word document, is damaged or encrypted, or swells beyond MAX_PART_BYTES.
    """
    left_out: set[str] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(untrusted)) as archive:
            names = archive.namelist()
            if len(names) > MAX_ENTRIES:
                raise ValueError("too many entries")
            with archive.open(_PART) as part:
                xml = part.read(MAX_PART_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise ValueError("no Word document, or damaged, or encrypted") from error
    if len(xml) > MAX_PART_BYTES or b"<!DOCTYPE" in xml:
        raise ValueError("too large, or with a DOCTYPE")
    if any(name.startswith(("word/header", "word/footer")) for name in names):
        left_out.add("en-tête ou pied de page")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("damaged") from error
    if root.tag != f"{_W}document":
        raise ValueError("no Word document")
    text = "".join(_pieces(root, left_out))
    return text.removesuffix("\n"), left_out


def _pieces(root: etree._Element, left_out: set[str]) -> Iterator[str]:
    """In the order of the document. Cells of a row are parted by tabs."""
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in _AGAIN:
                walker.skip_subtree()
            elif tag in _LEFT_OUT:
                left_out.add(_LEFT_OUT[tag])
            elif tag == f"{_W}t":
                yield element.text or ""
            elif tag in _BREAKS and element.getparent().tag == f"{_W}r":
                yield _BREAKS[tag]
        elif tag == f"{_W}p":
            yield "" if _last_of_cell(element) else "\n"
        elif tag == f"{_W}tc":
            yield "\t" if element.getnext() is not None else "\n"


def _last_of_cell(paragraph: etree._Element) -> bool:
    cell = paragraph.getparent()
    return cell is not None and cell.tag == f"{_W}tc" and paragraph.getnext() is None
