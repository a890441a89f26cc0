"""What an HTTP answer tells of a request that changed something: refused, perhaps carried out, or surely not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from lxml import etree

from dmp_desktop.dmp import existence, hl7, metadata, registry_reader
from dmp_desktop.dmp.channel import Channel
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.soap import UNREADABLE, parse_answer, xml_parser
from dmp_desktop.dmp.vihf import VihfFactory
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Author
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.unit.dmp.test_vihf import CALLER, SOFTWARE


class Reply:
    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"Content-Type": "text/html"}
        self._body = body

    def read(self) -> bytes:
        return self._body

    def chunks(self) -> Iterator[bytes]:
        yield self.read()


class Line:
    """A Transport that always gets the same answer."""

    def __init__(self, status: int, body: bytes = b"<html>Bad gateway</html>") -> None:
        self.status, self.body = status, body
        self.posts = 0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.posts += 1
        return Reply(self.status, self.body)

    def close(self) -> None:
        return None


@pytest.mark.parametrize(
    ("status", "retryable", "ambiguous"),
    [
        (202, False, True), (400, False, False), (403, False, False), (404, False, False), (408, True, True), (413, False, False),
        (429, True, False), (500, True, True), (501, True, True), (502, True, True), (503, True, True), (504, True, True), (507, True, True),
    ],
)  # fmt: skip
def test_only_a_plain_refusal_is_sure(
    identity: Pkcs12Identity,
    clock: FakeClock,
    entropy: SeededEntropy,
    ins: InsIdentity,
    status: int,
    retryable: bool,
    ambiguous: bool,
) -> None:
    """A gateway may answer 504 after the DMP stored the document; a 500 without a SOAP fault tells nothing either,
    a 400 is a refusal all the same."""
    line = Line(status)
    vihf = VihfFactory(identity.signature, CALLER, SOFTWARE, clock, entropy)
    channel = Channel(line, vihf, entropy, AccessMode.NORMAL)
    with pytest.raises(DmpError) as caught:
        channel.tell("/repository", "urn:x", "<x/>", ins)
    assert (caught.value.retryable, caught.value.ambiguous) == (retryable, ambiguous)
    assert line.posts == 1


FAULT_11 = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>{}</faultcode>'
    "<faultstring>Quota journalier atteint</faultstring></s:Fault></s:Body></s:Envelope>"
)


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("told", "code", "goes_on"),
    [
        ("s:Client", "Sender", False), ("s:Client.Authentication", "Sender", False), ("s:Server", "Receiver", True),
        ("s:MustUnderstand", "MustUnderstand", False), ("s:Client.DMPQuota", "Sender", False), ("x:DMPQuota", "DMPQuota", False),
        ("s:Client.XDSUnknownPatientId", "XDSUnknownPatientId", False), ("", "SoapFault", False),
    ],
)  # fmt: skip
def test_a_fault_of_soap_11_is_a_refusal_too(
    identity: Pkcs12Identity,
    clock: FakeClock,
    entropy: SeededEntropy,
    ins: InsIdentity,
    status: int,
    told: str,
    code: str,
    goes_on: bool,
) -> None:
    """A deposit that is refused does not go on for ever, and says why."""
    line = Line(status, FAULT_11.format(told).encode())
    vihf = VihfFactory(identity.signature, CALLER, SOFTWARE, clock, entropy)
    channel = Channel(line, vihf, entropy, AccessMode.NORMAL)
    with pytest.raises(DmpError) as caught:
        channel.tell("/repository", "urn:x", "<x/>", ins)
    error = caught.value
    assert (error.code, error.retryable or error.ambiguous, error.reason) == (code, goes_on, "Quota journalier atteint")


def test_nothing_but_a_fault_is_read_of_soap_11() -> None:
    answer = FAULT_11.replace("s:Fault>", "x>").format("").encode()
    with pytest.raises(DmpError, match=UNREADABLE):
        parse_answer(answer)


def test_an_odd_td02_answer_is_not_an_absent_record() -> None:
    answer = """<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><acknowledgement typeCode="AA"/><controlActProcess><queryAck>
    <queryResponseCode code="{}"/></queryAck></controlActProcess></PRPA_IN201308UV02>"""
    assert not existence.read(etree.fromstring(answer.format("NF"), xml_parser())).exists
    with pytest.raises(DmpError) as caught:
        existence.read(etree.fromstring(answer.format("QE"), xml_parser()))
    assert caught.value.code == "ReponseIllisible"


@pytest.mark.parametrize("text", ["Martin & Fils", "A^B", "C|D~E", "back\\slash \\T\\", "plain"])
def test_separators_in_names_are_escaped_and_come_back(text: str) -> None:
    assert hl7.unescape(hl7.escape(text)) == text
    assert not set("^&|~") & set(hl7.escape(text))


@pytest.mark.parametrize(
    ("root", "identifier", "end"),
    [
        ("1.2.250.1.71.4.2.1", "810002422979", "^D^^^IDNPS"),
        ("1.2.250.1.71.4.2.1", "410002422979001/CPET0001", "^D^^^EI"),
        ("1.2.250.1.213.1.4.10", "279035121518989", "^D^^^NH"),
        ("1.2.250.1.999.1", "AUTOMATE", "^U^^^RI"),
    ],
)
def test_the_type_of_an_author_identifier_follows_its_authority(root: str, identifier: str, end: str) -> None:
    assert metadata.person(Author("X", "Y", identifier, root)).endswith(f"&{root}&ISO{end}")


@pytest.mark.parametrize("size", ["12 Ko", "-1", "²", "", "9" * 40])
def test_an_odd_size_does_not_lose_the_list(size: str) -> None:
    rim = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
    entry = f'<r:ExtrinsicObject xmlns:r="{rim}" id="x"><r:Slot name="size"><r:ValueList><r:Value>{size}</r:Value></r:ValueList></r:Slot></r:ExtrinsicObject>'
    assert registry_reader.entry(etree.fromstring(entry)).size == 0
