"""Who may ask the FHIR facade, for whom; TD0.2 and TD0.3 through it; how it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_wire import Caller
from tests.helpers.fhir_raw import INS_SYSTEM, FhirCaller, bearer, subject

EXTENSIONS = "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose authorisations and faults these tests may change."""
    with Sandbox(tmp_path_factory.mktemp("fhir-access")) as running:
        yield running


@pytest.fixture(scope="module")
def caller(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "doctor") as found:
        yield found


def ins_of(sandbox: Sandbox, story: str) -> str:
    return next(str(p["ins"]) for p in sandbox.ready["patients"] if p["story"] == story)


@pytest.fixture
def fhir(own: Sandbox, caller: Caller) -> Iterator[FhirCaller]:
    found = FhirCaller(caller, ins_of(own, "ordinary"))
    yield found
    found.close()


@pytest.fixture
def of(own: Sandbox, caller: Caller) -> Iterator[Any]:
    """A caller for the patient of a story."""
    opened: list[FhirCaller] = []

    def make(story: str, by: Caller = caller) -> FhirCaller:
        opened.append(FhirCaller(by, ins_of(own, story)))
        return opened[-1]

    yield make
    for found in opened:
        found.close()


def patient(fhir: FhirCaller, more: str = "", **others: Any) -> Any:
    return fhir.get(f"Patient?identifier={INS_SYSTEM}%7C{fhir.ins}{more}", **others)


def consent(fhir: FhirCaller, status: str, role: str = "IRCP") -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": status,
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": subject(fhir.ins),
        "policyRule": {"coding": [{"code": "OPTIN"}]},
        "provision": {
            "type": "permit",
            "actor": [{"role": {"coding": [{"code": role}]}, "reference": {"identifier": {"value": "810002422979"}}}],
        },
    }


def test_without_the_person_nothing_is_told(fhir: FhirCaller) -> None:
    answer = patient(fhir, Authorization="")
    assert (answer.status, answer.error, answer.headers["WWW-Authenticate"]) == (401, "DMPInvalidVIHF", "Bearer")


@pytest.mark.parametrize(
    "told", ["Basic QQ", "Bearer", "Bearer !!!", "Bearer QQ==", bearer("<a/>"), bearer("<a/></Security>")]
)
def test_only_a_vihf_is_a_bearer(fhir: FhirCaller, told: str) -> None:
    answer = patient(fhir, Authorization=told)
    assert (answer.status, answer.error) == (401, "DMPInvalidVIHF")


def test_an_altered_vihf_is_refused(fhir: FhirCaller, caller: Caller) -> None:
    signed = caller.vihf(fhir.ins).signed(caller.sign)
    assert patient(fhir, Authorization=bearer(signed)).status == 200
    assert patient(fhir, Authorization=bearer(signed.replace("SM26", "SM54"))).status == 401


def test_an_old_vihf_is_refused(fhir: FhirCaller, caller: Caller) -> None:
    vihf = caller.vihf(fhir.ins)
    answer = patient(fhir, vihf=replace(vihf, instant=vihf.instant - timedelta(hours=2)))
    assert (answer.status, answer.error) == (401, "DMPInvalidVIHF")


def test_signed_by_the_authentication_key_is_refused(fhir: FhirCaller, caller: Caller) -> None:
    vihf = replace(caller.vihf(fhir.ins), issuer=caller.auth.certificate.subject.rfc4514_string())
    answer = patient(fhir, Authorization=bearer(vihf.signed(caller.auth)))
    assert (answer.status, answer.error) == (401, "DMPInvalidCertificate")


@pytest.mark.parametrize("path", ["Patient?identifier=", "DocumentReference?status=current&patient.identifier="])
def test_another_patient_than_that_of_the_vihf_is_refused(fhir: FhirCaller, own: Sandbox, path: str) -> None:
    answer = fhir.get(f"{path}{INS_SYSTEM}%7C{ins_of(own, 'chronic')}")
    assert answer.status == 403
    assert answer.error in {"DMPPatientIdDoesNotMatch", "XDSPatientIdDoesNotMatch"}


def test_a_refusal_never_repeats_the_patient(fhir: FhirCaller, own: Sandbox) -> None:
    other = ins_of(own, "chronic")
    answer = fhir.get(f"DocumentReference?status=current&patient.identifier={INS_SYSTEM}%7C{other}")
    assert other.encode() not in answer.content
    assert fhir.ins.encode() not in answer.content


def test_the_record_exists(fhir: FhirCaller) -> None:
    answer = patient(fhir)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/fhir+json; charset=UTF-8")
    assert (answer.json["type"], answer.json["total"]) == ("searchset", 1)
    (found,) = answer.resources
    assert found["active"] is True
    assert found["identifier"][0]["value"] == fhir.ins
    assert fhir.ins not in found["id"]
    told = {row["url"].removeprefix(EXTENSIONS): row.get("valueBoolean") for row in found["extension"]}
    assert told == {"dmp-rattachement-mes": True, "dmp-medecin-traitant": False}


def test_no_record_is_an_empty_searchset(of: Any) -> None:
    answer = patient(of("none"))
    assert (answer.status, answer.json["total"], answer.resources) == (200, 0, [])


def test_a_closed_record_says_so(of: Any) -> None:
    (found,) = patient(of("closed")).resources
    assert found["active"] is False
    assert found["extension"][0]["url"] == f"{EXTENSIONS}dmp-fermeture"
    answer = of("closed").search()
    assert (answer.status, answer.error) == (422, "DMPClosed")


def test_the_authorisation_comes_with_the_patient_when_asked(fhir: FhirCaller) -> None:
    kinds = [row["resourceType"] for row in patient(fhir, "&_revinclude=Consent:patient").resources]
    assert kinds == ["Patient", "Consent"]
    assert [row["resourceType"] for row in patient(fhir).resources] == ["Patient"]


@pytest.mark.parametrize(
    ("story", "status"), [("ordinary", "active"), ("expired", "inactive"), ("forbidden", "rejected")]
)
def test_each_authorisation_has_its_consent(of: Any, story: str, status: str) -> None:
    fhir = of(story)
    (found,) = fhir.get(f"Consent?patient.identifier={INS_SYSTEM}%7C{fhir.ins}").resources
    assert found["status"] == status


def test_authorisation_given_by_fhir_holds_for_soap_and_back(of: Any, caller: Caller) -> None:
    fhir = of("empty")
    assert (fhir.search().status, fhir.search().error) == (403, "DMPAccessDeniedByRightsService")
    answer = fhir.send("POST", "Consent", consent(fhir, "active", "MEDECIN_TRAITANT"))
    assert (answer.status, answer.json["status"]) == (201, "active")
    assert answer.json["provision"]["actor"][0]["role"]["coding"][0]["code"] == "MEDECIN_TRAITANT"
    assert b"VALIDE" in caller.existence(fhir.ins).content
    assert fhir.search().status == 200
    assert caller.authorise(fhir.ins, "SUPPRESSION").status == 200
    assert fhir.search().status == 403
    assert fhir.get(f"Consent?patient.identifier={INS_SYSTEM}%7C{fhir.ins}").json["total"] == 0


def test_a_blocked_professional_gets_no_authorisation(of: Any) -> None:
    fhir = of("forbidden")
    answer = fhir.send("POST", "Consent", consent(fhir, "active"))
    assert (answer.status, answer.error) == (403, "DMPAccessDeniedByRightsService")


def test_a_consent_of_another_patient_is_refused(fhir: FhirCaller, own: Sandbox) -> None:
    told = consent(fhir, "active") | {"patient": subject(ins_of(own, "chronic"))}
    assert (answer := fhir.send("POST", "Consent", told)).status == 403, answer.content


def test_break_glass_is_refused_where_the_patient_opposed_it(of: Any, caller: Caller) -> None:
    fhir = of("opposed")
    answer = fhir.search(vihf=replace(caller.vihf(fhir.ins), purpose="bris_de_glace"))
    assert (answer.status, answer.error) == (403, "DMPAccessDeniedByRightsService")


def test_a_secretary_gets_references_only(own: Sandbox, of: Any) -> None:
    with Caller(own.ready, "secretary") as secretary:
        fhir = of("ordinary", secretary)
        assert fhir.send("POST", "Consent", consent(fhir, "active")).status == 201
        assert (fhir.search().status, fhir.search().error) == (403, "DMPAccessDeniedByRightsService")
        found = fhir.search(_elements="id").resources
        assert found
        for row in found:
            assert set(row) == {"resourceType", "id", "meta", "status", "content"}
            assert row["content"] == [{"attachment": {"url": f"Binary/{row['id']}"}}]
        for path in (f"DocumentReference/{found[0]['id']}", f"Binary/{found[0]['id']}"):
            assert fhir.get(path).status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "Bundle/x", 404),
        ("GET", "Observation", 404),
        ("PUT", "DocumentReference/x", 405),
        ("DELETE", "DocumentReference/x", 405),
        ("DELETE", "Patient", 405),
        ("GET", "DocumentReference/00000000-0000-4000-8000-000000000000", 404),
        ("GET", "Binary/00000000-0000-4000-8000-000000000000", 404),
        ("GET", "", 405),
    ],
)
def test_what_is_not_offered(fhir: FhirCaller, method: str, path: str, status: int) -> None:
    answer = fhir.send(method, path)
    assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"resourceType":"Patient"}', b'{"a":1,"a":2}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_bundle_is_malformed(fhir: FhirCaller, body: bytes) -> None:
    answer = fhir.send("POST", "", body)
    assert (answer.status, answer.error) == (400, "DMPInvalidMessage")


def test_xml_is_not_taken(fhir: FhirCaller) -> None:
    assert fhir.send("POST", "", b"<Bundle/>", Content_Type="application/fhir+xml").status == 415
    assert fhir.search(_format="xml").status == 406


def test_capabilities_are_told(fhir: FhirCaller) -> None:
    assert fhir.get("metadata").json["fhirVersion"] == "4.0.1"


def test_ordered_faults_reach_fhir_too(own: Sandbox, fhir: FhirCaller) -> None:
    own.faults.unavailable = 1
    assert fhir.get("metadata").status == 503
    assert fhir.get("metadata").status == 200


def test_the_soap_paths_know_nothing_of_it(fhir: FhirCaller) -> None:
    query = urlencode({"identifier": f"{INS_SYSTEM}|{fhir.ins}"})
    fhir.connection.request("GET", f"/si-dmp-server/v2/services/fhir/Patient?{query}")
    answer = fhir.connection.getresponse()
    answer.read()
    assert answer.status == 404
