"""SOAP 1.2 envelopes with WS-Addressing, out by template and in by a wary parser (reference §1)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import NamedTuple

from lxml import etree

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.names import SOAP, SOAP_11, WSA, WSA_ANONYMOUS, WSSE
from dmp_desktop.dmp.xmltext import xml
from dmp_desktop.errors import DmpError

_ENVELOPE = (
    f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Header xmlns:wsa="{WSA}">'
    '<wsa:Action soap:mustUnderstand="true">{action}</wsa:Action><wsa:MessageID>urn:uuid:{message_id}</wsa:MessageID>'
    f'<wsa:ReplyTo soap:mustUnderstand="true"><wsa:Address>{WSA_ANONYMOUS}</wsa:Address></wsa:ReplyTo>'
    '<wsa:To></wsa:To><wsse:Security xmlns:wsse="' + WSSE + '">'
)
_BODY = "</wsse:Security></soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"

_SINCE_11 = {"Client": "Sender", "Server": "Receiver"}
"""What SOAP 1.2 calls the generic codes of SOAP 1.1 (SOAP 1.2 part 0 §6)."""
UNREADABLE = "ReponseIllisible"
ACTION, RELATES_TO = f"{{{WSA}}}Action", f"{{{WSA}}}RelatesTo"
_REPLY = f"{WSA}/reply"
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of XML accepted in one answer: 2,000 entries weigh 32 MB."""


class Asked(NamedTuple):
    """What an answer is held to: MessageID of its request, and its own Action. Empty: not compared."""

    message_id: str = ""
    answer: str = ""


ANYTHING = Asked()


def unreadable(why: str) -> DmpError:
    """The answer makes no sense; what was asked may have been done."""
    return DmpError(
        UNREADABLE,
        "La réponse du DMP est illisible.",
        "Réessayez ; si cela persiste, transmettez le rapport de diagnostic au support.",
        retryable=True,
        ambiguous=True,
    ).with_detail(why)


def envelope(action: str, body: str, assertion: bytes, message_id: uuid.UUID) -> bytes:
    """The request's bytes; `assertion` is spliced in untouched: its signature holds. `To` is empty, as in the DMP's samples."""
    head = _ENVELOPE.format(action=xml(action), message_id=message_id)
    return head.encode() + assertion + _BODY.format(body=body).encode()


def content_type(action: str) -> str:
    return f'application/soap+xml; charset=UTF-8; action="{action}"'


def xml_parser() -> etree.XMLParser:
    """A parser that resolves nothing and reaches nowhere."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def parse_envelope(
    untrusted_body: bytes, longest: int, refused: Callable[[str], DmpError], versions: Collection[str] = (SOAP,)
) -> etree._Element:
    """The Envelope. Raises what `refused` makes of more than `longest` bytes, a DOCTYPE, or no SOAP of these `versions`."""
    if len(untrusted_body) > longest:
        raise refused("too long")
    try:
        root: etree._Element = etree.fromstring(untrusted_body, xml_parser())
    except etree.XMLSyntaxError:
        raise refused("not XML") from None
    if root.getroottree().docinfo.internalDTD is not None or root.tag not in [f"{{{one}}}Envelope" for one in versions]:
        raise refused("not SOAP 1.2")
    return root


def parse_answer(untrusted_body: bytes, asked: Asked = ANYTHING) -> etree._Element:
    """The Body's first element, comments left aside.

    Raises DmpError on a fault, a DOCTYPE, what is not SOAP 1.2, or the answer to another request. A fault of SOAP 1.1 is one too:
    servers that were not asked in their version say so in it, as what stands before them does.
    """
    root = parse_envelope(untrusted_body, MAX_ANSWER, unreadable, (SOAP, SOAP_11))
    version = etree.QName(root).namespace
    for related in root.iterfind(f"{{{version}}}Header/{RELATES_TO}"):
        check_relates(related, asked.message_id)
    body = next(root.iterchildren(f"{{{version}}}Body"), None)
    content = None if body is None else next(body.iterchildren("*"), None)
    if content is None:
        raise unreadable("empty body")
    if content.tag == f"{{{version}}}Fault":
        raise fault(content) if version == SOAP else _fault_11(content)
    if version != SOAP:
        raise unreadable("not SOAP 1.2")
    for action in root.iterfind(f"{{{SOAP}}}Header/{ACTION}"):
        check_action(action.text or "", asked)
    return content


def check_relates(related: etree._Element, asked: str, refused: Callable[[str], DmpError] = unreadable) -> None:
    """Raises what `refused` makes of the answer to another request than `asked` (WS-Addressing 1.0 §3.4; reference §1).

    An answer that names none is read: TLS carries one after the other. Other relationships than Reply (the default) say nothing
    of that.
    """
    if asked and related.get("RelationshipType") in (None, _REPLY) and (related.text or "").strip() != asked:
        raise refused("answer to another request")


def check_action(told: str, asked: Asked) -> None:
    """Raises DmpError for the answer to another kind of question (reference §2.1). To be asked of what is no fault, which has an
    Action of its own; an answer that tells none is read, as without RelatesTo."""
    if asked.answer and told.strip() != asked.answer:
        raise unreadable("answer to another kind of request")


def fault(element: etree._Element) -> DmpError:
    """The error a SOAP fault stands for: its Subcode's local name is the DMP's code."""
    code = element.findtext(f"{{{SOAP}}}Code/{{{SOAP}}}Subcode/{{{SOAP}}}Value") or element.findtext(
        f"{{{SOAP}}}Code/{{{SOAP}}}Value"
    )
    reason = element.findtext(f"{{{SOAP}}}Reason/{{{SOAP}}}Text") or ""
    return catalogue.error((code or "SoapFault").rpartition(":")[2], reason)


def _fault_11(element: etree._Element) -> DmpError:
    """SOAP 1.1 §4.4: its elements have no namespace, and what follows a dot is more precise (`Client.Authentication`)."""
    code = (element.findtext("faultcode") or "").strip().rpartition(":")[2]
    generic, _, precise = code.partition(".")
    known = precise if precise in catalogue.CODES else _SINCE_11.get(generic, code)
    return catalogue.error(known or "SoapFault", element.findtext("faultstring") or "")
