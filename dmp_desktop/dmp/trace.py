"""A trace of the conversation with the DMP for the support, on demand: structure and codes, never what they hold.

One line of JSON a request: when, where, which action, HTTP status, durations, sizes, error codes, and the names of the elements
of both messages. No text, no attribute but error codes, no header but media types, no byte of a document, no assertion's content.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from lxml import etree

from dmp_desktop.dmp import names
from dmp_desktop.dmp.fhir.names import RESOURCES
from dmp_desktop.dmp.fhir.outcome import codes as outcome_codes
from dmp_desktop.domain.ports import Clock, Transport, TransportReply
from dmp_desktop.errors import DmpDesktopError

FILE_NAME = "trace-dmp.jsonl"
_MAX_BYTES, _FILES = 2_000_000, 3
HEAD = 256 * 1024
"""Bytes of a message whose elements are told: 36 entries of a list."""
_MAX_OUTLINE = 6000
_KNOWN = frozenset(value for value in vars(names).values() if isinstance(value, str))
"""Vocabularies whose names may be told. A name of another could be anything."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_CODE = re.compile(r"[A-Za-z][A-Za-z_.:-]{0,60}\d{0,4}")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}")
_ACTION = re.compile(r'action="([A-Za-z0-9:/._-]{1,120})"')
_PATH = re.compile(r"[A-Za-z$_]*")
"""A segment that names a kind of thing: identifiers have digits."""
_RESOURCE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{1,40})"')
_ENVELOPE = re.compile(rb"<(?:[\w.-]{1,40}:)?Envelope[\s>]")


class Trace:
    """The file in `folder`, for its user alone, of bounded size."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Raises OSError when the file cannot be written."""
        self._clock = clock
        file = folder / FILE_NAME
        file.touch(mode=0o600)
        self._handler = RotatingFileHandler(file, maxBytes=_MAX_BYTES, backupCount=_FILES - 1, encoding="utf-8")

    def watch(self, transport: Transport) -> Transport:
        """The same transport, traced."""
        return _Traced(transport, self)

    def close(self) -> None:
        self._handler.close()

    def now(self) -> datetime:
        return self._clock.now()

    def write(self, told: Mapping[str, object]) -> None:
        line = json.dumps(told, ensure_ascii=False)
        self._handler.handle(logging.LogRecord(__name__, logging.INFO, "", 0, line.replace("%", "%%"), (), None))


class _Traced:
    def __init__(self, transport: Transport, trace: Trace) -> None:
        self._transport, self._trace = transport, trace

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        return self._told("POST", path, body, headers, lambda: self._transport.post(path, body, headers))

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        return self._told(method, path, body, headers, lambda: self._transport.send(method, path, body, headers))

    def _told(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], exchange: Callable[[], TransportReply]
    ) -> TransportReply:
        media = headers.get("Content-Type", "")
        action = _ACTION.search(media)
        told: dict[str, object] = {
            "at": self._trace.now().isoformat(timespec="milliseconds"),
            "method": method,
            "path": _path(path),
            "action": action[1] if action else "",
            "sent_type": _media(media),
            "sent_bytes": len(body),
            "sent": outline(body),
        }
        began = time.monotonic()
        try:
            reply = exchange()
        except DmpDesktopError as error:
            self._trace.write(told | {"seconds": _since(began), "error": _code(error.code)})
            raise
        return _TracedReply(reply, self._trace, told | {"status": reply.status, "first_seconds": _since(began)}, began)

    def close(self) -> None:
        self._transport.close()


class _TracedReply:
    """Tells its line once its body is read, or given up."""

    def __init__(self, reply: TransportReply, trace: Trace, told: dict[str, object], began: float) -> None:
        self._reply, self._trace, self._told, self._began = reply, trace, told, began
        self.status = reply.status
        self.headers = reply.headers

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        head, size = b"", 0
        told = self._told | {"type": _media(self.headers.get("Content-Type", "")), "whole": False}
        try:
            for chunk in self._reply.chunks():
                size += len(chunk)
                head += chunk[: HEAD - len(head)]
                yield chunk
            told["whole"] = True
        except DmpDesktopError as error:
            told["error"] = _code(error.code)
            raise
        finally:
            told |= {"seconds": _since(self._began), "bytes": size, "codes": codes(head), "received": outline(head)}
            self._trace.write(told)


def outline(untrusted: bytes) -> str:
    """Names of the elements as they nest, those that repeat counted: `Envelope(Header(Action) Body(x Slot*3))`."""
    root = _parsed(untrusted)
    return _resources(untrusted) if root is None else _names(root, 0)[:_MAX_OUTLINE]


def codes(untrusted: bytes) -> list[str]:
    """Subcodes of a fault and errorCode of registry errors, in order."""
    root = _parsed(untrusted)
    if root is None:
        return [_code(code) for code in outcome_codes(untrusted)][:20]
    told = [(value.text or "").rpartition(":")[2] for value in root.iter(f"{{{names.SOAP}}}Value")]
    told += [error.get("errorCode", "") for error in root.iter(f"{{{names.RS}}}RegistryError")]
    return [_code(code) for code in told][:20]


def _parsed(untrusted: bytes) -> etree._Element | None:
    """As much of the envelope as can be read, within a package or not."""
    found = _ENVELOPE.search(untrusted[:HEAD])
    if found is None:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    with contextlib.suppress(etree.XMLSyntaxError):
        root: etree._Element | None = etree.fromstring(untrusted[found.start() : HEAD], parser)
        return root
    return None


def _names(element: etree._Element, depth: int) -> str:
    told: list[tuple[str, int]] = []
    for child in element.iterchildren("*") if depth < 30 else ():
        inner = _names(child, depth + 1)
        if told and told[-1][0] == inner:
            told[-1] = (inner, told[-1][1] + 1)
        else:
            told.append((inner, 1))
    inside = " ".join(name if count == 1 else f"{name}*{count}" for name, count in told)
    return f"{_name(element)}({inside})" if inside else _name(element)


def _name(element: etree._Element) -> str:
    told = etree.QName(element)
    return told.localname if told.namespace in _KNOWN and _NAME.fullmatch(told.localname) else "?"


def _code(untrusted: str) -> str:
    return untrusted if _CODE.fullmatch(untrusted) else "?"


def _resources(untrusted: bytes) -> str:
    """The kinds of FHIR resources in the order they first come, counted: `Bundle DocumentReference*60`."""
    found = Counter(kind.decode() for kind in _RESOURCE.findall(untrusted[:HEAD]))
    named = Counter({kind if kind in RESOURCES else "?": 0 for kind in found})
    for kind, count in found.items():
        named[kind if kind in RESOURCES else "?"] += count
    return " ".join(kind if count == 1 else f"{kind}*{count}" for kind, count in named.items())


def _path(path: str) -> str:
    """Where, without the criteria of a question nor the identifiers of what is asked for."""
    told = path.partition("?")[0].split("/")
    return "/".join(part if len(part) < 20 and _PATH.fullmatch(part) else "…" for part in told)


def _media(content_type: str) -> str:
    told = content_type.partition(";")[0].strip().lower()
    return told if _MEDIA.fullmatch(told) else "?"


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
