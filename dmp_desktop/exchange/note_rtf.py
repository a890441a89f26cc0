"""The words of an RTF note (Rich Text Format 1.9.1), in one pass: what is shown as the note's text, and what was left out told.

Ours: the libraries that read RTF drop bullets, headers and footnotes in silence, keep what was deleted under revision, and
some of their patterns take quadratic time. A note is sent verbatim, so what is not taken must be told.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_SAID = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"nestrow": "\n", b"cell": "\t", b"nestcell": "\t",
    b"tab": "\t", b"emdash": "\u2014", b"endash": "\u2013", b"emspace": "\u2003", b"enspace": "\u2002", b"bullet": "\u2022",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
}  # fmt: skip
_SIGNS = {b"~": "\u00a0", b"_": "\u2011", b"{": "{", b"}": "}", b"\\": "\\", b"\n": "\n", b"\r": "\n", b"\t": "\t"}
_APART = frozenset(
    b"fonttbl filetbl colortbl stylesheet info listtable listoverridetable rsidtbl revtbl generator latentstyles themedata "
    b"colorschememapping datastore xmlnstbl mmathPr fldinst bkmkstart bkmkend template nonesttables nesttableprops objdata "
    b"private xe tc sp sn sv pgdsctbl falt panose".split()
)
"""Destinations that hold nothing of the note."""
_LEFT_OUT = {
    **dict.fromkeys(
        b"header headerl headerr headerf footer footerl footerr footerf".split(), "en-tête ou pied de page"
    ),
    **dict.fromkeys(b"footnote annotation".split(), "note de bas de page ou commentaire"),
    **dict.fromkeys(b"pict".split(), "image"),
    **dict.fromkeys(b"shptxt".split(), "zone de texte"),
}
"""Destinations of what a reader sees elsewhere than in the text: told."""
_HELD = (b"shppict", b"shpinst")
"""Ignorable destinations (`\\*`) that hold some of the above."""
_FLAGS = {b"deleted": "texte supprimé en mode révision", b"v": "texte masqué"}
_CODE_PAGES = {b"ansi": "cp1252", b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_CHARSETS = {0: "cp1252", 2: "cp1252", 77: "mac_roman", 128: "cp932", 134: "cp936", 161: "cp1253", 162: "cp1254", 177: "cp1255",
             178: "cp1256", 186: "cp1257", 204: "cp1251", 238: "cp1250", 254: "cp437", 255: "cp850"}  # fmt: skip
"""\\fcharset of a font to its code page (RTF 1.9.1, « Font Table »)."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the closing brace. `silent`: nothing of it is taken; `why` tells what it is, where that is to be said."""

    silent: bool = False
    why: str = ""
    fonts: bool = False
    ignorable: bool = False
    skip: int = 1
    font: int = -1


class RtfNote:
    """`text` is what was read, `left_out` the French names of what is in the file and was not taken, `whole` False where the file
    ends before its last group does."""

    def __init__(self, untrusted: bytes) -> None:
        """Raises ValueError for what is no RTF."""
        if not untrusted.lstrip().startswith(b"{\\rtf"):
            raise ValueError("no RTF")
        self._out: list[str] = []
        self._bytes = bytearray()
        self._code_page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._group = _Group()
        self._outer: list[_Group] = []
        self._to_skip = 0
        self.left_out: set[str] = set()
        self.whole = False
        self._read(untrusted)
        self._flush()
        self.text = _joined("".join(self._out))

    def _read(self, untrusted: bytes) -> None:
        at = untrusted.index(b"{")
        while found := _TOKEN.match(untrusted, at):
            at = found.end()
            word, number, byte, sign, brace, run = found.groups()
            if brace:
                self._brace(brace)
                if self.whole:
                    return
            elif word == b"bin":
                at += max(0, int(number or 0))
            elif word:
                self._word(word, int(number) if number else None)
            elif byte:
                self._character(bytes.fromhex(byte.decode()))
            elif sign == b"*":
                self._group = replace(self._group, ignorable=True)
            elif sign:
                self._sign(sign)
            elif run:
                self._run(run)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._to_skip = 0
        if brace == b"{":
            self._outer.append(self._group)
            self._group = replace(self._group, ignorable=False)
        else:
            self._group = self._outer.pop()
            self.whole = not self._outer

    def _word(self, word: bytes, number: int | None) -> None:
        self._flush()
        self._to_skip = 0
        group = self._group
        if group.fonts:
            self._font_table(word, number)
        elif word == b"fonttbl":
            self._group = replace(group, fonts=True, silent=True)
        elif word in _LEFT_OUT:
            self._group = replace(
                group, silent=True, why=group.why if group.silent else _LEFT_OUT[word], ignorable=False
            )
        elif word in _APART:
            self._group = replace(group, silent=True, why="")
        elif group.ignorable:
            self._group = replace(group, silent=group.silent or word not in _HELD, ignorable=False)
        elif word in _FLAGS and (not group.silent or group.why in _FLAGS.values()):
            self._group = replace(group, silent=number != 0, why=_FLAGS[word] if number != 0 else "")
        elif not group.silent:
            self._shown_word(word, number)
        if word == b"pict" and self._group.why:
            self.left_out.add(self._group.why)

    def _shown_word(self, word: bytes, number: int | None) -> None:
        if word in _SAID:
            self._out.append(_SAID[word])
        elif word == b"u" and number is not None:
            self._out.append(chr(number % 0x10000))
            self._to_skip = self._group.skip
        elif word == b"uc" and number is not None:
            self._group = replace(self._group, skip=max(0, number))
        elif word == b"f" and number is not None:
            self._group = replace(self._group, font=number)
        elif word == b"plain":
            self._group = replace(self._group, font=-1)
        elif word in _CODE_PAGES:
            self._code_page = _CODE_PAGES[word]
        elif word == b"ansicpg" and number:
            self._code_page = _known(f"cp{number}")

    def _font_table(self, word: bytes, number: int | None) -> None:
        if word == b"f" and number is not None:
            self._group = replace(self._group, font=number)
        elif word == b"fcharset" and number in _CHARSETS and number:
            self._fonts[self._group.font] = _CHARSETS[number]

    def _sign(self, sign: bytes) -> None:
        self._flush()
        if self._to_skip:
            self._to_skip -= 1
        elif not self._group.silent:
            self._out.append(_SIGNS.get(sign, ""))

    def _character(self, byte: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._group.silent:
            self._note_left_out(byte)
        else:
            self._bytes += byte

    def _run(self, run: bytes) -> None:
        taken, self._to_skip = run[self._to_skip :], max(0, self._to_skip - len(run))
        if self._group.silent:
            self._note_left_out(taken)
        else:
            self._bytes += taken

    def _note_left_out(self, text: bytes) -> None:
        if self._group.why and text.strip():
            self.left_out.add(self._group.why)

    def _flush(self) -> None:
        if self._bytes:
            code_page = self._fonts.get(self._group.font, self._code_page)
            self._out.append(self._bytes.decode(code_page, "replace"))
            self._bytes.clear()


def _known(code_page: str) -> str:
    """Raises ValueError for one Python has not."""
    try:
        return codecs.lookup("utf-8" if code_page == "cp65001" else code_page).name
    except LookupError:
        raise ValueError("unknown code page") from None


def _joined(text: str) -> str:
    """Halves of one character beyond 16 bits made one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
