"""The short stories: an attending doctor elsewhere, a minor's secret, a lapsed authorisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dmp_desktop.domain.access import AccessMode, Authorization
from dmp_desktop.domain.documents import Availability
from dmp_desktop.sandbox import Sandbox
from dmp_desktop.sandbox.directory import COLLEAGUE_ID, DOCTOR
from dmp_desktop.sandbox.model import Kind, RegistryObject
from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.records.kinds import Body
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.timeline import plans
from tests.helpers.dmp_admin import LIST_AUTHORISATIONS, authorisations_body, rows, secretly
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_update import ARCHIVED, DELETED, Update
from tests.helpers.dmp_wire import APPROVED, DEPRECATED, EXISTENCE, Answer, Caller, existence_body
from tests.helpers.seeded import seeded

DENIED = "soap:DMPAccessDeniedByRightsService"
MASKED, HIDDEN, PARENTS = "MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("stories"))) as running:
        yield running


@pytest.fixture(scope="module")
def asker(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "doctor") as caller:
        yield caller


@pytest.fixture(scope="module")
def ins(own: Sandbox) -> dict[str, str]:
    return {patient["story"]: patient["ins"] for patient in own.ready["patients"]}


def listed(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.fault
    return {row.get("id"): row for row in answer.body.iter("{*}ExtrinsicObject")}


def stored(own: Sandbox, ins: str, *wanted: str) -> list[RegistryObject]:
    """Approved documents with exactly these restrictions, as the registry holds them."""
    entries = own.registry.objects(ins, Kind.ENTRY)
    return [e for e in entries if e.status == APPROVED and e.confidentiality == {"N", *wanted} and not e.is_signature]


def authorised(answer: Answer) -> list[str]:
    return [e.get("code") or e.get("value") for e in answer.body.iterfind(".//{*}attentionLine/{*}value")]


def test_the_attending_doctor_elsewhere_is_told(asker: Caller, ins: dict[str, str]) -> None:
    assert authorised(asker.existence(ins["elsewhere"])) == ["VALIDE", "false"]
    answer = asker.call("/habilitations", LIST_AUTHORISATIONS, authorisations_body(), ins["elsewhere"])
    told = {row["nationalId"]: row.get("specificRight", "") for row in rows(answer, "authorizationlistData")}
    assert set(told) == {DOCTOR.national_id, COLLEAGUE_ID}
    assert [holder for holder, right in told.items() if right] == [COLLEAGUE_ID]


def test_what_the_attending_doctor_masked_is_hidden_from_another(
    own: Sandbox, asker: Caller, ins: dict[str, str]
) -> None:
    patient = ins["elsewhere"]
    masked = stored(own, patient, MASKED)
    hers = {e.id for e in masked if e.author_values("authorPerson")[0].startswith(DOCTOR.national_id)}
    his = {e.id for e in masked if e.author_values("authorPerson")[0].startswith(COLLEAGUE_ID)}
    assert (len(hers), len(his)) == (1, 2)
    seen = listed(asker.find(patient))
    assert len(seen) == 7
    assert hers <= set(seen)
    assert not his & set(seen)
    broken = replace(asker.vihf(patient), purpose=AccessMode.BRIS_DE_GLACE.value)
    assert his <= set(listed(asker.find(patient, broken)))


def test_what_the_patient_does_not_know_yet_is_shown_once_told(
    own: Sandbox, asker: Caller, ins: dict[str, str]
) -> None:
    patient = ins["elsewhere"]
    (unannounced,) = stored(own, patient, HIDDEN)
    row = listed(asker.find(patient))[unannounced.id]
    assert Update(patient, versions=((row, "1", ()),)).send(asker).errors == []
    assert stored(own, patient, HIDDEN) == []


def test_what_he_deposited_is_for_his_attending_doctor(own: Sandbox, asker: Caller, ins: dict[str, str]) -> None:
    patient = ins["elsewhere"]
    deposited = [e for e in stored(own, patient) if any(code.node == "90" for code in e.classifications)]
    assert len(deposited) == 2
    for entry in deposited:
        for new in (ARCHIVED, DELETED):
            assert Update(patient, ((entry.id, APPROVED, new),)).send(asker).fault[0] == DENIED
    assert {row.get("status") for row in listed(asker.find(patient, status=ARCHIVED)).values()} == {ARCHIVED}
    assert len(listed(asker.find(patient, status=ARCHIVED))) == 2
    replaced = listed(asker.find(patient, status=DEPRECATED)).values()
    assert "Suivi annuel" in {row.find("{*}Name/{*}LocalizedString").get("value") for row in replaced}


def test_becoming_the_attending_doctor_opens_all(own: Sandbox, asker: Caller, ins: dict[str, str]) -> None:
    patient = ins["elsewhere"]
    before = set(listed(asker.find(patient)))
    asker.authorise(patient, role="MEDECIN_TRAITANT")
    after = listed(asker.find(patient))
    assert {id_ for id_ in after if id_ not in before} == {
        e.id for e in stored(own, patient, MASKED) if e.author_values("authorPerson")[0].startswith(COLLEAGUE_ID)
    }
    asker.authorise(patient)
    assert set(listed(asker.find(patient))) == before


def test_a_secret_of_a_minor(own: Sandbox, asker: Caller, ins: dict[str, str]) -> None:
    """Her doctor sees what is kept from her parents, adds to it, and shows it when she wants."""
    patient = ins["adolescent"]
    secret = stored(own, patient, PARENTS)
    assert len(secret) == 3
    assert {entry.id for entry in secret} < set(listed(asker.find(patient)))
    vihf = secretly(asker.vihf(patient))
    assert {context.partition(" :")[0] for _, context in Lot(patient).send(asker, vihf).errors} == {
        "secret_from_parents"
    }
    lot = Lot(patient, restrictions=(PARENTS,))
    assert lot.send(asker, vihf).errors == []
    row = listed(asker.find(patient))[secret[0].id]
    assert Update(patient, versions=((row, "1", ()),)).send(asker).errors == []
    assert len(stored(own, patient, PARENTS)) == 3
    assert asker.find(ins["elsewhere"], secretly(asker.vihf(ins["elsewhere"]))).fault[0] == DENIED


def test_her_parents_are_named(asker: Caller, ins: dict[str, str]) -> None:
    answer = asker.call(
        "/patients", EXISTENCE, existence_body(ins["adolescent"], reason="CNSLT_DATA"), ins["adolescent"]
    )
    names = [e.text for e in answer.body.iterfind(".//{*}personalRelationship//{*}given")]
    assert sorted(filter(None, names)) == ["MARC", "SONIA"]


def test_a_lapsed_authorisation_is_given_again(asker: Caller, ins: dict[str, str]) -> None:
    patient = ins["expired"]
    assert authorised(asker.existence(patient)) == ["EXPIRE", "false"]
    assert asker.find(patient).fault[0] == DENIED
    assert (
        Update(patient, (("urn:uuid:00000000-0000-4000-8000-000000000001", APPROVED, DELETED),)).send(asker).fault[0]
        == DENIED
    )
    asker.authorise(patient)
    assert authorised(asker.existence(patient)) == ["VALIDE", "false"]
    assert len(listed(asker.find(patient))) == 3


# What the invented records must hold: every state a doctor meets, every kind of document of the categories of §5.4

STATES = {
    "authorised, attending": lambda s: (s.authorization, s.attending) == (Authorization.VALIDE, True),
    "authorised, not attending": lambda s: (s.authorization, s.attending) == (Authorization.VALIDE, False),
    "attending doctor elsewhere": lambda s: any(attending for _, _, attending in s.others),
    "never authorised": lambda s: s.exists and not s.closed and s.authorization is Authorization.NON_EXISTE,
    "expired": lambda s: s.authorization is Authorization.EXPIRE,
    "forbidden": lambda s: s.authorization is Authorization.INTERDIT,
    "opposed": lambda s: s.opposes_break_glass and s.opposes_emergency,
    "closed": lambda s: s.closed and not s.attached_to_mes,
    "no record": lambda s: not s.exists,
    "minor": lambda s: s.representatives and s.is_minor(DAY),
}
BODIES = {
    "biology": ("11502-2", {Body.BIOLOGY, Body.PDF}),
    "imaging": ("18748-4", {Body.STUDY, Body.PDF}),
    "hospital, discharge": ("11490-0", {Body.STAY, Body.PDF}),
    "hospital, stay": ("34112-3", {Body.PDF}),
    "vaccination note": ("87273-9", {Body.SHOT, Body.PDF}),
    "vaccination history": ("11369-6", {Body.SHOTS}),
    "reimbursements": ("REMB", {Body.REFUNDS}),
    "prescription": ("57833-6", {Body.ORDER, Body.PDF}),
    "dispensation": ("60593-1", {Body.DELIVERY}),
    "summary": ("SYNTH", {Body.SUMMARY, Body.PDF}),
    "consultation": ("11488-4", {Body.LETTER, Body.PDF}),
    "by the patient": ("DOCPAT01", {Body.PDF}),
}
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def every_plan() -> list[Plan]:
    """What `tests/conformance/test_sandbox_documents.py` has judged by the official rules, one by one."""
    now = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC)
    return [plan for story in STORIES for plan in plans(story, now)]


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_record_has_its_patient(state: str) -> None:
    assert any(STATES[state](story) for story in STORIES)


@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_of_document_is_in_a_record(every_plan: list[Plan], kind: str) -> None:
    """N1 and structured where both are used; a history of reimbursements or of vaccinations is never a paper."""
    code, bodies = BODIES[kind]
    assert {plan.kind.body for plan in every_plan if plan.kind.type_code == code} == bodies


def test_no_body_is_left_without_a_document(every_plan: list[Plan]) -> None:
    assert {plan.kind.body for plan in every_plan} == set(Body)


@pytest.mark.parametrize("restriction", [MASKED, HIDDEN, PARENTS])
def test_every_restriction_and_every_status_is_in_a_record(every_plan: list[Plan], restriction: str) -> None:
    assert any(restriction in {told.code for told in plan.restrictions} for plan in every_plan)
    assert {plan.status for plan in every_plan} == {
        Availability.APPROVED,
        Availability.ARCHIVED,
        Availability.DEPRECATED,
    }
