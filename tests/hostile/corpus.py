"""Hostile and damaged documents, made by code: what each is, and what must be said of it.

A `Case` is refused with one of our error codes, or shown with a notice that holds some words. Sizes are those of the worst that
still passes our limits, or the first that does not.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.hostile.pdfs import actions, compressed_operators, nested_forms, page_tree_loop

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """`refused`: the code of the CdaError expected, else it is shown. `notice`: words of a notice; `words`: words shown."""

    make: Callable[[], bytes]
    refused: str = ""
    notice: str = ""
    words: str = ""


def document(body: str | bytes, *, before: str = HEAD) -> bytes:
    inner = body.encode() if isinstance(body, str) else body
    return (
        before.encode()
        + b'<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        + (b"<title>Piege</title><component>" + inner + b"</component></ClinicalDocument>")
    )


def section(text: str | bytes, entries: str = "") -> bytes:
    inner = text.encode() if isinstance(text, str) else text
    return document(
        b"<structuredBody><component><section><title>Section</title><text>"
        + inner
        + b"</text>"
        + entries.encode()
        + b"</section></component></structuredBody>"
    )


def file(mime: str, content: bytes) -> bytes:
    return document(
        b'<nonXMLBody><text representation="B64" mediaType="%s">%s</text></nonXMLBody>'
        % (mime.encode(), base64.b64encode(content))
    )


def media(mime: str, encoded: str, reference: str = "m") -> bytes:
    value = f'<value representation="B64" mediaType="{mime}">{encoded}</value>'
    entry = f'<entry><observationMedia ID="m">{value}</observationMedia></entry>'
    return section(f'avant <renderMultiMedia referencedObject="{reference}"/> après', entry)


def with_doctype(declaration: str, reference: str = "&a;") -> bytes:
    return section(reference).replace(HEAD.encode(), HEAD.encode() + declaration.encode())


def laughs() -> bytes:
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return with_doctype(f"<!DOCTYPE x [{''.join(lines)}]>", "&a9;")


def nested(tag: str, depth: int, pad: int = 0) -> bytes:
    return section(f"<{tag}>" * depth + "fond" + f"</{tag}>" * depth + " " * pad)


def nested_sections(depth: int) -> bytes:
    opened = "<component><section><title>t</title>" * depth
    return document(f"<structuredBody>{opened}<text>fond</text>{'</section></component>' * depth}</structuredBody>")


def wrapped_in_stylesheet() -> bytes:
    start = (
        '<?xml-stylesheet type="text/xsl" href="file:///etc/passwd"?>'
        '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:import href="http://127.0.0.1:9/a.xsl"/>'
        '<xsl:template match="/"><xsl:copy-of select="document(\'file:///etc/passwd\')"/></xsl:template>'
    )
    return HEAD.encode() + start.encode() + section("enveloppé")[len(HEAD) :] + b"</xsl:stylesheet>"


def references() -> bytes:
    """Everything that could make a reader open a path or an address."""
    addresses = (
        "file:///etc/passwd",
        "/etc/passwd",
        "../../etc/passwd",
        "\\\\127.0.0.1\\share\\a.png",
        "//127.0.0.1/share/a.png",
        "http://127.0.0.1:9/a.png",
        "ftp://127.0.0.1/a",
        "data:image/png;base64,AAAA",
        "cda-media:autre",
        "jar:file:///etc/passwd!/a",
    )
    text, entries = [], []
    for number, address in enumerate(addresses):
        text.append(f'<renderMultiMedia referencedObject="{address}"/><linkHtml href="{address}">lien</linkHtml>')
        text.append(f'<renderMultiMedia referencedObject="r{number}"/><img src="{address}"/><a href="{address}">x</a>')
        text.append(f'<object data="{address}"/><style>@import url({address});</style><link href="{address}"/>')
        text.append(f'<paragraph style="background:url({address})" styleCode="{address}">p</paragraph>')
        value = f'<value mediaType="image/png"><reference value="{address}"/></value>'
        entries.append(f'<entry><observationMedia ID="r{number}">{value}</observationMedia></entry>')
    start = f'{HEAD}<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/a.xsl"?>'
    located = 'xsi:schemaLocation="urn:hl7-org:v3 http://127.0.0.1:9/CDA.xsd" xml:base="file:///etc/"'
    cda = section("".join(text), "".join(entries)).replace(HEAD.encode(), start.encode())
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    return cda.replace(b" xmlns:xsi", f" {located} xmlns:xsi".encode()).replace(
        b"</text>", include.encode() + b"</text>", 1
    )


def png(width: int, height: int, size: int = 100) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0" * size


def jpeg(width: int, height: int) -> bytes:
    return (
        b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\0" * 100 + b"\xff\xd9"
    )


def tiff(width: int, height: int, *, following: int = 0, entries: int | None = None, pad: int = 0) -> bytes:
    """One directory at byte 8; `following` is where the next is said to be."""
    fields = struct.pack("<HHII", 256, 4, 1, width) + struct.pack("<HHII", 257, 4, 1, height)
    count = 2 if entries is None else entries
    return b"II*\0" + struct.pack("<IH", 8, count) + fields + struct.pack("<I", following) + b"\0" * pad


def tiff_of_many_pages(pages: int, side: int = 10) -> bytes:
    directory = struct.calcsize("<H") + 24 + 4
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for page in range(pages):
        following = 8 + (page + 1) * directory if page < pages - 1 else 0
        out += tiff(side, side, following=following)[8:]
    return bytes(out)


def entry_bomb() -> bytes:
    """Thousands of entries without narrative, each pointing at the same megabytes of another section."""
    big = f'<section><text><content ID="big">{"mot " * 500_000}</content></text></section>'
    value = (
        '<entry><observation><code><originalText><reference value="#big"/></originalText></code></observation></entry>'
    )
    return document(
        f"<structuredBody><component>{big}</component><component><section>{value * 20_000}</section></component></structuredBody>"
    )


def truncated(share: float) -> bytes:
    whole = section("<paragraph>premier</paragraph>" + "<paragraph>suite</paragraph>" * 1000)
    return whole[: int(len(whole) * share)]


DAMAGED = "abîmé"
PNG = base64.b64encode(png(7000, 7000)).decode()
CASES: dict[str, Case] = {
    "xxe-file": Case(lambda: with_doctype('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "cda-doctype"),
    "xxe-parameter": Case(
        lambda: with_doctype('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a.dtd"> %a;]>'), "cda-doctype"
    ),
    "external-dtd": Case(
        lambda: with_doctype('<!DOCTYPE ClinicalDocument SYSTEM "http://127.0.0.1:9/a.dtd">', ""), "cda-doctype"
    ),
    "billion-laughs": Case(laughs, "cda-doctype"),
    "quadratic-entity": Case(
        lambda: with_doctype(f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>', "&a;" * 10_000), "cda-doctype"
    ),
    "doctype-utf16": Case(
        lambda: with_doctype('<!DOCTYPE x [<!ENTITY a "b">]>').decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        "cda-doctype",
    ),
    "doctype-in-damaged": Case(lambda: with_doctype('<!DOCTYPE x [<!ENTITY a "b">]>')[:-20] + b"\xff\0", "cda-doctype"),
    "deep-100k": Case(lambda: nested("content", 100_000), "cda-depth"),
    "deep-in-big": Case(lambda: nested("content", 1_000, pad=9 * MEGA), "cda-depth"),
    "deep-tables": Case(lambda: nested("table", 200), words="fond"),
    "deep-contents": Case(lambda: nested("content", 240), words="fond"),
    "deep-lists": Case(lambda: nested("list", 240), words="fond"),
    "deep-sections": Case(lambda: nested_sections(120), words="fond"),
    "100-megabytes": Case(lambda: section("a " * (50 * MEGA)), "cda-size"),
    "60-megabytes-of-words": Case(lambda: section("mot " * (15 * MEGA)), notice="trop long", words="La suite"),
    "60-megabytes-of-one-word": Case(lambda: section("m" * (60 * MEGA)), notice="trop long", words="La suite"),
    "too-many-elements": Case(lambda: section("<br/>" * 600_000), "cda-elements"),
    "many-elements": Case(lambda: section("<br/>" * 490_000), words="Section"),
    "many-cells": Case(
        lambda: section(f"<table><tbody>{'<tr><td>a</td></tr>' * 120_000}</tbody></table>"), words="Section"
    ),
    "wide-table": Case(
        lambda: section(
            f"<table><tr>{'<th>t</th>' * 5000}</tr>{('<tr>' + '<td>v</td>' * 5000 + '</tr>') * 40}</table>"
        ),
        words="Section",
    ),
    "many-footnotes": Case(
        lambda: section("<footnoteRef IDREF='x'/><footnote>n</footnote>" * 100_000), words="Section"
    ),
    "too-many-attributes": Case(
        lambda: section("<content " + " ".join(f'a{n}=""' for n in range(1_100_000)) + "/>"), "cda-attributes"
    ),
    "many-attributes": Case(
        lambda: section("<content " + " ".join(f'a{n}=""' for n in range(400_000)) + "/>fin"), words="fin"
    ),
    "many-namespaces": Case(
        lambda: section("<content " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(100_000)) + "/>fin"), words="fin"
    ),
    "mismatched-tags": Case(lambda: section("<content><paragraph></content>" * 100_000 + "fin"), notice=DAMAGED),
    "entry-bomb": Case(entry_bomb, words="Piege"),
    "huge-spans": Case(
        lambda: section("<table><tr><td colspan='999999999' rowspan='99999'>a</td><td colspan='٣'>b</td></tr></table>"),
        words="b",
    ),
    "script": Case(
        lambda: section(
            "<script>alert(1)</script><paragraph onload='x()' style='a:b'>ici</paragraph><svg onload='x'/><iframe src='file:///'/>"
            "&lt;script&gt;alert(2)&lt;/script&gt;<style>* { display: none }</style><content styleCode='&quot;&gt;&lt;b'>là</content>"
        ),
        words="ici",
    ),
    "javascript-links": Case(
        lambda: section(
            "<linkHtml href='javascript:alert(1)'>a</linkHtml><linkHtml href='JaVaScRiPt&#58;x'>b</linkHtml>"
        ),
        words="b",
    ),
    "references": Case(references, notice="fichier extérieur", words="lien"),
    "own-stylesheet": Case(wrapped_in_stylesheet, words="enveloppé"),
    "base64-cut": Case(
        lambda: file("image/png", png(1, 1))[:-80] + b"</text></nonXMLBody></component></ClinicalDocument>",
        notice="abîmé",
    ),
    "base64-foreign": Case(lambda: media("application/pdf", "J!V!BERi0xLjQ"), notice="abîmé", words="après"),
    "base64-nothing": Case(lambda: media("application/pdf", "éééé"), notice="abîmé", words="après"),
    "image-40-megabytes": Case(lambda: file("image/png", png(100, 100, 40 * MEGA)), words="Piege"),
    "png-lying": Case(lambda: file("image/png", png(2**31 - 1, 2**31 - 1)), notice="trop grande"),
    "png-short": Case(lambda: file("image/png", png(1, 1)[:20]), notice="illisible"),
    "jpeg-lying": Case(lambda: file("image/jpeg", jpeg(65535, 65535)), notice="trop grande"),
    "jpeg-no-frame": Case(lambda: file("image/jpeg", b"\xff\xd8\xff" + b"\xff" * MEGA), notice="illisible"),
    "jpeg-segments-of-nothing": Case(
        lambda: file("image/jpeg", b"\xff\xd8" + b"\xff\xe0\0\0" * MEGA), notice="illisible"
    ),
    "tiff-lying": Case(lambda: file("image/tiff", tiff(2**32 - 1, 2**32 - 1)), notice="trop grande"),
    "tiff-loop": Case(lambda: file("image/tiff", tiff(10, 10, following=8)), words="Piege"),
    "tiff-out-of-file": Case(lambda: file("image/tiff", tiff(10, 10, following=2**31)), words="Piege"),
    "tiff-endless-directory": Case(lambda: file("image/tiff", tiff(10, 10, entries=65535)), notice="illisible"),
    "tiff-100k-pages": Case(lambda: file("image/tiff", tiff_of_many_pages(100_000)), notice="premières pages"),
    "tiff-of-big-pages": Case(lambda: file("image/tiff", tiff_of_many_pages(90, 40_000)), notice="3 premières pages"),
    "png-many": Case(
        lambda: section(
            "a",
            "".join(
                f"<entry><observationMedia ID='i{n}'><value representation='B64' mediaType='image/png'>{PNG}</value>"
                "</observationMedia></entry>"
                for n in range(50)
            ),
        ),
        notice="trop grande",
    ),
    "tiff-empty": Case(lambda: file("image/tiff", b"II*\0"), notice="illisible"),
    "gif-in-pdf": Case(lambda: file("application/pdf", b"GIF89a" + b"\0" * 20), notice="ne peut pas être montré"),
    "program": Case(lambda: file("application/pdf", b"MZ\x90\0" * 100), notice="ne peut pas être montré"),
    "pdf-forms": Case(lambda: file("application/pdf", nested_forms(12, 12)), words="Piege"),
    "pdf-operators": Case(lambda: file("application/pdf", compressed_operators(b"q Q ", 50 * MEGA)), words="Piege"),
    "pdf-tree-loop": Case(lambda: file("application/pdf", page_tree_loop()), words="Piege"),
    "pdf-actions": Case(lambda: file("application/pdf", actions()), words="Piege"),
    "rtf-braces": Case(lambda: file("text/rtf", b"{\\rtf1 " + b"{" * (20 * MEGA)), words="trop longue"),
    "rtf-controls": Case(lambda: file("text/rtf", b"{\\rtf1 " + b"\\b\\i " * (4 * MEGA)), words="trop longue"),
    "rtf-binary": Case(lambda: file("text/rtf", b"{\\rtf1 debut\\bin2147483647 fin}"), words="debut"),
    "rtf-object": Case(
        lambda: file("text/rtf", b"{\\rtf1 a{\\object\\objdata " + b"41" * (5 * MEGA) + b"}fin}"), words="fin"
    ),
    "text-40-megabytes": Case(lambda: file("text/plain", b"mot\n" * (10 * MEGA)), notice="trop long"),
    "text-of-nuls": Case(lambda: file("text/plain", b"\0\x01\x02" * 1000), words="Piege"),
    "compressed-file": Case(
        lambda: file("text/plain", zlib.compress(b"a" * MEGA)).replace(b"<text ", b'<text compression="ZL" '),
        notice="compressé",
    ),
    "invalid-utf8": Case(lambda: section("fièvre").replace("è".encode(), b"\xe8"), notice=DAMAGED, words="fièvre"),
    "utf16": Case(lambda: section("fièvre").decode().replace("UTF-8", "UTF-16").encode("utf-16"), words="fièvre"),
    "utf16-no-mark": Case(lambda: section("fièvre").decode().encode("utf-16-le"), notice=DAMAGED, words="fièvre"),
    "utf32": Case(lambda: section("fièvre").decode().encode("utf-32"), "cda-xml"),
    "ebcdic": Case(lambda: section("fievre").decode().replace("UTF-8", "cp500").encode("cp500"), "cda-xml"),
    "nuls": Case(lambda: section("avant\0\x01\x0bapres"), notice=DAMAGED, words="apres"),
    "forbidden-reference": Case(lambda: section("avant&#0;&#xFFFF;apres"), notice=DAMAGED, words="apres"),
    "unknown-entity": Case(lambda: section("avant&nbsp;&eacute;apres"), notice=DAMAGED, words="apres"),
    "truncated-half": Case(lambda: truncated(0.5), notice=DAMAGED, words="premier"),
    "truncated-in-tag": Case(lambda: truncated(0.5)[:-3] + b"<par", notice=DAMAGED, words="premier"),
    "truncated-header": Case(lambda: truncated(0.005), notice=DAMAGED),
    "two-roots": Case(lambda: section("un") + section("deux"), notice=DAMAGED, words="un"),
    "no-namespace": Case(
        lambda: section("sans").replace(b' xmlns="urn:hl7-org:v3"', b""), notice=DAMAGED, words="sans"
    ),
    "no-body": Case(lambda: document(""), notice="pas de contenu"),
    "html-page": Case(lambda: b"<html><body>erreur 502</body></html>", "cda-root"),
    "nothing": Case(lambda: b"", "cda-xml"),
    "noise": Case(lambda: bytes(range(256)) * 1000, "cda-xml"),
}
