"""SOAP 1.2 envelopes: reading requests with their WS-Addressing headers, writing answers and faults (reference §1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

from lxml import etree

from dmp_desktop.sandbox import names
from dmp_desktop.sandbox.faults import RegistryProblem, SoapFault
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.tolerances import Tolerances

MISSING_HEADER = "A required header representing a Message Addressing Property is not present"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request: its addressing properties, its header and the single element of its body."""

    action: str
    message_id: str
    header: etree._Element | None
    body: etree._Element


def parse_xml(untrusted: bytes, *, large: bool = False) -> etree._Element:
    """Parse without entities, network or document type. Raises SoapFault on anything else.

    `large` lifts libxml2's limit of 10 MB a text: a CDA may hold a scanned PDF, a SOAP message may not.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=large)
    try:
        root = etree.fromstring(untrusted, parser)
    except etree.XMLSyntaxError as error:
        raise SoapFault("DMPInvalidMessage", "Le message n'est pas un document XML bien formé") from error  # [R]
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise SoapFault("DMPInvalidMessage", "Le message contient une déclaration de type de document")  # [R]
    return root


def parse_envelope(untrusted: bytes, tolerances: Tolerances) -> Envelope:
    """Read a request. Raises SoapFault when the envelope, its headers or its body are not those the DMP demands."""
    root = parse_xml(untrusted)
    namespace = etree.QName(root).namespace
    accepted = {names.SOAP12, names.SOAP11} if tolerances.soap11 else {names.SOAP12}
    if etree.QName(root).localname != "Envelope" or namespace not in accepted:
        raise SoapFault("DMPInvalidMessage", "L'enveloppe n'est pas une enveloppe SOAP 1.2")  # [R]
    body = root.find(q(namespace or "", "Body"))
    contents = [] if body is None else [child for child in body if isinstance(child.tag, str)]  # beside comments
    if len(contents) != 1:
        raise SoapFault("DMPInvalidMessage", "Le corps SOAP doit contenir exactement un élément")  # [R]
    header = root.find(q(namespace or "", "Header"))
    action, message_id = _addressing(header, namespace or "", tolerances)
    return Envelope(action, message_id, header, contents[0])


def _addressing(header: etree._Element | None, soap: str, tolerances: Tolerances) -> tuple[str, str]:
    def one(name: str) -> etree._Element | None:
        found = [] if header is None else header.findall(q(names.WSA, name))
        if len(found) > 1:
            raise SoapFault("wsa:InvalidCardinality", f"{name} must occur once", names.WSA)
        return found[0] if found else None

    action, message_id, reply_to, to = (one(name) for name in ("Action", "MessageID", "ReplyTo", "To"))
    if not tolerances.missing_addressing:
        if action is None or message_id is None or reply_to is None or to is None:
            raise SoapFault("wsa:MessageAddressingHeaderRequired", MISSING_HEADER, names.WSA)
        if not (message_id.text or "").strip().startswith("urn:uuid:"):
            raise SoapFault("wsa:InvalidAddressingHeader", "MessageID must be a urn:uuid", names.WSA)
        address = reply_to.findtext(q(names.WSA, "Address"), "").strip()
        if address != names.WSA_ANONYMOUS:
            raise SoapFault("wsa:OnlyAnonymousAddressSupported", "ReplyTo must be anonymous", names.WSA)
        for element in (action, reply_to):
            if element.get(q(soap, "mustUnderstand")) not in {"true", "1"}:
                raise SoapFault("wsa:InvalidAddressingHeader", "Action and ReplyTo carry mustUnderstand", names.WSA)

    def text(element: etree._Element | None) -> str:
        return "" if element is None else (element.text or "").strip()

    return text(action), text(message_id)


def answer(action: str, relates_to: str, body: bytes) -> bytes:
    """An answer envelope around a body already written."""
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{names.SOAP12}" xmlns:a="{names.WSA}"><soap:Header>'
        f"<a:Action>{escape(action)}</a:Action><a:MessageID>urn:uuid:{uuid4()}</a:MessageID>"
        f"<a:To>{names.WSA_ANONYMOUS}</a:To>{related}</soap:Header><soap:Body>"
    )
    return head.encode() + body + b"</soap:Body></soap:Envelope>"


def fault(error: SoapFault, relates_to: str = "") -> bytes:
    """A fault as the DMP writes it: Sender, Subcode `soap:DMPxxxx`, reason in French."""
    prefix, _, code = error.code.rpartition(":")
    body = (
        f'<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode xmlns:{prefix or "soap"}="'
        f'{error.namespace}"><soap:Value>{prefix or "soap"}:{escape(code)}</soap:Value></soap:Subcode></soap:Code>'
        f'<soap:Reason><soap:Text xml:lang="fr">{escape(error.reason)}</soap:Text></soap:Reason></soap:Fault>'
    )
    return answer(names.ACTION_FAULT, relates_to, body.encode())


def registry_errors(problems: tuple[RegistryProblem, ...]) -> str:
    """`rs:RegistryErrorList`, or nothing when there is none (ebRS 3.0 §2.1.5)."""
    if not problems:
        return ""
    rows = "".join(
        f'<rs:RegistryError errorCode="{escape(problem.code)}" codeContext="{_attribute(problem.context)}" '
        f'severity="{names.SEVERITY_ERROR}" location="{_attribute(problem.location)}"/>'
        for problem in problems
    )
    return f'<rs:RegistryErrorList highestSeverity="{names.SEVERITY_ERROR}">{rows}</rs:RegistryErrorList>'


def registry_response(status: str, problems: tuple[RegistryProblem, ...] = ()) -> bytes:
    """`rs:RegistryResponse`, the answer of TD2.1 and TD3.3."""
    errors = registry_errors(problems)
    return f'<rs:RegistryResponse xmlns:rs="{names.RS}" status="{status}">{errors}</rs:RegistryResponse>'.encode()


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
