"""Our client reads answers nobody here wrote (../shared/samples/ihe)."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp import mtom, names, registry_reader, retrieve, soap, submit
from dmp_desktop.dmp.channel import Answer
from dmp_desktop.dmp.multipart import bare
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.errors import DmpError

pytestmark = pytest.mark.shared


def document(unique_id: str, **more: object) -> DocumentEntry:
    code = Code("x", "y")
    return DocumentEntry(unique_id, "", code, code, code, datetime(2026, 1, 1, tzinfo=UTC), **more)


@pytest.fixture
def toolkit(shared: Path) -> Path:
    return shared / "samples/ihe/toolkit2"


def test_a_retrieved_document_in_base64(toolkit: Path) -> None:
    root = soap.parse_answer((toolkit / "soap-ret-resp.xml").read_bytes())
    part = retrieve.read(Answer(root, {}), document("1.3.6.1.4...2300"))
    assert part.content == base64.b64decode("UjBsR09EbGhjZ0dTQUxNQUFBUUNBRU1tQ1p0dU1GUXhEUzhi")
    with pytest.raises(DmpError) as caught:
        retrieve.read(Answer(root, {}), document("1.2.3"))
    assert caught.value.code == "XDSDocumentUniqueIdError"


def test_a_document_that_is_not_the_one_described_is_refused(toolkit: Path) -> None:
    root = soap.parse_answer((toolkit / "soap-ret-resp.xml").read_bytes())
    described = document("1.3.6.1.4...2300", hash_sha1=hashlib.sha1(b"other").hexdigest())
    with pytest.raises(DmpError) as caught:
        retrieve.read(Answer(root, {}), described)
    assert caught.value.code == "XDSNonIdenticalHash"


def test_an_acknowledged_submission(toolkit: Path) -> None:
    submit.read(soap.parse_answer((toolkit / "soap-pnr-resp.xml").read_bytes()))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["as it is", "as sent"])
def test_an_mtom_package_of_axis2(toolkit: Path, line_end: bytes) -> None:
    """Headers with trailing blanks and bare line feeds, an outer HTTP head."""
    whole = (toolkit / "http-mtom-pnr.txt").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", line_end)
    head, _, body = whole.partition(2 * line_end)
    content_type = next(line for line in head.decode().splitlines() if line.startswith("Content-Type")).partition(":")[
        2
    ]
    package = mtom.read([body], content_type)
    root = etree.fromstring(package.root)
    hrefs = [item.get("href") for item in root.iter(f"{{{names.XOP}}}Include")]
    assert hrefs
    assert all(bare(href) in package.parts for href in hrefs)


@pytest.mark.parametrize("name", ["SubmitObjectsRequest_ebrs30.xml", "SubmitObjectsRequest_ebrs30_2.xml"])
def test_foreign_entries(shared: Path, name: str) -> None:
    written = etree.parse(shared / "samples/ihe/ipf-xds" / name).getroot()
    found = [registry_reader.entry(element) for element in written.iter(f"{{{names.RIM}}}ExtrinsicObject")]
    assert found
    for entry, element in zip(found, written.iter(f"{{{names.RIM}}}ExtrinsicObject"), strict=True):
        assert entry.mime_type == element.get("mimeType")
        assert entry.unique_id
        assert entry.legal_authenticator or entry.authors  # the samples misspell the scheme of the patient id
        assert entry.type_code.code
        assert entry.authors
        assert entry.creation_time > datetime(1990, 1, 1, tzinfo=UTC)
