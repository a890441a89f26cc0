"""Packages as servers of all sorts write them, in chunks of any size."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.dmp import mtom, parts
from dmp_desktop.dmp.multipart import bare, parameters
from dmp_desktop.dmp.parts import Keep, Part
from dmp_desktop.errors import DmpError, StorageError

ROOT = b"<root/>"
DOCUMENT = b"%PDF-1.4\r\n--\r\n\r\n--b\xff\n--bb\r\n--b -\r\n"


def package(*, end: bytes = b"\r\n", boundary: str = "b", before: bytes = b"", after: bytes = b"") -> bytes:
    head = b"--" + boundary.encode() + end
    return (
        before
        + head + b"Content-Type: application/xop+xml; type=\"application/soap+xml\"" + end + b"Content-ID: <root@x>" + end + end + ROOT + end
        + head + b"content-type: application/pdf" + end + b"CONTENT-ID:\t<doc@x> " + end + end + DOCUMENT.replace(b"\r\n", b"~") + end
        + b"--" + boundary.encode() + b"--" + after
    )  # fmt: skip


def read(body: bytes, content_type: str, size: int = 7, keep: Keep | None = None) -> mtom.Package:
    return mtom.read([body[at : at + size] for at in range(0, len(body), size)], content_type, keep)


BOUNDARIES = ["b", "----=_Part_7_1.2", "MIME'()+_,-./:=?", "uuid:5f-1", "a b", "x" * 70]
CONTENT_DOCUMENT = DOCUMENT.replace(b"\r\n", b"~")


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
def test_boundaries_quoted_or_not(boundary: str, quoted: bool, end: bytes) -> None:
    if not quoted and " " in boundary:
        boundary = boundary.replace(" ", "")
    told = f'"{boundary}"' if quoted else boundary
    found = read(package(boundary=boundary, end=end), f'multipart/related; TYPE=x; Boundary = {told}; start="<root@x>"')
    assert (found.root, found.parts["doc@x"].content) == (ROOT, CONTENT_DOCUMENT)


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/related; boundary="b"; start="<root@x>"',
        "multipart/related; boundary=b; start=root@x",
        "Multipart/Related;boundary=b;start=<root%40x>",
        'multipart/related; type="application/xop+xml; start=none; boundary=no"; boundary="\\b"',
        "multipart/related; boundary=b",  # the root by its type
        "multipart/related; boundary=b; start=<lost@x>",  # the same
        "multipart/mixed; boundary=b",
        "multipart/related",  # the boundary by the first line
        "application/soap+xml; charset=UTF-8",
        "text/xml",
        "application/xop+xml; boundary=b",
        "",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 10**6])
def test_types_that_tell_too_little_or_wrong(content_type: str, size: int) -> None:
    found = read(package(), content_type, size)
    assert (found.root, found.parts["doc@x"].content) == (ROOT, CONTENT_DOCUMENT)


@pytest.mark.parametrize("content_type", ["multipart/related; boundary=b", "application/soap+xml", "text/html", ""])
@pytest.mark.parametrize("content", [b"<e/>", b" \r\n<e/>", b"\xef\xbb\xbf<e/>", b'<?xml version="1.0"?><e/>'])
def test_plain_xml_whatever_its_type_says(content_type: str, content: bytes) -> None:
    assert read(content, content_type) == mtom.Package(content, {})


def test_preamble_and_epilogue_mean_nothing() -> None:
    told = 'multipart/related; boundary="b"'
    found = read(package(before=b"This is MIME.\r\n--bx\r\n", after=b" \r\nend\r\n--b\r\n\r\n--b--"), told)
    assert (found.root, set(found.parts)) == (ROOT, {"doc@x"})
    with pytest.raises(DmpError) as caught:
        read(package(before=b"x" * 40_000 + b"\r\n"), told, 1000)
    assert caught.value.code == "ReponseIllisible"


@pytest.mark.parametrize("start", ['; start="<root@x>"', ""])
def test_the_root_may_come_last(start: str) -> None:
    body = (
        b"--b\r\nContent-ID: <doc@x>\r\n\r\nabc\r\n--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root@x>\r\n\r\n"
        + ROOT + b"\r\n--b--\r\n"
    )  # fmt: skip
    found = read(body, f"multipart/related; boundary=b{start}")
    assert (found.root, found.parts["doc@x"].content) == (ROOT, b"abc")


def test_without_any_header_the_first_part_is_the_root() -> None:
    found = read(b"--b\r\n\r\n<root/>\r\n--b\r\n\r\nabc\r\n--b--", "multipart/related; boundary=b")
    assert (found.root, [part.content for part in found.parts.values()]) == (ROOT, [b"abc"])


@pytest.mark.parametrize("width", [76, 77, 4, 10**6])
@pytest.mark.parametrize("size", [1, 5, 64])
def test_a_part_in_base64(width: int, size: int) -> None:
    content = bytes(range(256))
    coded = base64.b64encode(content)
    lines = b"\r\n".join(coded[at : at + width] for at in range(0, len(coded), width))
    body = (
        b"--b\r\n\r\n<r/>\r\n--b\r\nContent-ID: d\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + lines + b"\r\n--b--"
    )
    part = read(body, "multipart/related; boundary=b", size).parts["d"]
    assert (part.content, part.size, part.sha1) == (content, 256, hashlib.sha1(content).hexdigest())


@pytest.mark.parametrize("coded", [b"YQ", b"Y*==", b"YQ==YQ==", b"="])
def test_a_part_in_bad_base64(coded: bytes) -> None:
    body = (
        b"--b\r\n\r\n<r/>\r\n--b\r\nContent-ID: d\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded + b"\r\n--b--"
    )
    with pytest.raises(DmpError) as caught:
        read(body, "multipart/related; boundary=b", 10**6)
    assert caught.value.code == "ReponseIllisible"


@pytest.mark.parametrize(
    ("href", "told"),
    [
        ("cid:a%40b", "<a@b>"), ("CID:a@b", "a@b"), ("cid:%3Ca@b%3E", "<a@b>"), ("cid:a%2540b", "<a%2540b>"),
        ("cid:urn%3Auuid%3A1", "<urn:uuid:1>"), ("cid:http://x/é", "http://x/%C3%A9"), ("a@b", " <a@b>"),
    ],
)  # fmt: skip
def test_content_ids_meet(href: str, told: str) -> None:
    assert bare(href) == bare(told)


def test_parameters_keep_what_is_quoted() -> None:
    assert parameters('A/B; x="1;y=\\"2\\""; Y=3')[1] == {"x": '1;y="2"', "y": "3"}


@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
def test_every_cut_is_told(end: bytes) -> None:
    """Whatever is lost but what follows the last boundary."""
    body = package(end=end)
    for cut in range(1, len(body)):
        with pytest.raises(DmpError) as caught:
            read(body[:-cut], "multipart/related; boundary=b", 10**6)
        assert caught.value.retryable
    assert read(body, "multipart/related; boundary=b").parts


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n" + b"a: b\r\n" * 4000 + b"\r\n--b--",
        b"--b\r\n\r\n<r/>" + b"\r\n--b\r\nContent-ID: same\r\n\r\nx" * 2 + b"\r\n--b--",
        b"--b\r\n\r\n<r/>" + b"\r\n--b\r\n\r\n" * 300 + b"\r\n--b--",
        b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<r/>\r\n--b--",
        b"--b--",
    ],
    ids=["headers", "names", "parts", "encoding", "none"],
)
def test_packages_that_go_too_far(body: bytes) -> None:
    with pytest.raises(DmpError) as caught:
        read(body, "multipart/related; boundary=b", 10**6)
    assert caught.value.code == "ReponseIllisible"


def test_what_does_not_fit_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parts, "MAX_MEMORY", 5000)
    monkeypatch.setattr(parts, "SMALL", 1000)
    body, told = mtom.write(ROOT, "urn:x", [("a", "x/y", b"1" * 3000), ("b", "x/y", b"2" * 3000)], uuid.UUID(int=1))
    with pytest.raises(DmpError) as caught:
        read(body, told, 100)
    assert (caught.value.code, caught.value.retryable) == ("DocumentTropVolumineux", False)
    files = iter([tmp_path / "a", tmp_path / "b"])
    found = read(body, told, 100, Keep(lambda: next(files)))
    assert [found.parts[name].read() for name in "ab"] == [b"1" * 3000, b"2" * 3000]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_a_disk_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parts, "SMALL", 10)
    body, told = mtom.write(ROOT, "urn:x", [("a", "x/y", b"1" * 3000)], uuid.UUID(int=1))
    with pytest.raises(StorageError, match="write-failed"):
        read(body, told, 100, Keep(lambda: tmp_path / "absent" / "a"))


def small(pieces: list[Part]) -> Iterator[tuple[int, str]]:
    return ((part.size, part.sha1) for part in pieces)


@given(
    contents=st.lists(
        st.binary(max_size=80) | st.sampled_from([b"\r\n--MIME", b"\r", b"\r\n", b"--", b"\n\n"]), max_size=4
    ),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=20),
    line_end=st.sampled_from([b"\r\n", b"\n"]),
)
def test_any_contents_in_any_chunks(contents: list[bytes], cuts: list[int], line_end: bytes) -> None:
    named = [(f"p{rank}", "x/y", content) for rank, content in enumerate(contents)]
    body, told = mtom.write(ROOT, "urn:x", named, uuid.UUID(int=9))
    if line_end == b"\n":
        shell = re.compile(rb"\r\n(?=--MIMEB|Content-)|(?<=\d)\r\n|(?<=--)\r\n$|(?<=>)\r\n\r\n")
        body = shell.sub(lambda found: b"\n" * (len(found[0]) // 2), body)
    chunks, at, turn = [], 0, 0
    while at < len(body):
        chunks.append(body[at : at + cuts[turn % len(cuts)]])
        at, turn = at + cuts[turn % len(cuts)], turn + 1
    found = mtom.read(chunks, told)
    assert found.root == ROOT
    assert [part.content for part in found.parts.values()] == contents
    assert list(small(list(found.parts.values()))) == [(len(c), hashlib.sha1(c).hexdigest()) for c in contents]


def test_a_large_part_goes_to_its_file(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(3_000_000)
    body, told = mtom.write(ROOT, "urn:x", [("a", "x/y", content), ("b", "x/y", b"small")], uuid.UUID(int=1))
    found = read(body, told, 64 * 1024, Keep(lambda: tmp_path / "a"))
    assert found.parts["a"].file == tmp_path / "a"
    assert (tmp_path / "a").read_bytes() == content
    assert (found.parts["a"].sha1, found.parts["b"].content) == (hashlib.sha1(content).hexdigest(), b"small")
