"""TD0.2, TD0.3, TD1.3a, TD1.6: what the record says of itself and of who may open it. One test a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import Sandbox, hl7
from dmp_desktop.sandbox.authorisation import dmp_parts
from dmp_desktop.sandbox.directory import CABINET, COLLEAGUE_ID, DOCTOR, NURSE_ID, OCCUPATIONAL_ID
from dmp_desktop.sandbox.faults import SoapFault
from tests.helpers.clock import START, FakeClock
from tests.helpers.dmp_admin import (
    LIST_AUTHORISATIONS,
    LIST_PATIENTS,
    authorisations_body,
    patient_list_body,
    rows,
    secretly,
)
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_update import DELETED, Update
from tests.helpers.dmp_wire import (
    APPROVED,
    AUTHORISE,
    EXISTENCE,
    QUERY,
    RETRIEVE,
    Answer,
    Caller,
    Vihf,
    authorise_body,
    existence_body,
    find_body,
    retrieve_body,
)

DENIED = "soap:DMPAccessDeniedByRightsService"
INVALID = "soap:DMPInvalidMessage"
DAY = 24 * 3600
CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, clock: FakeClock) -> Iterator[Sandbox]:
    """A sandbox whose clock and authorisations these tests may move."""
    with Sandbox(tmp_path_factory.mktemp("administration"), clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def ins(own: Sandbox) -> dict[str, str]:
    return {patient["story"]: patient["ins"] for patient in own.ready["patients"]}


class Timed(Caller):
    """A caller who lives in the time of the sandbox's clock."""

    def __init__(self, sandbox: Sandbox, identity: str, clock: FakeClock) -> None:
        super().__init__(sandbox.ready, identity)
        self.clock = clock

    def vihf(self, ins: str) -> Vihf:
        return replace(super().vihf(ins), instant=self.clock.now())


@pytest.fixture
def asker(own: Sandbox, clock: FakeClock) -> Iterator[Timed]:
    with Timed(own, "doctor", clock) as caller:
        yield caller


@pytest.fixture
def office(own: Sandbox, clock: FakeClock) -> Iterator[Timed]:
    with Timed(own, "secretary", clock) as caller:
        yield caller


def observations(answer: Answer) -> dict[str, str]:
    return {
        seen.find("{*}code").get("code"): seen.find("{*}value").get("value")
        for seen in answer.body.iter("{*}administrativeObservation")
    }


def authorised(answer: Answer) -> str:
    return str(answer.body.find(".//{*}attentionLine/{*}value").get("code"))


def consult(caller: Caller, ins: str, vihf: Vihf | None = None) -> Answer:
    return caller.call("/patients", EXISTENCE, existence_body(ins, reason="CNSLT_DATA"), ins, vihf)


def listed(caller: Caller, ins: str, mode: str = "TOUTE") -> Answer:
    return caller.call("/habilitations", LIST_AUTHORISATIONS, authorisations_body(mode), ins)


# TD0.2


def test_attention_lines_and_observations(asker: Timed, ins: dict[str, str]) -> None:
    answer = asker.existence(ins["ordinary"])
    lines = [
        (line.find("{*}keyWordText").get("code"), line.find("{*}keyWordText").get("codeSystem"))
        for line in answer.body.iter("{*}attentionLine")
    ]
    assert lines == [("AUTORISATION", "1.2.250.1.213.4.1.2.6.1"), ("STATUT_MT", "1.2.250.1.213.4.1.2.6.3")]
    assert answer.body.find(".//{*}attentionLine/{*}value").get("codeSystem") == "1.2.250.1.213.4.1.2.6.2"
    assert observations(answer) == {"COMPTE_INTERNET_OUVERT": "true", "RATTACHEMENT_ENS": "true"}
    assert observations(asker.existence(ins["closed"])) == {
        "COMPTE_INTERNET_OUVERT": "false",
        "RATTACHEMENT_ENS": "false",
    }


def test_a_record_has_several_identifiers(asker: Timed, ins: dict[str, str]) -> None:
    found = asker.existence(ins["ordinary"]).body.findall(".//{*}patient/{*}id")
    assert [element.get("root") for element in found] == ["1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.2"]
    assert found[0].get("extension") == ins["ordinary"]
    assert len(found[1].get("extension")) == 22


def test_no_record_no_lines(asker: Timed, ins: dict[str, str]) -> None:
    answer = asker.existence(ins["none"])
    assert answer.body.find(".//{*}queryResponseCode").get("code") == "NF"
    assert answer.body.find(".//{*}resultTotalQuantity").get("value") == "0"
    assert answer.body.find(".//{*}attentionLine") is None
    assert answer.body.find(".//{*}subject") is None


BROKEN = {
    "interactionId": ('extension="PRPA_IN201307UV02"/>', 'extension="PRPA_IN201305UV02"/>'),
    "id": ('<id root="1.2.250.1.999.1" extension', '<id extension'),
    "creationTime": ('value="20261122100000"', 'value="22/11/2026"'),
    "processingCode": ('<processingCode code="D"/>', '<processingCode code="X"/>'),
    "processingModeCode": ('<processingModeCode code="T"/>', ""),
    "acceptAckCode": ('<acceptAckCode code="AL"/>', '<acceptAckCode code="NE"/>'),
    "receiver": ('root="1.2.250.1.213.4.1.1.1"', 'root="1.2.250.1.213.4.1.1.9"'),
    "sender": ('<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="1.2.250.1.999.1"/>', '<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="LPS"/>'),
    "reasonCode": ('codeSystem="1.2.250.1.213.1.1.4.11"', 'codeSystem="1.2.3"'),
    "queryId": ('<queryId root="1.2.250.1.999.1" extension="1"/>', "<queryId/>"),
    "statusCode": ('<statusCode code="new"/>', '<statusCode code="aborted"/>'),
    "patientIdentifier": ("<semanticsText>Patient.id</semanticsText></patientIdentifier>", '<semanticsText>Patient.id</semanticsText></patientIdentifier><patientIdentifier><value root="1" extension="2"/></patientIdentifier>'),
}  # fmt: skip


@pytest.mark.parametrize("reason", ["TEST_EXST", "CNSLT_DATA"])
@pytest.mark.parametrize("part", BROKEN)
def test_each_part_of_the_query_is_needed(asker: Timed, ins: dict[str, str], part: str, reason: str) -> None:
    old, new = BROKEN[part]
    body = existence_body(ins["ordinary"], reason=reason)
    assert body.count(old) == 1
    answer = asker.call("/patients", EXISTENCE, body.replace(old, new), ins["ordinary"])
    assert answer.fault[0] == INVALID
    assert part in answer.fault[1]


@given(st.data())
def test_the_parser_survives_a_message_with_holes(data: st.DataObject) -> None:
    """Whatever is missing is empty, never another error."""
    root = etree.fromstring(existence_body("279035121518989").encode())
    for element in data.draw(st.lists(st.sampled_from(list(root.iterdescendants())), max_size=6, unique_by=id)):
        parent = element.getparent()
        if data.draw(st.booleans()):
            element.attrib.clear()
        elif parent is not None:
            parent.remove(element)
    found = hl7.parse(root)
    assert set(found.patients) <= {("1.2.250.1.213.1.4.10", "279035121518989"), ("", "")}


@given(st.sampled_from(["setAuthorization", "x"]), st.lists(st.sampled_from(["action", "role", "other"]), max_size=4))
def test_the_parts_of_a_request_come_once_and_in_order(name: str, parts: list[str]) -> None:
    inside = "".join(f"<{part}>{number}</{part}>" for number, part in enumerate(parts))
    body = etree.fromstring(f'<{name} xmlns="urn:si-dmp-habilitations"><!-- -->{inside}</{name}>')
    right = name == "setAuthorization" and parts in ([], ["action"], ["role"], ["action", "role"])
    try:
        told = dmp_parts(body, "setAuthorization", "urn:si-dmp-habilitations", ("action", "role"))
    except SoapFault:
        assert not right
        return
    assert right
    assert {part: value for part, value in told.items() if value} == {part: str(n) for n, part in enumerate(parts)}


def test_an_unknown_reason_is_named(asker: Timed, ins: dict[str, str]) -> None:
    body = existence_body(ins["ordinary"], reason="CREA_RD")
    assert "reasonCode" in asker.call("/patients", EXISTENCE, body, ins["ordinary"]).fault[1]


def test_secret_connection_is_for_minors(asker: Timed, ins: dict[str, str]) -> None:
    def asked(story: str, told: str) -> Answer:
        vihf = asker.vihf(ins[story])
        attribute = f'</saml2:Attribute><saml2:Attribute Name="{CONFIDENTIALITY}"><saml2:AttributeValue>{told}'
        return asker.find(ins[story], replace(vihf, sector=f"{vihf.sector}</saml2:AttributeValue>{attribute}"))

    hidden = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
    coded = '<Code xmlns="urn:hl7-org:v3" code="INVISIBLE_REPRESENTANTS_LEGAUX" codeSystem="1.2.250.1.213.1.1.4.13"/>'
    assert asked("child", hidden).status == 200
    assert asked("child", coded).status == 200
    assert "mineur" in asked("ordinary", hidden).fault[1]
    assert asked("ordinary", "N^2.16.840.1.113883.5.25").status == 200
    assert "confidentiality-code" in asked("child", "SECRET^1.2.3").fault[1]


@pytest.mark.parametrize(
    ("path", "action", "body"),
    [
        ("/patients", EXISTENCE, existence_body),
        ("/patients", EXISTENCE, lambda ins: existence_body(ins, reason="CNSLT_DATA")),
        ("/habilitations", AUTHORISE, lambda _: authorise_body("AJOUT")),
        ("/habilitations", AUTHORISE, lambda _: authorise_body("SUPPRESSION")),
        ("/habilitations", LIST_AUTHORISATIONS, lambda _: authorisations_body()),
        ("/registry", QUERY, find_body),
        ("/repository", RETRIEVE, lambda _: retrieve_body("1.2.3")),
    ],
    ids=["TD0.2", "TD1.3a", "TD0.3", "TD0.3 SUPPRESSION", "TD1.6", "TD3.1", "TD3.2"],
)
def test_nothing_is_asked_of_an_adult_s_record_in_a_secret_connection(
    asker: Timed, ins: dict[str, str], path: str, action: str, body: Callable[[str], str]
) -> None:
    for story, refused in (("ordinary", True), ("closed", True), ("adolescent", False)):
        answer = asker.call(path, action, body(ins[story]), ins[story], secretly(asker.vihf(ins[story])))
        assert (answer.status == 500 and "mineur" in answer.fault[1]) == refused, story


def test_nothing_is_deposited_nor_changed_for_an_adult_in_a_secret_connection(
    asker: Timed, ins: dict[str, str]
) -> None:
    unknown = ("urn:uuid:00000000-0000-4000-8000-000000000001", APPROVED, DELETED)
    for story, refused in (("ordinary", True), ("adolescent", False)):
        vihf = secretly(asker.vihf(ins[story]))
        for answer in (Lot(ins[story]).send(asker, vihf), Update(ins[story], (unknown,)).send(asker, vihf)):
            assert (answer.status == 500 and "mineur" in answer.fault[1]) == refused, story


# TD1.3a


@pytest.mark.parametrize(("story", "opposed"), [("ordinary", "false"), ("opposed", "true")])
def test_oppositions(asker: Timed, ins: dict[str, str], story: str, opposed: str) -> None:
    told = observations(consult(asker, ins[story]))
    assert (told["OPPOSITION_BRIS_DE_GLACE"], told["OPPOSITION_ACCES_URGENCE"]) == (opposed, opposed)
    assert {"COMPTE_INTERNET_OUVERT", "RATTACHEMENT_ENS"} < set(told)


def test_legal_representatives(asker: Timed, ins: dict[str, str]) -> None:
    found = consult(asker, ins["child"]).body.findall(".//{*}patientPerson/{*}personalRelationship")
    codes = [relative.find("{*}code") for relative in found]
    assert {code.get("code") for code in codes} == {"FTH", "MTH"}
    assert {code.get("codeSystem") for code in codes} == {"2.16.840.1.113883.1.11.19579"}
    assert all(relative.findtext(".//{*}family").startswith("TEST-") for relative in found)
    assert not consult(asker, ins["ordinary"]).body.findall(".//{*}personalRelationship")


def test_administration_needs_no_authorisation_and_says_nothing_of_it(asker: Timed, ins: dict[str, str]) -> None:
    for story in ("empty", "forbidden", "closed"):
        answer = consult(asker, ins[story])
        assert answer.status == 200
        assert answer.body.find(".//{*}attentionLine") is None
    assert consult(asker, ins["none"]).body.find(".//{*}queryResponseCode").get("code") == "NF"


def test_administration_of_another_patient(asker: Timed, ins: dict[str, str]) -> None:
    body = existence_body(ins["child"], reason="CNSLT_DATA")
    answer = asker.call("/patients", EXISTENCE, body, ins["ordinary"])
    assert answer.fault[0] == "soap:DMPPatientIdDoesNotMatch"


# TD0.3


@pytest.mark.parametrize(
    "body",
    [
        authorise_body("OUVRIR"),
        authorise_body(""),
        authorise_body("AJOUT", "MEDECIN"),
        authorise_body("AJOUT").replace("urn:si-dmp-habilitations", "urn:autre"),
        authorise_body("AJOUT").replace("</setAuthorization>", "<duree>1</duree></setAuthorization>"),
        authorise_body("AJOUT").replace("</setAuthorization>", "<action>SUPPRESSION</action></setAuthorization>"),
        '<setAuthorization xmlns="urn:si-dmp-habilitations"><role>MEDECIN_TRAITANT</role><action>AJOUT</action></setAuthorization>',
        '<setAuthorization xmlns="urn:si-dmp-habilitations"/>',
    ],
)
def test_malformed_authorisations(asker: Timed, ins: dict[str, str], body: str) -> None:
    assert asker.call("/habilitations", AUTHORISE, body, ins["empty"]).fault[0] == INVALID
    assert authorised(asker.existence(ins["empty"])) == "NON_EXISTE"


def test_who_is_blocked_changes_nothing_even_through_the_structure(
    own: Sandbox, asker: Timed, ins: dict[str, str]
) -> None:
    for action in ("AJOUT", "SUPPRESSION"):
        assert "bloqué" in asker.authorise(ins["forbidden"], action).fault[1]
    structure = Timed(own, "structure", asker.clock)
    assert "bloqué" in structure.authorise(ins["forbidden"]).fault[1]
    structure.close()
    assert authorised(asker.existence(ins["forbidden"])) == "INTERDIT"


def test_the_office_cannot_lift_a_ban(asker: Timed, office: Timed, ins: dict[str, str]) -> None:
    assert office.authorise(ins["forbidden"]).status == 200
    assert authorised(asker.existence(ins["forbidden"])) == "INTERDIT"
    assert asker.find(ins["forbidden"]).fault[0] == DENIED
    office.authorise(ins["forbidden"], "SUPPRESSION")


@pytest.mark.parametrize("purpose", ["bris_de_glace", "centre_15"])
def test_authorisation_is_given_in_normal_mode_only(asker: Timed, ins: dict[str, str], purpose: str) -> None:
    vihf = replace(asker.vihf(ins["empty"]), purpose=purpose)
    assert asker.authorise(ins["empty"], vihf=vihf).fault[0] == DENIED


@pytest.mark.parametrize(("purpose", "story", "status"), [
    ("centre_15", "ordinary", 200), ("centre_15", "empty", 200), ("centre_15", "opposed", 500),
    ("bris_de_glace", "empty", 200), ("bris_de_glace", "opposed", 500), ("bris_de_glace", "closed", 500),
    ("normal", "empty", 500),
])  # fmt: skip
def test_modes_and_oppositions(asker: Timed, ins: dict[str, str], purpose: str, story: str, status: int) -> None:
    assert asker.find(ins[story], replace(asker.vihf(ins[story]), purpose=purpose)).status == status


# TD1.6


def test_list_of_the_authorised(asker: Timed, ins: dict[str, str]) -> None:
    found = {row["nationalId"]: row for row in rows(listed(asker, ins["ordinary"]), "authorizationlistData")}
    assert set(found) == {DOCTOR.national_id, NURSE_ID, COLLEAGUE_ID, OCCUPATIONAL_ID}
    assert found[DOCTOR.national_id] | {"lastActionDate": ""} == {
        "nationalId": DOCTOR.national_id,
        "nationalIdType": "1.2.250.1.71.4.2.1",
        "lastName": "DUPONT",
        "firstName": "Camille",
        "codeSpeciality": "G15_10/SM26",
        "startOfAuthorization": START.strftime("%Y%m%d%H%M%S"),
        "lastActionDate": "",
        "mode": "ACTIVE",
    }
    assert found[COLLEAGUE_ID]["specificRight"] == "MEDECIN_TRAITANT"
    assert found[OCCUPATIONAL_ID]["mode"] == "INTERDITE"
    assert found[NURSE_ID]["codeSpeciality"] == "G15_60"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("ACTIVE", {DOCTOR.national_id, NURSE_ID, COLLEAGUE_ID}), ("INTERDITE", {OCCUPATIONAL_ID})],
)
def test_filters_of_the_list(asker: Timed, ins: dict[str, str], mode: str, expected: set[str]) -> None:
    found = rows(listed(asker, ins["ordinary"], mode), "authorizationlistData")
    assert {row["nationalId"] for row in found} == expected


def test_structures_are_listed_under_their_own_domain(asker: Timed, office: Timed, ins: dict[str, str]) -> None:
    office.authorise(ins["child"])
    found = {row["nationalId"]: row for row in rows(listed(asker, ins["child"]), "authorizationlistData")}
    office.authorise(ins["child"], "SUPPRESSION")
    assert (found[CABINET.id]["nationalIdType"], found[CABINET.id]["lastName"]) == ("1.2.250.1.71.4.2.2", CABINET.name)
    assert CABINET.id not in {row["nationalId"] for row in rows(listed(asker, ins["child"]), "authorizationlistData")}


@pytest.mark.parametrize(
    "body",
    [
        authorisations_body("EXPIREE"),
        authorisations_body(""),
        authorisations_body().replace("urn:si-dmp-habilitations", "urn:autre"),
        authorisations_body().replace("<mode>", "<patient>1</patient><mode>"),
    ],
)
def test_malformed_lists(asker: Timed, ins: dict[str, str], body: str) -> None:
    assert asker.call("/habilitations", LIST_AUTHORISATIONS, body, ins["ordinary"]).fault[0] == INVALID


@pytest.mark.parametrize(
    ("story", "code"),
    [("none", "soap:DMPNotFound"), ("closed", "soap:DMPClosed"), ("forbidden", DENIED), ("empty", DENIED)],
)
def test_who_may_see_the_list(asker: Timed, ins: dict[str, str], story: str, code: str) -> None:
    assert listed(asker, ins[story]).fault[0] == code


# Authorisations that lapse


def test_an_authorisation_lapses_and_is_renewed(own: Sandbox, clock: FakeClock, ins: dict[str, str]) -> None:
    """The one test that moves the clock puts it back."""
    patient = ins["opposed"]
    with Timed(own, "doctor", clock) as caller:
        caller.authorise(patient)
        assert caller.find(patient).status == 200
        clock.advance(365 * DAY)
        assert authorised(caller.existence(patient)) == "VALIDE"
        clock.advance(2)
        assert authorised(caller.existence(patient)) == "EXPIRE"
        assert caller.find(patient).fault[0] == DENIED
        known = rows(caller.call("/patients", LIST_PATIENTS, patient_list_body(), patient), "patientlistData")
        assert patient not in {row["nationalId"] for row in known}
        assert caller.authorise(patient).status == 200
        assert authorised(caller.existence(patient)) == "VALIDE"
        caller.authorise(patient, "SUPPRESSION")
    clock.set_back(365 * DAY + 2)


def test_that_of_the_attending_doctor_does_not(own: Sandbox, clock: FakeClock, ins: dict[str, str]) -> None:
    with Timed(own, "doctor", clock) as caller:
        own.registry.put_access(
            ins["chronic"], DOCTOR.national_id, Authorization.VALIDE, True, clock.now() - timedelta(days=800)
        )
        assert authorised(caller.existence(ins["chronic"])) == "VALIDE"


@pytest.mark.slow
def test_what_lapses_survives_a_restart(tmp_path: Path) -> None:
    clock = FakeClock(START)
    with Sandbox(tmp_path, clock=clock) as first:
        patient = first.ready["patients"][0]["ins"]
    clock.advance(400 * DAY)
    with Sandbox(tmp_path, clock=clock) as again, Timed(again, "doctor", clock) as caller:
        assert authorised(caller.existence(patient)) == "EXPIRE"
