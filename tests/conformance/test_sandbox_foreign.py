"""Messages of other implementations (IPF, NIST toolkit) read by the sandbox with its tolerances on: otherwise our client and
our server would only agree with each other."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.sandbox import Tolerances, assertion, hl7, mtom, names, retrieve, search, soap, submit, vihf
from dmp_desktop.sandbox.ebrim import read_lot
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.model import Kind, dumps, object_from

pytestmark = pytest.mark.shared
ALL = Tolerances.all()
STRICT = Tolerances()


def sample(shared: Path, name: str) -> bytes:
    return (shared / "samples/ihe" / name).read_bytes()


@pytest.mark.parametrize("name", ["soap-sq-req.xml", "soap-pnr.xml", "soap-pnr-element-order.xml", "soap-ret-req.xml"])
def test_envelopes(shared: Path, name: str) -> None:
    envelope = soap.parse_envelope(sample(shared, f"toolkit2/{name}"), ALL)
    assert envelope.body.tag in {
        names.q(names.QUERY, "AdhocQueryRequest"),
        names.q(names.XDSB, "ProvideAndRegisterDocumentSetRequest"),
        names.q(names.XDSB, "RetrieveDocumentSetRequest"),
    }


@pytest.mark.parametrize("name", ["soap-sq-req.xml", "soap-pnr.xml"])
def test_envelopes_without_addressing_are_refused_strictly(shared: Path, name: str) -> None:
    with pytest.raises(SoapFault, match="MessageAddressingHeaderRequired"):
        soap.parse_envelope(sample(shared, f"toolkit2/{name}"), STRICT)


def test_broken_samples_get_a_fault(shared: Path) -> None:
    for name in ("xml-parse-error.xml", "empty-soap-wrapper.xml"):
        with pytest.raises(SoapFault, match="DMPInvalidMessage"):
            soap.parse_envelope(sample(shared, f"toolkit2/{name}"), ALL)


def test_axis2_multipart(shared: Path) -> None:
    """The body sent by Axis2 through the NIST toolkit, its HTTP header read by hand."""
    raw = sample(shared, "toolkit2/http-mtom-pnr.txt")
    raw = raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    content_type = next(line for line in head.decode().split("\r\n") if line.lower().startswith("content-type"))
    environ = {
        "CONTENT_TYPE": content_type.partition(":")[2],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    root, parts = mtom.Incoming(environ, 10**7).read()
    envelope = soap.parse_envelope(root, ALL)
    lot, _ = submit.parse(envelope.body, parts)
    assert len(lot.sets) == 1
    assert lot.entries
    assert set(lot.documents) == {entry.id for entry in lot.entries}


def test_provide_and_register(shared: Path) -> None:
    envelope = soap.parse_envelope(sample(shared, "toolkit2/soap-pnr.xml"), ALL)
    submission = envelope.body.find(names.q(names.LCM, "SubmitObjectsRequest"))
    assert submission is not None
    lot = read_lot(submission, {})
    assert (len(lot.sets), len(lot.entries), len(lot.associations)) == (1, 2, 2)
    assert lot.entries[0].name == "Physical"
    assert lot.entries[0].slot("creationTime") == "20051224"


@pytest.mark.parametrize(
    "name",
    [
        "SubmitObjectsRequest_ebrs30.xml",
        "SubmitObjectsRequest_ebrs30_2.xml",
        "SubmitObjectsRequest_ebrs30_update.xml",
        "SubmitObjectsRequest_ebrs30_update_nonstandard_association.xml",
        "SubmitObjectsRequest_ebrs30_update_sameLid.xml",
        "SubmitObjectsRequest_ebrs3_extra_metadata.xml",
    ],
)
def test_ipf_submissions(shared: Path, name: str) -> None:
    """All objects are found, and what is stored comes out as it went in. Three samples have a blank within a UUID: mended."""
    mended = re.sub(rb"(urn:uuid:[0-9a-f-]+) ([0-9a-f]+)", rb"\1\2", sample(shared, f"ipf-xds/{name}"))
    root = soap.parse_xml(mended)
    submission = (
        root if root.tag == names.q(names.LCM, "SubmitObjectsRequest") else next(root.iter("{*}SubmitObjectsRequest"))
    )
    lot = read_lot(submission, {})
    assert len(lot.sets) == 1
    assert len(lot.entries) == len(list(submission.iter("{*}ExtrinsicObject")))
    assert len(lot.associations) == len(list(submission.iter("{*}Association")))
    for found in (*lot.sets, *lot.entries, *lot.folders):
        assert found.unique_id
        assert found.patient_id
        assert object_from(dumps(found)) == found
    assert all(entry.kind is Kind.ENTRY and entry.coded(names.TYPE_CODE) for entry in lot.entries)


def test_ipf_query_with_an_injection(shared: Path) -> None:
    """The patient identifier of this sample carries a quote and SQL: it is a value, not a patient."""
    body = soap.parse_xml(sample(shared, "ipf-xds/iti18request.xml"))
    query_id, return_type, parameters = search.parse(body, ALL)
    assert (query_id, return_type) == (search.FIND_DOCUMENTS, "LeafClass")
    assert vihf.patient_of(parameters.single("$XDSDocumentEntryPatientId"), ALL) is None
    assert parameters.time("$XDSDocumentEntryCreationTimeFrom", "From") == "20221015151515"
    assert parameters.any_of("$XDSDocumentEntryStatus") == ["urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"]


def test_toolkit_query_and_retrieve(shared: Path) -> None:
    envelope = soap.parse_envelope(sample(shared, "toolkit2/soap-sq-req.xml"), ALL)
    _, _, parameters = search.parse(envelope.body, STRICT)
    assert parameters.any_of("$XDSDocumentEntryClassCode") == ["value^^scheme"]
    asked = retrieve.parse(soap.parse_envelope(sample(shared, "toolkit2/soap-ret-req.xml"), ALL).body)
    assert len(asked) == 2


@pytest.mark.parametrize("name", ["saml2-assertion-for-xua.xml", "xua-assertion.xml"])
def test_swiss_assertions_are_found_and_refused_for_their_certificate(shared: Path, name: str) -> None:
    """Their certificates are left out of the samples: the structure is read up to there."""
    root = soap.parse_xml(sample(shared, f"ipf-xua/{name}"))
    header = etree.Element(names.q(names.SOAP12, "Header"))
    if root.tag == names.q(names.WSSE, "Security"):
        header.append(root)
    else:
        etree.SubElement(header, names.q(names.WSSE, "Security")).append(root)
    assert assertion.locate(header).get("Version") == "2.0"
    with pytest.raises(SoapFault, match="DMPInvalidCertificate"):
        assertion.verify(header, None, None, ALL)  # type: ignore[arg-type]
    with pytest.raises(SoapFault, match="InclusiveNamespaces"):
        assertion.verify(header, None, None, STRICT)  # type: ignore[arg-type]


def test_pdq_queries(shared: Path) -> None:
    folder = shared / "samples/ihe/ipf-pdqv3"
    read = 0
    for path in sorted(folder.glob("*.xml")):
        root = soap.parse_xml(path.read_bytes())
        body = (
            root
            if root.tag.startswith("{urn:hl7-org:v3}")
            else next(root.iter("{urn:hl7-org:v3}PRPA_IN201305UV02"), None)
        )
        if body is None or not body.tag.endswith("PRPA_IN201305UV02"):
            continue
        interaction = hl7.parse(body)
        assert interaction.name == "PRPA_IN201305UV02"
        assert interaction.id[0]
        assert interaction.query_id[0] or interaction.query_id[1]
        read += 1
    assert read >= 5
