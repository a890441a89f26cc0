"""Who comes next, by a file another program writes: planned once, anew when it changes or somebody else signs in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.context import patient_to_dict
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.services.next_patients import MAX_BYTES, OLD, NextPatients, read_patients
from tests.helpers.outbox import PATIENT


def content(*patients: Patient) -> bytes:
    return json.dumps({"patients": [patient_to_dict(one) for one in patients]}).encode()


class Desk:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.plans: list[tuple[Patient, ...]] = []
        self.who: object | None = self
        self.next = NextPatients(file, self.plan, lambda: self.who, SystemClock())

    def plan(self, patients: Iterable[Patient]) -> None:
        self.plans.append(tuple(patients))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "next.json")


def test_a_list_is_planned_once_then_when_it_changes(desk: Desk) -> None:
    desk.next.look()
    assert desk.plans == []
    desk.file.write_bytes(content(PATIENT))
    desk.next.look()
    desk.next.look()
    assert desk.plans == [(PATIENT,)]
    desk.file.write_bytes(content())
    desk.next.look()
    assert desk.plans == [(PATIENT,), ()]


def test_nobody_is_planned_before_someone_signs_in_and_again_for_the_next_one(desk: Desk) -> None:
    desk.file.write_bytes(content(PATIENT))
    desk.who = None
    desk.next.look()
    assert desk.plans == []
    desk.who = desk
    desk.next.look()
    desk.next.left()
    desk.next.look()
    assert desk.plans == [(PATIENT,)] * 2


def test_a_list_of_yesterday_plans_nobody(desk: Desk) -> None:
    desk.file.write_bytes(content(PATIENT))
    past = (SystemClock().now() - OLD - timedelta(minutes=1)).timestamp()
    os.utime(desk.file, (past, past))
    desk.next.look()
    assert desk.plans == [()]


def test_the_dmp_is_only_asked_about_qualified_identities() -> None:
    provisional = replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.PROVISOIRE))
    assert read_patients(content(provisional, PATIENT)) == (PATIENT,)


@pytest.mark.parametrize(
    "untrusted",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"patients": {}}', b'{"patients": [1]}', b"[" * 100_000, b" " * (MAX_BYTES + 1)],
)
def test_a_list_that_cannot_be_used_changes_nothing(
    desk: Desk, untrusted: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    desk.file.write_bytes(untrusted)
    desk.next.look()
    assert desk.plans == []
    assert "next patients" in caplog.text
    if len(untrusted) <= MAX_BYTES:
        with pytest.raises(ContextError):
            read_patients(untrusted)


def test_no_patient_is_named_in_a_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    wrong = patient_to_dict(PATIENT) | {"birth_date": "hier"}
    desk.file.write_bytes(json.dumps({"patients": [wrong]}).encode())
    desk.next.look()
    assert caplog.text
    assert PATIENT.birth_family not in caplog.text
    assert PATIENT.ins.value not in caplog.text
