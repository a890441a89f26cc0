"""TD1.1 to TD1.5: unknown to the stand-in as to today's DMP, unless a test switches them on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmp_desktop.sandbox import Sandbox, Tolerances
from tests.helpers.dmp_admin import ACCOUNT, CREATE, REVISE, account_body, observed, revision_body
from tests.helpers.dmp_wire import Answer, Caller
from tests.helpers.seeded import seeded

CONSENT = observed("CONSENTEMENT_OUVERTURE_DMP")
CLOSING = observed("FERMETURE_DEMANDE_PATIENT", "1.2.250.1.213.4.1.2.4")
CREATION, REVISION = "PRPA_IN201311UV02", "PRPA_IN201314UV02"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    switched = Tolerances(ended_transactions=True)
    with (
        Sandbox(seeded(tmp_path_factory.mktemp("ended")), tolerances=switched) as sandbox,
        Caller(sandbox.ready, "doctor") as it,
    ):
        yield it


@pytest.fixture(scope="module")
def ins(old: Caller) -> dict[str, str]:
    return {patient["story"]: patient["ins"] for patient in old.ready["patients"]}


def create(caller: Caller, ins: str, more: str = CONSENT) -> Answer:
    return caller.call("/patients", CREATE, revision_body(CREATION, "CREA_RD", ins, more), ins)


def revise(caller: Caller, ins: str, reason: str, more: str = "") -> Answer:
    return caller.call("/patients", REVISE, revision_body(REVISION, reason, ins, more), ins)


def told(answer: Answer) -> tuple[str, str, str]:
    """Interaction, acknowledgement, its detail."""
    detail = answer.body.find(".//{*}acknowledgementDetail/{*}code")
    name = next(answer.body.iter("{*}interactionId")).get("extension")
    code = next(answer.body.iter("{*}acknowledgement")).find("{*}typeCode").get("code")
    return str(name), str(code), "" if detail is None else str(detail.get("code"))


def test_without_the_switch_nobody_knows_them(doctor: Caller, patients: dict[str, str]) -> None:
    ins = patients["none"]
    answers = [
        create(doctor, ins),
        revise(doctor, ins, "REAC"),
        revise(doctor, ins, "FERM", CLOSING),
        doctor.call("/patients", ACCOUNT, account_body(), ins),
    ]
    assert {answer.fault[0] for answer in answers} == {"wsa:ActionNotSupported"}
    assert doctor.existence(ins).body.find(".//{*}queryResponseCode").get("code") == "NF"


def test_a_record_is_created_once(old: Caller, ins: dict[str, str]) -> None:
    first, second = create(old, ins["none"]), create(old, ins["none"])
    assert told(first) == ("PRPA_IN201312UV02", "AA", "")
    assert told(second) == ("PRPA_IN201313UV02", "AE", "DMPFound")
    assert first.body.tag == "{asip:ci-sis:gdp:2010}response"
    assert old.existence(ins["none"]).body.find(".//{*}queryResponseCode").get("code") == "OK"


def test_consent_is_needed(old: Caller, ins: dict[str, str]) -> None:
    assert "CONSENTEMENT_OUVERTURE_DMP" in create(old, ins["none"], "").fault[1]


def test_close_and_reactivate(old: Caller, ins: dict[str, str]) -> None:
    closed = ins["closed"]
    assert told(revise(old, closed, "FERM", CLOSING)) == ("PRPA_IN201316UV02", "AE", "DMPClosed")
    assert told(revise(old, closed, "MODIF_DATA")) == ("PRPA_IN201316UV02", "AE", "DMPClosed")
    assert told(revise(old, closed, "REAC")) == ("PRPA_IN201315UV02", "AA", "")
    assert told(revise(old, closed, "REAC")) == ("PRPA_IN201316UV02", "AE", "DMPFound")
    assert told(revise(old, closed, "MODIF_DATA")) == ("PRPA_IN201315UV02", "AA", "")
    assert "FERMETURE_DEMANDE_PATIENT" in revise(old, closed, "FERM").fault[1]
    assert told(revise(old, closed, "FERM", CLOSING)) == ("PRPA_IN201315UV02", "AA", "")
    assert old.existence(closed).body.find(".//{*}patient/{*}statusCode").get("code") == "terminated"


def test_what_belongs_to_mon_espace_sante_is_not_changed_here(old: Caller, ins: dict[str, str]) -> None:
    for reason, more in (("MODIF_DATA", ""), ("FERM", CLOSING)):
        answer = revise(old, ins["ordinary"], reason, more)
        assert told(answer) == ("PRPA_IN201316UV02", "AE", "DMPAccessDeniedByRightsService")


def test_account_is_opened_once(old: Caller, ins: dict[str, str]) -> None:
    def account(story: str) -> Answer:
        return old.call("/patients", ACCOUNT, account_body(), ins[story])

    assert account("empty").body.findtext(".//{*}status") == "DMPOk"
    assert account("empty").fault[0] == "soap:DMPPatientAccessAlreadyExists"
    assert account("ordinary").fault[0] == "soap:DMPPatientAccessAlreadyExists"
    seen = old.existence(ins["empty"]).body.iter("{*}administrativeObservation")
    assert next(seen).find("{*}value").get("value") == "true"


@pytest.mark.parametrize("name", [CREATION, REVISION])
def test_other_patient_and_malformed(old: Caller, ins: dict[str, str], name: str) -> None:
    action, reason = (CREATE, "CREA_RD") if name == CREATION else (REVISE, "REAC")
    other = old.call("/patients", action, revision_body(name, reason, ins["child"], CONSENT), ins["ordinary"])
    assert other.fault[0] == "soap:DMPPatientIdDoesNotMatch"
    wrong = old.call("/patients", action, revision_body(name, "TEST_EXST", ins["ordinary"]), ins["ordinary"])
    assert (wrong.fault[0], "reasonCode" in wrong.fault[1]) == ("soap:DMPInvalidMessage", True)
