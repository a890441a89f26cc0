"""A lot as it leaves: XSD-valid, signed so that an outside verifier agrees, read back as it was described."""

from __future__ import annotations

import hashlib
import re
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp import entry_fields, metadata, names, registry_reader, submit, xades
from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.signing import Algorithm
from dmp_desktop.domain.documents import Author, Code, DocumentEntry, Submission, Visibility
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.errors import DmpError
from dmp_desktop.terminology import oids
from tests.unit.dmp.conftest import NOW

CDA = b'<?xml version="1.0"?><!-- kept --><ClinicalDocument xmlns="urn:hl7-org:v3"><title>CR &amp; suite</title></ClinicalDocument>'
LOINC = "2.16.840.1.113883.6.1"


@pytest.fixture
def submission(ins: InsIdentity) -> Submission:
    doctor = Author(
        "DUPONT", "Camille", "810002422979", oids.PS_IDNAT, 'Cabinet "des Lilas" & Cie', "410002422979001",
        Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin"), "Médecin traitant",
    )  # fmt: skip
    entry = DocumentEntry(
        unique_id="2.25.1234",
        title="Compte rendu de consultation <1>",
        type_code=Code("11488-4", LOINC, "CR"),
        class_code=Code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu"),
        format_code=Code("urn:asipSante:modelesHorsProfils:2011", "1.2.250.1.213.1.1.4.2.282", "Hors profil"),
        creation_time=NOW,
        patient=ins,
        hash_sha1=hashlib.sha1(CDA).hexdigest(),
        size=len(CDA),
        service_start=NOW - timedelta(minutes=15),
        service_stop=NOW,
        facility_type=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
        practice_setting=Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
        confidentiality=(metadata.CONFIDENTIALITY_NORMAL, metadata.VISIBILITY_CODES[Visibility.MASQUE_PS]),
        events=(Code("I10", "2.16.840.1.113883.6.3", "Hypertension"),),
        authors=(doctor, Author("MARTIN", "Jean", "801234567897", oids.PS_IDNAT)),
        legal_authenticator=Author("DUPONT", "Camille", "810002422979", oids.PS_IDNAT),
        source_patient_info=("PID-5|TEST-PATIENTE^MARIE^^^^^L", "PID-7|19790312", "PID-8|F"),
        comments="Ligne 1",
    )
    return Submission(
        "2.25.99", ins, doctor, Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet"), "1.2.250.1.999", ((entry, CDA),)
    )


def test_valid_against_the_xds_schema(submission: Submission, identity: Pkcs12Identity, shared: Path) -> None:
    body, parts = submit.request(submission, identity.signature, NOW, Algorithm.SHA1)
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xds-nist-v3/XDS.b_DocumentRepository.xsd"))
    inlined = re.sub(r"<xop:Include[^>]*/>", "AAAA", body)  # XOP stands for base64 in the infoset the schema speaks of
    assert schema.validate(etree.fromstring(inlined)), schema.error_log
    assert [name for name, _, _ in parts] == ["document1@dmp-desktop", "signature@dmp-desktop"]
    assert parts[0][2] == CDA


def test_order_and_associations(submission: Submission) -> None:
    replaced = {"2.25.1234": "urn:uuid:00000000-0000-4000-8000-000000000001"}
    submission = Submission(
        submission.unique_id, submission.patient, submission.author, submission.content_type, submission.source_id,
        submission.documents, replaced_entry_uuids=replaced,
    )  # fmt: skip
    objects = etree.fromstring(metadata.lot(submission, b"<s/>", NOW, uuid.UUID(int=5)).xml)[0]
    assert [etree.QName(item).localname for item in objects] == (
        ["RegistryPackage", "ExtrinsicObject", "ExtrinsicObject"] + ["Association"] * 4
    )
    kinds = [(item.get("associationType"), item.get("sourceObject"), item.get("targetObject")) for item in objects[3:]]
    lot = "urn:uuid:00000000-0000-0000-0000-000000000005"
    assert kinds == [
        (names.HAS_MEMBER, lot, "document1"),
        (names.HAS_MEMBER, lot, "signature"),
        (names.SIGNS, "signature", lot),
        (names.RPLC, "document1", "urn:uuid:00000000-0000-4000-8000-000000000001"),
    ]
    identifiers = [item.get("id") for item in objects.iter() if item.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_sending_again_sends_the_same(submission: Submission, identity: Pkcs12Identity) -> None:
    first = submit.request(submission, identity.signature, NOW, Algorithm.SHA256)
    assert submit.request(submission, identity.signature, NOW, Algorithm.SHA256) == first


def test_what_is_written_is_read_back(submission: Submission) -> None:
    """Our reader on our writer, field by field; foreign messages are read in tests/conformance."""
    written = metadata.lot(submission, b"<s/>", NOW, uuid.UUID(int=5)).xml
    answer = f'<query:AdhocQueryResponse xmlns:query="{names.QUERY}" status="{names.STATUS_SUCCESS}">{written}</query:AdhocQueryResponse>'
    answer = answer.replace(
        "<rim:ExtrinsicObject ",
        '<rim:ExtrinsicObject lid="urn:l" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved" ',
    )
    entry, signature = registry_reader.entries([answer.encode()])
    sent = submission.documents[0][0]
    for field in (
        "unique_id", "title", "type_code", "class_code", "format_code", "creation_time", "mime_type", "hash_sha1", "size", "language",
        "service_start", "service_stop", "facility_type", "practice_setting", "confidentiality", "events", "legal_authenticator",
        "source_patient_info", "comments", "visibility", "authors",
    ):  # fmt: skip
        assert getattr(entry, field) == getattr(sent, field), field
    assert (entry.patient.value, entry.patient.oid) == (sent.patient.value, sent.patient.oid)
    assert signature.class_code.code == "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_signature_verified_by_xmlsec1(
    submission: Submission, identity: Pkcs12Identity, identity_folder: Path, tmp_path: Path, algorithm: Algorithm
) -> None:
    signature = xades.sign_lot(identity.signature, submission.unique_id, [("2.25.1234", CDA)], NOW, algorithm)
    file = tmp_path / "lot.xml"
    file.write_bytes(signature)
    assert _xmlsec(file, identity_folder)
    digest = re.search(rb"urn:oid:2\.25\.1234.*?<ds:DigestValue>([^<]+)", signature, re.DOTALL)[1]
    assert digest.decode() == xades.digest_value(algorithm, xades.canonical_document(CDA))
    for tampered in (signature.replace(digest, b"AAAA" + digest[4:]), signature.replace(b"2026-11-22", b"2026-11-23")):
        file.write_bytes(tampered)
        assert not _xmlsec(file, identity_folder)


def _xmlsec(file: Path, folder: Path) -> bool:
    command = [
        "xmlsec1", "--verify", "--id-attr:Id", f"{names.DS}:Manifest", "--id-attr:Id", f"{names.XADES}:SignedProperties",
        "--ignore-manifests", "--trusted-pem", str(folder / "ca.pem"), str(file),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_registrys_refusal_is_told(submission: Submission) -> None:
    answer = (
        f'<rs:RegistryResponse xmlns:rs="{names.RS}" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"><rs:RegistryErrorList>'
        '<rs:RegistryError errorCode="XDSNonIdenticalHash" codeContext="x" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"/>'
        "</rs:RegistryErrorList></rs:RegistryResponse>"
    )
    with pytest.raises(DmpError) as caught:
        submit.read(etree.fromstring(answer))
    assert caught.value.code == "XDSNonIdenticalHash"


def test_entries_come_before_the_answer_ends() -> None:
    """The list shows its first rows while bytes still arrive; a cut is still told."""
    head = f'<query:AdhocQueryResponse xmlns:query="{names.QUERY}" xmlns:rim="{names.RIM}" status="{names.STATUS_SUCCESS}"><rim:RegistryObjectList>'
    row = '<rim:ExtrinsicObject id="urn:uuid:%d" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"/>'
    entries = registry_reader.entries([head.encode(), (row % 1).encode(), (row % 2).encode()])
    assert next(entries).entry_uuid == "urn:uuid:1"
    assert next(entries).entry_uuid == "urn:uuid:2"
    with pytest.raises(DmpError) as caught:
        next(entries)
    assert caught.value.code == "ReponseIllisible"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026", "20260101000000"),
        ("202611", "20261101000000"),
        ("20261122093000", "20261122093000"),
        ("2026112", None),
        ("x", None),
    ],
)
def test_partial_dates(written: str, expected: str | None) -> None:
    found = entry_fields._time({"creationTime": [written]}, "creationTime")
    assert (found.strftime("%Y%m%d%H%M%S") if found else None) == expected


def test_another_try_signs_under_another_name(submission: Submission) -> None:
    """SigningTime differs: the same name with other bytes would be refused by a repository that kept the first try's."""
    first, again, other = (
        metadata.signature_entry(submission, content, NOW, uuid.UUID(int=5))
        for content in (b"<s>1</s>", b"<s>1</s>", b"<s>2</s>")
    )
    assert first.unique_id == again.unique_id != other.unique_id
    assert first.hash_sha1 == hashlib.sha1(b"<s>1</s>").hexdigest()
