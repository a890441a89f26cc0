"""TD0.2, TD0.3 and the rights table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.dmp_wire import EXISTENCE, Answer, Caller, existence_body

DENIED = "soap:DMPAccessDeniedByRightsService"


def state(answer: Answer) -> tuple[str, str, str]:
    """queryResponseCode, authorisation, attending."""
    values = [e.get("code") or e.get("value") for e in answer.body.iterfind(".//{*}attentionLine/{*}value")]
    found = answer.body.find(".//{*}queryResponseCode").get("code")
    return (found, *values) if values else (found, "", "")  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("ordinary", ("OK", "VALIDE", "false")),
        ("chronic", ("OK", "VALIDE", "true")),
        ("empty", ("OK", "NON_EXISTE", "false")),
        ("forbidden", ("OK", "INTERDIT", "false")),
        ("none", ("NF", "", "")),
    ],
)
def test_existence_tells_the_story(
    doctor: Caller, patients: dict[str, str], story: str, expected: tuple[str, str, str]
) -> None:
    assert state(doctor.existence(patients[story])) == expected


def test_closed_record_is_terminated(doctor: Caller, patients: dict[str, str]) -> None:
    answer = doctor.existence(patients["closed"])
    assert answer.body.find(".//{*}patient/{*}statusCode").get("code") == "terminated"


def test_patient_of_the_query_must_be_that_of_the_vihf(doctor: Caller, patients: dict[str, str]) -> None:
    body = existence_body(patients["chronic"])
    answer = doctor.call("/patients", EXISTENCE, body, patients["ordinary"])
    assert (answer.status, answer.fault[0]) == (500, "soap:DMPPatientIdDoesNotMatch")


def test_unknown_reason_is_refused(doctor: Caller, patients: dict[str, str]) -> None:
    body = existence_body(patients["ordinary"], reason="CREA_RD")
    assert doctor.call("/patients", EXISTENCE, body, patients["ordinary"]).status == 500


def test_authorisation_opens_attends_and_ends(doctor: Caller, patients: dict[str, str]) -> None:
    ins = patients["opposed"]
    assert doctor.find(ins).fault[0] == DENIED
    assert "DMPOk" in doctor.authorise(ins).content.decode()
    assert doctor.find(ins).status == 200
    doctor.authorise(ins, role="MEDECIN_TRAITANT")
    assert state(doctor.existence(ins)) == ("OK", "VALIDE", "true")
    doctor.authorise(ins)
    assert state(doctor.existence(ins)) == ("OK", "VALIDE", "false")
    doctor.authorise(ins, "SUPPRESSION")
    assert state(doctor.existence(ins)) == ("OK", "NON_EXISTE", "false")


def test_secretary_authorises_the_structure(doctor: Caller, secretary: Caller, patients: dict[str, str]) -> None:
    ins = patients["empty"]
    assert secretary.authorise(ins).status == 200
    assert state(doctor.existence(ins)) == ("OK", "VALIDE", "false")
    secretary.authorise(ins, "SUPPRESSION")
    assert state(doctor.existence(ins)) == ("OK", "NON_EXISTE", "false")


def test_ban_closed_and_absent_records_refuse_authorisation(doctor: Caller, patients: dict[str, str]) -> None:
    assert doctor.authorise(patients["forbidden"]).fault[0] == DENIED
    assert doctor.authorise(patients["closed"]).fault[0] == "soap:DMPClosed"
    assert doctor.authorise(patients["none"]).fault[0] == "soap:DMPNotFound"


def test_secretary_cannot_be_attending(secretary: Caller, patients: dict[str, str]) -> None:
    assert secretary.authorise(patients["empty"], role="MEDECIN_TRAITANT").fault[0] == DENIED


def test_secretary_never_reads(secretary: Caller, patients: dict[str, str]) -> None:
    secretary.authorise(patients["ordinary"])
    assert secretary.find(patients["ordinary"]).fault[0] == DENIED
    assert secretary.find(patients["ordinary"], return_type="ObjectRef").status == 200
    assert secretary.retrieve(patients["ordinary"], "1.2.3").fault[0] == DENIED
    secretary.authorise(patients["ordinary"], "SUPPRESSION")


def test_break_glass_opens_unless_opposed(doctor: Caller, patients: dict[str, str]) -> None:
    def broken(story: str) -> Answer:
        ins = patients[story]
        return doctor.find(ins, vihf=replace(doctor.vihf(ins), purpose="bris_de_glace"))

    assert broken("empty").status == 200
    assert broken("opposed").fault[0] == DENIED


def test_authorisation_only_in_normal_mode(doctor: Caller, patients: dict[str, str]) -> None:
    vihf = replace(doctor.vihf(patients["empty"]), purpose="bris_de_glace")
    assert doctor.authorise(patients["empty"], vihf=vihf).fault[0] == DENIED
