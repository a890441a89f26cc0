"""multipart/related read while it arrives: no more than a chunk and what is kept of small parts is held; no e-mail parser.

RFC 2046 §5.1, RFC 2387. Servers are not all strict: bare line feeds, no `start`, no or a wrong Content-Type are understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from dmp_desktop.dmp.parts import Keep, Part, Receiving
from dmp_desktop.dmp.soap import unreadable
from dmp_desktop.errors import DmpError

MAX_HEADERS = 16 * 1024
"""Bytes of the headers of one part, and of what may precede the first one."""
MAX_PARTS = 200
_PADDING = 64
"""Blanks that may end the line of a boundary (RFC 2046: transport padding)."""
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;]+))')
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*(\r?\n)")
_LINE_END = re.compile(rb"[ \t]{0,%d}\r?\n" % _PADDING)
_UNDECIDED = re.compile(rb"-|[ \t]{0,%d}\r?" % _PADDING)
_FOLD = re.compile(r"\r?\n[ \t]+")
_OPENING = re.compile(rb"\A\s{0,%d}--([^\r\n]{1,200}?)[ \t]*\r?\n" % _PADDING)


def parameters(content_type: str) -> tuple[str, dict[str, str]]:
    """The media type in lower case and the parameters of a Content-Type (RFC 2045 §5.1), their names in lower case."""
    media = content_type.partition(";")[0].strip().lower()
    found = _PARAMETER.findall(content_type)
    return media, {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain for name, quoted, plain in found}


def bare(content_id: str) -> str:
    """A Content-ID or the `href` that names it, without scheme, brackets or percent-escapes (RFC 2392)."""
    told = content_id.strip()
    told = unquote(told[4:] if told[:4].lower() == "cid:" else told)
    return told.removeprefix("<").removesuffix(">")


def parts(untrusted_chunks: Iterable[bytes], boundary: str, keep: Keep) -> Iterator[Part]:
    """Each part once its last byte is in. Without a `boundary` the first line tells it.

    Raises DmpError on a package that is cut short or holds too much, StorageError when the disk fails.
    """
    scanner = _Scanner(untrusted_chunks)
    if not scanner.open(boundary.encode("latin-1", "replace")):
        return
    number, more = 0, True
    while more:
        if number == MAX_PARTS:
            raise unreadable("too many parts")
        headers, line_end = scanner.headers()
        receiving = Receiving(headers, bare(headers.get("content-id", "")) or f"part{number}", keep)
        try:
            more = scanner.content(receiving.take, line_end)
            part = receiving.whole()
        except BaseException:
            receiving.abandon()
            raise
        yield part
        number += 1
    scanner.drain()


class _Scanner:
    """What has come and was not consumed, and what is still to come."""

    def __init__(self, untrusted_chunks: Iterable[bytes]) -> None:
        self._chunks = iter(untrusted_chunks)
        self._data = b""
        self._mark = b""

    def open(self, boundary: bytes) -> bool:
        """Go past the first boundary; False when it is the last one. Its line end is that of the whole package."""
        wanted = re.compile(rb"(?:\A|\n)--(" + re.escape(boundary) + rb")(?:--|[ \t]*\r?\n)") if boundary else _OPENING
        while (found := wanted.search(self._data)) is None:
            if len(self._data) > MAX_HEADERS:
                raise unreadable("no first boundary")
            self._more()
        line = found[0]
        self._mark = (b"\r\n--" if line.endswith(b"\r\n") else b"\n--") + found[1]
        self._data = self._data[found.end(1) :]
        return line.endswith(b"\n")

    def headers(self) -> tuple[dict[str, str], int]:
        """Of the part that begins here, names in lower case; what is left begins with a line end of that many bytes."""
        while (found := _BLANK_LINE.search(self._data)) is None:
            if len(self._data) > MAX_HEADERS:
                raise unreadable("part without headers")
            self._more()
        if found.start() > MAX_HEADERS:
            raise unreadable("long headers")
        lines = _FOLD.sub(" ", self._data[: found.start()].decode("latin-1")).splitlines()
        self._data = self._data[found.start(1) :]
        pairs = (line.partition(":") for line in lines)
        return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}, len(found[1])

    def content(self, take: Callable[[memoryview], None], line_end: int) -> bool:
        """Give `take` all that precedes the next boundary, and go past that. False when it was the last one.

        The first `line_end` bytes end the headers; they may begin the boundary of a part that is empty.
        """
        start = 0
        while True:
            found = self._data.find(self._mark, start)
            if found >= 0 and (more := self._after(found + len(self._mark))) is not None:
                take(memoryview(self._data)[min(line_end, found) : found])
                self._data = self._data[found + len(self._mark) :]
                return more
            if found >= 0:  # the same characters, within a line
                start = found + 1
                continue
            certain = max(len(self._data) - len(self._mark) + 1, start, line_end)
            if certain > line_end and certain < len(self._data) + 1:
                take(memoryview(self._data)[line_end:certain])
                self._data, start, line_end = self._data[certain:], 0, 0
            self._more()

    def _after(self, position: int) -> bool | None:
        """What follows a boundary: True for another part, False for the end, None when it is no boundary."""
        while True:
            following = self._data[position : position + _PADDING + 2]
            if following.startswith(b"--"):
                return False
            if _LINE_END.match(following):
                return True
            if not _UNDECIDED.fullmatch(following):
                return None
            self._more()

    def drain(self) -> None:
        """What follows the last boundary means nothing; read, the connection serves again."""
        self._data = b""
        for _chunk in self._chunks:
            pass

    def _more(self) -> None:
        chunk = next((chunk for chunk in self._chunks if chunk), None)
        if chunk is None:
            raise incomplete()
        self._data += chunk


def incomplete() -> DmpError:
    """The answer stops before its end; what was asked may have been done."""
    return DmpError(
        "ReponseIncomplete",
        "La réponse du DMP est arrivée incomplète.",
        "Réessayez ; si cela persiste, vérifiez la connexion internet.",
        retryable=True,
        ambiguous=True,
    )
