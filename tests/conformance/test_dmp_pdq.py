"""PDQv3 answers nobody here wrote, read by our TD0.5."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.dmp import person_search
from dmp_desktop.domain.ins import OID_INS_TEST
from dmp_desktop.domain.people import Sex

pytestmark = pytest.mark.shared


def answers(shared: Path) -> dict[str, etree._Element]:
    """Every PRPA_IN201306UV02 of the samples, out of its envelope when it is in one."""
    found = {}
    for file in sorted((shared / "samples/ihe/ipf-pdqv3").glob("*.xml")):
        root = etree.parse(file).getroot()
        name = "{urn:hl7-org:v3}PRPA_IN201306UV02"
        element = root if root.tag == name else next(root.iter(name), None)
        if element is not None:
            found[file.name] = element
    return found


def test_every_answer_is_read(shared: Path) -> None:
    """Their persons have no INS: none is shown. Given one each, all are."""
    read = answers(shared)
    assert len(read) >= 6
    people = 0
    for name, root in read.items():
        assert person_search.read(root) == [], name
        patients = list(root.iter("{urn:hl7-org:v3}patient"))
        for patient in patients:
            patient.find("{urn:hl7-org:v3}id").set("root", OID_INS_TEST)
        found = person_search.read(root)
        assert len(found) == len(patients), name
        assert all(person.family and 0 <= person.match <= 100 for person in found), name
        people += len(found)
    assert people > 10


def test_what_one_of_them_tells(shared: Path) -> None:
    root = answers(shared)["PDQ_Response.xml"]
    for patient in root.iter("{urn:hl7-org:v3}patient"):
        patient.find("{urn:hl7-org:v3}id").set("root", OID_INS_TEST)
    person = next(person for person in person_search.read(root) if person.family == "Beckenbauer")
    told = (person.given, person.birth_date, person.sex, person.match, person.city)
    assert told == ("Michael", date(1935, 3, 31), Sex.MALE, 50, "Muenchen")
