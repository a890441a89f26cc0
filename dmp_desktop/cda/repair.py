"""Documents that are almost XML, made XML: stray signs, HTML's named characters, tags not closed or closed twice.

A sign that vanishes reverses a meaning (`CRP < 5`), and once libxml2 recovers from one fault it drops every `&lt;` that follows
and takes any closing tag for the one it waits for. So all is put right before it is asked. Linear time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import Final

from lxml import etree

LOST_CHARACTER: Final = "\ufffd"
FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
MAX_AMPERSANDS: Final = 500_000
"""Beyond, nothing is mended: each costs a microsecond and four characters."""

_NAME = r"[^\W\d][\w.:-]*+"
# As XML wants it, but that a value may hold `<`; then as careless authors write it, on no more than one `<`.
_TAG = re.compile(rf"""</?+{_NAME}(?:\s++{_NAME}\s*+=\s*+(?:"[^"]*+"|'[^']*+')){{0,1000}}+\s*+/?+>""")
_LOOSE_TAG = re.compile(rf"</?+{_NAME}(?:\s[^<>=]*+=[^<>]*+|\s*+/?+)>")
_CUT_TAG = re.compile(rf"</?+{_NAME}[^<>]*+\Z")
_ENTITY = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_TAG_NAME = re.compile(rf"</?+({_NAME})")
_CLOSED = re.compile(rf"</({_NAME})")
_ATTRIBUTE = re.compile(rf"""({_NAME})\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'<>]++)""")
_VOID = frozenset({"br", "hr", "img", "col"})
_HTML = _VOID | {"p", "td", "th", "tr", "li", "div", "span", "table", "tbody", "thead", "ul", "ol", "b", "i", "u"}
# What a document that is cut leaves open.
_OUTER = frozenset({"ClinicalDocument", "component", "structuredBody", "section", "text"})
_Q = "{urn:hl7-org:v3}"
_OWN = frozenset({"lt", "gt", "amp", "quot", "apos"})
_CLOSINGS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_SECTION = re.compile(r"<(?:\w+:)?section[\s>]")
_TITLE = re.compile(r"<(/?)(?:\w+:)?title[\s>]")
_END = re.compile(r"</(?:\w+:)?(?:ClinicalDocument|stylesheet)\s*>")
_TAIL = 1_000  # characters in which the end of a document is looked for
_MAX_SEARCHES = 50  # of the next words that were kept; each may read the whole document
_MAX_NAMED = 10

_WHOLE = "Ce document est abîmé : {}. Aucun mot n'y manque. Demandez une copie à son auteur."
_PART = (
    "Ce document est abîmé : ce qui a pu en être lu est montré, il peut en manquer. Demandez une copie à son auteur."
)
_SIGNS = "des signes mal écrits ({}) y ont été rétablis"
_FORM = "sa forme a été rétablie"
_LOST = "Il peut manquer des mots ou des signes (« < », « & ») dans : {}."
_SOMEWHERE = "Il peut manquer des mots ou des signes (« < », « & ») n'importe où dans ce document."
_CUT = "La fin de ce document manque, à partir de : {}."
_HEADER = "l'en-tête"


@dataclass(frozen=True, slots=True)
class Mended:
    """Words as XML wants them; the signs put back, as they stood; ranks of sections in which a tag may have been words."""

    words: str
    signs: tuple[str, ...] = ()
    doubts: frozenset[int] = frozenset()


def mended(words: str) -> Mended:
    return Mended(words) if words.count("&") > MAX_AMPERSANDS else _Mender(words).mend()


class _Mender:
    def __init__(self, words: str) -> None:
        self._words = words
        self._closed = frozenset(_CLOSED.findall(words))
        self._open: list[str] = []
        self._count: Counter[str] = Counter()
        self._signs: dict[str, None] = {}
        self._doubts: set[int] = set()
        self._section = 0

    def mend(self) -> Mended:
        pieces = [self._piece(self._words[start:end], kind) for start, end, kind in _spans(self._words)]
        pieces += [f"</{name}>" for name in reversed(self._open)]
        return Mended("".join(pieces), tuple(self._signs), frozenset(self._doubts))

    def _piece(self, piece: str, kind: str) -> str:
        if kind == "stray":
            return self._stray(piece)
        if kind == "tag":
            return self._tag(piece)
        return piece if kind == "other" else self._characters(piece).replace("]]>", "]]&#62;")

    def _stray(self, words: str) -> str:
        self._signs["« < »"] = None
        return self._characters(words).replace("<", "&#60;")

    def _characters(self, words: str) -> str:
        return _ENTITY.sub(self._character, words) if "&" in words else words

    def _character(self, found: re.Match[str]) -> str:
        """As a number: libxml2 drops even `&lt;` once it recovers."""
        name = found[1] or ""
        if name.startswith("#"):
            code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
            allowed = code <= 0x10FFFF and not FORBIDDEN.fullmatch(chr(code))
            return f"&#{code};" if allowed else LOST_CHARACTER
        if name not in _OWN:
            self._signs[f"« {found[0]} »"] = None
        said = html5.get(f"{name};")
        return "".join(f"&#{ord(char)};" for char in said) if said else f"&#38;{found[0][1:]}"

    def _tag(self, tag: str) -> str:
        """The tag, its attributes put right; with it the closing tags that are missing before it."""
        named = _TAG_NAME.match(tag)
        name = named[1] if named else ""
        if tag.startswith("</"):
            return self._closing(name)
        if name not in self._closed and _is_word(tag, name):
            return self._stray(tag)
        if not _TAG.fullmatch(tag):
            inside = tag[1 + len(name) : -1]
            self._doubt(bool(_ATTRIBUTE.sub("", inside).strip("/ \t\r\n")))
            values = {found[1]: found[2].strip("\"'") for found in reversed(list(_ATTRIBUTE.finditer(inside)))}
            said = "".join(f' {key}="{self._quoted(value)}"' for key, value in values.items())
            tag = f"<{name}{said}{'/' if tag.endswith('/>') else ''}>"
        elif "<" in tag[1:] or "&" in tag:
            tag = "<" + (self._stray(tag[1:]) if "<" in tag[1:] else self._characters(tag[1:]))
        if tag.endswith("/>"):
            return tag
        if name not in self._closed:
            if name.lower() in _VOID:
                return f"{tag[:-1]}/>"
            self._doubt(name not in _OUTER)
        self._open.append(name)
        self._count[name] += 1
        self._section += name.rpartition(":")[2] == "section"
        return tag

    def _quoted(self, value: str) -> str:
        return self._characters(value).replace('"', "&#34;")

    def _doubt(self, doubtful: bool) -> None:
        if doubtful:
            self._doubts.add(self._section)

    def _closing(self, name: str) -> str:
        """Nothing for a tag that closes nothing; what stands open inside is closed first."""
        closed: list[str] = []
        if self._count[name]:
            while not closed or closed[-1] != name:
                closed.append(self._open.pop())
                self._count[closed[-1]] -= 1
        return "".join(f"</{inner}>" for inner in closed)


def _is_word(tag: str, name: str) -> bool:
    """`<LSN>`: no element of CDA begins with a capital but the document itself, and HTML's are known."""
    return name[:1].isupper() and name != "ClinicalDocument" and name.lower() not in _HTML and not tag.endswith("/>")


def notices(words: str, mend: Mended, document: etree._Element, *, recovered: bool, compared: bool) -> tuple[str, ...]:
    """French sentences: what was put back; else where something may be missing.

    `words`: those mended; `recovered`: libxml2 left out what it could not read; `compared`: small enough to look where.
    """
    named = [*mend.signs[:_MAX_NAMED], *(["…"] if len(mend.signs) > _MAX_NAMED else [])]
    signs = _SIGNS.format(", ".join(named)) if named else ""
    cut = not _END.search(words, max(0, len(words) - _TAIL))
    if not recovered and not cut and not mend.doubts and LOST_CHARACTER not in mend.words:
        lost = _lost(list(_parts(mend.words)), document) if compared else []
        if not lost:
            return (_WHOLE.format(signs or _FORM),)
    told = [_PART] + ([f"Dans ce document, {signs}."] if signs else [])
    if not compared:
        return (*told, _SOMEWHERE)
    parts = list(_parts(mend.words))
    places = [parts[rank][0] for rank in sorted(mend.doubts)] + _lost(parts, document)
    places += [name for name, said in parts if LOST_CHARACTER in said]
    if places:
        found = list(dict.fromkeys(places))
        told.append(_LOST.format(", ".join(found[:_MAX_NAMED]) + ("…" if len(found) > _MAX_NAMED else "")))
    if cut:
        told.append(_CUT.format(parts[-1][0]))
    return tuple(told)


def _spans(words: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind): text, tag, other markup, or a `<` that begins none. What is not closed begins none."""
    last = {opening: words.rfind(closing) for opening, closing in _CLOSINGS.items()}
    at = 0
    while (start := words.find("<", at)) >= 0:
        if start > at:
            yield at, start, "text"
        at, kind = _markup(words, start, last)
        yield start, at, kind
    if at < len(words):
        yield at, len(words), "text"


def _markup(words: str, start: int, last: dict[str, int]) -> tuple[int, str]:
    for opening, closing in _CLOSINGS.items():
        if words.startswith(opening, start):
            inside = start + len(opening)
            if inside <= last[opening]:
                return words.find(closing, inside) + len(closing), "other"
            return start + 1, "stray"
    tag = _TAG.match(words, start) or _LOOSE_TAG.match(words, start) or _CUT_TAG.match(words, start)
    return (tag.end(), "tag") if tag else (start + 1, "stray")


def _parts(words: str) -> Iterator[tuple[str, str]]:
    """(name for people, words without blanks): the header, then each section up to the next one."""
    name, titled, pieces = _HEADER, True, [""]
    title: list[str] | None = None
    number = 0
    for start, end, kind in _spans(words):
        piece = words[start:end]
        if kind == "tag" and _SECTION.match(piece):
            yield name, "".join("".join(pieces).split())
            number += 1
            name, titled, pieces, title = f"la section {number}", False, [], None
        elif kind == "tag" and (mark := _TITLE.match(piece)):
            if mark[1] and title is not None and (said := " ".join("".join(title).split())):
                name, titled = f"« {said} »", True
            title = None if mark[1] or titled else []
        elif kind == "text" or piece.startswith("<![CDATA["):
            said = unescape(piece) if kind == "text" else piece[9:-3]
            pieces.append(said)
            if title is not None:
                title.append(said)
    yield name, "".join("".join(pieces).split())


def _lost(parts: list[tuple[str, str]], document: etree._Element) -> list[str]:
    """Names of the parts whose words are not all, in order, where a reader is shown them: in the header or in a section."""
    kept = "".join("".join(_shown(document)).split())
    found: list[str] = []
    at = searches = 0
    for name, words in parts:
        place = at if kept.startswith(words, at) else -1
        if place < 0 and found and searches < _MAX_SEARCHES:
            searches += 1
            place = kept.find(words, at)
        if place < 0:
            found.append(name)
        else:
            at = place + len(words)
    return found


def _shown(document: etree._Element) -> Iterator[str]:
    for part in document.iterchildren("*"):  # not the comments
        if part.tag != f"{_Q}component":
            yield from map(str, part.itertext())
        for body in part.iterchildren(f"{_Q}nonXMLBody"):
            yield from map(str, body.itertext())
        for body in part.iterchildren(f"{_Q}structuredBody"):
            for section in body.iterfind(f"{_Q}component/{_Q}section"):
                yield from map(str, section.itertext())
