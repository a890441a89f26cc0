"""Plain text of an RTF body: control words dropped, characters decoded, nothing executed, objects ignored.

RTF 1.9.1: `\\'hh` a byte of the code page, `\\uN` a UTF-16 unit followed by `\\ucN` fallback characters,
`{\\*…}` ignorable groups.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_HIDDEN = frozenset(
    {
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"object",
        b"header",
        b"footer",
        b"themedata",
        b"listtable",
    }
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


class _Reader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.hidden = False
        self.fallback = 1
        self.skip = 0
        self.stack: list[tuple[bool, int]] = []

    def put(self, text: str) -> None:
        if self.skip:
            dropped = min(self.skip, len(text))
            self.skip -= dropped
            text = text[dropped:]
        if text and not self.hidden:
            self.out.append(text)

    def brace(self, sign: bytes) -> None:
        self.skip = 0
        if sign == b"{":
            self.stack.append((self.hidden, self.fallback))
        elif self.stack:
            self.hidden, self.fallback = self.stack.pop()

    def word(self, name: bytes, number: int | None) -> None:
        if name in _HIDDEN:
            self.hidden = True
        elif name == b"uc" and number is not None:
            self.fallback = max(0, min(number, 10))
        elif name == b"u" and number is not None:
            self.skip = 0
            self.put(chr(number % 0x10000))
            self.skip = self.fallback
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
    """The words of an RTF file, one paragraph a line."""
    reader = _Reader()
    for match in _TOKEN.finditer(untrusted):
        name, number, byte, symbol, brace, plain = match.groups()
        if brace:
            reader.brace(brace)
        elif name:
            reader.word(name, int(number) if number else None)
        elif byte:
            reader.put(bytes((int(byte, 16),)).decode("cp1252", errors="replace"))
        elif symbol:
            reader.symbol(symbol)
        elif plain:
            reader.put(plain.decode("cp1252", errors="replace"))
    joined = "".join(reader.out)
    return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()
