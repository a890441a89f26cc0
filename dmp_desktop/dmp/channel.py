"""One SOAP conversation: envelope, VIHF, transport, and what HTTP says around the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from dmp_desktop.dmp import catalogue, mtom, names, soap
from dmp_desktop.dmp.parts import Keep, Part
from dmp_desktop.dmp.vihf import VihfFactory
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import Entropy, Transport, TransportReply
from dmp_desktop.errors import DmpError

SHORT_ANSWER = 1024 * 1024
"""Bytes of an acknowledgement, and of what is told of one document: the time these may take is that of the outbox's lease."""


class Channel:
    """Sends requests for a patient in one access mode; `secret`: without the legal representatives of a minor seeing it."""

    def __init__(
        self, transport: Transport, vihf: VihfFactory, entropy: Entropy, access: AccessMode, *, secret: bool = False
    ) -> None:
        self._transport = transport
        self._vihf = vihf
        self._entropy = entropy
        self._access = access
        self._secret = secret

    def in_mode(self, access: AccessMode, *, secret: bool) -> Channel:
        """The same conversation in another mode: the connection and the assertions signed so far are shared."""
        return Channel(self._transport, self._vihf, self._entropy, access, secret=secret)

    def ask(self, path: str, action: str, body: str, patient: InsIdentity | None) -> Reading:
        """A question that changes nothing (`asked`). Raises DmpError for any answer but a success."""
        held_to, request = self._envelope(action, body, patient)
        try:
            reply = asked(self._transport, path, request, soap.content_type(action))
        except DmpError as error:
            raise in_reading(error) from None
        reading = Reading(reply, held_to)
        _check(reading)
        return reading

    def tell(
        self, path: str, action: str, body: str, patient: InsIdentity, parts: Sequence[tuple[str, str, bytes]] = ()
    ) -> etree._Element:
        """A request that changes something, sent exactly once; with `parts` as an MTOM package. Returns the answer's content."""
        held_to, request = self._envelope(action, body, patient)
        headers = {"Content-Type": soap.content_type(action)}
        if parts:
            request, headers["Content-Type"] = mtom.write(request, action, parts, self._entropy.uuid())
        reply = self._transport.post(path, request, headers)
        _check(reply)
        return soap.parse_answer(mtom.read(at_most(reply.chunks(), SHORT_ANSWER), _type(reply)).root, held_to)

    def _envelope(self, action: str, body: str, patient: InsIdentity | None) -> tuple[soap.Asked, bytes]:
        """What its answer is held to, and the request."""
        assertion = self._vihf.assertion(patient, self._access, secret=self._secret)
        unique = self._entropy.uuid()
        held_to = soap.Asked(f"urn:uuid:{unique}", names.ANSWERS.get(action, ""))
        return held_to, soap.envelope(action, body, assertion, unique)


class Reading:
    """The reply to a question. `asked` is what it is held to where it comes by SOAP."""

    def __init__(self, reply: TransportReply, asked: soap.Asked = soap.ANYTHING) -> None:
        self._reply = reply
        self.asked = asked
        self.status = reply.status
        self.headers = reply.headers

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        try:
            yield from self._reply.chunks()
        except DmpError as error:
            raise in_reading(error) from None


def in_reading(error: DmpError) -> DmpError:
    """The same error, in the words of who only read: nothing was being sent, and to ask again is for them to do."""
    if not error.ambiguous or error.code not in ("ReponsePerdue", "EnvoiInterrompu"):
        return error
    return DmpError(
        error.code,
        "La connexion avec le DMP a été coupée avant la fin de sa réponse.",
        "Vérifiez la connexion internet, puis recommencez ; rien n'a été changé dans le DMP.",
        retryable=error.retryable,
        ambiguous=True,
    ).with_detail(error.detail)


def asked(transport: Transport, path: str, request: bytes, content_type: str) -> TransportReply:
    """The reply to what changes nothing: asked once more when the connection broke (a kept-alive one may have gone stale)."""
    headers = {"Content-Type": content_type}
    try:
        return transport.post(path, request, headers)
    except DmpError as error:
        if not error.ambiguous:
            raise
        return transport.post(path, request, headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of a SOAP answer and the parts beside it, by content id."""

    root: etree._Element
    parts: dict[str, Part]


def content(reply: Reading, keep: Keep | None = None, *, limit: int | None = None) -> Answer:
    """Read a reply, multipart or plain, of at most `limit` bytes. Raises DmpError on a fault or what cannot be read."""
    chunks = reply.chunks() if limit is None else at_most(reply.chunks(), limit)
    package = mtom.read(chunks, _type(reply), keep)
    return Answer(soap.parse_answer(package.root, reply.asked), package.parts)


def at_most(untrusted_chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The same chunks. Raises DmpError after `limit` bytes."""
    total = 0
    for chunk in untrusted_chunks:
        total += len(chunk)
        if total > limit:
            raise soap.unreadable("too long")
        yield chunk


def in_order(reply: Reading, keep: Keep) -> Iterator[Part]:
    """The root of a reply, then the other parts as they arrive."""
    return mtom.in_order(reply.chunks(), _type(reply), keep)


def xml_chunks(reply: Reading) -> Iterator[bytes]:
    """The XML of a reply as it arrives, or at once where a package holds it."""
    told, chunks = mtom.opened(reply.chunks(), _type(reply))
    if told is None:
        return chunks
    return iter([mtom.read(chunks, _type(reply)).root])


def _type(reply: TransportReply) -> str:
    return reply.headers.get("Content-Type", "")


def _check(reply: TransportReply) -> None:
    """Let a success pass; turn everything else into a DmpError. SOAP 1.2 faults come with HTTP 500 or 400.

    Any other error of the server, or of what stands before it (502 to 504), tells nothing of what became of the request.
    """
    if reply.status == 200:
        return
    if reply.status in (400, 500):
        try:
            told = mtom.read(at_most(reply.chunks(), SHORT_ANSWER), _type(reply)).root
            soap.parse_answer(told)  # what the fault says
        except DmpError as error:
            if error.code != soap.UNREADABLE:  # else no message of the DMP: the status is all there is
                raise
    else:
        for _chunk in reply.chunks():  # to the end, so that the connection serves again
            pass
    raise catalogue.http_error(reply.status)
