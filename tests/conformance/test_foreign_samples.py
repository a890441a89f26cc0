"""Every file of ../shared/samples/ihe, none picked out: what it holds is read by each side that has a reader of it.

A file added there is tried by itself. Those that nobody reads, and why, are in `NOT_READ`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.cda.read import text_from_cda
from dmp_desktop.cda.render import Palette, render
from dmp_desktop.dmp import mtom, names, person_search, registry_reader, retrieve, soap, submit
from dmp_desktop.dmp.multipart import bare
from dmp_desktop.domain.documents import DocumentEntry
from dmp_desktop.errors import DmpError
from dmp_desktop.sandbox import Tolerances
from dmp_desktop.sandbox import assertion as sandbox_assertion
from dmp_desktop.sandbox import hl7 as sandbox_hl7
from dmp_desktop.sandbox import mtom as sandbox_mtom
from dmp_desktop.sandbox import person_search as sandbox_person_search
from dmp_desktop.sandbox import retrieve as sandbox_retrieve
from dmp_desktop.sandbox import search as sandbox_search
from dmp_desktop.sandbox import soap as sandbox_soap
from dmp_desktop.sandbox import submit as sandbox_submit
from dmp_desktop.sandbox.ebrim import read_lot
from dmp_desktop.sandbox.faults import SoapFault
from tests.conftest import SHARED

pytestmark = pytest.mark.shared

FOLDER = SHARED / "samples/ihe"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
ALL = Tolerances.all()
NOT_READ = {
    "toolkit2/xml-parse-error.xml": "is not XML: refused by both sides",
    "toolkit2/empty-soap-wrapper.xml": "has an empty Body: refused by both sides",
    "ipf-pdqv3/prpa-valid.xml": "a patient is added to an index (PIXv3), which no transaction of the DMP does",
    "ipf-pdqv3/prpa-invalid.xml": "the same, and spoilt",
}
RIM = f"{{{names.RIM}}}"
HL7 = "{urn:hl7-org:v3}"
XOP = f"{{{names.XOP}}}Include"


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


READ = [path for path in FILES if name_of(path) not in NOT_READ]


def packaged(path: Path) -> tuple[str, bytes]:
    """Media type and body. The file that is a package is told with its HTTP header, whose line ends were lost."""
    content = path.read_bytes()
    if path.suffix == ".txt" and content.lstrip()[:1] != b"<":
        head, _, content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
        (told,) = (line for line in head.decode().splitlines() if line.startswith("Content-Type:"))
        return told.partition(":")[2].strip(), content
    return "application/soap+xml", content


def enveloped(content: bytes) -> bytes:
    """The message in an envelope of ours, where the sample is what goes in a Body."""
    root = etree.fromstring(content)
    if root.tag.endswith("}Envelope"):
        return content
    inner = next(root.iter(f"{HL7}PRPA_IN201305UV02", f"{HL7}PRPA_IN201306UV02"), root)
    envelope = etree.Element(f"{{{names.SOAP}}}Envelope")
    etree.SubElement(envelope, f"{{{names.SOAP}}}Body").append(inner)
    return etree.tostring(envelope)


# What the stand-in reads of a request


def _query(body: etree._Element, _parts: dict[str, bytes]) -> None:
    query_id, kind, _ = sandbox_search.parse(body, ALL)
    assert query_id.startswith("urn:uuid:")
    assert kind in {"LeafClass", "ObjectRef"}


def _lot(body: etree._Element, _parts: dict[str, bytes]) -> None:
    lot = read_lot(body, {})
    counted = [len(list(body.iter(f"{RIM}{name}"))) for name in ("RegistryPackage", "ExtrinsicObject", "Association")]
    assert [len(lot.sets) + len(lot.folders), len(lot.entries), len(lot.associations)] == counted
    assert sum(counted) > 0


def _deposit(body: etree._Element, parts: dict[str, bytes]) -> None:
    submission = body.find(f"{{{names.LCM}}}SubmitObjectsRequest")
    if next(body.iter(XOP), None) is not None and not parts:  # an envelope torn from its package
        with pytest.raises(SoapFault, match="XOP"):
            sandbox_submit.parse(body, parts)
    else:
        lot, _ = sandbox_submit.parse(body, parts)
        assert set(lot.documents) == {joined.get("id") for joined in body.iter("{*}Document")}
    assert submission is not None
    _lot(submission, parts)


def _retrieval(body: etree._Element, _parts: dict[str, bytes]) -> None:
    assert len(sandbox_retrieve.parse(body)) == len(list(body.iter("{*}DocumentRequest"))) > 0


def _people(body: etree._Element, _parts: dict[str, bytes]) -> None:
    assert sandbox_hl7.parse(body).name == "PRPA_IN201305UV02"
    sandbox_person_search.parse(body)


REQUESTS: dict[str, Callable[[etree._Element, dict[str, bytes]], None]] = {
    "AdhocQueryRequest": _query,
    "SubmitObjectsRequest": _lot,
    "ProvideAndRegisterDocumentSetRequest": _deposit,
    "RetrieveDocumentSetRequest": _retrieval,
    "PRPA_IN201305UV02": _people,
}
"""Answers are for the client; their envelope is read all the same."""


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_the_stand_in_reads(path: Path) -> None:
    content_type, body = packaged(path)
    environ = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    content, parts = sandbox_mtom.Incoming(environ, 10**7).read()
    root = etree.fromstring(content)
    kind = etree.QName(root).localname
    if kind in {"Assertion", "Security"}:
        header = etree.Element(f"{{{names.SOAP}}}Header")
        security = root if kind == "Security" else etree.Element(f"{{{names.WSSE}}}Security")
        if security is not root:
            security.append(root)
        header.append(security)
        assert sandbox_assertion.locate(header).get("Version") == "2.0"
    elif kind == "ClinicalDocument":
        assert sandbox_soap.parse_xml(content, large=True).find(f"{HL7}id") is not None  # as what a lot joins
    else:
        found = sandbox_soap.parse_envelope(enveloped(content), ALL).body
        read = REQUESTS.get(etree.QName(found).localname)
        if read:
            read(found, parts)
        else:
            assert etree.QName(found).localname in ANSWERS


# What our client reads of an answer


def _registry_response(root: etree._Element) -> None:
    submit.read(root)


def _documents(root: etree._Element) -> None:
    found = list(retrieve.documents(root, iter(())))
    assert len(found) == len(list(root.iter("{*}DocumentResponse"))) > 0


def _found_people(root: etree._Element) -> None:
    """None is shown without an INS; the traits of each are read once it has one."""
    assert person_search.read(root) == []
    patients = list(root.iter(f"{HL7}patient"))
    for patient in patients:
        patient.find(f"{HL7}id").set("root", "1.2.250.1.213.1.4.10")
    assert len(person_search.read(root)) == len(patients)


def _refusal(_root: etree._Element) -> None:
    pytest.fail("a fault is raised as soon as it is read")


ANSWERS: dict[str, Callable[[etree._Element], None]] = {
    "RegistryResponse": _registry_response,
    "RetrieveDocumentSetResponse": _documents,
    "PRPA_IN201306UV02": _found_people,
    "Fault": _refusal,
}


def listed(root: etree._Element) -> Iterator[tuple[bytes, int]]:
    """The objects of a submission as a registry would answer them: what is deposited is what is listed later."""
    for submission in root.iter(f"{RIM}RegistryObjectList"):
        answer = etree.Element(
            f"{{{names.QUERY}}}AdhocQueryResponse", status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
        )
        count = len([child for child in submission if child.tag in {f"{RIM}ExtrinsicObject", f"{RIM}Association"}])
        answer.append(submission)
        yield enveloped(etree.tostring(answer)), count


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_our_client_reads(path: Path) -> None:
    content_type, body = packaged(path)
    package = mtom.read([body], content_type)
    root = etree.fromstring(package.root)
    assert all(bare(item.get("href")) in package.parts for item in root.iter(XOP) if package.parts)
    kind = etree.QName(root).localname
    if kind == "ClinicalDocument":
        assert text_from_cda(package.root)
        assert render(package.root, palette=Palette()).html
        return
    if kind in {"Assertion", "Security"}:  # the client writes assertions and reads none
        return
    content = enveloped(package.root)
    if next(root.iter(f"{{{names.SOAP}}}Fault"), None) is not None:
        with pytest.raises(DmpError) as caught:
            soap.parse_answer(content)
        assert caught.value.message_fr
        return
    answer: Any = soap.parse_answer(content)
    if read := ANSWERS.get(etree.QName(answer).localname):
        read(answer)
    for listing, count in listed(answer):
        at_once = list(registry_reader.objects([listing]))
        by_pieces = list(registry_reader.objects([listing[at : at + 97] for at in range(0, len(listing), 97)]))
        assert at_once == by_pieces
        assert count <= len(at_once) <= count + 1, "the submission set comes with them"
        assert all(one.unique_id and one.type_code.code for one in at_once if isinstance(one, DocumentEntry))


@pytest.mark.parametrize("name", NOT_READ)
def test_what_nobody_reads_is_refused_with_an_error_of_ours(name: str) -> None:
    content = (FOLDER / name).read_bytes()
    content = content if b"Envelope" in content else enveloped(content)
    assert FOLDER / name in FILES, "the reason stands for a file that is there"
    read: list[str] = []
    with suppress(SoapFault):
        read.append(etree.QName(sandbox_soap.parse_envelope(content, ALL).body).localname)
    with suppress(DmpError):
        read.append(etree.QName(soap.parse_answer(content)).localname)
    assert not {*read} & {*REQUESTS, *ANSWERS}


def test_none_is_left_out() -> None:
    assert len(READ) + len(NOT_READ) == len(FILES) >= 41
