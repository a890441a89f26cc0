"""What the DMP may answer of administration: everything read, holes read as not told, and never a crash."""

from __future__ import annotations

import contextlib
import copy
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.dmp import administrative, existence, habilitations, patient_list, person_search
from dmp_desktop.dmp.hl7v3 import Sender
from dmp_desktop.domain.access import (
    Administrative,
    AuthorisedProfessional,
    DossierDate,
    FoundPerson,
    KnownDossier,
    PersonQuery,
    Representative,
)
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.ins import OID_INS_NIA, OID_INS_TEST, InsIdentity
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import DmpError
from tests.unit.dmp.conftest import NOW

INS = InsIdentity("279035121518989", OID_INS_TEST)
MOMENT = datetime(2026, 11, 20, 10, 5, 30, tzinfo=UTC)
DAY = timedelta(days=1)
OPPOSITIONS = "1.2.250.1.213.4.1.2.3"


def observation(code: str, value: str) -> str:
    return (
        f'<subjectOf><administrativeObservation classCode="OBS" moodCode="EVN"><code code="{code}" codeSystem="{OPPOSITIONS}"/>'
        f"{value}</administrativeObservation></subjectOf>"
    )


def answer(
    name: str, subject: str, acknowledgement: str = '<acknowledgement><typeCode code="AA"/></acknowledgement>'
) -> str:
    return (
        f'<{name} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">'
        '<attentionLine><keyWordText code="AUTORISATION"/><value xsi:type="CV" code="EXPIRE"/></attentionLine>'
        '<attentionLine><keyWordText code="STATUT_MT"/><value xsi:type="BL" value="true"/></attentionLine>'
        f'{acknowledgement}<controlActProcess>{subject}<queryAck><queryResponseCode code="OK"/></queryAck></controlActProcess>'
        f"</{name}>"
    )


PATIENT = (
    "<subject><registrationEvent><subject1><patient>"
    f'<id root="1.2.250.1.213.1.4.2" extension="INSC"/><id root="{INS.oid}" extension="{INS.value}"/><statusCode code="active"/>'
    '<patientPerson><name><family qualifier="BR">TEST-NEE</family><family qualifier="SP">TEST-USAGE</family><given>MARIE</given></name>'
    '<administrativeGenderCode code="F"/><birthTime value="19790312"/><addr><city>Dolancourt</city></addr>'
    '<personalRelationship><code code="MTH" codeSystem="2.16.840.1.113883.1.11.19579" displayName="mère"/><relationshipHolder1>'
    "<name><family>TEST-MERE</family><given>ANNE</given></name></relationshipHolder1></personalRelationship></patientPerson>"
    '<subjectOf1><queryMatchObservation><code code="POURCENTAGE"/><value xsi:type="INT" value="87"/></queryMatchObservation></subjectOf1>'
    + observation("OPPOSITION_BRIS_DE_GLACE", '<value xsi:type="BL" value="true"/>')
    + observation("OPPOSITION_ACCES_URGENCE", '<value xsi:type="BL" value="false"/>')
    + observation("RATTACHEMENT_ENS", "")
    + "</patient></subject1></registrationEvent></subject>"
)
EXISTENCE = answer("PRPA_IN201308UV02", PATIENT)
PERSONS = answer("PRPA_IN201306UV02", PATIENT)
LIST = (
    '<r:patientListResponse xmlns:r="urn:si-dmp-patients"><r:output><r:patientlistData><r:patientIdentifier>'
    f"<r:nationalId>INSC</r:nationalId><r:nationalIdType>1.2.250.1.213.1.4.2</r:nationalIdType></r:patientIdentifier>"
    f"<r:patientIdentifier><r:nationalId>{INS.value}</r:nationalId><r:nationalIdType>{INS.oid}</r:nationalIdType></r:patientIdentifier>"
    "<r:lastName>TEST-USAGE</r:lastName><r:patronymicalName>TEST-NEE</r:patronymicalName><r:firstName>MARIE</r:firstName>"
    "<r:dateOfBirth>19790312</r:dateOfBirth><r:MT>true</r:MT><r:message>Bonjour</r:message>"
    "<r:lastAccessDate>20261120100530</r:lastAccessDate><r:lastUpdateDate>20261121100530</r:lastUpdateDate>"
    "<r:lastAddDate>20261122100530</r:lastAddDate></r:patientlistData><r:status>DMPOk</r:status></r:output></r:patientListResponse>"
)
RIGHTS = (
    '<listAuthorizationByPatientResponse xmlns="urn:si-dmp-habilitations"><output><line>'
    "<nationalId>810002422979</nationalId><nationalIdType>1.2.250.1.71.4.2.1</nationalIdType><lastName>DUPONT</lastName>"
    "<firstName>Camille</firstName><codeSpeciality>G15_10/SM26</codeSpeciality>"
    "<startOfAuthorization>20261120100530</startOfAuthorization><lastActionDate>20261121100530</lastActionDate>"
    "<mode>INTERDITE</mode><specificRight>MEDECIN_TRAITANT</specificRight></line><status>DMPOk</status></output>"
    "</listAuthorizationByPatientResponse>"
)
READERS: dict[str, tuple[str, Callable[[etree._Element], object]]] = {
    "TD0.2": (EXISTENCE, existence.read),
    "TD0.4": (LIST, patient_list.read),
    "TD0.5": (PERSONS, person_search.read),
    "TD1.3a": (EXISTENCE, administrative.read),
    "TD1.6": (RIGHTS, habilitations.read),
}


def test_everything_is_read() -> None:
    """The identity traits of the DMP stay out of TD0.2 and TD1.3a: they are never displayed."""
    status = existence.read(etree.fromstring(EXISTENCE))
    assert (status.authorization, status.attending) == ("EXPIRE", True)
    assert status.oppositions == {"bris_de_glace": True, "acces_urgence": False}
    mother = Representative(Code("MTH", "2.16.840.1.113883.1.11.19579", "mère"), "TEST-MERE", "ANNE")
    assert administrative.read(etree.fromstring(EXISTENCE)) == Administrative(True, False, True, None, (mother,))
    assert person_search.read(etree.fromstring(PERSONS)) == [
        FoundPerson(INS, "TEST-USAGE", "MARIE", date(1979, 3, 12), Sex.FEMALE, 87, False, "Dolancourt")
    ]
    assert patient_list.read(etree.fromstring(LIST)) == [
        KnownDossier(
            INS,
            "TEST-USAGE",
            "MARIE",
            "TEST-NEE",
            date(1979, 3, 12),
            True,
            "Bonjour",
            MOMENT,
            MOMENT + DAY,
            MOMENT + 2 * DAY,
        )
    ]
    assert habilitations.read(etree.fromstring(RIGHTS)) == [
        AuthorisedProfessional(
            "810002422979", "1.2.250.1.71.4.2.1", "DUPONT", "Camille", "G15_10/SM26", MOMENT, MOMENT + DAY, True, "MEDECIN_TRAITANT"
        )
    ]  # fmt: skip


def test_every_ins_of_a_line_is_kept_the_nir_first() -> None:
    nia = (
        f"<r:patientIdentifier><r:nationalId>879035121518994</r:nationalId>"
        f"<r:nationalIdType>{OID_INS_NIA}</r:nationalIdType></r:patientIdentifier>"
    )
    start = "<r:patientIdentifier>"
    (line,) = patient_list.read(etree.fromstring(LIST.replace(start, nia + nia + start, 1)))
    assert (line.patient, line.others) == (INS, (InsIdentity("879035121518994", OID_INS_NIA),))


def test_what_is_not_told_is_unknown_and_not_a_no() -> None:
    bare = answer(
        "PRPA_IN201308UV02", "<subject><registrationEvent><subject1><patient/></subject1></registrationEvent></subject>"
    )
    assert administrative.read(etree.fromstring(bare)) == Administrative()
    alone = bare.replace("<patient/>", "<patient><patientPerson/></patient>")
    assert administrative.read(etree.fromstring(alone)).representatives == (), "a person without relations has none"
    odd = PATIENT.replace('<value xsi:type="BL" value="true"/>', '<value xsi:type="CE" code="PEUT-ETRE"/>')
    told = administrative.read(etree.fromstring(answer("PRPA_IN201308UV02", odd)))
    assert told.opposes_break_glass is None


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_messages_with_holes(name: str, data: st.DataObject) -> None:
    """Elements and attributes taken out, emptied or filled with anything: a reading or a DmpError, whatever is left."""
    text, read = READERS[name]
    root = etree.fromstring(text)
    for _ in range(data.draw(st.integers(1, 4))):
        element = data.draw(st.sampled_from(list(root.iter())))
        change = data.draw(st.sampled_from(["remove", "empty", "text", "attribute", "double"]))
        parent = element.getparent()
        if change == "empty":
            element.clear()
        elif change == "text":
            element.text = data.draw(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"))))
        elif change == "attribute" and element.attrib:
            key = data.draw(st.sampled_from(sorted(element.attrib)))
            element.set(key, data.draw(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")))))
        elif parent is not None and change == "remove":
            parent.remove(element)
        elif parent is not None and change == "double":
            parent.append(copy.deepcopy(element))
    with contextlib.suppress(DmpError):
        assert read(root) is not None


@pytest.mark.parametrize(
    ("acknowledgement", "code"),
    [
        ('<acknowledgement typeCode="AE"/>', "AE"),
        ('<acknowledgement><typeCode code="AR"/></acknowledgement>', "AR"),
        (
            '<acknowledgement><typeCode code="AE"/><acknowledgementDetail><code code="DMPClosed"/><text>Fermé</text>'
            "</acknowledgementDetail></acknowledgement>",
            "DMPClosed",
        ),
        ("", "ReponseIllisible"),
    ],
)
def test_refused_by_the_acknowledgement(acknowledgement: str, code: str) -> None:
    for name, read in (("PRPA_IN201308UV02", existence.read), ("PRPA_IN201306UV02", person_search.read)):
        with pytest.raises(DmpError) as caught:
            read(etree.fromstring(answer(name, PATIENT, acknowledgement)))
        assert caught.value.code == code


@pytest.mark.parametrize("acknowledgement", ['<acknowledgement typeCode="AA"/>', '<acknowledgement typeCode="CA"/>'])
def test_an_acknowledgement_by_attribute(acknowledgement: str) -> None:
    assert existence.read(etree.fromstring(answer("PRPA_IN201308UV02", PATIENT, acknowledgement))).exists


@pytest.mark.parametrize("name", ["TD0.4", "TD1.6"])
def test_refused_by_the_status(name: str) -> None:
    text, read = READERS[name]
    refused = text.replace("DMPOk", "soap:DMPAccessDeniedByRightsService")
    with pytest.raises(DmpError, match="DMPAccessDeniedByRightsService"):
        read(etree.fromstring(refused))


def test_the_likeliest_first() -> None:
    subjects = "".join(PATIENT.replace('value="87"', f'value="{match}"') for match in (12, 99, 50))
    found = person_search.read(etree.fromstring(answer("PRPA_IN201306UV02", subjects)))
    assert [person.match for person in found] == [99, 50, 12]


def test_lists_ask_in_the_order_of_the_dmp() -> None:
    body = etree.fromstring(patient_list.request(MOMENT, DossierDate.LAST_AUTHORISATION))
    told = [(etree.QName(item).localname, item.text) for item in body]
    assert told == [("startDate", "20261120100530"), ("dateType", "LASTAUTORIZATION")]


def test_a_person_is_searched_by_what_is_given() -> None:
    sender = Sender("2.25.7", "DMP & Desktop")
    body = etree.fromstring(
        person_search.request(PersonQuery("TEST-<&>", sex=Sex.UNKNOWN), sender, uuid.UUID(int=1), NOW)
    )
    (only,) = body.find(".//{*}parameterList")
    assert etree.QName(only).localname == "livingSubjectName"
    assert only.findtext(".//{*}family") == "TEST-<&>"
    with pytest.raises(ValueError, match="family"):
        person_search.request(PersonQuery(" "), sender, uuid.UUID(int=1), NOW)
