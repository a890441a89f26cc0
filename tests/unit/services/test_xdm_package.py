"""IHE_XDM.ZIP out: the same input the same bytes, read back whole; what its documents say joins what the archive says."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.domain.documents import DocumentFormat, Parent
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.received import Received
from dmp_desktop.errors import CdaError, ContextError
from dmp_desktop.exchange import context_from_dict, xdm
from dmp_desktop.services import received_xdm
from dmp_desktop.services.received_xdm import completed
from dmp_desktop.services.xdm_package import Package, package
from tests.helpers.documents import FOOTER, FULL, NOTE, NOW, OTHER_ID, UNIQUE_ID

SET_ID = uuid.UUID("6d2b0c86-9c5e-4f0e-8f6b-0a5d3c2f1e10")
SOURCE = "2.25.123"
RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
FOLDER = "IHE_XDM/SUBSET01"


def document(
    unique_id: str = UNIQUE_ID,
    format: DocumentFormat = DocumentFormat.STRUCTURED,
    replaces: Parent | None = None,
    **patient: str,
) -> bytes:
    context = context_from_dict(FULL | {"patient": FULL["patient"] | patient})
    request = BuildRequest(
        context=context, note=NOTE, unique_id=unique_id, now=NOW, format=format, footer=FOOTER, replaces=replaces
    )
    return build(request).cda


@pytest.fixture(scope="module")
def first() -> bytes:
    return document()


@pytest.fixture(scope="module")
def second() -> bytes:
    return document(OTHER_ID, replaces=Parent(UNIQUE_ID, UNIQUE_ID, 1))


def made(*cdas: bytes) -> Package:
    return package(cdas, SOURCE, SET_ID, NOW)


def files(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def read(archive: bytes) -> Received:
    (message,) = xdm.read(archive)
    return completed(message)


def test_the_same_input_gives_the_same_bytes(first: bytes) -> None:
    archive = made(first).archive
    assert archive == made(first).archive
    assert archive != package([first], SOURCE, SET_ID, NOW + timedelta(hours=1)).archive


def test_names_are_those_of_a_cd(first: bytes, second: bytes) -> None:
    """ITI TF-2 §3.32.4.1.2: ISO 9660 level 1."""
    names = list(files(made(first, second).archive))
    assert names == [
        "README.TXT",
        "INDEX.HTM",
        *(f"{FOLDER}/{x}" for x in ("METADATA.XML", "DOC00001.XML", "DOC00002.XML")),
    ]
    assert all(re.fullmatch(r"[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?", part) for name in names for part in name.split("/"))


@pytest.mark.shared
def test_metadata_are_valid_and_complete(shared: Path, first: bytes, second: bytes) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xds-nist-v3/lcm.xsd"))
    told = etree.fromstring(files(made(first, second).archive)[f"{FOLDER}/METADATA.XML"])
    schema.assertValid(told)
    slots = {slot.get("name") for entry in told.iter(f"{RIM}ExtrinsicObject") for slot in entry.iter(f"{RIM}Slot")}
    assert slots >= {
        "URI",
        "hash",
        "size",
        "creationTime",
        "languageCode",
        "legalAuthenticator",
        "serviceStartTime",
        "sourcePatientId",
        "sourcePatientInfo",
        "authorPerson",
        "authorInstitution",
        "codingScheme",
    }
    assert len(list(told.iter(f"{RIM}RegistryPackage"))) == 1


def test_metadata_tell_the_files_as_they_are(first: bytes, second: bytes) -> None:
    inside = files(made(first, second).archive)
    told = etree.fromstring(inside[f"{FOLDER}/METADATA.XML"])
    for entry, cda in zip(told.iter(f"{RIM}ExtrinsicObject"), (first, second), strict=True):
        slots = {slot.get("name"): slot.findtext(f"{RIM}ValueList/{RIM}Value") for slot in entry.iter(f"{RIM}Slot")}
        assert inside[f"{FOLDER}/{slots['URI']}"] == cda
        assert (slots["hash"], slots["size"]) == (hashlib.sha1(cda).hexdigest(), str(len(cda)))


def test_what_goes_out_comes_in(first: bytes, second: bytes) -> None:
    package_made = made(first, second)
    message = read(package_made.archive)
    assert [one.content for one in message.documents] == [first, second]
    for received, entry in zip(message.documents, package_made.entries, strict=True):
        told = (received.unique_id, received.title, received.type_code, received.created, received.mime)
        assert told == (entry.unique_id, entry.title, entry.type_code.code, entry.creation_time, "text/xml")
    patient = message.patient
    assert patient.ins == InsIdentity(FULL["patient"]["ins"], FULL["patient"]["ins_oid"])
    assert (patient.family, patient.given, patient.used_family) == ("TEST-PATIENTE", "MARIE", "TEST-ÉPOUSÉE & <FILS>")
    assert message.sender == "Camille DUPONT, Cabinet des Lilas & Cie"
    assert message.replaces == UNIQUE_ID
    assert "metformine" in message.text
    assert message.warnings == ()


def test_the_archive_alone_tells_as_much_of_the_patient(first: bytes) -> None:
    """Without reading a document: what a receiver matches by (MSS/CONF.24)."""
    (message,) = xdm.read(made(first).archive)
    patient = message.patient
    assert (patient.family, patient.given, str(patient.birth_date)) == ("TEST-PATIENTE", "MARIE CLAUDE", "1979-03-12")
    assert message.act_date == NOW.date()


def test_what_people_read_lists_the_documents_and_runs_nothing(first: bytes, second: bytes) -> None:
    inside = files(made(first, second).archive)
    index, readme = inside["INDEX.HTM"].decode(), inside["README.TXT"].decode()
    page = etree.fromstring(inside["INDEX.HTM"])
    assert page.get("lang") == "fr"
    assert "<script" not in index
    assert "TEST-PATIENTE" in index
    assert FULL["patient"]["ins"] not in index + readme
    links = [link.get("href", "") for link in page.iter("{*}a")]
    assert links == [f"{FOLDER}/DOC00001.XML", f"{FOLDER}/DOC00002.XML", "README.TXT"]
    assert all(link in inside for link in links)
    assert all(cell.get("scope") == "col" for cell in page.iter("{*}th"))
    assert index.count("annule et remplace") == 1
    assert "DMP Desktop, version" in readme
    assert f"{FOLDER}/DOC00002.XML" in readme
    assert "TEST-" not in readme


def test_documents_of_two_patients_are_refused(first: bytes) -> None:
    with pytest.raises(ContextError, match="même patient"):
        made(first, document(OTHER_ID, ins="255069999999934"))


def test_a_document_twice_or_unreadable_is_refused(first: bytes) -> None:
    with pytest.raises(ContextError, match="deux fois"):
        made(first, first)
    with pytest.raises(CdaError):
        made(first, b"<ClinicalDocument")


def test_what_metadata_need_and_a_document_lacks_is_named(first: bytes) -> None:
    lacking = re.sub(rb"<healthCareFacility.*?</healthCareFacility>", b"<healthCareFacility/>", first, flags=re.DOTALL)
    assert lacking != first
    with pytest.raises(CdaError, match="n'a pas de lieu d'exercice"):
        made(lacking)


def test_an_envelope_and_a_document_of_two_patients_are_told(first: bytes) -> None:
    (message,) = xdm.read(made(first).archive)
    envelope = replace(message.patient, ins=InsIdentity("255069999999934", "1.2.250.1.213.1.4.10"))
    joined = completed(replace(message, patient=envelope))
    assert joined.patient.ins is None
    assert joined.patient.family == "TEST-PATIENTE"
    assert joined.warnings == (received_xdm.OTHER_PATIENT,)


def test_a_document_that_is_no_cda_is_kept(first: bytes) -> None:
    (message,) = xdm.read(made(first).archive)
    odd = replace(message.documents[0], content=b"<autre/>")
    joined = completed(replace(message, documents=(odd,)))
    assert joined.documents == (odd,)
    assert joined.warnings == (received_xdm.UNREADABLE,)


def test_an_identifier_told_twice_otherwise_is_told(first: bytes) -> None:
    (message,) = xdm.read(made(first).archive)
    other = replace(message.documents[0], unique_id="1.2.3")
    joined = completed(replace(message, documents=(other,)))
    assert joined.documents[0].unique_id == UNIQUE_ID
    assert joined.warnings == (received_xdm.OTHER_ID,)
