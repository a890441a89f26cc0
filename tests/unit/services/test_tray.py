"""The tray: nothing made up by the desk, nothing seen by it, nobody but its doctor validates a scan, one document for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from dmp_desktop.cda.read import entry_from_cda
from dmp_desktop.domain.acts import Act
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.tray import Part, Reason, Scan, ScanState
from dmp_desktop.errors import ContextError, DmpDesktopError, DmpError
from dmp_desktop.services.sending import check_validated
from dmp_desktop.services.tray import Preparation
from tests.helpers.outbox import AUTHOR, PATIENT
from tests.helpers.tray_desk import DAY, DOCTOR, OTHER, REPORT, SECRETARY, Practice

TOLD = Preparation(PATIENT, REPORT, DAY, AUTHOR)
TODAY = date(2026, 11, 20)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path)
    yield practice
    practice.close()


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DmpDesktopError) as refused:
        call()
    assert refused.value.message_fr
    assert refused.value.remedy_fr
    return refused.value.code


def test_from_the_desk_to_a_document_of_its_doctor(practice: Practice) -> None:
    scan = practice.scanned()
    prepared = practice.service.prepare(scan, TOLD)
    assert (prepared.state, prepared.patient, prepared.act_date) == (ScanState.TO_VALIDATE, PATIENT, DAY)
    practice.who = DOCTOR
    validated = practice.service.validate(prepared)
    assert validated.state is ScanState.VALIDATED
    cda = practice.rows.part(scan.id, Part.CDA)
    assert cda is not None
    entry = entry_from_cda(cda)
    assert entry.unique_id == validated.unique_id
    assert entry.type_code.code == REPORT
    assert entry.service_start is not None
    assert entry.service_start.astimezone(UTC).date() == DAY
    check_validated(entry, PATIENT, frozenset(), SECRETARY, validated.validated_by, TODAY)  # she may send it
    assert [act for act, *_ in practice.acts] == [Act.SCAN_PREPARED, Act.SCAN_VALIDATED]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (replace(TOLD, patient=None), "scan-patient"),
        (replace(TOLD, patient=replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.VALIDEE))), "scan-patient"),
        (replace(TOLD, type_code=""), "scan-type"),
        (replace(TOLD, type_code="99999-9"), "scan-type"),
        (replace(TOLD, act_date=None), "scan-date"),
        (replace(TOLD, act_date=TODAY + timedelta(days=1)), "scan-date"),
        (replace(TOLD, act_date=PATIENT.birth_date - timedelta(days=1)), "scan-date"),
        (replace(TOLD, author_id=""), "scan-author"),
        (replace(TOLD, author_id="899999999999"), "scan-author"),
    ],
)
def test_what_is_lacking_is_asked_for_and_nothing_is_kept(practice: Practice, told: Preparation, code: str) -> None:
    scan = practice.scanned()
    assert code_of(lambda: practice.service.prepare(scan, told)) == code
    assert practice.now(scan) == scan


def test_an_act_of_today_is_not_to_come(practice: Practice) -> None:
    prepared = practice.prepared(act_date=TODAY)
    practice.who = DOCTOR
    practice.service.validate(prepared)
    cda = practice.rows.part(prepared.id, Part.CDA)
    assert cda is not None
    start = entry_from_cda(cda).service_start
    assert start is not None
    assert start <= practice.clock.now()


def test_the_desk_sees_no_page_and_validates_nothing(practice: Practice) -> None:
    prepared = practice.prepared()
    assert code_of(lambda: practice.service.pages(prepared)) == "BannetteReservee"
    assert code_of(lambda: practice.service.validate(prepared)) == "BannetteReservee"
    assert code_of(lambda: practice.service.give_back(prepared, Reason.UNREADABLE)) == "BannetteReservee"


def test_another_doctor_neither_sees_nor_validates_nor_changes_it(practice: Practice) -> None:
    prepared = practice.prepared()
    practice.who = OTHER
    for act in (
        lambda: practice.service.pages(prepared),
        lambda: practice.service.validate(prepared),
        lambda: practice.service.give_back(prepared, Reason.UNREADABLE),
        lambda: practice.service.prepare(prepared, replace(TOLD, author_id=OTHER.national_id)),
    ):
        assert code_of(act) == "NumerisationDUnAutre"
    assert practice.service.scans() == ([], 0)
    practice.who = DOCTOR
    assert practice.service.scans() == ([prepared], 0)
    assert practice.service.pages(prepared).startswith(b"%PDF-")
    assert practice.acts[-1] == (Act.SCAN_SHOWN, PATIENT.ins.value, "")


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.STRUCTURE, Role.ADMINISTRATOR])
def test_who_answers_for_nothing_validates_nothing(practice: Practice, role: Role) -> None:
    prepared = practice.prepared()
    practice.who = replace(DOCTOR, role=role)
    assert code_of(lambda: practice.service.validate(prepared)) in ("BannetteReservee", "NumerisationDUnAutre")


def test_an_administrator_sees_no_scan(practice: Practice) -> None:
    practice.scanned()
    practice.who = replace(DOCTOR, role=Role.ADMINISTRATOR)
    assert code_of(practice.service.scans) == "BannetteReservee"
    practice.who = None
    assert code_of(practice.service.scans) == "CarteAbsente"


def test_a_doctor_alone_prepares_what_is_nobodys_yet(practice: Practice) -> None:
    scan = practice.scanned()
    practice.who = DOCTOR
    assert practice.service.pages(scan).startswith(b"%PDF-")
    validated = practice.service.validate(practice.service.prepare(scan, TOLD))
    assert validated.validated_by == AUTHOR


def test_of_the_wrong_patient_it_is_no_longer_theirs_at_once(practice: Practice) -> None:
    validated = practice.validated()
    returned = practice.service.give_back(validated, Reason.WRONG_PATIENT)
    assert (returned.state, returned.patient, returned.unique_id) == (ScanState.TO_PREPARE, None, "")
    assert (returned.returned, returned.returns) == (Reason.WRONG_PATIENT, 1)
    assert practice.rows.part(returned.id, Part.CDA) is None  # it named them
    assert practice.acts[-1] == (Act.SCAN_RETURNED, PATIENT.ins.value, "wrong-patient")
    practice.who = SECRETARY
    assert code_of(lambda: practice.service.prepare(returned, replace(TOLD, patient=None))) == "scan-patient"


def test_given_back_for_another_reason_it_keeps_what_was_said_and_is_counted(practice: Practice) -> None:
    scan = practice.prepared()
    for count in (1, 2):
        practice.who = DOCTOR
        scan = practice.service.give_back(scan, Reason.WRONG_ACT)
        assert (scan.patient, scan.type_code, scan.returns) == (PATIENT, REPORT, count)
        practice.who = SECRETARY
        scan = practice.service.prepare(scan, replace(TOLD, act_date=DAY + timedelta(days=count)))
        assert scan.returned is None


def test_what_changed_since_it_was_on_screen_is_not_validated(practice: Practice) -> None:
    """The desk chose another patient while the doctor looked."""
    seen = practice.prepared()
    practice.service.prepare(seen, replace(TOLD, act_date=DAY - timedelta(days=1)))
    practice.who = DOCTOR
    assert code_of(lambda: practice.service.validate(seen)) == "scan-changed"
    assert practice.rows.part(seen.id, Part.CDA) is None


def test_a_number_taken_away_since_stops_the_validation(practice: Practice) -> None:
    prepared = practice.prepared()
    lost = replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.PROVISOIRE))
    practice.known[PATIENT.ins.value] = lost
    practice.who = DOCTOR
    assert code_of(lambda: practice.service.validate(prepared)) == "cda-build"
    assert practice.now(prepared) == prepared


def test_taken_out_and_put_back(practice: Practice) -> None:
    out = practice.service.discard(practice.prepared())
    assert out.state is ScanState.DISCARDED
    assert code_of(lambda: practice.service.discard(out)) == "scan-state"
    assert practice.service.restore(out).state is ScanState.TO_PREPARE
    validated = practice.validated(2)
    assert code_of(lambda: practice.service.discard(validated)) == "scan-state"


def test_only_who_may_validate_is_met(practice: Practice) -> None:
    before = practice.rows.doctors()
    for who in (SECRETARY, replace(DOCTOR, role=Role.TRAINEE), replace(DOCTOR, role=Role.STRUCTURE), None):
        practice.who = who
        practice.service.meet()
    assert practice.rows.doctors() == before
    practice.who = replace(OTHER, professional=replace(OTHER.professional, rpps="10002422995"))
    practice.service.meet()
    assert len(practice.rows.doctors()) == len(before) + 1


def test_no_representation_shows_a_patient(practice: Practice) -> None:
    scan: Scan = practice.prepared()
    assert "TEST" not in f"{scan!r} {TOLD!r}"


def test_errors_name_nobody(practice: Practice) -> None:
    scan = practice.prepared()
    practice.who = OTHER
    with pytest.raises((DmpError, ContextError)) as refused:
        practice.service.validate(scan)
    assert "TEST" not in str(refused.value)
