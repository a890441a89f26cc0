"""Envelopes, faults and MTOM packages; what a server may send never crashes the client."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.dmp import catalogue, mtom, soap
from dmp_desktop.dmp.multipart import bare
from dmp_desktop.errors import DmpError

FAULT = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>
<s:Subcode><s:Value>soap:{code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="fr">Refus</s:Text></s:Reason>
</s:Fault></s:Body></s:Envelope>"""


def test_a_known_fault_speaks_french() -> None:
    with pytest.raises(DmpError) as caught:
        soap.parse_answer(FAULT.format(code="DMPAccessDeniedByRightsService").encode())
    assert caught.value.code == "DMPAccessDeniedByRightsService"
    assert "droits" in caught.value.message_fr
    assert caught.value.detail == "Refus"


def test_an_unknown_fault_is_shown_as_it_is() -> None:
    with pytest.raises(DmpError, match="DMPNouveauCode"):
        soap.parse_answer(FAULT.format(code="DMPNouveauCode").encode())


def test_the_servers_words_stay_out_of_the_message_that_logs_hold() -> None:
    error = catalogue.error("DMPClosed", "patient 279035121518989")
    assert "279035121518989" not in str(error)
    assert "279035121518989" not in repr(error)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html/>",
        b"not xml",
        b'<!DOCTYPE e [<!ENTITY x "y">]><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a/></s:Body></s:Envelope>',
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><!-- a --><?a b?></s:Body></s:Envelope>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>',
    ],
)
def test_what_is_not_an_answer_is_ambiguous(answer: bytes) -> None:
    with pytest.raises(DmpError) as caught:
        soap.parse_answer(answer)
    assert (caught.value.code, caught.value.ambiguous) == ("ReponseIllisible", True)


def test_a_comment_before_the_answer_is_not_the_answer() -> None:
    answer = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><!-- a --><b/></s:Body></s:Envelope>'
    )
    assert soap.parse_answer(answer).tag == "b"


@given(st.lists(st.binary(max_size=300), max_size=4), st.binary(max_size=300))
def test_packages_come_back_as_they_left(contents: list[bytes], root: bytes) -> None:
    parts = [(f"part{number}@test", "text/xml", content) for number, content in enumerate(contents)]
    body, content_type = mtom.write(root, "urn:test", parts, uuid.UUID(int=7))
    package = mtom.read([body], content_type)
    assert package.root == root
    assert {name: part.content for name, part in package.parts.items()} == {name: data for name, _, data in parts}


@given(st.binary(max_size=500))
def test_any_bytes_are_no_answer_and_an_error(untrusted: bytes) -> None:
    with pytest.raises(DmpError):
        soap.parse_answer(mtom.read([untrusted], 'multipart/related; boundary="b"; start="<x>"').root)


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_a_package_cut_short_is_never_taken_for_whole(cut: int) -> None:
    body, content_type = mtom.write(b"<root/>", "urn:test", [("a", "text/xml", b"abcdef")], uuid.UUID(int=7))
    with pytest.raises(DmpError):
        mtom.read([body[: -4 - cut]], content_type)


def test_bytes_that_look_like_a_boundary_inside_a_line() -> None:
    delimiter = b"--MIMEBoundary_00000000000000000000000000000007"
    body, content_type = mtom.write(b"<root/>", "urn:test", [("a", "text/xml", b"@@")], uuid.UUID(int=7))
    package = mtom.read([body.replace(b"@@", b"x" + delimiter + b"y")], content_type)
    assert package.parts["a"].content == b"x" + delimiter + b"y"


@pytest.mark.parametrize("href", ["cid:a%40b", "cid:a@b", "a@b"])
def test_content_ids_are_percent_decoded(href: str) -> None:
    assert bare(href) == "a@b"
