"""TD0.5: a person sought by traits, by regulation doctors only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.sandbox import person_search, soap
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.patients import STORIES
from tests.helpers.dmp_admin import SEARCH_PERSON, nobody, person_body
from tests.helpers.dmp_wire import Answer, Caller

DENIED = "soap:DMPAccessDeniedByRightsService"
INVALID = "soap:DMPInvalidMessage"


def ask(caller: Caller, body: str, purpose: str = "centre_15") -> Answer:
    return caller.call("/patients", SEARCH_PERSON, body, "", replace(nobody(caller.vihf("")), purpose=purpose))


def found(answer: Answer) -> list[tuple[str, int]]:
    return [
        (patient.find("{*}id").get("extension"), int(patient.find(".//{*}queryMatchObservation/{*}value").get("value")))
        for patient in answer.body.iter("{*}patient")
    ]


def quantity(answer: Answer, name: str) -> int:
    return int(answer.body.find(f".//{{*}}result{name}Quantity").get("value"))


def test_all_traits_right(doctor: Caller, patients: dict[str, str]) -> None:
    answer = ask(doctor, person_body("test moreau", "Gerard", "19490523", "M", "bar sur aube"))
    assert found(answer) == [(patients["chronic"], 100)]
    assert answer.body.find(".//{*}queryResponseCode").get("code") == "OK"
    assert quantity(answer, "Total") == 1
    assert answer.body.find(".//{*}queryMatchObservation/{*}code").get("code") == "POURCENTAGE"


def test_a_wrong_trait_lowers_the_match(doctor: Caller, patients: dict[str, str]) -> None:
    degrees = [
        dict(found(ask(doctor, body)))[patients["chronic"]]
        for body in (
            person_body("TEST-MOREAU", "GÉRARD", "19490523", "M"),
            person_body("TEST-MOREAU", "GÉRARD", "19490523", "F"),
            person_body("TEST-MOREAUX", "GÉRARD", "19490523", "F"),
            person_body("TEST-MOREAU", "GÉRARD", "19490524", "M"),
        )
    ]
    assert degrees == sorted(degrees, reverse=True)
    assert degrees[0] == 100
    assert len(set(degrees)) == 4


def test_opposition_is_told(doctor: Caller, patients: dict[str, str]) -> None:
    for story, opposed in (("opposed", "true"), ("ordinary", "false")):
        patient = next(item.patient for item in STORIES if item.name == story)
        answer = ask(doctor, person_body(patient.birth_family, patient.first_given))
        told = answer.body.find(".//{*}subjectOf2/{*}administrativeObservation")
        assert told.find("{*}code").get("code") == "OPPOSITION_ACCES_URGENCE"
        assert told.find("{*}value").get("value") == opposed
        assert found(answer)[0][0] == patients[story]


def test_who_has_no_record_is_not_found(doctor: Caller) -> None:
    answer = ask(doctor, person_body("TEST-KERVADEC", "YANN", "19850209", "M"))
    assert found(answer) == []
    assert answer.body.find(".//{*}queryResponseCode").get("code") == "NF"
    assert quantity(answer, "Total") == 0


def test_quantities_threshold_and_order(doctor: Caller, patients: dict[str, str]) -> None:
    whole = ask(doctor, person_body("TEST-"))
    few = ask(doctor, person_body("TEST-", more='<initialQuantity value="1"/>'))
    least = (
        '<matchCriterionList><minimumDegreeMatch><value xsi:type="INT" value="1"/><semanticsText>Degree</semanticsText>'
        "</minimumDegreeMatch></matchCriterionList>"
    )
    loose = ask(doctor, person_body("TEST-MOREAU", more=least))
    assert quantity(loose, "Total") > quantity(ask(doctor, person_body("TEST-MOREAU")), "Total") >= 1
    degrees = [degree for _, degree in found(loose)]
    assert degrees == sorted(degrees, reverse=True)
    assert found(loose)[0] == (patients["chronic"], 100)
    assert quantity(few, "Total") == quantity(whole, "Total")
    assert quantity(few, "Current") == len(found(few)) == min(1, quantity(whole, "Total"))
    assert quantity(few, "Remaining") == quantity(few, "Total") - quantity(few, "Current")


@pytest.mark.parametrize("purpose", ["normal", "bris_de_glace"])
def test_regulation_only(doctor: Caller, purpose: str) -> None:
    assert ask(doctor, person_body("TEST-MOREAU"), purpose).fault[0] == DENIED


def test_office_never(secretary: Caller, structure: Caller) -> None:
    for caller in (secretary, structure):
        assert ask(caller, person_body("TEST-MOREAU")).fault[0] == DENIED


BROKEN = {
    "livingSubjectName": ("<family>TEST-MOREAU</family>", ""),
    "queryId": ('<queryId root="1.2.250.1.999.1" extension="1"/>', ""),
    "statusCode": ('<statusCode code="new"/>', ""),
    "interactionId": ('extension="PRPA_IN201305UV02"', 'extension="PRPA_IN201307UV02"'),
    "processingCode": ('<processingCode code="D"/>', '<processingCode code="T"/>'),
    "receiver": ('root="1.2.250.1.213.4.1.1.1"', 'root="1.2.840.114350.1.13.99999.4567"'),
    "creationTime": ('<creationTime value="20261122100000"/>', ""),
}


@pytest.mark.parametrize("part", BROKEN)
def test_each_part_is_needed(doctor: Caller, part: str) -> None:
    old, new = BROKEN[part]
    body = person_body("TEST-MOREAU")
    assert body.count(old) == 1
    answer = ask(doctor, body.replace(old, new))
    assert answer.fault[0] == INVALID
    assert part in answer.fault[1]


def test_the_query_comes_back(doctor: Caller) -> None:
    answer = ask(doctor, person_body("TEST-D&amp;O &lt;b&gt;", "Zoé", "1931", "F", 'Ville "haute"'))
    query = answer.body.find(".//{*}queryByParameter")
    assert query.findtext(".//{*}family") == "TEST-D&O <b>"
    assert query.findtext(".//{*}city") == 'Ville "haute"'
    assert query.find("{*}queryId").get("extension") == "1"


def test_nothing_is_shown_of_a_person() -> None:
    criteria = person_search.parse(etree.fromstring(person_body("TEST-MOREAU").encode()))
    assert criteria.family == "TEST-MOREAU"
    assert "MOREAU" not in repr(criteria)


@given(st.binary(max_size=400))
def test_the_parser_survives_anything(noise: bytes) -> None:
    """Noise in the place of the parameters: a fault or criteria, never another error."""
    head, tail = person_body("x").split("<family>x</family>")
    try:
        criteria = person_search.parse(soap.parse_xml(head.encode() + noise + tail.encode()))
    except SoapFault:
        return
    for story in STORIES:
        assert 0 <= person_search.match(criteria, story.patient) <= 100
