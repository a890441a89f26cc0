"""MTOM/XOP packages (multipart/related), written and read by scanning bytes: no base64, no e-mail parser."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dmp_desktop.dmp import multipart
from dmp_desktop.dmp.multipart import bare, parameters
from dmp_desktop.dmp.parts import Keep, Part, Receiving
from dmp_desktop.dmp.soap import unreadable

_XOP = "application/xop+xml"
_XML = (b"<", b"\xef\xbb\xbf<")


@dataclass(frozen=True, slots=True)
class Package:
    """The root part (SOAP) and the other parts by content id, bare."""

    root: bytes
    parts: dict[str, Part]


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


def read(untrusted_chunks: Iterable[bytes], content_type: str, keep: Keep | None = None) -> Package:
    """A whole answer, multipart or plain XML. Raises DmpError when it is cut short, or names a root that is not there."""
    arriving = in_order(untrusted_chunks, content_type, keep or Keep())
    root = next(arriving).read()
    parts: dict[str, Part] = {}
    for part in arriving:
        if part.content_id in parts:
            raise unreadable("two parts of one name")
        parts[part.content_id] = part
    return Package(root, parts)


def in_order(untrusted_chunks: Iterable[bytes], content_type: str, keep: Keep) -> Iterator[Part]:
    """The root part (SOAP) first, then the others as they arrive; plain XML is a root alone."""
    told, chunks = opened(untrusted_chunks, content_type)
    if told is None:
        yield _plain(chunks, keep)
        return
    early: list[Part] = []
    start = bare(told.get("start", ""))
    arriving = multipart.parts(chunks, told.get("boundary", ""), keep)
    for part in arriving:
        if part.content_id != start if start else part.media_type != _XOP:
            early.append(part)
            continue
        yield part
        yield from early
        yield from arriving
        return
    root = next((part for part in early if not start or part.media_type == _XOP), None)
    if root is None:
        raise unreadable("no root part")
    yield root
    yield from (part for part in early if part is not root)


def opened(untrusted_chunks: Iterable[bytes], content_type: str) -> tuple[dict[str, str] | None, Iterator[bytes]]:
    """The parameters of a multipart answer, None for plain XML, and all its bytes. Its first bytes are believed before its type:
    some servers tell one and send the other."""
    chunks = iter(untrusted_chunks)
    head = b""
    while len(head.lstrip()) < 2 and (chunk := next(chunks, None)) is not None:
        head += chunk
    media, told = parameters(content_type)
    begins = head.lstrip()
    is_multipart = begins.startswith(b"--") or (media.startswith("multipart/") and not begins.startswith(_XML))
    return (told if is_multipart else None), itertools.chain([head], chunks)


def _plain(untrusted_chunks: Iterable[bytes], keep: Keep) -> Part:
    receiving = Receiving({}, "", Keep(held=keep.held))
    for chunk in untrusted_chunks:
        receiving.take(memoryview(chunk))
    return receiving.whole()
