"""Each question that leaves is valid against the IHE schemas, whatever its criteria (../shared/xsd)."""

from __future__ import annotations

import uuid
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp import authorisation, existence, retrieve, search
from dmp_desktop.dmp.hl7v3 import Sender
from dmp_desktop.domain.documents import Availability, Code, DocumentEntry
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.ports import FindCriteria
from tests.unit.dmp.conftest import NOW

LOINC = "2.16.840.1.113883.6.1"
EVERYTHING = FindCriteria(
    statuses=(Availability.APPROVED, Availability.ARCHIVED),
    type_codes=(Code("11502-2", LOINC), Code("O'Neil", LOINC)),
    class_codes=(Code("10", "1.2.250.1.213.1.1.4.1"),),
    format_codes=(Code("urn:ihe:lab:xd-lab:2008", "1.3.6.1.4.1.19376.1.2.3"),),
    facility_codes=(Code("SA07", "1.2.250.1.71.4.2.4"),),
    practice_codes=(Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9"),),
    event_codes=(Code("4548-4", LOINC),),
    confidentiality_codes=(Code("N", "2.16.840.1.113883.5.25"),),
    authors=("O'NEIL", "100 %"),
    created_from=NOW,
    created_to=NOW,
    service_stop_from=NOW,
    service_stop_to=NOW,
    service_from=NOW,
    service_to=datetime(2026, 7, 1, 0, 30, tzinfo=UTC),
)


def slots(body: str) -> dict[str, str]:
    return {slot.get("name"): slot[0][0].text for slot in etree.fromstring(body).iter("{*}Slot")}


@pytest.mark.shared
@pytest.mark.parametrize("criteria", [FindCriteria(), EVERYTHING])
def test_stored_queries(shared: Path, ins: InsIdentity, criteria: FindCriteria) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xds-nist-v3/query.xsd"))
    for body in (
        search.find_documents(ins, criteria),
        search.get_documents(["2.25.1", "2.25.2"]),
        search.find_submission_sets(ins, NOW),
    ):
        assert schema.validate(etree.fromstring(body)), schema.error_log


@pytest.mark.shared
def test_retrieve(shared: Path) -> None:
    code = Code("x", "y")
    entry = DocumentEntry("2.25.1", "", code, code, code, NOW, repository_id="1.2.250.1.213.4.1.1.1.2")
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xds-nist-v3/XDS.b_DocumentRepository.xsd"))
    assert schema.validate(etree.fromstring(retrieve.request(entry))), schema.error_log


def test_criteria_are_written_as_iti_18_wants(ins: InsIdentity) -> None:
    """Strings quoted, inner quotes doubled, lists in parentheses, dates bare and in UTC."""
    found = slots(search.find_documents(ins, EVERYTHING))
    assert found["$XDSDocumentEntryPatientId"] == f"'{ins.cx}'"
    assert found["$XDSDocumentEntryStatus"] == (
        "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved','urn:asip:ci-sis:2010:StatusType:Archived')"
    )
    assert found["$XDSDocumentEntryTypeCode"] == f"('11502-2^^{LOINC}','O''Neil^^{LOINC}')"
    assert found["$XDSDocumentEntryServiceStartTimeTo"] == "20260701003000"
    assert found["$XDSDocumentEntryAuthorPerson"] == "('%O''NEIL%','%100 _%')"
    assert len(found) == 2 + len(fields(EVERYTHING)) - 1, "a criterion that does not reach the query"


def test_td02_names_the_patient_and_nothing_else(ins: InsIdentity) -> None:
    """No schema of PRPA_IN201307UV02 is at hand: its structure is checked by the stand-in."""
    root = etree.fromstring(
        existence.request(ins, Sender("2.25.7", "DMP & Desktop"), uuid.UUID(int=1), NOW, existence.Reason.EXISTENCE)
    )
    value = root.find(".//{*}patientIdentifier/{*}value")
    assert (value.get("root"), value.get("extension")) == (ins.oid, ins.value)
    assert root.find(".//{*}reasonCode").get("code") == "TEST_EXST"


@pytest.mark.parametrize(
    ("add", "attending", "expected"),
    [(True, False, ["AJOUT"]), (True, True, ["AJOUT", "MEDECIN_TRAITANT"]), (False, False, ["SUPPRESSION"])],
)
def test_td03(add: bool, attending: bool, expected: list[str]) -> None:
    assert [item.text for item in etree.fromstring(authorisation.request(add=add, attending=attending))] == expected
