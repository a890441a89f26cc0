"""Messages altered at random, and the parsers of both sides that must take anything: shared by the tests and by atheris."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from lxml import etree

from dmp_desktop.dmp import (
    administrative,
    authorisation,
    catalogue,
    existence,
    habilitations,
    insi_answer,
    mtom,
    patient_list,
    person_search,
    registry_reader,
    retrieve,
    soap,
    submit,
    update,
)
from dmp_desktop.dmp.channel import Answer
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.ports import Transport, TransportReply
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import assertion as sandbox_assertion
from dmp_desktop.sandbox import authorisation as sandbox_authorisation
from dmp_desktop.sandbox import checks, insi_checks, lot_checks, update_checks
from dmp_desktop.sandbox import hl7 as sandbox_hl7
from dmp_desktop.sandbox import mtom as sandbox_mtom
from dmp_desktop.sandbox import person_search as sandbox_person_search
from dmp_desktop.sandbox import retrieve as sandbox_retrieve
from dmp_desktop.sandbox import search as sandbox_search
from dmp_desktop.sandbox import soap as sandbox_soap
from dmp_desktop.sandbox import submit as sandbox_submit
from dmp_desktop.sandbox.ebrim import oddities, read_lot
from dmp_desktop.sandbox.faults import RegistryRefusal, SoapFault
from dmp_desktop.sandbox.tolerances import Tolerances

TOKENS = (
    b"", b" ", b"\0", b"\xff", b"\r\n\r\n", b"\r\n--", b"--", b"<", b"&", b"&#x1F600;", b"&lol;", b"]]>", b"<!--", b"<?x?>",
    b'""', b"-1", b"9" * 30, b"\xc2\xb2", b"\xd9\xa3", b"^^^&&ISO^NH", b"urn:uuid:", b"%00", b"cid:", b"=", b";", b"A" * 5000,
)  # fmt: skip
VALUES = (
    "", " ", "-1", "0", "²", "٣", "9" * 40, "1e9", "NaN", "true", "urn:uuid:x", "20260230", "99999999999999", "20261122103000",
    "^^^&1&ISO^NH", "^" * 30, "&&&", "('a','b')", "('", "''", "é\u2028", "a:b:c", ":", "cid:%", "cid:%FF", "#x", "x" * 3000,
    "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved", "http://[", "AA==", "A", "soap:Sender",
)  # fmt: skip
_CODE = Code("x", "y")
ENTRY = DocumentEntry(
    "2.25.7",
    "urn:uuid:1",
    _CODE,
    _CODE,
    _CODE,
    datetime(2026, 1, 1, tzinfo=UTC),
    hash_sha1="0" * 40,
    repository_id="1",
)
INS = InsIdentity("279035121518989", OID_INS_TEST, InsStatus.QUALIFIEE)


@dataclass(frozen=True)
class Message:
    """One HTTP message as it went by."""

    path: str
    content_type: str
    body: bytes


class Recorder:
    """A Transport that keeps what goes by, both ways."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.requests: list[Message] = []
        self.answers: list[Message] = []

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> TransportReply:
        reply = self._transport.post(path, body, headers)
        kept = _Kept(reply.status, reply.headers, reply.read())
        self.requests.append(Message(path, headers["Content-Type"], body))
        self.answers.append(Message(path, reply.headers.get("Content-Type", ""), kept.body))
        return kept

    def listen(self, transport: Transport) -> None:
        """What goes by from now on goes there."""
        self._transport = transport

    def close(self) -> None:
        self._transport.close()


@dataclass(frozen=True)
class _Kept:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self) -> bytes:
        return self.body

    def chunks(self) -> Iterator[bytes]:
        yield self.body


def foreign(shared: Path) -> list[Message]:
    """Messages of IPF and of the NIST toolkit; the CDA documents beside them go through no parser of these."""
    found = []
    for path in sorted((shared / "samples/ihe").glob("*/*")):
        if path.parent.name == "c-cda":
            continue
        body, content_type = path.read_bytes(), "application/soap+xml"
        if path.name == "http-mtom-pnr.txt":
            head, _, body = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
            content_type = next(line for line in head.decode().splitlines() if line.startswith("Content-Type"))[13:]
        found.append(Message("/registry", content_type, body))
    return found


def altered(message: Message, random: Random) -> Message:
    """The message with one to four changes, of its bytes or of its elements; now and then of its Content-Type."""
    body, content_type = message.body, message.content_type
    for _ in range(random.randint(1, 4)):
        body = _elements(body, random) if random.random() < 0.6 else _bytes(body, random)
    if random.random() < 0.1:
        content_type = _bytes(content_type.encode("latin-1", "replace"), random).decode("latin-1")
    return Message(message.path, content_type, body)


def _bytes(body: bytes, random: Random) -> bytes:
    at = random.randrange(len(body) + 1)
    end = min(len(body), at + random.choice((0, 1, 2, 20, 500)))
    match random.randrange(4):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + body[at:end] * 3 + body[end:]
        case 2:
            return body[:at] + random.choice(TOKENS) + body[end:]
        case _:
            return body[:at] + random.randbytes(end - at) + body[end:]


def _elements(body: bytes, random: Random) -> bytes:
    """One change of the XML within `body`, a package or not; unchanged when it holds none that can be read."""
    start, stop = _xml_within(body)
    try:
        root = etree.fromstring(body[start:stop], etree.XMLParser(resolve_entities=False, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return body
    every = [element for element in root.iter() if isinstance(element.tag, str)]
    _change(random.choice(every), random)
    return body[:start] + etree.tostring(root) + body[stop:]


def _xml_within(body: bytes) -> tuple[int, int]:
    start = body.find(b"Envelope")
    if start < 0:
        return 0, len(body)
    stop = body.rfind(b"Envelope>") + len(b"Envelope>")
    return body.rfind(b"<", 0, start), stop


def _change(element: etree._Element, random: Random) -> None:
    parent = element.getparent()
    match random.randrange(8):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if parent is not None:
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
        case 2:
            element.text = random.choice(VALUES)
        case 3 if element.attrib:
            element.attrib[random.choice(list(element.attrib))] = random.choice(VALUES)
        case 4 if element.attrib:
            del element.attrib[random.choice(list(element.attrib))]
        case 5:
            element.clear()
        case 6:
            element.tag = random.choice(("x", "{urn:x}x", etree.QName(element).localname))
        case _:
            element.insert(0, random.choice((etree.Comment("x"), etree.ProcessingInstruction("x"), etree.Element("x"))))


READERS: tuple[Callable[[etree._Element], Any], ...] = (
    existence.read, administrative.read, person_search.read, patient_list.read, habilitations.read, authorisation.read,
    submit.read, lambda root: update.current(root, ENTRY), lambda root: retrieve.read(Answer(root, {}), ENTRY), lambda root: list(retrieve.documents(root, iter(()))),
)  # fmt: skip


def client_takes(message: Message) -> None:
    """Every parser of the client on what is taken for an answer: a DmpError each, or nothing."""
    body = message.body
    pieces = [body[at : at + 4096] for at in range(0, len(body), 4096)]
    with _only(DmpError):
        list(registry_reader.objects(pieces))
    with _only(DmpError):
        insi_answer.read(body)
    with _only(DmpError):
        catalogue.error(body[:20].decode("latin-1"), body[:200].decode("latin-1"))
    package = None
    with _only(DmpError):
        package = mtom.read(pieces, message.content_type)
    if package is None:
        return
    root = None
    with _only(DmpError):
        root = soap.parse_answer(package.root)
    if root is None:
        return
    with _only(DmpError):
        retrieve.read(Answer(root, package.parts), ENTRY)
    for read in READERS:
        with _only(DmpError):
            read(root)


def sandbox_takes(message: Message) -> None:
    """Every parser of the stand-in on what is taken for a request: a fault or a refusal each, or nothing."""
    told = {
        "CONTENT_TYPE": message.content_type,
        "CONTENT_LENGTH": str(len(message.body)),
        "wsgi.input": io.BytesIO(message.body),
    }
    untrusted, parts = message.body, {}
    with _only(SoapFault):
        untrusted, parts = sandbox_mtom.Incoming(told, 10**8).read()
    for tolerances in (Tolerances(), Tolerances.all()):
        envelope = None
        with _only(SoapFault):
            envelope = sandbox_soap.parse_envelope(untrusted, tolerances)
        if envelope is None:
            continue
        with _only(SoapFault):
            sandbox_assertion.verify(envelope.header, None, datetime(2026, 11, 22, tzinfo=UTC), tolerances)  # type: ignore[arg-type]
        for parse in (
            lambda body: sandbox_search.parse(body, tolerances),  # noqa: B023 - called here
            lambda body: sandbox_submit.parse(body, parts),
            lambda body: judged(body, tolerances),  # noqa: B023
            sandbox_retrieve.parse, sandbox_authorisation.parse, sandbox_hl7.parse, sandbox_person_search.parse,
        ):  # fmt: skip
            with _only(SoapFault, RegistryRefusal):
                parse(envelope.body)
        with _only(insi_checks.Violation):
            insi_checks.authorisation(envelope.header)
        for question in (insi_checks.traits, insi_checks.vitale):
            with _only(insi_checks.Violation):
                question(envelope.body)


def judged(body: etree._Element, tolerances: Tolerances) -> None:
    """Every rule on metadata: whatever the lot, it is told what is wrong."""
    subject = checks.Subject(read_lot(body, {}), INS, tolerances, oddities(body), structure="1", secret=True)
    checks.run(subject, {**lot_checks.RULES, **update_checks.RULES})


class _only:  # noqa: N801 - reads as a statement
    def __init__(self, *allowed: type[Exception]) -> None:
        self._allowed = allowed

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> bool:
        return kind is not None and issubclass(kind, self._allowed)
