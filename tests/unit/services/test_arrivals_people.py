"""Whom a line means: sure by a qualified INS or because somebody said so; by name and birth, maybe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dmp_desktop.domain.arrivals import Arrival, Expected
from dmp_desktop.domain.identity import DocumentCheck, DocumentKind, Identity, StrictTraits
from dmp_desktop.domain.ins import InsStatus
from dmp_desktop.domain.people import Sex
from tests.helpers.arrivals import Counter, counter
from tests.helpers.identities import number
from tests.helpers.outbox import PATIENT

DAY = date(2026, 11, 20)
TRAITS = StrictTraits("TEST-ADRTROIS", "DOMINIQUE", "DOMINIQUE ANNE", Sex.FEMALE, date(1997, 2, 26), "2A020")
SEEN = DocumentCheck(DocumentKind.CNI, datetime(2026, 11, 19, 9, 0, tzinfo=UTC), "8100")
LINE = Expected("Test Adrtrois", "Dominique", date(1997, 2, 26), Sex.FEMALE)
INS = number("297022A020778")


def arrival(expected: Expected, person: str = "") -> Arrival:
    return Arrival("a", DAY, expected, person=person)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as desk:
        yield desk


def test_a_qualified_number_with_the_same_traits_is_sure(desk: Counter) -> None:
    desk.practice.store.put(Identity(TRAITS, SEEN, INS))
    whom = desk.people.whom(arrival(replace(LINE, ins=INS.value)))
    assert whom.identity is not None
    patient = desk.people.patient(arrival(replace(LINE, ins=INS.value)))
    assert patient is not None
    assert patient.ins.value == INS.value


def test_a_number_that_nobody_saw_a_document_for_is_not_sure(desk: Counter) -> None:
    desk.practice.store.put(Identity(TRAITS, None, INS))
    whom = desk.people.whom(arrival(replace(LINE, ins=INS.value)))
    assert whom.identity is None
    assert len(whom.candidates) == 1


def test_a_number_of_somebody_of_other_traits_is_told(desk: Counter) -> None:
    desk.practice.store.put(Identity(TRAITS, SEEN, INS))
    whom = desk.people.whom(arrival(replace(LINE, given="Anne Marie", ins=INS.value)))
    assert whom.discordant
    assert whom.identity is None
    assert desk.people.patient(arrival(replace(LINE, given="Anne Marie", ins=INS.value))) is None


def test_name_birth_and_sex_are_maybe_even_of_who_is_qualified(desk: Counter) -> None:
    kept = desk.practice.store.put(Identity(TRAITS, SEEN, INS))
    whom = desk.people.whom(arrival(LINE))
    assert whom.identity is None
    assert [one.person for one in whom.candidates] == [kept.person]
    assert desk.people.patient(arrival(LINE)) is None
    assert desk.people.whom(arrival(LINE, kept.person)).identity == kept
    assert desk.people.patient(arrival(LINE, kept.person)) is not None


def test_homonyms_stand_side_by_side(desk: Counter) -> None:
    for place in ("2A020", "75112"):
        desk.practice.store.put(Identity(replace(TRAITS, birth_place_cog=place)))
    desk.practice.store.put(Identity(replace(TRAITS, sex=Sex.MALE)))
    assert len(desk.people.whom(arrival(LINE)).candidates) == 2
    assert len(desk.people.whom(arrival(replace(LINE, sex=Sex.UNKNOWN))).candidates) == 3


@pytest.mark.parametrize(
    "line",
    [
        replace(LINE, birth_date=None),
        replace(LINE, given=""),
        replace(LINE, birth_date=date(1997, 2, 27)),
        replace(LINE, sex=Sex.MALE),
        replace(LINE, family="TEST-ADR"),
        replace(LINE, given="DOMI"),
    ],
)
def test_less_than_name_birth_and_sex_means_nobody(desk: Counter, line: Expected) -> None:
    desk.practice.store.put(Identity(TRAITS, SEEN, INS))
    assert desk.people.whom(arrival(line)).candidates == ()


def test_whom_the_practice_software_calls_qualified_is_so_until_here_knows_better(desk: Counter) -> None:
    line = arrival(
        Expected(
            PATIENT.birth_family,
            PATIENT.first_given,
            PATIENT.birth_date,
            PATIENT.sex,
            ins=PATIENT.ins.value,
            patient=PATIENT,
        )
    )
    assert desk.people.patient(line) == PATIENT
    provisional = replace(PATIENT, ins=replace(PATIENT.ins, status=InsStatus.PROVISOIRE))
    assert desk.people.patient(arrival(replace(line.expected, patient=provisional))) is None
    kept = desk.practice.store.put(Identity(StrictTraits.of(PATIENT), SEEN, replace(INS, value=PATIENT.ins.value)))
    assert desk.people.patient(line) == PATIENT  # with its address, which only the practice software tells
    desk.practice.store.put(kept.refused(desk.clock.now()), former=kept)
    assert desk.people.patient(line) is None
