"""One conversation in FHIR: the VIHF as a bearer token, the transport, and what HTTP says around the answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlencode, urlsplit

from dmp_desktop.dmp.channel import SHORT_ANSWER, Reading, at_most, in_reading
from dmp_desktop.dmp.fhir import names, outcome, tree
from dmp_desktop.dmp.fhir.search import Parameters
from dmp_desktop.dmp.fhir.tree import Node
from dmp_desktop.dmp.soap import MAX_ANSWER, unreadable
from dmp_desktop.dmp.vihf import VihfFactory
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import Transport, TransportReply
from dmp_desktop.errors import DmpError

MAX_PAGES = 1000
"""Of one search: a server whose pages never end is not followed for ever."""


class FhirChannel:
    """Sends requests about a patient in one access mode; `secret`: without the legal representatives of a minor seeing it."""

    def __init__(self, transport: Transport, vihf: VihfFactory, access: AccessMode, *, secret: bool = False) -> None:
        self._transport = transport
        self._vihf = vihf
        self._access = access
        self._secret = secret

    def in_mode(self, access: AccessMode, *, secret: bool) -> FhirChannel:
        """The same conversation in another mode: the connection and the assertions signed so far are shared."""
        return FhirChannel(self._transport, self._vihf, access, secret=secret)

    def search(
        self, kind: str, criteria: Parameters, patient: InsIdentity, *, documents: int | None = None
    ) -> Iterator[Node]:
        """The resources of that kind, page after page, asked by form: the INS stays out of addresses, which are logged.

        `documents`: how many it is about, where the answer is bounded as in SOAP (`SHORT_ANSWER`) and has so many pages at most.
        """
        pages, left = (MAX_PAGES, MAX_ANSWER) if documents is None else (documents, documents * SHORT_ANSWER)
        reply = self.ask("POST", f"/{kind}/_search", urlencode(criteria).encode(), names.FORM, patient)
        seen: set[str] = set()
        while True:
            untrusted = b"".join(at_most(reply.chunks(), min(left, tree.MAX_PAGE)))
            left -= len(untrusted)
            bundle = _resource(untrusted)
            yield from _resources(bundle, kind)
            following = _next(bundle)
            if not following:
                return
            if following in seen or len(seen) + 1 >= pages:
                raise unreadable("endless pages")
            seen.add(following)
            reply = self._page(kind, following, patient)

    def _page(self, kind: str, following: str, patient: InsIdentity) -> TransportReply:
        """The page a link names: by form where it repeats the criteria, and so the INS (RFC 3986 writes one value many ways)."""
        path, _, asked = following.partition("?")
        if path in (f"/{kind}", f"/{kind}/_search") and patient.value in unquote(asked):
            return self.ask("POST", f"/{kind}/_search", asked.encode(), names.FORM, patient)
        return self.ask("GET", following, b"", "", patient)

    def ask(self, method: str, path: str, body: bytes, content_type: str, patient: InsIdentity) -> TransportReply:
        """A question that changes nothing: asked once more when the connection broke (a kept-alive one may have gone stale)."""
        return self._asked(method, path, body, self._headers(patient, content_type))

    def fetch(self, path: str, patient: InsIdentity) -> TransportReply:
        """The bytes of a document, under their own media type."""
        return self._asked("GET", path, b"", {**self._headers(patient, ""), "Accept": "*/*"})

    def tell(
        self, method: str, path: str, body: bytes, patient: InsIdentity, more: Mapping[str, str] | None = None
    ) -> Node:
        """A request that changes something, sent exactly once. Returns the answer's resource, empty when it has none."""
        headers = {**self._headers(patient, names.JSON), **(more or {})}
        reply = _checked(self._transport.send(method, path, body, headers))
        untrusted = b"".join(at_most(reply.chunks(), SHORT_ANSWER))
        return _resource(untrusted) if untrusted else {}

    def _asked(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        try:
            reply = self._transport.send(method, path, body, headers)
        except DmpError as error:
            if not error.ambiguous:
                raise
            try:
                reply = self._transport.send(method, path, body, headers)
            except DmpError as again:
                raise in_reading(again) from None
        return _checked(Reading(reply))

    def _headers(self, patient: InsIdentity, content_type: str) -> dict[str, str]:
        assertion = self._vihf.assertion(patient, self._access, secret=self._secret)
        token = base64.urlsafe_b64encode(assertion).decode()
        headers = {"Authorization": f"Bearer {token}", "Accept": names.JSON}
        return {**headers, "Content-Type": content_type} if content_type else headers


def _resource(untrusted: bytes) -> Node:
    """The resource of a reply. Raises DmpError for what is none, or a refusal in spite of its status."""
    resource = tree.parse(untrusted)
    outcome.refuse(resource)
    return resource


def _resources(bundle: Node, kind: str) -> Iterator[Node]:
    if tree.text(bundle, "resourceType") != "Bundle":
        raise unreadable("no Bundle")
    for entry in tree.children(bundle, "entry"):
        resource = tree.child(entry, "resource")
        outcome.refuse(resource)
        if tree.text(resource, "resourceType") == kind or kind == "Patient":
            yield resource


def _next(bundle: Node) -> str:
    """Path and criteria of the page that follows, under our own base whatever host the link names: we go nowhere else."""
    for link in tree.children(bundle, "link"):
        if tree.text(link, "relation") == "next":
            try:
                found = urlsplit(tree.text(link, "url"))
            except ValueError:
                raise unreadable("link") from None
            path = found.path.removeprefix(names.BASE) if f"{found.path}/".startswith(f"{names.BASE}/") else found.path
            if not found.path.startswith("/"):
                path = f"/{found.path}"
            if not _is_plain(path + found.query):
                raise unreadable("link")
            return f"{path}?{found.query}" if found.query else path
    return ""


def _is_plain(address: str) -> bool:
    """Nothing but printable ASCII in an address, and no way up."""
    return address.isascii() and address.isprintable() and " " not in address and ".." not in address


def _checked(reply: TransportReply) -> TransportReply:
    """Let a success pass; turn everything else into a DmpError."""
    if reply.status in (200, 201, 204):
        return reply
    raise outcome.error(
        reply.status, b"".join(at_most(reply.chunks(), SHORT_ANSWER))
    )  # to its end: the connection serves again
