"""Whose records are fetched ahead: those of the day's list who come to see who is signed in, in the order they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop.domain.arrivals import Expected, Stage
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.domain.people import Patient
from dmp_desktop.exchange.agenda import Agenda, Line
from dmp_desktop.services.arrivals_watch import NEXT_PATIENTS
from dmp_desktop.services.next_patients import NextPatients
from dmp_desktop.services.session_state import SignedIn
from tests.helpers.arrivals import COLLEAGUE, DOCTOR, Counter, counter
from tests.helpers.identities import number
from tests.helpers.outbox import PATIENT

OTHER = replace(
    PATIENT,
    ins=InsIdentity(number("1520710387045").value, OID_INS_TEST, InsStatus.QUALIFIEE),
    birth_family="TEST-AUTRE",
)


class Desk:
    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.plans: list[tuple[Patient, ...]] = []
        self.reader: SignedIn | None = DOCTOR
        self.next = NextPatients(counter.arrivals, counter.people.patient, self.plan, lambda: self.reader)

    def plan(self, patients: Iterable[Patient]) -> None:
        self.plans.append(tuple(patients))

    def expect(self, *patients: Patient, rpps: str = DOCTOR.professional.rpps, source: str = "agenda.csv") -> None:
        day = self.counter.arrivals.today()
        lines = [Line(number, day, told(one, rpps)) for number, one in enumerate(patients, 1)]
        self.counter.arrivals.take(Agenda(tuple(lines)), source, whole=True, days=(day,))


def told(patient: Patient, rpps: str) -> Expected:
    names = patient.birth_family, patient.first_given, patient.birth_date, patient.sex
    return Expected(*names, ins=patient.ins.value, rpps=rpps, patient=patient)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with counter(tmp_path) as here:
        yield Desk(here)


def test_a_list_is_planned_once_then_when_it_changes(desk: Desk) -> None:
    desk.next.look()
    assert desk.plans == []
    desk.expect(OTHER, PATIENT)
    desk.next.look()
    desk.next.look()
    assert desk.plans == [(OTHER, PATIENT)]
    desk.expect(PATIENT)
    desk.next.look()
    assert desk.plans == [(OTHER, PATIENT), (PATIENT,)]


def test_each_doctor_has_their_own_and_nobody_anybodys(desk: Desk) -> None:
    desk.expect(PATIENT)
    desk.reader = None
    desk.next.look()
    assert desk.plans == []
    desk.reader = COLLEAGUE
    desk.next.look()
    assert desk.plans == []
    desk.next.left()
    desk.reader = DOCTOR
    desk.next.look()
    desk.next.left()
    desk.next.look()
    assert desk.plans == [(PATIENT,)] * 2


def test_whose_patient_it_is_is_told_or_nobody_fetches_it(desk: Desk) -> None:
    """But for the list that the practice software writes for this workstation."""
    desk.expect(PATIENT, rpps="")
    desk.next.look()
    assert desk.plans == []
    desk.expect(OTHER, rpps="", source=NEXT_PATIENTS)
    desk.next.look()
    assert desk.plans == [(OTHER,)]


def test_who_is_there_comes_before_who_is_awaited_and_who_was_seen_not_at_all(desk: Desk) -> None:
    third = replace(PATIENT, birth_date=date(1980, 1, 1), ins=replace(PATIENT.ins, value="899066311300828"))
    desk.expect(PATIENT, OTHER, third)
    first, second, _last = desk.counter.listed
    desk.counter.arrivals.step(second, Stage.ARRIVED)
    desk.next.look()
    assert desk.plans == [(OTHER, PATIENT, third)]
    desk.counter.arrivals.step(second, Stage.SEEN)
    desk.counter.arrivals.step(first, Stage.ABSENT)
    desk.next.look()
    assert desk.plans[-1] == (third,)


def test_the_dmp_is_only_asked_about_who_is_sure(desk: Desk) -> None:
    provisional = replace(OTHER, ins=replace(OTHER.ins, status=InsStatus.PROVISOIRE))
    desk.expect(provisional, PATIENT)
    desk.next.look()
    assert desk.plans == [(PATIENT,)]
