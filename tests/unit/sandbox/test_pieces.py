"""The parts that need no server: multipart, names, criteria, values, PDF."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.sandbox import dn, mtom, soap, syntax
from dmp_desktop.sandbox.criteria import Parameters
from dmp_desktop.sandbox.faults import RegistryRefusal, SoapFault
from dmp_desktop.sandbox.records import analyses, pdf
from dmp_desktop.sandbox.tolerances import Tolerances
from tests.helpers.dmp_lot import multipart


class Slow(io.BytesIO):
    """A stream that gives at most three bytes at a time, as a network may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(3, size) if size and size > 0 else size)


def environ(content_type: str, body: bytes, stream: type[io.BytesIO] = io.BytesIO) -> dict[str, Any]:
    return {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": stream(body)}


@given(st.binary(max_size=300), st.lists(st.binary(max_size=300), max_size=4))
def test_multipart_gives_back_what_was_put(root: bytes, contents: list[bytes]) -> None:
    parts = {f"part{rank}@test": content for rank, content in enumerate(contents)}
    boundary = "frontiere-que-rien-ne-contient"
    content_type, body = multipart(root, parts, boundary)
    for stream in (io.BytesIO, Slow):
        assert mtom.Incoming(environ(content_type, body, stream), 10**6).read() == (root, parts)


def test_written_multipart_is_read_again() -> None:
    content_type, body = mtom.write(b"<a/>", {"x@y": b"\r\n--uuid-\r\n"}, "urn:x")
    assert mtom.Incoming(environ(content_type, body), 10**6).read() == (b"<a/>", {"x@y": b"\r\n--uuid-\r\n"})


@pytest.mark.parametrize("cut", [1, 40, 200, -30, -3])
def test_truncated_multipart_is_refused(cut: int) -> None:
    content_type, body = multipart(b"<a/>" * 30, {"x@y": b"z" * 200})
    with pytest.raises(SoapFault, match="DMPInvalidMessage"):
        mtom.Incoming(environ(content_type, body[:cut]), 10**6).read()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        'multipart/related; type="application/xop+xml"',
        'multipart/related; boundary="x"; type="text/xml"',
    ],
)
def test_other_media_are_refused(content_type: str) -> None:
    with pytest.raises(SoapFault):
        mtom.Incoming(environ(content_type, b"--x\r\n\r\n\r\n--x--"), 10**6).read()


def test_too_long_is_refused() -> None:
    with pytest.raises(SoapFault):
        mtom.Incoming(environ("application/soap+xml", b"x" * 2000), 1000).read()


@pytest.mark.alone
def test_a_large_part_is_scanned_once() -> None:
    """No quadratic search: 20 MB of almost-boundaries in well under a second and a half, at the best of three."""
    content_type, body = multipart(b"<a/>", {"x@y": b"\r\n--limite-essa" * 1_400_000})
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        _, parts = mtom.Incoming(environ(content_type, body), 10**8).read()
        taken.append(time.perf_counter() - started)
        assert len(parts["x@y"]) == 15 * 1_400_000
    assert min(taken) < 1.5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CN=a,O=b,C=FR", "C=fr, O=B, CN=A", True),
        ("GN=Zoé", "2.5.4.42=#0c045a6fc3a9", True),
        ("SN=a\\,b", 'SURNAME="a,b"', True),
        ("CN=a", "CN=b", False),
        ("CN=a,CN=a", "CN=a", False),
        ("CN=a+O=b", "O=b,CN=a", True),
    ],
)
def test_names_by_meaning(one: str, other: str, same: bool) -> None:
    assert (dn.parse(one) == dn.parse(other)) is same


@pytest.mark.parametrize("text", ["nonsense", "XX=a", "CN=#zz", "CN=#0c05ab"])
def test_names_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        dn.parse(text)


@given(st.text(alphabet="abc' ,()", max_size=12))
def test_query_strings_survive_quoting(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    parameters = Parameters({"a": [(quoted,)], "b": [(f"({quoted}, 'z')",)]}, Tolerances())
    assert parameters.single("a") == text
    assert parameters.any_of("b") == [text, "z"]


@pytest.mark.parametrize("value", ["a", "'a", "('a')", "'a','b'", "'a'b'"])
def test_single_values_are_quoted_alone(value: str) -> None:
    with pytest.raises(RegistryRefusal):
        Parameters({"x": [(value,)]}, Tolerances()).single("x")


@pytest.mark.parametrize(
    ("bound", "value", "full"),
    [
        ("From", "2026", "20260101000000"),
        ("To", "202603", "20260331235959"),
        ("From", "20261122101500", "20261122101500"),
    ],
)
def test_times_are_completed(bound: str, value: str, full: str) -> None:
    completed = Parameters({"x": [(value,)]}, Tolerances()).time("x", bound)
    assert completed == full or (bound == "To" and completed[:6] == full[:6])


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (syntax.is_oid, "1.2.250.1", "1..2"),
        (syntax.is_oid, "2.25.0", "3.1"),
        (syntax.is_dtm, "2026112210", "20261322"),
        (syntax.is_cx, "1^^^&1.2&ISO^NH", "1^^^1.2^NH"),
        (syntax.is_xcn, "1^A^B^^^^^^&1.2&ISO", "^^B"),
        (syntax.is_xon, "Nom^^^^^&1.2&ISO^^^^3", "^^^^^&1.2&ISO^^^^3"),
        (syntax.is_cxi, "1^^^&1.2&ISO^urn:x", "1^^^&1.2&ISO"),
        (syntax.is_mime, "text/xml", "xml"),
        (syntax.is_uuid, "urn:uuid:00000000-0000-4000-8000-000000000001", "urn:uuid:1"),
    ],
)
def test_syntaxes(check: Any, good: str, bad: str) -> None:
    assert check(good)
    assert not check(bad)


def test_pdf_is_whole_and_readable() -> None:
    content = pdf.write("Compte rendu d’échographie", ["Été (test) \\ œuvre 37 °C", "", "x " * 4000])
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert opened.check_pdf_syntax() == [] if hasattr(opened, "check_pdf_syntax") else True
        assert len(opened.pages) > 1
        assert opened.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert b"<pdfaid:part>1<" in opened.Root.Metadata.read_bytes()
        font = opened.pages[0].Resources.Font.F
        assert len(font.Widths) == 224
    document = pypdfium2.PdfDocument(content)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert text.startswith("Compte rendu d’échographie")
    assert "Été (test) \\ œuvre 37 °C" in text
    assert pdf.write("a", ["b"]) == pdf.write("a", ["b"])


@pytest.mark.parametrize(
    ("loinc", "value", "flag"),
    [("2823-3", 4.2, "N"), ("2823-3", 5.4, "H"), ("2823-3", 6.3, "AA"), ("718-7", 6.1, "LL"), ("718-7", 11.0, "L"), ("1988-5", 240.0, "HH")],
)  # fmt: skip
def test_flags(loinc: str, value: float, flag: str) -> None:
    assert analyses.ANALYSES[loinc].flag(value) == flag


def test_series_are_coherent() -> None:
    """The chronic patient's creatinine rises over ten years, from one day to the next it hardly moves."""
    start = datetime(2016, 11, 22, tzinfo=UTC)
    creatinine = analyses.ANALYSES["14682-9"]

    def at(year: int, day: int = 22) -> float:
        when = datetime(year, 11, day, tzinfo=UTC)
        return analyses.value("x", creatinine, analyses.CHRONIC["14682-9"], start, when)

    assert at(2026) - at(2016) > 45
    assert abs(at(2020) - at(2020, 23)) < 25
    assert at(2020) == at(2020)


@pytest.mark.parametrize(
    ("content", "found"), [("<!-- a -->", ""), ("<?a b?>", ""), ("<!-- a --><b/>", "b"), ("<b/><c/>", "")]
)
def test_the_body_holds_one_element_beside_comments(content: str, found: str) -> None:
    soap12 = "http://www.w3.org/2003/05/soap-envelope"
    envelope = f'<s:Envelope xmlns:s="{soap12}"><s:Header/><s:Body>{content}</s:Body></s:Envelope>'.encode()
    if found:
        assert soap.parse_envelope(envelope, Tolerances.all()).body.tag == found
    else:
        with pytest.raises(SoapFault, match="exactement un"):
            soap.parse_envelope(envelope, Tolerances.all())
