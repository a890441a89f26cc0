"""Who may ask the FHIR facade, for whom; TD0.2 and TD0.3 through it; how it refuses."""

from __future__ import annotations

import base64
import hashlib
import http.client
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from dmp_desktop.sandbox import Sandbox
from tests.helpers.dmp_admin import secretly
from tests.helpers.dmp_wire import Caller
from tests.helpers.fhir_raw import FORM, INS_SYSTEM, FhirCaller, FhirLot, archiving, bearer, subject
from tests.helpers.seeded import seeded

EXTENSIONS = "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose authorisations and faults these tests may change."""
    with Sandbox(seeded(tmp_path_factory.mktemp("fhir-access"))) as running:
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


def test_what_is_told_is_what_is_offered(fhir: FhirCaller) -> None:
    """metadata, which needs no VIHF: each resource that it names answers its search or its read."""
    (rest,) = fhir.get("metadata", Authorization="").json["rest"]
    offered = {row["type"]: {one["code"] for one in row["interaction"]} for row in rest["resource"]}
    assert offered == {
        "Patient": {"search-type"},
        "Consent": {"search-type", "create"},
        "DocumentReference": {"search-type", "read", "create", "patch"},
        "List": {"search-type", "read"},
        "Binary": {"read"},
    }
    assert rest["interaction"] == [{"code": "transaction"}]


@pytest.mark.parametrize("kind", ["Patient", "Consent"])
def test_a_form_keeps_the_patient_out_of_the_address(fhir: FhirCaller, kind: str) -> None:
    name = "identifier" if kind == "Patient" else "patient.identifier"
    form = urlencode({name: f"{INS_SYSTEM}|{fhir.ins}"})
    answer = fhir.send("POST", f"{kind}/_search", form.encode(), Content_Type=FORM)
    assert (answer.status, answer.json) == (200, fhir.get(f"{kind}?{form}").json)
    assert fhir.send("POST", f"{kind}/_search", form.encode()).refusal == (415, "DMPInvalidMessage")


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("Patient", (400, "XDSStoredQueryMissingParam")),
        ("Patient?identifier=279035121518989", (400, "XDSRegistryError")),
        ("Patient?identifier=http://example.org|279035121518989", (400, "XDSRegistryError")),
        ("Patient?identifier=@&name=TEST", (400, "XDSRegistryError")),
        ("Patient?identifier=@&identifier=@", (400, "XDSStoredQueryParamNumber")),
        ("Patient?identifier=@&_revinclude=List:subject", (400, "XDSRegistryError")),
        ("Patient?identifier=@&_format=xml", (406, "DMPInvalidMessage")),
        ("Consent", (400, "XDSStoredQueryMissingParam")),
        ("Consent?patient.identifier=@&status=active", (400, "XDSRegistryError")),
    ],
)
def test_what_cannot_be_asked_of_a_patient(fhir: FhirCaller, query: str, refusal: tuple[int, str]) -> None:
    assert fhir.get(query.replace("@", f"{INS_SYSTEM}%7C{fhir.ins}")).refusal == refusal


def test_another_authority_is_another_patient(fhir: FhirCaller) -> None:
    answer = fhir.get(f"Patient?identifier=urn:oid:1.2.250.1.213.1.4.8%7C{fhir.ins}")
    assert answer.refusal == (403, "DMPPatientIdDoesNotMatch")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"status": "rejected"}, (422, "DMPInvalidMessage")),
        ({"status": None}, (400, "DMPInvalidMessage")),
        ({"scope": None}, (400, "DMPInvalidMessage")),
        ({"category": None}, (400, "DMPInvalidMessage")),
        ({"policyRule": None}, (400, "DMPInvalidMessage")),
        ({"provision": None}, (400, "DMPInvalidMessage")),
        ({"provision": {"type": "deny"}}, (422, "DMPInvalidMessage")),
        ({"patient": {"reference": "Patient/1"}}, (400, "DMPInvalidMessage")),
        ({"unknown": "x"}, (400, "DMPInvalidMessage")),
    ],
)
def test_what_is_no_consent(fhir: FhirCaller, change: dict[str, Any], refusal: tuple[int, str]) -> None:
    told = {name: value for name, value in (consent(fhir, "active") | change).items() if value is not None}
    assert fhir.send("POST", "Consent", told).refusal == refusal


def test_a_secret_connection_is_for_minors(of: Any, caller: Caller) -> None:
    """EX_0.1-1100, whatever is asked."""
    adult, minor = of("ordinary"), of("adolescent")
    for path in (f"Patient?identifier={INS_SYSTEM}%7C{adult.ins}", "Binary/x"):
        answer = adult.get(path, secretly(caller.vihf(adult.ins)))
        assert answer.refusal == (403, "DMPAccessDeniedByRightsService")
    assert FhirLot(adult.ins).send(adult, secretly(caller.vihf(adult.ins))).status == 403
    vihf = secretly(caller.vihf(minor.ins))
    assert patient(minor, vihf=vihf).status == 200
    assert FhirLot(minor.ins).send(minor, vihf).refusal == (422, "XDSRegistryMetadataError")
    assert FhirLot(minor.ins, restrictions=("INVISIBLE_REPRESENTANTS_LEGAUX",)).send(minor, vihf).status == 200


@pytest.fixture(scope="module")
def document(own: Sandbox, caller: Caller) -> Iterator[tuple[FhirCaller, FhirLot, str]]:
    """A document, its lot and its id."""
    fhir = FhirCaller(caller, ins_of(own, "ordinary"))
    lot = FhirLot(fhir.ins)
    lot.send(fhir)
    yield fhir, lot, str(fhir.found(lot.unique_id)[0]["id"])
    fhir.close()


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/xml", "application/xml", "text/*", "application/fhir+json;q=0.1, text/xml"]
)
def test_the_bytes_of_a_document(document: tuple[FhirCaller, FhirLot, str], accept: str) -> None:
    fhir, lot, identifier = document
    answer = fhir.get(f"Binary/{identifier}", **({"Accept": accept} if accept else {}))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml")
    assert answer.content == lot.content
    digest = hashlib.sha1(answer.content)
    assert answer.headers["ETag"] == f'"{digest.hexdigest()}"'
    assert lot.attachment["hash"] == base64.b64encode(digest.digest()).decode()


@pytest.mark.parametrize("accept", ["application/fhir+json", "application/json"])
def test_the_bytes_in_a_resource(document: tuple[FhirCaller, FhirLot, str], accept: str) -> None:
    fhir, lot, identifier = document
    answer = fhir.get(f"Binary/{identifier}", Accept=accept)
    assert answer.json == {
        "resourceType": "Binary",
        "id": identifier,
        **{k: lot.binary[k] for k in ("contentType", "data")},
    }


@pytest.mark.parametrize("accept", ["application/pdf", "image/*", "application/fhir+xml"])
def test_a_document_is_not_turned_into_another(document: tuple[FhirCaller, FhirLot, str], accept: str) -> None:
    fhir, _, identifier = document
    assert fhir.get(f"Binary/{identifier}", Accept=accept).refusal == (406, "DMPInvalidMessage")


def test_a_document_of_another_record_is_unknown(document: tuple[FhirCaller, FhirLot, str], of: Any) -> None:
    _, lot, identifier = document
    other = of("chronic")
    for path in (f"Binary/{identifier}", f"DocumentReference/{identifier}"):
        assert other.get(path).refusal == (404, "XDSDocumentUniqueIdError")
    assert other.patch(lot.unique_id, archiving(True)).refusal == (404, "XDSDocumentUniqueIdError")
    assert other.found(lot.unique_id) == []


ISSUES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "duplicate",
    412: "conflict",
    415: "not-supported",
    422: "business-rule",
}


@pytest.mark.parametrize("status", ISSUES)
def test_a_refusal_is_an_operation_outcome(
    document: tuple[FhirCaller, FhirLot, str], own: Sandbox, status: int
) -> None:
    """One of each status: the issue's code of R4, the DMP's own code, a French sentence, no value of the request."""
    fhir, lot, identifier = document
    other = ins_of(own, "chronic")
    answer = {
        400: lambda: fhir.search(unknown=fhir.ins),
        401: lambda: fhir.get("Patient", Authorization="x"),
        403: lambda: fhir.get(f"Patient?identifier={INS_SYSTEM}%7C{other}"),
        404: lambda: fhir.get(f"Binary/{fhir.ins}"),
        405: lambda: fhir.send("DELETE", f"DocumentReference/{identifier}"),
        406: lambda: fhir.get(f"Binary/{identifier}", Accept="image/png"),
        409: lambda: lot.send(fhir),
        412: lambda: fhir.patch(identifier, archiving(True), If_Match='W/"9"'),
        415: lambda: lot.send(fhir, Content_Type="text/plain"),
        422: lambda: fhir.patch(identifier, archiving(False)),
    }[status]()
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/fhir+json")
    (issue,) = answer.json["issue"]
    assert (issue["severity"], issue["code"]) == ("error", ISSUES[status])
    assert issue["details"]["text"]
    assert fhir.ins.encode() not in answer.content
    assert other.encode() not in answer.content


def test_a_request_too_long_is_not_read(fhir: FhirCaller) -> None:
    """The server's own answer: nothing of the body is awaited."""
    assert fhir.send("POST", "", b"{}", Content_Length=str(130 * 1024 * 1024)).status == 413


@pytest.mark.slow
def test_a_document_of_fifty_megabytes_passes(of: Any) -> None:
    fhir = of("ordinary")
    lot = FhirLot(fhir.ins)
    content = lot.content.replace(b"<recordTarget>", b"<!--" + b"x" * 50_000_000 + b"--><recordTarget>")
    big = FhirLot(fhir.ins, unique_id=lot.unique_id, content=content)
    assert big.send(fhir).status == 200
    assert fhir.get(f"Binary/{fhir.found(lot.unique_id)[0]['id']}").content == content


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_lost_answer_leaves_the_server_well(own: Sandbox, of: Any, method: str) -> None:
    fhir = of("ordinary")
    own.faults.drop_answer = 1
    with pytest.raises((OSError, http.client.HTTPException)):
        fhir.send(method, "metadata")
    assert fhir.get("metadata").status == 200


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
