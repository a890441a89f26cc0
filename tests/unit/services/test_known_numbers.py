"""A new matricule changes nothing of what the patient said; somebody else's matricule lends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.identity import Identity, StrictTraits
from dmp_desktop.domain.ins import OID_INS_TEST
from dmp_desktop.domain.insi import Matricule
from dmp_desktop.domain.people import Facility, Professional, Role, Sex
from dmp_desktop.errors import ContextError, DmpError
from dmp_desktop.services.known_numbers import known_numbers
from dmp_desktop.services.oppositions import AccessTrace, OppositionService
from dmp_desktop.services.sign_in import Account
from dmp_desktop.storage.access import AccessStore
from dmp_desktop.storage.database import Database
from dmp_desktop.storage.identities import IdentityStore
from dmp_desktop.storage.sealing import Seal
from tests.helpers.clock import FakeClock
from tests.helpers.outbox import AUTHOR, KEY, PATIENT

OLD, NEW = "149052123190561", PATIENT.ins.value
BEFORE = replace(PATIENT, ins=replace(PATIENT.ins, value=OLD))
TRAITS = StrictTraits("TEST-PATIENTE", "MARIE", "MARIE CLAUDE", Sex.FEMALE, date(1979, 3, 12), "51215")
NOW_KNOWN_AS = Identity(TRAITS, matricule=Matricule(NEW, OID_INS_TEST), history=(Matricule(OLD, OID_INS_TEST),))


class Practice:
    def __init__(self, path: Path) -> None:
        professional = Professional("10002422979", "DUPONT", "Camille", "G15_10/SM26", suffix="DR")
        facility = Facility("410002422979001", "Cabinet", "SA07")
        who = Account(AUTHOR, professional, facility, Role.DOCTOR, lambda: None)  # type: ignore[arg-type, return-value]
        self.clock = FakeClock()
        self.database = Database.open(path, KEY)
        self.identities = IdentityStore(self.database, Seal(KEY, "identity"), self.clock)
        trace = AccessTrace(AccessStore(self.database, Seal(KEY, "access")), lambda: who, self.clock)
        self.oppositions = OppositionService(trace, numbers=known_numbers(self.identities))


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    practice = Practice(tmp_path / "a.db")
    yield practice
    practice.database.close()


def test_what_was_said_under_the_former_number_holds(practice: Practice) -> None:
    for subject in Subject:
        practice.oppositions.record(BEFORE, subject, opposed=True)
    practice.oppositions.may_feed(PATIENT.ins)  # nothing yet tells that they are one person
    practice.identities.put(NOW_KNOWN_AS)
    with pytest.raises(ContextError, match="feeding-opposed"):
        practice.oppositions.may_feed(PATIENT.ins)
    with pytest.raises(DmpError, match="ConsultationOpposee"):
        practice.oppositions.may_consult(PATIENT.ins)
    assert practice.oppositions.consent(PATIENT.ins).feeding.opposed
    assert [traced.by for traced in practice.oppositions.history(PATIENT.ins)] == [AUTHOR, AUTHOR]


def test_the_last_word_counts_whatever_number_it_was_said_under(practice: Practice) -> None:
    practice.identities.put(NOW_KNOWN_AS)
    for patient, opposed in ((BEFORE, True), (PATIENT, False), (BEFORE, True)):
        practice.clock.advance(timedelta(minutes=1).total_seconds())
        practice.oppositions.record(patient, Subject.FEEDING, opposed=opposed)
        assert practice.oppositions.is_opposed(PATIENT.ins, Subject.FEEDING) is opposed
    times = [traced.at for traced in practice.oppositions.history(PATIENT.ins)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 3


def test_two_people_of_one_matricule_lend_each_other_nothing(practice: Practice) -> None:
    practice.oppositions.record(BEFORE, Subject.FEEDING, opposed=True)
    practice.identities.put(NOW_KNOWN_AS)
    other = replace(TRAITS, birth_family="TEST-AUTRE")
    practice.identities.put(Identity(other, matricule=Matricule(NEW, OID_INS_TEST)))
    practice.oppositions.may_feed(PATIENT.ins)


def test_what_was_said_under_the_new_number_holds_under_the_former(practice: Practice) -> None:
    practice.identities.put(NOW_KNOWN_AS)
    for subject in Subject:
        practice.oppositions.record(PATIENT, subject, opposed=True)
    with pytest.raises(ContextError, match="feeding-opposed"):
        practice.oppositions.may_feed(BEFORE.ins)
    with pytest.raises(DmpError, match="ConsultationOpposee"):
        practice.oppositions.may_consult(BEFORE.ins)


def test_a_number_taken_away_still_leads_to_what_was_said(practice: Practice) -> None:
    practice.oppositions.record(BEFORE, Subject.FEEDING, opposed=True)
    practice.identities.put(NOW_KNOWN_AS.refused(practice.clock.now()))
    with pytest.raises(ContextError, match="feeding-opposed"):
        practice.oppositions.may_feed(PATIENT.ins)


def test_a_number_shared_now_lends_nothing_to_its_former_holders(practice: Practice) -> None:
    practice.oppositions.record(PATIENT, Subject.FEEDING, opposed=True)
    practice.identities.put(NOW_KNOWN_AS)
    practice.identities.put(
        Identity(replace(TRAITS, birth_family="TEST-AUTRE"), matricule=Matricule(NEW, OID_INS_TEST))
    )
    practice.oppositions.may_feed(BEFORE.ins)


def test_who_has_a_number_now_comes_before_who_had_it(practice: Practice) -> None:
    """What was said under their own former number holds, nothing of who had the number before."""
    third = replace(PATIENT, ins=replace(PATIENT.ins, value="899066311300828"))
    practice.oppositions.record(PATIENT, Subject.FEEDING, opposed=True)
    practice.oppositions.record(third, Subject.CONSULTATION, opposed=True)
    practice.identities.put(NOW_KNOWN_AS)
    other = replace(TRAITS, birth_family="TEST-AUTRE")
    practice.identities.put(
        Identity(other, matricule=Matricule(OLD, OID_INS_TEST), history=(Matricule(third.ins.value, OID_INS_TEST),))
    )
    practice.oppositions.may_feed(BEFORE.ins)
    assert practice.oppositions.is_opposed(BEFORE.ins, Subject.CONSULTATION)
