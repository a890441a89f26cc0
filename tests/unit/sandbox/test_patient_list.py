"""TD0.4: the records one may open, by date, without a patient in the VIHF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dmp_desktop.domain.access import Authorization
from dmp_desktop.sandbox import Sandbox, names
from dmp_desktop.sandbox.directory import CABINET, COLLEAGUE_ID, DOCTOR, NURSE_ID
from dmp_desktop.sandbox.model import Association, Kind, RegistryObject
from tests.helpers.dmp_admin import LIST_PATIENTS, nobody, patient_list_body, rows
from tests.helpers.dmp_lot import Lot
from tests.helpers.dmp_wire import EXISTENCE, Answer, Caller, existence_body
from tests.helpers.seeded import seeded

DENIED = "soap:DMPAccessDeniedByRightsService"
INVALID = "soap:DMPInvalidMessage"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(seeded(tmp_path_factory.mktemp("list"))) as running:
        yield running


@pytest.fixture(scope="module")
def ins(own: Sandbox) -> dict[str, str]:
    return {patient["story"]: patient["ins"] for patient in own.ready["patients"]}


@pytest.fixture
def asker(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "doctor") as caller:
        yield caller


@pytest.fixture
def office(own: Sandbox) -> Iterator[Caller]:
    with Caller(own.ready, "secretary") as caller:
        yield caller


def ask(caller: Caller, start: str = "20000101000000", kind: str = "LASTAUTORIZATION", owner: str = "") -> Answer:
    vihf = nobody(caller.vihf(""))
    return caller.call("/patients", LIST_PATIENTS, patient_list_body(start, kind, owner), "", vihf)


def known(answer: Answer) -> dict[str, dict[str, Any]]:
    return {row["nationalId"]: row for row in rows(answer, "patientlistData")}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def test_only_records_that_may_be_opened(asker: Caller, ins: dict[str, str]) -> None:
    answer = ask(asker)
    assert answer.body.findtext(".//{*}status") == "DMPOk"
    opened = ("ordinary", "chronic", "child", "elsewhere", "adolescent")
    assert set(known(answer)) == {ins[story] for story in opened}


def test_a_closed_record_is_not_listed(own: Sandbox, asker: Caller, ins: dict[str, str]) -> None:
    own.registry.put_access(ins["closed"], DOCTOR.national_id, Authorization.VALIDE, False, datetime.now(UTC))
    listed = known(ask(asker))
    own.registry.put_access(ins["closed"], DOCTOR.national_id, Authorization.NON_EXISTE, False, datetime.now(UTC))
    assert ins["closed"] not in listed


def test_visits_are_remembered_to_the_minute(own: Sandbox, ins: dict[str, str]) -> None:
    first = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    told = []
    for seconds in (0, 59, 60):
        own.registry.visit(ins["opposed"], NURSE_ID, first + timedelta(seconds=seconds))
        told.append(own.registry.last_visit(ins["opposed"], NURSE_ID))
    assert told == [first, first, first + timedelta(seconds=60)]


def test_fields_of_a_line(asker: Caller, ins: dict[str, str]) -> None:
    line = known(ask(asker))[ins["chronic"]]
    assert {name: line[name] for name in ("nationalIdType", "patronymicalName", "firstName", "civility", "MT")} == {
        "nationalIdType": "1.2.250.1.213.1.4.10",
        "patronymicalName": "TEST-MOREAU",
        "firstName": "GÉRARD",
        "civility": "M",
        "MT": "true",
    }
    assert line["dateOfBirth"] == "19490523"
    assert line["lastName"].startswith("TEST-")
    assert line["lastAddDate"] <= line["lastUpdateDate"] <= stamp(datetime.now(UTC))


def test_last_access_is_told_once_there_was_one(asker: Caller, ins: dict[str, str]) -> None:
    assert "lastAccessDate" not in known(ask(asker))[ins["child"]]
    before = stamp(datetime.now(UTC) - timedelta(seconds=2))
    asker.find(ins["child"], TypeCode="('x')")
    assert before <= known(ask(asker))[ins["child"]]["lastAccessDate"] <= stamp(datetime.now(UTC))


def test_dates_choose_and_order(own: Sandbox, asker: Caller, ins: dict[str, str]) -> None:
    now = datetime.now(UTC)
    own.registry.put_access(ins["chronic"], DOCTOR.national_id, Authorization.VALIDE, True, now - timedelta(days=30))
    own.registry.put_access(ins["ordinary"], DOCTOR.national_id, Authorization.VALIDE, False, now - timedelta(days=10))
    found = list(known(ask(asker, stamp(now - timedelta(days=20)))))
    assert ins["chronic"] not in found
    assert found.index(ins["child"]) < found.index(ins["ordinary"])
    assert known(ask(asker, stamp(now + timedelta(days=1)))) == {}


def test_a_new_document_moves_the_record_up(asker: Caller, ins: dict[str, str]) -> None:
    start = stamp(datetime.now(UTC) + timedelta(hours=1))
    assert known(ask(asker, start, "LASTDOC")) == {}
    later = stamp(datetime.now(UTC) + timedelta(hours=2))
    lot = Lot(ins["ordinary"], edit=lambda text: text.replace("20261122100500", later))
    assert lot.send(asker).errors == []
    found = known(ask(asker, start, "LASTDOC"))
    assert list(found) == [ins["ordinary"]]
    assert found[ins["ordinary"]]["lastAddDate"] == later


@pytest.mark.parametrize(
    "link",
    [
        {"type": names.HAS_MEMBER, "slots": {"PreviousVersion": ("1",)}},
        {"type": "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"},
    ],
)
def test_a_change_of_a_document_is_no_new_document(
    own: Sandbox, asker: Caller, ins: dict[str, str], link: dict[str, Any]
) -> None:
    before = known(ask(asker))[ins["child"]]
    identifier, later = f"urn:uuid:{uuid4()}", str(int(before["lastUpdateDate"]) + 1)
    unique = {names.SET_UNIQUE_ID: f"2.25.{uuid4().int}"}
    change = RegistryObject(identifier, Kind.SET, slots={"submissionTime": (later,)}, external=unique)
    own.registry.put(change, ins["child"])
    own.registry.put_association(Association(f"urn:uuid:{uuid4()}", source=identifier, target="urn:uuid:x", **link))
    after = known(ask(asker))[ins["child"]]
    assert (after["lastAddDate"], after["lastUpdateDate"]) == (before["lastAddDate"], later)


def test_authorisations_of_the_structure_count_for_its_people(
    asker: Caller, office: Caller, ins: dict[str, str]
) -> None:
    office.authorise(ins["empty"])
    assert set(known(ask(office))) == {ins["empty"]}
    asker.find(ins["empty"])
    assert "lastAccessDate" in known(ask(asker))[ins["empty"]]
    assert "lastAccessDate" not in known(ask(office))[ins["empty"]]
    office.authorise(ins["forbidden"])
    assert ins["forbidden"] not in known(ask(asker))
    for story in ("empty", "forbidden"):
        office.authorise(ins[story], "SUPPRESSION")
    assert known(ask(office)) == {}


def test_whose_list(asker: Caller, office: Caller, ins: dict[str, str]) -> None:
    assert ask(asker, owner=DOCTOR.national_id).status == 200
    assert ask(asker, owner=NURSE_ID).fault[0] == DENIED
    assert set(known(ask(office, owner=DOCTOR.national_id))) >= {ins["chronic"]}
    assert set(known(ask(office, owner=NURSE_ID))) == {ins["ordinary"]}
    assert ask(office, owner=COLLEAGUE_ID).fault[0] == DENIED
    assert ask(office, owner=CABINET.id).fault[0] == DENIED


@pytest.mark.parametrize("purpose", ["bris_de_glace", "centre_15"])
def test_normal_mode_only(asker: Caller, purpose: str) -> None:
    vihf = replace(nobody(asker.vihf("")), purpose=purpose)
    assert asker.call("/patients", LIST_PATIENTS, patient_list_body(), "", vihf).fault[0] == DENIED


def test_a_patient_in_the_vihf_changes_nothing(asker: Caller, ins: dict[str, str]) -> None:
    answer = asker.call("/patients", LIST_PATIENTS, patient_list_body(), ins["forbidden"])
    assert set(known(answer)) == set(known(ask(asker)))


def test_other_transactions_still_need_one(asker: Caller, ins: dict[str, str]) -> None:
    answer = asker.call("/patients", EXISTENCE, existence_body(ins["ordinary"]), "", nobody(asker.vihf("")))
    assert "resource-id" in answer.fault[1]


@pytest.mark.parametrize(
    "body",
    [
        patient_list_body("2026-01-01"),
        patient_list_body("20261301000000"),
        patient_list_body("20260101"),
        patient_list_body(""),
        patient_list_body(kind="LASTAUTHORIZATION"),
        patient_list_body(kind=""),
        patient_list_body().replace("<dateType>LASTAUTORIZATION</dateType>", ""),
        patient_list_body().replace("</patientList>", "<page>2</page></patientList>"),
        patient_list_body().replace("urn:si-dmp-patients", "urn:si-dmp-habilitations"),
    ],
)
def test_malformed(asker: Caller, body: str) -> None:
    assert asker.call("/patients", LIST_PATIENTS, body, "", nobody(asker.vihf(""))).fault[0] == INVALID
