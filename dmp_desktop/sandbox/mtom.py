"""MTOM/XOP messages: scanned as they arrive, written in one piece (W3C XOP, MTOM; RFC 2387). No e-mail parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote
from uuid import uuid4

from dmp_desktop.sandbox.faults import SoapFault

CHUNK = 64 * 1024
MAX_HEADERS = 16 * 1024
MAX_PARTS = 200
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;]+))')


@dataclass(frozen=True, slots=True)
class Message:
    """An answer with attachments: the SOAP body and its parts by Content-ID."""

    root: bytes
    parts: Mapping[str, bytes]


class Incoming:
    """The body of one HTTP request. `action` is that of the Content-Type, if any."""

    def __init__(self, environ: Mapping[str, Any], limit: int) -> None:
        self._stream = _Bounded(environ["wsgi.input"], environ, limit)
        media, self._parameters = parameters(str(environ.get("CONTENT_TYPE", "")))
        self._multipart = media == "multipart/related"
        self._known = media in {"application/soap+xml", "text/xml", "multipart/related"}

    @property
    def action(self) -> str:
        return self._parameters.get("action", "")

    def drain(self) -> None:
        """Read what is left, so that the connection stays usable."""
        while self._stream.read(CHUNK):
            pass

    def plain(self) -> bytes:
        """The whole body, whatever it is. Raises SoapFault when it is too long."""
        return b"".join(iter(lambda: self._stream.read(CHUNK), b""))

    def read(self) -> tuple[bytes, dict[str, bytes]]:
        """The SOAP envelope and the attachments by Content-ID. Raises SoapFault."""
        try:
            if not self._known:
                raise invalid("Type de contenu non supporté")
            if not self._multipart:
                return self.plain(), {}
            return self._related()
        finally:
            self.drain()

    def _related(self) -> tuple[bytes, dict[str, bytes]]:
        boundary = self._parameters.get("boundary", "")
        if not boundary or self._parameters.get("type") != "application/xop+xml":
            raise invalid("Le message multipart n'est pas un message XOP")
        root: bytes | None = None
        parts: dict[str, bytes] = {}
        start = self._parameters.get("start", "").strip("<>")
        for headers, content in scan(self._stream, boundary):
            identifier = headers.get("content-id", "").strip("<>")
            if root is None and (not start or identifier == start):
                root = content
            elif not identifier or identifier in parts:
                raise invalid("Une partie du message n'a pas de Content-ID, ou celui d'une autre")
            elif len(parts) >= MAX_PARTS:
                raise invalid("Trop de parties dans le message")
            else:
                parts[identifier] = content
        if root is None:
            raise invalid("La partie principale du message est absente")
        return root, parts


class _Bounded:
    """A stream that ends with the request and refuses what is too long."""

    def __init__(self, stream: BinaryIO, environ: Mapping[str, Any], limit: int) -> None:
        length = environ.get("CONTENT_LENGTH")
        self._left = int(length) if length else (limit + 1 if environ.get("wsgi.input_terminated") else 0)
        self._stream = stream
        self._allowed = limit

    def read(self, size: int) -> bytes:
        content = self._stream.read(min(size, self._left))
        self._left -= len(content)
        self._allowed -= len(content)
        if self._allowed < 0:
            self._left = 0
            raise invalid("Message trop volumineux")
        return content


def invalid(reason: str) -> SoapFault:
    """Refusal of a message that is not well made; the code is ours [R]."""
    return SoapFault("DMPInvalidMessage", reason)


def parameters(content_type: str) -> tuple[str, dict[str, str]]:
    """Media type and parameters of a Content-Type header, names in lower case."""
    media, _, _ = content_type.partition(";")
    found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(content_type)}
    return media.strip().lower(), found


def scan(stream: BinaryIO | _Bounded, boundary: str) -> Iterator[tuple[dict[str, str], bytes]]:
    """The parts of a multipart body, in order: headers (names in lower case) and content.

    Only the part being read and one chunk are held. Raises SoapFault when the body ends before its last boundary.
    """
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    pending = bytearray(b"\r\n")
    _take(stream, pending, mark)
    while not _ends(stream, pending):
        yield _headers(_take(stream, pending, b"\r\n\r\n", MAX_HEADERS)), _take(stream, pending, mark)


def _ends(stream: BinaryIO | _Bounded, pending: bytearray) -> bool:
    """After a boundary: true on `--`, else the rest of its line is skipped."""
    while len(pending) < 2:
        chunk = stream.read(CHUNK)
        if not chunk:
            raise invalid("Le message multipart est tronqué")
        pending += chunk
    if pending[:2] == b"--":
        return True
    if b"\r\n" not in bytes(pending[:128]):
        raise invalid("Délimiteur de partie incorrect")
    del pending[: pending.index(b"\r\n")]  # the line end stays: a part without headers begins with an empty line
    return False


def _take(stream: BinaryIO | _Bounded, pending: bytearray, mark: bytes, limit: int = 0) -> bytes:
    """All that precedes `mark`, which is consumed too. What is searched once is not searched again."""
    searched = 0
    while (found := pending.find(mark, searched)) < 0:
        searched = max(0, len(pending) - len(mark) + 1)
        chunk = stream.read(CHUNK)
        if not chunk or (limit and len(pending) > limit + CHUNK):
            raise invalid("Le message multipart est tronqué")
        pending += chunk
    content = bytes(memoryview(pending)[:found])
    del pending[: found + len(mark)]
    return content


def _headers(block: bytes) -> dict[str, str]:
    lines = re.sub(r"\r\n[ \t]+", " ", block.decode("latin-1")).split("\r\n")
    pairs = (line.partition(":") for line in lines if line.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def content_id(href: str) -> str:
    """Content-ID named by an `xop:Include` (RFC 2392 `cid:`)."""
    return unquote(href.removeprefix("cid:"))


def write(root: bytes, parts: Mapping[str, bytes], action: str) -> tuple[str, bytes]:
    """Content-Type and body of a multipart answer."""
    boundary = f"uuid-{uuid4()}"
    start = "<root@dmp>"
    pieces = [
        f"--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; "
        f'type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {start}\r\n\r\n'.encode(),
        root,
    ]
    for identifier, content in parts.items():
        head = "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: "
        pieces += [f"\r\n--{boundary}\r\n{head}<{identifier}>\r\n\r\n".encode(), content]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    media = (
        f'multipart/related; type="application/xop+xml"; start="{start}"; start-info="application/soap+xml"; '
        f'boundary="{boundary}"; action="{action}"'
    )
    return media, b"".join(pieces)
