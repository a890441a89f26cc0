"""MTOM/XOP packages (multipart/related), written and read by scanning bytes: no base64, no e-mail parser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from dmp_desktop.dmp.soap import unreadable

_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_START = re.compile(r'start\s*=\s*(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_CONTENT_ID = re.compile(rb"^content-id\s*:\s*<?([^>\r\n]+?)>?\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Package:
    """The root part (SOAP) and the other parts by content id, without angle brackets."""

    root: bytes
    parts: dict[str, memoryview]


def write(root: bytes, action: str, parts: Sequence[tuple[str, str, bytes]], unique: uuid.UUID) -> tuple[bytes, str]:
    """A package of `root` and `parts` (content id, media type, bytes). Returns its bytes and its Content-Type.

    RFC 2387; XOP §4.1: the root is `application/xop+xml` and names the SOAP media type and action.
    """
    boundary = f"MIMEBoundary_{unique.hex}"
    if any(boundary.encode() in content for _, _, content in parts) or boundary.encode() in root:
        raise ValueError("boundary found in the content")
    chunks: list[bytes] = []
    headers = f'application/xop+xml; charset=UTF-8; type="application/soap+xml; action=\\"{action}\\""'
    for content_id, media_type, content in [("root@dmp-desktop", headers, root), *parts]:
        head = f"--{boundary}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{content_id}>"
        chunks += [head.encode(), b"\r\n\r\n", content, b"\r\n"]
    chunks.append(f"--{boundary}--\r\n".encode())
    content_type = (
        f'multipart/related; type="application/xop+xml"; boundary="{boundary}"; start="<root@dmp-desktop>"; '
        f'start-info="application/soap+xml"; action="{action}"'
    )
    return b"".join(chunks), content_type


def is_multipart(content_type: str) -> bool:
    return content_type.strip().lower().startswith("multipart/related")


def read(untrusted_body: bytes, content_type: str) -> Package:
    """The parts of an answer. Raises DmpError when the package is cut short, or names a root that is not there."""
    match = _BOUNDARY.search(content_type)
    if not match:
        raise unreadable("no boundary")
    delimiter = b"--" + (match[1] or match[2]).encode()
    parts = _split(untrusted_body, delimiter)
    start = _START.search(content_type)
    root_id = _bare(start[1] or start[2]) if start else None
    if root_id is None:
        root_id = next(iter(parts), "")
    if root_id not in parts:
        raise unreadable("no root part")
    root = bytes(parts.pop(root_id))
    return Package(root, parts)


def _split(untrusted_body: bytes, delimiter: bytes) -> dict[str, memoryview]:
    view = memoryview(untrusted_body)
    parts: dict[str, memoryview] = {}
    position = untrusted_body.find(delimiter)
    while position >= 0:
        position += len(delimiter)
        if untrusted_body[position : position + 2] == b"--":
            return parts
        end = _next(untrusted_body, delimiter, position)
        if end < 0:
            break
        head_end = untrusted_body.find(b"\r\n\r\n", position, end)
        if head_end < 0:
            raise unreadable("part without headers")
        content_id = _CONTENT_ID.search(untrusted_body[position:head_end])
        name = _bare(content_id[1].decode("ascii", "replace")) if content_id else f"part{len(parts)}"
        stop = end - 2 if untrusted_body[end - 2 : end] == b"\r\n" else end
        parts[name] = view[head_end + 4 : max(stop, head_end + 4)]
        position = end
    raise unreadable("package cut short")


def _next(body: bytes, delimiter: bytes, start: int) -> int:
    """The next delimiter at the start of a line: the bytes of a document may hold the same characters elsewhere."""
    position = body.find(delimiter, start)
    while position >= 0 and body[position - 1 : position] != b"\n":
        position = body.find(delimiter, position + 1)
    return position


def href_to_content_id(href: str) -> str:
    """`cid:…` of an xop:Include, percent-decoded (RFC 2392)."""
    return _bare(unquote(href.removeprefix("cid:")))


def _bare(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")
