"""Plain text of an RTF body: control words dropped, characters decoded, nothing executed, objects ignored.

RTF 1.9.1: `\\'hh` a byte of the code page, `\\uN` a UTF-16 unit followed by `\\ucN` fallback characters, `{\\*…}` ignorable
groups, `\\binN` N bytes of anything. Page headers and text boxes are words too: a letterhead may say who writes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

MAX_TOKENS = 1_000_000  # 2 s; a letter of ten pages has 20,000
CUT = "[La suite est trop longue pour être montrée.]"
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_HIDDEN = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata", b"listtable", b"fldinst"}
)
_BREAKS = {b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t"}
_SIGNS = {
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
_PAGES: Final = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}


class _Reader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.hidden = False
        self.fallback = 1
        self.skip = 0
        self.page = "cp1252"
        self.stack: list[tuple[bool, int]] = []

    def put(self, text: str) -> None:
        if self.skip:
            dropped = min(self.skip, len(text))
            self.skip -= dropped
            text = text[dropped:]
        if text and not self.hidden:
            self.out.append(text)

    def put_bytes(self, raw: bytes) -> None:
        if not self.hidden:
            self.put(raw.decode(self.page, errors="replace"))

    def brace(self, sign: bytes) -> None:
        self.skip = 0
        if sign == b"{":
            self.stack.append((self.hidden, self.fallback))
        elif self.stack:
            self.hidden, self.fallback = self.stack.pop()

    def word(self, name: bytes, number: int | None) -> None:
        if name in _HIDDEN:
            self.hidden = True
        elif name == b"shptxt":  # the words of a text box, inside an ignorable group
            self.hidden = False
        elif name == b"uc" and number is not None:
            self.fallback = max(0, min(number, 10))
        elif name == b"u" and number is not None:
            self.skip = 0
            self.put(chr(number % 0x10000))
            self.skip = self.fallback
        elif name in _PAGES or name == b"ansicpg":
            self.page = _code_page(_PAGES.get(name) or f"cp{number}") or self.page
        elif name in _BREAKS or name in _SIGNS:
            self.put(_BREAKS.get(name) or _SIGNS[name])

    def symbol(self, sign: bytes) -> None:
        if sign == b"*":
            self.hidden = True
        elif sign in (b"\\", b"{", b"}"):
            self.put(sign.decode())
        elif sign == b"~":
            self.put("\N{NO-BREAK SPACE}")


def rtf_text(untrusted: bytes) -> str:
    """The words of an RTF file, one paragraph a line; ends with CUT when it is too long."""
    reader = _Reader()
    for rank, match in enumerate(_tokens(untrusted)):
        name, number, byte, symbol, brace, plain = match.groups()
        if brace:
            reader.brace(brace)
        elif name:
            reader.word(name, int(number) if number else None)
        elif byte:
            reader.put_bytes(bytes((int(byte, 16),)))
        elif symbol:
            reader.symbol(symbol)
        elif plain:
            reader.put_bytes(plain)
        if rank >= MAX_TOKENS:
            reader.out.append(f"\n{CUT}")
            break
    joined = "".join(reader.out)
    return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()


def _tokens(untrusted: bytes) -> Iterator[re.Match[bytes]]:
    """Every token; the bytes that follow a `\\bin` are no tokens."""
    at: int | None = 0
    while at is not None:
        start, at = at, None
        for match in _TOKEN.finditer(untrusted, start):
            if match[1] == b"bin":
                at = match.end() + max(0, int(match[2] or 0))
                break
            yield match


def _code_page(name: str) -> str:
    """A code page Python knows; '' for another."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
