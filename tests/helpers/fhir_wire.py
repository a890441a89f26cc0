"""FHIR messages as they went by, altered at random, and a transport that answers with what it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from dmp_desktop.dmp.transport import HttpReply, HttpsTransport

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 10**30, "", " ", "NaN", "²", "\ud800", "urn:uuid:", "urn:oid:", "9999-99-99", "2026-02-30T25:61:61Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "#", "#c1", "../..", "https://elsewhere.invalid/fhir?x", "AA==", "é\u2028",
    "x" * 5000, [], {}, [[]], [None], {"coding": "x"}, {"reference": {}}, [{"resourceType": "OperationOutcome"}],
)  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """One exchange: what was asked, and the answer."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    status: int
    answer: bytes


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self) -> bytes:
        return self.body

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.body), 4096):
            yield self.body[start : start + 4096]


class FhirRecorder:
    """A Transport that keeps what goes by, both ways."""

    def __init__(self, transport: HttpsTransport) -> None:
        self._transport = transport
        self.exchanges: list[Exchange] = []

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        reply: HttpReply = self._transport.send(method, path, body, headers)
        kept = Reply(reply.status, reply.headers, reply.read())
        self.exchanges.append(Exchange(method, path, body, headers, kept.status, kept.body))
        return kept

    def close(self) -> None:
        self._transport.close()


class Answering:
    """A Transport whose server gives the same answers in turn, the last one for ever. `asked`: method and path of each request."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []

    def send(self, method: str, path: str, body: bytes, _headers: Mapping[str, str]) -> Reply:
        self.asked.append((method, path))
        self.bodies.append(body)
        status, answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return Reply(status, {"Content-Type": "application/fhir+json"}, answer)

    def close(self) -> None:
        pass


def altered(body: bytes, random: Random) -> bytes:
    """One to four changes of the values or of the bytes of a resource."""
    for _ in range(random.randint(1, 4)):
        if random.random() < 0.7:
            try:
                resource = json.loads(body)
            except (ValueError, RecursionError):
                continue
            places = list(_places(resource))
            if places:
                holder, key = random.choice(places)
                if random.random() < 0.2 and isinstance(holder, dict):
                    del holder[key]
                else:
                    holder[key] = random.choice(VALUES)
            body = json.dumps(resource).encode()
        else:
            at = random.randrange(len(body) + 1)
            end = min(len(body), at + random.choice((0, 1, 20, 500)))
            put = random.choice((b"", b"\0", b"\xff", b"[" * 2000, b'{"a":' * 60, b"9" * 5000, b'"', body[at:end] * 3))
            body = body[:at] + put + body[end:]
    return body


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of a tree, as its holder and its name or number there."""
    if isinstance(node, (dict, list)):
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            yield node, key
            yield from _places(value)
