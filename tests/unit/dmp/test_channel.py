"""What an HTTP answer tells of a request that changed something: refused, perhaps carried out, or surely not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from lxml import etree

from dmp_desktop.dmp import existence, hl7, metadata, registry_reader
from dmp_desktop.dmp.channel import Channel
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.soap import xml_parser
from dmp_desktop.dmp.vihf import VihfFactory
from dmp_desktop.domain.access import AccessMode
from dmp_desktop.domain.documents import Author
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError
from tests.helpers.clock import FakeClock, SeededEntropy
from tests.unit.dmp.test_vihf import CALLER, SOFTWARE


class Reply:
    def __init__(self, status: int) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"Content-Type": "text/html"}

    def read(self) -> bytes:
        return b"<html>Bad gateway</html>"

    def chunks(self) -> Iterator[bytes]:
        yield self.read()


class Line:
    """A Transport that always gets the same answer."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.posts = 0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.posts += 1
        return Reply(self.status)

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
